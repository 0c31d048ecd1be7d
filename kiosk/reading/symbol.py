"""What is the same in every QR symbol of a version: patterns, places, masks (ISO/IEC 18004).

Squares of booleans are True where dark; rows from the top, columns from the left.
"""

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

VERSIONS = range(1, 41)
LEVELS = "MLHQ"
"""In the order of their two bits in the format information."""

Square: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Rows and columns."""

_FORMAT_MASK = 0b101010000010010


def size_of(version: int) -> int:
    """Modules across."""
    return 17 + 4 * version


def version_of(size: int) -> int:
    """The inverse of `size_of`; sizes in between give the next smaller version."""
    return (size - 17) // 4


@cache
def alignment_centres(version: int) -> tuple[tuple[int, int], ...]:
    """Row and column of each alignment pattern's middle (annex E)."""
    if version == 1:
        return ()
    count = version // 7 + 2
    step = (version * 8 + count * 3 + 5) // (count * 4 - 4) * 2
    line = [6, *(size_of(version) - 7 - step * i for i in range(count - 2, -1, -1))]
    corners = {(line[0], line[0]), (line[0], line[-1]), (line[-1], line[0])}
    return tuple((r, c) for r in line for c in line if (r, c) not in corners)


@cache
def patterns(version: int) -> tuple[Square, Square]:
    """The function patterns that never change, and where they are: format and version excluded."""
    size = size_of(version)
    dark, fixed = np.zeros((size, size), bool), np.zeros((size, size), bool)
    track = np.arange(size) % 2 == 0
    dark[6], dark[:, 6] = track, track
    fixed[6], fixed[:, 6] = True, True
    for row, column in alignment_centres(version):
        _ring(dark, row, column, 2, (0, 2))
        fixed[row - 2 : row + 3, column - 2 : column + 3] = True
    for row, column in ((3, 3), (3, size - 4), (size - 4, 3)):
        _ring(dark, row, column, 4, (0, 1, 3))
        fixed[max(0, row - 4) : row + 5, max(0, column - 4) : column + 5] = True
    dark[size - 8, 8] = fixed[size - 8, 8] = True
    return dark, fixed


def _ring(dark: Square, row: int, column: int, reach: int, rings: tuple[int, ...]) -> None:
    """Concentric squares: those at the distances in `rings` are dark."""
    rows, columns = (
        np.arange(max(0, v - reach), min(len(dark), v + reach + 1)) for v in (row, column)
    )
    away = np.maximum(np.abs(rows - row)[:, None], np.abs(columns - column)[None, :])
    dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = np.isin(away, rings)


@cache
def format_places(size: int) -> tuple[Places, Places]:
    """Where the two copies of the format information stand, highest bit first."""
    up = [0, 1, 2, 3, 4, 5, 7, 8]
    near = [(8, c) for c in up] + [(r, 8) for r in (7, 5, 4, 3, 2, 1, 0)]
    far = [(size - 1 - i, 8) for i in range(7)] + [(8, size - 8 + i) for i in range(8)]
    return _places(near), _places(far)


@cache
def version_places(size: int) -> tuple[Places, Places]:
    """Where the two copies of the version information stand, highest bit first; from version 7."""
    corner = [(size - 11 + i % 3, i // 3) for i in range(17, -1, -1)]
    return _places([(c, r) for r, c in corner]), _places(corner)


def _places(cells: list[tuple[int, int]]) -> Places:
    rows, columns = np.array(cells).T
    return rows, columns


@cache
def format_words() -> NDArray[np.bool_]:
    """The 32 values of the format information, 15 bits each: level times 8, plus mask."""
    words = [(data << 10 | _remainder(data, 0x537, 10)) ^ _FORMAT_MASK for data in range(32)]
    return _bits(words, 15)


@cache
def version_words() -> NDArray[np.bool_]:
    """The version information of versions 7 to 40, 18 bits each."""
    return _bits([v << 12 | _remainder(v, 0x1F25, 12) for v in VERSIONS if v >= 7], 18)


def _remainder(data: int, generator: int, checks: int) -> int:
    """Of a BCH code."""
    rest = data << checks
    while rest.bit_length() > checks:
        rest ^= generator << (rest.bit_length() - checks - 1)
    return rest


def _bits(words: list[int], count: int) -> NDArray[np.bool_]:
    return (np.array(words)[:, None] >> np.arange(count - 1, -1, -1) & 1).astype(bool)


@cache
def mask(size: int, number: int) -> Square:
    """Where a mask turns modules over."""
    i, j = np.arange(size)[:, None], np.arange(size)[None, :]
    rest = (
        (i + j) % 2,
        i % 2 + 0 * j,
        0 * i + j % 3,
        (i + j) % 3,
        (i // 2 + j // 3) % 2,
        i * j % 2 + i * j % 3,
        (i * j % 2 + i * j % 3) % 2,
        ((i + j) % 2 + i * j % 3) % 2,
    )[number]
    return np.asarray(rest == 0)


@cache
def data_places(version: int) -> Places:
    """Where the bits of the codewords stand, in their order; remainder bits left out."""
    size = size_of(version)
    taken = patterns(version)[1].copy()
    for places in format_places(size) + (version_places(size) if version >= 7 else ()):
        taken[places] = True
    columns = [c for right in range(size - 1, 0, -2) for c in [right - (right <= 6)]]
    cells = []
    for turn, right in enumerate(columns):
        rows = range(size) if turn % 2 else range(size - 1, -1, -1)
        cells += [(r, c) for r in rows for c in (right, right - 1) if not taken[r, c]]
    return _places(cells[: len(cells) // 8 * 8])
