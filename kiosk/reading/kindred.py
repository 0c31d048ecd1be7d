"""Finds the other finder patterns of a symbol when only one is seen whole.

A pen stroke or a crease through a pattern opens its ring, and no contour of it is left. But the one
that is whole tells how large the others are and how they are turned, and where they can only be; so
a picture of one is laid over those places, and what fits best is taken for one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reading import known, symbol
from kiosk.reading.finders import Finder, Points

_FINE = 3
"""Pixels a module is brought to."""
_MOST = 3
_LEAST_LIKE = 0.3
"""Correlation."""
_APART = 5
"""Modules between two patterns."""
_NEAREST, _FARTHEST = (symbol.size_of(v) - 7 for v in (known.VERSIONS[0], known.VERSIONS[-1]))
_SLANT = 0.12
"""Of the distance: how far perspective moves another pattern off its place."""
_REACH = int(_FARTHEST * (1 + _SLANT)) + 6
"""Modules around the pattern that are searched."""
_HOLE = np.array([(-2.5, -2.5), (2.5, -2.5), (2.5, 2.5), (-2.5, 2.5)], np.float64)


def kindred(dark: NDArray[np.float32], one: Finder) -> list[Finder]:
    """Patterns like that one, best first. `dark`: the picture as `placing.contrast` gives it."""
    steps = one.corners[[1, 2]] - one.corners[[0, 3]], one.corners[[3, 2]] - one.corners[[0, 1]]
    to_picture = np.column_stack([side.mean(axis=0) / 5 for side in steps])
    like = _likeness(dark, to_picture, one.centre)
    found = []
    for _ in range(_MOST):
        _, best, _, (x, y) = cv2.minMaxLoc(like)
        if best < _LEAST_LIKE:
            break
        away = np.array([x, y]) / _FINE - _REACH
        found.append(Finder(one.centre + (away + _HOLE) @ to_picture.T))
        cv2.circle(like, (x, y), _APART * _FINE, -1.0, -1)
    return found


def _likeness(
    dark: NDArray[np.float32], to_picture: NDArray[np.float64], centre: Points
) -> NDArray[np.float32]:
    """How like a finder pattern each place around is, upright; -1 where there can be none."""
    picture = _picture()
    margin = len(picture) / 2
    side = 2 * _REACH * _FINE + len(picture)
    scaled = to_picture / _FINE
    corner = centre - 0.5 - scaled @ np.full(2, _REACH * _FINE + margin - 0.5)
    flat = cv2.warpAffine(
        dark,
        np.column_stack((scaled, corner)),
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    like = cv2.matchTemplate(flat, picture, cv2.TM_CCOEFF_NORMED)
    y, x = np.abs(np.mgrid[: len(like), : len(like)] / _FINE - _REACH)
    far, near = np.maximum(x, y), np.minimum(x, y)
    slack = _SLANT * far
    placed = (near < slack) | (far - near < slack)
    there = placed & (far > _NEAREST - slack) & (far < _FARTHEST + slack)
    return np.where(there, like, np.float32(-1))


def _picture() -> NDArray[np.float32]:
    """A finder pattern with the light around it."""
    away = np.abs(np.arange(9) - 4)
    ring = np.isin(np.maximum(away[:, None], away[None, :]), (0, 1, 3))
    drawn = np.kron(np.where(ring, 1, -1), np.ones((_FINE, _FINE))).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 0.5 * _FINE), np.float32)
