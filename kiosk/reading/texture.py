"""Finds where a code lies when its finder patterns are blurred, dark or gone: by its texture.

A code is a square full of edges, about half ink. A paper's edge is thin and a text mostly white, so
opening the map of local contrast and counting ink leaves little else. About 1 ms a frame.
"""

from collections.abc import Sequence
from math import dist
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reading.engines import Corners, Grey, corners_of

RotatedRect: TypeAlias = tuple[Sequence[float], Sequence[float], float]
"""As OpenCV gives it: centre, size, degrees."""

_SHORT_SIDE = 360
"""Pixels the picture is shrunk to: a code 60 mm wide on a whole A4 page still measures 70."""
_WINDOW = 15
_SMALLEST = 31
"""Pixels, shrunk, below which nothing is a code; wider than the band that a paper's edge makes."""
_FAINTEST = 1.5
"""Standard deviation of grey levels; sensor noise shrunk by averaging stays below."""
_SHARE = 0.12
"""Of the mean level around: contrast of ink on paper does not depend on the light, and a lamp
mirrored elsewhere in the picture does not hide it. Wood and the edge of a shadow have less."""
_MOST = 2


def blocks(grey: Grey) -> list[Corners]:
    """The squares that may be codes, largest first, at most two."""
    shrink = max(1.0, min(grey.shape) / _SHORT_SIDE)
    small = np.asarray(
        cv2.resize(grey, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA),
        np.uint8,
    )
    contours, _ = cv2.findContours(_busy(small), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    rects = [cv2.minAreaRect(contour) for contour in contours]
    squares = [rect for rect in rects if _is_square(*rect[1]) and _half_ink(small, rect)]
    largest = _apart(sorted(squares, key=lambda rect: -min(rect[1])))[:_MOST]
    return [corners_of(cv2.boxPoints(rect) * shrink) for rect in largest]


def _apart(rects: Sequence[RotatedRect]) -> list[RotatedRect]:
    """Without those whose middle lies within a larger one: a piece that blur cut off a code."""
    kept: list[RotatedRect] = []
    for rect in rects:
        if all(dist(rect[0], other[0]) > max(other[1]) / 2 for other in kept):
            kept.append(rect)
    return kept


def _busy(small: Grey) -> Grey:
    """White where much happens within a few pixels, in patches wider than an edge."""
    levels = cv2.GaussianBlur(small.astype(np.float32), (0, 0), 1)
    box = (_WINDOW, _WINDOW)
    mean = cv2.boxFilter(levels, -1, box)
    variance = cv2.boxFilter(levels * levels, -1, box) - mean * mean
    contrast = np.sqrt(np.maximum(variance, 0))
    busy = (contrast > np.maximum(_FAINTEST, _SHARE * mean)).astype(np.uint8) * 255
    kernel = np.ones((_SMALLEST, _SMALLEST), np.uint8)
    return np.asarray(cv2.morphologyEx(busy, cv2.MORPH_OPEN, kernel), np.uint8)


def _is_square(wide: float, high: float) -> bool:
    return min(wide, high) >= _SMALLEST and min(wide, high) > 0.45 * max(wide, high)


def _half_ink(small: Grey, rect: RotatedRect) -> bool:
    """Whether a patch from the middle has as much dark as light, as every mask makes sure."""
    (x, y), (wide, high), _ = rect
    reach = int(min(wide, high) / 3)
    patch: NDArray[np.uint8] = small[
        max(0, int(y) - reach) : int(y) + reach, max(0, int(x) - reach) : int(x) + reach
    ]
    if not patch.size:
        return False
    level, _ = cv2.threshold(np.ascontiguousarray(patch), 0, 255, cv2.THRESH_OTSU)
    return 0.25 < float(np.mean(patch <= level)) < 0.75
