"""Reads the search key that is printed beside a code which cannot be read.

Its place is known from the code and its font is known, so it is found even where only the outline
of the code is left; its letters are three times as large as modules and survive what drowns those.
A key counts when all sixteen characters fit clearly and the check digits hold. Whether it is the
one on the paper is for the clerk to see.

Measured on sheets at 3.4 pixels a millimetre whose code is torn, crossed out, faxed, copied six
times or turned to 30 degrees: 16 to 18 of 18 read, none wrong, in 30 to 60 ms of one core.
"""

import heapq
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reading import key_line
from kiosk.reading.engines import Corners, Grey, corners_of
from kiosk.reading.key_line import AT, EM, WIDE, Line, Strip
from kiosk.reading.views import MARGIN, around
from shared.domain import SearchKey
from shared.search_key import InvalidSearchKey, parse
from shared.sheet_places import KEY_BASELINE, KEY_LEFT, KEY_PITCH, SYMBOL_SIDE

_PER_MM = WIDE / KEY_PITCH
_ABOVE, _BELOW, _BESIDE = 14.0, 9.0, 13.0
"""Millimetres around the line that are searched: a located code may be off by so much, tripled."""
_SIZE = (round(2 * _BESIDE * _PER_MM + AT[-1] + EM / 2), round((_ABOVE + _BELOW) * _PER_MM))
_SCALES = (1.0, 0.9, 1.1)
_SMOOTHED = 1.2
"""Blur of the strip, sigma in its pixels, against noise: the characters can spare it."""
_MOST_STRIPS = 2
_LEAST_MEAN, _LEAST, _CLEAR = 0.7, 0.5, 0.02
"""What a line must reach (see `Line`)."""


def printed_key(grey: Grey, places: Sequence[Corners]) -> SearchKey | None:
    """The search key printed beside a code that was located; None when in doubt.

    Which corner of the code is its top left need not be known. About 50 ms, 150 ms in vain.
    """
    for place in places:
        for outline in _outlines(grey, place):
            key = _beside(grey, outline)
            if key is not None:
                return key
    return None


def _outlines(grey: Grey, place: Corners) -> Iterator[Corners]:
    exact = _ink(grey, place)
    if exact is not None:
        yield exact
    yield place


def _ink(grey: Grey, place: Corners) -> Corners | None:
    """The corners of the code itself, when white paper is around it."""
    view = around(grey, place)
    side = min(view.grey.shape) / (1 + 2 * MARGIN)
    soft = cv2.GaussianBlur(view.grey, (0, 0), max(0.8, side / 150))
    _, dark = cv2.threshold(soft, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    filled = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, _square(side / 25))
    solid = cv2.morphologyEx(filled, cv2.MORPH_OPEN, _square(side / 8))
    # Ink that reaches the edge of the cut-out is the table beyond the paper, or a thumb.
    framed = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=255)
    cv2.floodFill(framed, None, (0, 0), 0)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(framed[1:-1, 1:-1])
    if len(stats) < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    points = np.argwhere(labels == largest)[:, ::-1].astype(np.float32)
    return view.back_corners(corners_of(np.asarray(cv2.boxPoints(cv2.minAreaRect(points)), float)))


def _square(side: float) -> NDArray[np.uint8]:
    return np.ones((round(side) | 1, round(side) | 1), np.uint8)


def _beside(grey: Grey, outline: Corners) -> SearchKey | None:
    looks = [(*key_line.found(strip), strip) for strip in _strips(grey, outline)]
    for _, places, strip in heapq.nlargest(_MOST_STRIPS, looks, key=lambda look: look[0]):
        key = _key(key_line.read(strip, places))
        if key is not None:
            return key
    return None


def _key(line: Line) -> SearchKey | None:
    if line.mean < _LEAST_MEAN or line.worst < _LEAST or line.clear < _CLEAR:
        return None
    try:
        return parse(line.text)
    except InvalidSearchKey:
        return None


def _strips(grey: Grey, outline: Corners) -> Iterator[Strip]:
    """The part of the page where the key should be, upright: each way the code may be turned."""
    corner = np.array([KEY_LEFT - _BESIDE, KEY_BASELINE - _ABOVE])
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) - 0.5
    for scale in _SCALES:
        on_page = SYMBOL_SIDE * (0.5 + square / scale)
        on_strip = ((on_page - corner) * _PER_MM).astype(np.float32)
        for turn in range(4):
            seen = np.roll(np.array(outline, np.float32), turn, axis=0)
            to_frame = np.asarray(cv2.getPerspectiveTransform(on_strip, seen), np.float64)
            if _is_inside(to_frame, grey):
                yield _upright(grey, to_frame)


def _is_inside(to_frame: NDArray[np.float64], grey: Grey) -> bool:
    """Whether both ends of the key are in the picture, as far as can be told."""
    edge, middle = _BESIDE * _PER_MM, _SIZE[1] / 2
    ends = np.array([[[edge, middle], [_SIZE[0] - edge, middle]]], np.float32)
    across, down = cv2.perspectiveTransform(ends, to_frame)[0].T
    high, wide = grey.shape
    slack = 0.03 * wide
    inside = (across > -slack) & (across < wide + slack) & (down > -slack) & (down < high + slack)
    return bool(inside.all())


def _upright(grey: Grey, to_frame: NDArray[np.float64]) -> Strip:
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpPerspective(grey, to_frame, _SIZE, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(strip.astype(np.float32), (0, 0), _SMOOTHED), np.float32)
