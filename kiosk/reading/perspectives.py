"""Maps from a symbol's modules to pixels, for every size that a symbol may have at once.

numpy's steps cost the same for one size or ten, and a doubtful picture has hundreds of guesses.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.reading.finders import Finder, Points

Maps: TypeAlias = NDArray[np.float64]
"""One map of three rows and columns, or a row of them."""

_HOLE = np.array([(1, 1), (6, 1), (6, 6), (1, 6)], np.float64)
"""Corners of a finder pattern's light ring, in modules from its own corner."""
_TURNS = (np.arange(4) - np.arange(4)[:, None]) % 4
"""Four corners begun at each of them."""
_NUDGE = 1e-13 * np.eye(8)
"""Finder patterns upon each other leave a perspective open; any will do, for none fits."""


def perspectives(finders: Sequence[Finder], places: Sequence[int], sizes: Sequence[int]) -> Maps:
    """The maps from modules to pixels, one for each size, that fit these finder patterns best.

    `places`: what each is taken for: 0 top left, 1 top right, 2 bottom left. `sizes`: modules of a
    symbol's side. 0, 0 is its outer top left corner.
    """
    far = np.array(sizes, np.float64) - 7
    near = np.zeros_like(far)
    every = np.stack([np.stack(xy, -1) for xy in ((near, near), (far, near), (near, far))], axis=1)
    origins = every[:, list(places)]
    holes = origins[:, :, None] + _HOLE
    rough = _similarities(origins + 3.5, np.array([finder.centre for finder in finders]))
    expected = through(rough, holes.reshape(len(sizes), -1, 2)).reshape(holes.shape)
    turned = np.array([finder.corners for finder in finders])[:, _TURNS]
    away = ((turned[None] - expected[:, :, None]) ** 2).sum(axis=(3, 4))
    points = turned[np.arange(len(turned)), away.argmin(axis=2)]
    return _fitted(holes.reshape(len(sizes), -1, 2), points.reshape(len(sizes), -1, 2))


def _similarities(modules: Points, pixels: Points) -> Maps:
    """The maps without perspective, exact for the first two points (affine for three)."""
    maps = np.zeros((len(modules), 3, 3))
    maps[:, 2, 2] = 1
    if len(pixels) == 3:
        flat = np.concatenate((modules, np.ones((len(modules), 3, 1))), axis=2)
        maps[:, :2] = (np.linalg.inv(flat) @ pixels).transpose(0, 2, 1)
        return maps
    a, b = (modules @ (1, 1j)).T
    p, q = pixels @ (1, 1j)
    turn = (q - p) / (b - a)
    move = p - turn * a
    maps[:, 0] = np.stack((turn.real, -turn.imag, move.real), axis=1)
    maps[:, 1] = np.stack((turn.imag, turn.real, move.imag), axis=1)
    return maps


def _fitted(modules: Points, pixels: Points) -> Maps:
    """The perspectives that fit best. OpenCV's costs ten times as much to refine one."""
    middle, reach = pixels[0].mean(axis=0), pixels[0].std()  # the same points for every size
    u, v = np.moveaxis((pixels - middle) / reach, -1, 0)
    size = modules.max(axis=(1, 2))
    x, y = np.moveaxis(modules / size[:, None, None], -1, 0)
    one, none = np.ones_like(x), np.zeros_like(x)
    across = np.stack((x, y, one, none, none, none, -u * x, -u * y), axis=-1)
    down = np.stack((none, none, none, x, y, one, -v * x, -v * y), axis=-1)
    rows, wanted = np.concatenate((across, down), axis=1), np.concatenate((u, v), axis=1)
    turned = rows.transpose(0, 2, 1)
    found = np.ones((len(size), 9))
    found[:, :8] = np.linalg.solve(turned @ rows + _NUDGE, turned @ wanted[..., None])[..., 0]
    back = np.array([[reach, 0, middle[0]], [0, reach, middle[1]], [0, 0, 1]])
    scaled = found.reshape(-1, 3, 3) / np.stack((size, size, np.ones_like(size)), axis=1)[:, None]
    return np.asarray(back @ scaled)


def through(matrix: Maps, points: NDArray[np.floating]) -> Points:
    """Points (..., n, 2) through maps (..., 3, 3)."""
    mapped = points @ matrix[..., :2].swapaxes(-1, -2) + matrix[..., None, :, 2]
    return np.asarray(mapped[..., :2] / mapped[..., 2:])
