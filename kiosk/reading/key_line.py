"""A search key's line on an upright strip of paper: where it lies and what it says.

Sixteen characters of one width stand in fours. There are eleven of them, so each is laid over every
place of the strip, and the sixteen places that fit best together are the line. It may be a little
larger, slanted or bent; once its places are known it is drawn straight and read again.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

CHARACTERS = "0123456789K"
_FIRST = tuple(CHARACTERS.index(character) for character in "123K")
"""A key begins with the digit of its kind."""
EM = 32
"""Pixels of the type on the strip."""
WIDE, HIGH = EM // 2, EM * 7 // 8
"""Pixels of a character's cell; what is above and below all of them is left out."""
AT = np.array([place + place // 4 for place in range(16)]) * WIDE
"""Pixels from the first character to each."""
_SOFTNESSES = (1.7, 2.4, 3.2, 4.2)
"""Blurs of the characters that are tried, sigma in pixels of the strip."""
_COARSE = _SOFTNESSES[1]
_RISE = 2
"""Pixels by which a character may lie higher or lower than the one before."""
_SLACK = 3
"""Pixels by which a character may lie off its place on the straightened line."""
_FLAT = 3.0
"""Grey levels of contrast below which there is only paper."""

Strip: TypeAlias = NDArray[np.float32]
Maps: TypeAlias = NDArray[np.float32]
Places: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """Sixteen characters in a row, and how well they fit the paper (correlations)."""

    text: str
    mean: float
    worst: float
    clear: float
    """By how much each character fits better than any other in its place, at least."""


def read(strip: Strip, places: Places) -> Line:
    """The line that was found there."""
    straight = _straightened(strip, places)
    straight = _straightened(straight, found(straight)[1])
    lines = [_said(straight, softness) for softness in _SOFTNESSES]
    return max(lines, key=lambda line: line.mean)


def _fits(levels: Strip, softness: float) -> Maps:
    """For each character, how well it fits with its top left corner at each place."""
    maps = np.stack([cv2.matchTemplate(levels, g, cv2.TM_CCOEFF_NORMED) for g in _glyphs(softness)])
    box = (WIDE, HIGH)
    mean = cv2.boxFilter(levels, -1, box, anchor=(0, 0))
    square = cv2.boxFilter(levels * levels, -1, box, anchor=(0, 0))
    contrast = np.sqrt(np.maximum(square - mean * mean, 0))[: maps.shape[1], : maps.shape[2]]
    maps[:, contrast < _FLAT] = 0
    return np.asarray(maps, np.float32)


def found(strip: Strip) -> tuple[float, Places]:
    """The sixteen places in fours that fit best, and how well: columns and rows of their corners.

    Each place may lie a pixel off where the one before it says, so the line may be a little larger,
    smaller, slanted or bent (dynamic programming from the left).
    """
    maps = _fits(strip, _COARSE)
    first, other = maps[list(_FIRST)].max(axis=0), maps[:10].max(axis=0)
    sums = [first]
    for number in range(1, 16):
        sums.append(_moved(_reached(sums[-1], number), _step(number)) + other)
    row, column = np.unravel_index(int(sums[-1].argmax()), other.shape)
    places = [(float(column), float(row))]
    for number in range(15, 0, -1):
        places.append(_before(sums[number - 1], number, *places[-1]))
    return float(sums[-1].max()) / 16, np.array(places[::-1]).T


def _step(number: int) -> int:
    return int(AT[number] - AT[number - 1])


def _reach(number: int) -> int:
    """Pixels to either side: a blank between counts as a step of its own."""
    return _step(number) // WIDE


def _reached(sums: Maps, number: int) -> Maps:
    return np.asarray(
        cv2.dilate(sums, np.ones((2 * _RISE + 1, 2 * _reach(number) + 1))), np.float32
    )


def _moved(sums: Maps, step: int) -> Maps:
    moved = np.full_like(sums, -99)
    moved[:, step:] = sums[:, :-step]
    return moved


def _before(sums: Maps, number: int, column: float, row: float) -> tuple[float, float]:
    """The best place of the character before the one that lies there."""
    reach = _reach(number)
    left, top = max(0, int(column) - _step(number) - reach), max(0, int(row) - _RISE)
    part = sums[top : int(row) + _RISE + 1, left : int(column) - _step(number) + reach + 1]
    down, across = np.unravel_index(int(part.argmax()), part.shape)
    return float(left + across), float(top + down)


def _straightened(strip: Strip, places: Places) -> Maps:
    """The line alone, every character at its place and of its size."""
    across = np.polynomial.Polynomial.fit(AT, places[0], 2)
    down = np.polynomial.Polynomial.fit(AT, places[1], 2)
    columns = np.arange(-_SLACK, AT[-1] + WIDE + _SLACK, dtype=np.float64)
    rows = np.arange(-_SLACK, HIGH + _SLACK, dtype=np.float64)[:, None]
    size = across.deriv()(columns)
    x = np.broadcast_to(across(columns), (len(rows), len(columns)))
    y = down(columns) + rows * size
    line = cv2.remap(
        strip, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(line, np.float32)


def _said(straight: Strip, softness: float) -> Line:
    """The character that fits best in each place."""
    maps = _fits(straight, softness)
    here = np.stack([maps[:, :, at : at + 2 * _SLACK + 1].max(axis=(1, 2)) for at in AT], axis=1)
    here[10, 1:] = -1
    here[[number for number in range(10) if number not in _FIRST], 0] = -1
    best, second = np.partition(here, -2, axis=0)[-1], np.partition(here, -2, axis=0)[-2]
    text = "".join(CHARACTERS[number] for number in here.argmax(axis=0))
    return Line(text, float(best.mean()), float(best.min()), float((best - second).min()))


@cache
def _glyphs(softness: float) -> tuple[NDArray[np.float32], ...]:
    """The characters as soft as the camera may see them, an em high."""
    picture = files("kiosk.reading").joinpath("fonts/key_glyphs.png").read_bytes()
    row = np.asarray(cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE))
    size = (EM // 2 * len(CHARACTERS), EM)
    small = cv2.resize(row, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    cells = np.hsplit(small, len(CHARACTERS))
    # Each with its neighbours' white: what is blurred out of a cell must not come from the next.
    soft = [cv2.GaussianBlur(_framed(cell), (0, 0), softness) for cell in cells]
    return tuple(np.asarray(each, np.float32)[EM + 2 : EM + 2 + HIGH, EM:-EM] for each in soft)


def _framed(cell: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.pad(cell, EM, constant_values=255)
