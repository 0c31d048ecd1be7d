"""Finds the finder patterns of QR codes in a picture: square rings around a square.

The hole of the ring and the blob in it are looked for, not the ring's outside, which touches the
modules around it when blurred. Contours are exact to a fraction of a pixel once lines are laid
through their sides, so that a single pattern gives four points of the perspective.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reading.allowance import Allowance
from kiosk.reading.engines import Grey

Points: TypeAlias = NDArray[np.float64]
"""One x, y a row."""

_WINDOWS = (0.12, 0.04, 0.3)
"""Of the picture's side: neighbourhoods a pixel is compared with when it is called dark."""
_SOFT = 1.2
"""Pixels, sigma: specks cost time, each a contour of its own."""
_SMALLEST = 20.0
"""Square pixels of a blob."""
_MOST = 12
_GOOD = 0.4
"""Of the misfit: three patterns as good as this are enough."""
_RING = 0.8
"""Of the way from the centre to the light ring's outer edge: the ring's middle."""
_FAINTEST = 6.0
"""Grey levels between light and dark."""


@dataclass(frozen=True, slots=True)
class Finder:
    """One finder pattern."""

    corners: Points
    """Of the light ring's outer edge, five modules across; clockwise on the picture."""

    @property
    def centre(self) -> Points:
        """Where the diagonals cross."""
        a, b, c, d = self.corners
        return np.asarray(_crossing(a, c - a, b, d - b))

    @property
    def module(self) -> float:
        """Pixels of a module."""
        return float(
            np.linalg.norm(np.roll(self.corners, 1, axis=0) - self.corners, axis=1).mean() / 5
        )


def finders(grey: Grey, left: Allowance) -> list[Finder]:
    """The finder patterns in a picture where a module has three pixels or more, best first.

    Raises TimeIsUp.
    """
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), _SOFT), np.uint8)
    found: list[tuple[float, Finder]] = []
    for window in _WINDOWS:
        left.check()
        side = max(7, int(window * min(grey.shape))) | 1
        dark = cv2.adaptiveThreshold(
            soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, side, 4
        )
        nested = _nested(np.asarray(dark, np.uint8))
        found += [(off, finder) for off, finder in nested if _is_lighter(soft, finder)]
        if len(good := _apart([pair for pair in found if pair[0] < _GOOD])) >= 3:
            return good[:_MOST]
    left.check()
    return _apart(found)[:_MOST]


def _nested(dark: Grey) -> list[tuple[float, Finder]]:
    """Holes with a blob in them of the right size and shape, each with how far off they are."""
    contours, tree = cv2.findContours(dark, cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    if tree is None:
        return []
    following, _, children, parents = tree[0].T
    # A hole has a parent; its only child is the blob.
    found = []
    for number in np.flatnonzero((parents >= 0) & (children >= 0) & (following[children] < 0)):
        hole, blob = (np.asarray(contours[int(n)], np.int32) for n in (number, children[number]))
        # Contours run through the middle of pixels: of the ring for a hole, of itself for a blob.
        wide, narrow = cv2.contourArea(hole), cv2.contourArea(blob)
        if narrow < _SMALLEST or not 1.6 < wide / narrow < 6.5:
            continue
        corners = _corners(hole)
        if corners is None:
            continue
        finder = Finder(corners)
        off = _misfit(finder, blob, wide, narrow)
        if off < 1:
            found.append((off, finder))
    return found


def _misfit(finder: Finder, blob: NDArray[Any], wide: float, narrow: float) -> float:
    """Below 1 for what may be a finder pattern."""
    moments = cv2.moments(blob)
    middle = np.array([moments["m10"], moments["m01"]]) / moments["m00"]
    offset = float(np.linalg.norm(middle - finder.centre)) / finder.module
    sides = np.linalg.norm(np.roll(finder.corners, 1, axis=0) - finder.corners, axis=1)
    quad = cv2.contourArea(finder.corners.astype(np.float32)) / wide
    hull = narrow / max(1.0, cv2.contourArea(cv2.convexHull(blob)))
    stretch = sides.max() / sides.min()
    if stretch > 2.5 or hull < 0.7 or not 0.8 < quad < 1.35:
        return 1.0
    return offset / 1.5 + abs(log(wide / narrow / 2.8)) / 2 + float(stretch - 1) / 3


def _corners(contour: NDArray[Any]) -> Points | None:
    """The four corners of a contour, were it a quadrilateral: where lines through sides meet."""
    points = contour[:, 0].astype(np.float64)
    first = points[np.argmax(((points - points.mean(axis=0)) ** 2).sum(axis=1))]
    third = points[np.argmax(((points - first) ** 2).sum(axis=1))]
    along = third - first
    side = along[0] * (points - first)[:, 1] - along[1] * (points - first)[:, 0]
    rough = np.array([first, points[side.argmin()], third, points[side.argmax()]])
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        line = _side(points, start, end)
        if line is None:
            return None
        lines.append(line)
    corners = [_crossing(*lines[i - 1], *lines[i]) for i in range(4)]
    return None if any(c is None for c in corners) else np.array(corners)


def _side(points: Points, start: Points, end: Points) -> tuple[Points, Points] | None:
    """A point and the direction of the line through the contour between two rough corners."""
    along = end - start
    length = float(np.linalg.norm(along))
    if length < 3:
        return None
    t = (points - start) @ along / length**2
    away = np.abs(along[0] * (points - start)[:, 1] - along[1] * (points - start)[:, 0]) / length
    near = points[(t > 0.12) & (t < 0.88) & (away < 0.15 * length + 1)]
    if len(near) < 3:
        return None
    dx, dy, x, y = cv2.fitLine(near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    return np.array([x, y], np.float64), np.array([dx, dy], np.float64)


def _crossing(p: Points, u: Points, q: Points, v: Points) -> Points | None:
    across = u[0] * v[1] - u[1] * v[0]
    if abs(across) < 1e-9:
        return None
    step = ((q - p)[0] * v[1] - (q - p)[1] * v[0]) / across
    return np.asarray(p + step * u)


def _is_lighter(grey: Grey, finder: Finder) -> bool:
    """Whether the ring is lighter than the blob.

    Where a neighbourhood is smaller than a blob, the blob's own inside is called light.
    """
    centre = finder.centre
    middles = (finder.corners + np.roll(finder.corners, 1, axis=0)) / 2
    ring = centre + (np.concatenate((finder.corners, middles)) - centre) * _RING
    x, y = np.vstack((ring, centre)).astype(np.float32).T
    levels = cv2.remap(grey, x[:, None], y[:, None], cv2.INTER_LINEAR).astype(float)[:, 0]
    return bool(levels[:-1].mean() - levels[-1] > _FAINTEST)


def _apart(found: Sequence[tuple[float, Finder]]) -> list[Finder]:
    """Each pattern once, best first: the best of those that lie upon each other."""
    kept: list[Finder] = []
    for _, finder in sorted(found, key=lambda pair: pair[0]):
        if all(np.linalg.norm(finder.centre - k.centre) > 3 * k.module for k in kept):
            kept.append(finder)
    return kept
