"""Finds lines drawn across a symbol, by pen or by a crease, and takes them back.

Masks see to it that modules along any line are as often light as dark. Along a stroke they are all
alike, and so are they along a crease that took the toner off.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_DEGREES, _APART = 1.5, 0.5
"""Between the directions and between the lines (in modules) that are looked along."""
_ALIKE = 0.5
"""Mean along a line; by chance it stays below a third of that."""
_SHORTEST = 0.5
"""Of the symbol's side."""
_LINE = 0.5
"""What a line alone makes of a module; one that is further from grey was so before."""
_REACH = 0.45
"""Modules on either side of a line that are touched."""


def struck_out(dark: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The modules with what lines made of them taken back; None without a line."""
    index, count = _lines(len(dark))
    mean = np.append(dark, np.float32(0))[index].sum(axis=1) / count
    left = dark
    for sign in (1, -1):
        lines = _normals(len(dark))[sign * mean > _ALIKE]
        if lines.size:
            touched = _touched(lines, len(dark)) & (sign * dark > 0)
            left = np.where(touched, dark - np.float32(sign * _LINE), left)
    return None if left is dark else left


def _touched(lines: NDArray[np.float32], size: int) -> NDArray[np.bool_]:
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    across, down, offset = (part[:, None, None] for part in lines.T)
    return np.asarray(np.abs(across * x + down * y - offset).min(axis=0) < _REACH)


@cache
def _normals(size: int) -> NDArray[np.float32]:
    """Each line: the direction across it, and how far it is from the middle."""
    angles = np.radians(np.arange(0, 180, _DEGREES))
    offsets = np.arange(-size / 2, size / 2, _APART)
    angle, offset = (part.ravel() for part in np.meshgrid(angles, offsets))
    normals = np.stack((np.cos(angle), np.sin(angle), offset), axis=1).astype(np.float32)
    return np.asarray(normals[_on_symbol(normals, size).sum(axis=1) >= _SHORTEST * size])


@cache
def _lines(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The numbers of the modules along each line (size * size stands for none), and how many."""
    normals = _normals(size)
    inside = _on_symbol(normals, size)
    x, y = _points(normals, size)
    index = np.where(inside, np.rint(y) * size + np.rint(x), size * size)
    return index.astype(np.intp), inside.sum(axis=1)


def _on_symbol(normals: NDArray[np.float32], size: int) -> NDArray[np.bool_]:
    x, y = _points(normals, size)
    last = size - 0.5
    return (x > -0.5) & (x < last) & (y > -0.5) & (y < last)


def _points(
    normals: NDArray[np.float32], size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Columns and rows at every module's step along each line."""
    along = np.arange(-0.7 * size, 0.7 * size, dtype=np.float32)
    across, down, offset = (part[:, None] for part in normals.T)
    middle = np.float32((size - 1) / 2)
    return middle + across * offset - down * along, middle + down * offset + across * along
