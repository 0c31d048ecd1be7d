"""Reads the search key that is printed beside a code which cannot be read.

The place is known from the code, the font is known, every character has the same width, and there
are only eleven: so the page is brought upright, each character is laid over each place, and the
sixteen places in fours that fit best together are the key. Letters twice as blurred as the modules
of a lost code are still told apart. A key counts when all sixteen characters fit and the check
digits hold; whether it is the one on the paper is for the clerk to see.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reading.engines import Corners, Grey, corners_of
from kiosk.reading.views import MARGIN, around
from shared.domain import SearchKey
from shared.search_key import InvalidSearchKey, parse
from shared.sheet_places import KEY_BASELINE, KEY_LEFT, KEY_PITCH, SYMBOL_SIDE

CHARACTERS = "0123456789K"
_FIRST = tuple(CHARACTERS.index(character) for character in "123K")
"""A key begins with the digit of its kind."""
_EM = 32
"""Pixels of the type on the upright strip."""
_WIDE, _HIGH = _EM // 2, _EM * 7 // 8
"""Pixels of a character's cell; what is above and below all of them is left out."""
_PER_MM = _EM / 2 / KEY_PITCH
_TOP, _BOTTOM = 14.0, 9.0
_BEFORE, _AFTER = 13.0, 13.0
"""Millimetres around the line that are searched: a located code may be off by so much, tripled."""
_AT = np.array([place + place // 4 for place in range(16)]) * _WIDE
_SCALES = (1.0, 0.9, 1.1)
_SOFTNESSES = (1.7, 2.4, 3.2, 4.2)
"""Blurs of the characters that are tried, sigma in pixels of the strip."""
_COARSE = _SOFTNESSES[1]
_SMOOTHED = 1.2
"""Blur of the strip, against noise: the characters can spare it."""
_MOST_STRIPS = 2
_RISE = 2
"""Pixels by which a character may lie higher or lower than the one before."""
_SLACK = 3
"""Pixels by which a character may lie off its place on the straightened line."""
_LEAST_MEAN, _LEAST, _CLEAR = 0.7, 0.5, 0.02
"""Correlation with the paper: of all characters, of the worst, and by how much each fits better
than any other in its place."""
_FLAT = 3.0
"""Grey levels of contrast below which there is only paper."""

Maps = NDArray[np.float32]
Places = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Line:
    """Sixteen characters in a row, and how well they fit."""

    text: str
    mean: float
    worst: float
    clear: float

    @property
    def key(self) -> SearchKey | None:
        """The key, when every character is clear and the check digits hold."""
        if self.mean < _LEAST_MEAN or self.worst < _LEAST or self.clear < _CLEAR:
            return None
        try:
            return parse(self.text)
        except InvalidSearchKey:
            return None


def printed_key(grey: Grey, place: Corners) -> SearchKey | None:
    """The search key printed beside the code that was located there; None when in doubt.

    Which corner of the code is its top left need not be known.
    """
    exact = _ink(grey, place)
    places = [place] if exact is None else [exact, place]
    for each in places:
        key = _beside(grey, each)
        if key is not None:
            return key
    return None


def _ink(grey: Grey, place: Corners) -> Corners | None:
    """The corners of the code itself, when white paper is around it."""
    view = around(grey, place)
    side = min(view.grey.shape) / (1 + 2 * MARGIN)
    soft = cv2.GaussianBlur(view.grey, (0, 0), max(0.8, side / 150))
    _, dark = cv2.threshold(soft, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    filled = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, _square(side / 25))
    solid = cv2.morphologyEx(filled, cv2.MORPH_OPEN, _square(side / 8))
    count, labels = cv2.connectedComponents(solid)
    middle = int(labels[labels.shape[0] // 2, labels.shape[1] // 2])
    if count < 2 or middle == 0:
        return None
    points = np.argwhere(labels == middle)[:, ::-1].astype(np.float32)
    box = cv2.boxPoints(cv2.minAreaRect(points))
    return corners_of(box / view.scale + (view.left, view.top))


def _square(side: float) -> NDArray[np.uint8]:
    return np.ones((round(side) | 1, round(side) | 1), np.uint8)


def _beside(grey: Grey, place: Corners) -> SearchKey | None:
    looks = [(*_found(strip), strip) for strip in _strips(grey, place)]
    for _, places, strip in heapq.nlargest(_MOST_STRIPS, looks, key=lambda look: look[0]):
        straight = _straightened(strip, places)
        straight = _straightened(straight, _found(straight)[1])
        lines = [_read(straight, softness) for softness in _SOFTNESSES]
        key = max(lines, key=lambda line: line.mean).key
        if key is not None:
            return key
    return None


def _strips(grey: Grey, place: Corners) -> Iterator[Maps]:
    """The part of the page where the key should be, upright: each way the code may be turned."""
    wide = round((_BEFORE + _AFTER) * _PER_MM + _AT[-1] + _EM / 2)
    high = round((_TOP + _BOTTOM) * _PER_MM)
    for scale in _SCALES:
        reach = SYMBOL_SIDE / 2 / scale
        middle = SYMBOL_SIDE / 2
        square = [(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)]
        corners = np.array(square, np.float32) + middle
        on_strip = (corners - (KEY_LEFT - _BEFORE, KEY_BASELINE - _TOP)) * _PER_MM
        for turn in range(4):
            seen = np.roll(np.array(place, np.float32), turn, axis=0)
            to_frame = cv2.getPerspectiveTransform(on_strip.astype(np.float32), seen)
            if _is_inside(to_frame, wide, high, grey):
                how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
                strip = cv2.warpPerspective(
                    grey, to_frame, (wide, high), flags=how, borderMode=cv2.BORDER_REPLICATE
                )
                soft = cv2.GaussianBlur(strip.astype(np.float32), (0, 0), _SMOOTHED)
                yield np.asarray(soft, np.float32)


def _is_inside(to_frame: NDArray[np.float64], wide: int, high: int, grey: Grey) -> bool:
    """Whether the middle of the strip is in the picture, both ends of the key included."""
    edge = _BEFORE * _PER_MM
    ends = np.array([[[edge, high / 2], [wide - edge, high / 2]]], np.float32)
    across, down = cv2.perspectiveTransform(ends, to_frame)[0].T
    slack = 0.03 * grey.shape[1]
    return bool(
        across.min() > -slack
        and across.max() < grey.shape[1] + slack
        and down.min() > -slack
        and down.max() < grey.shape[0] + slack
    )


@cache
def _glyphs(softness: float) -> tuple[NDArray[np.float32], ...]:
    """The characters as soft as the camera may see them, an em high."""
    picture = files("kiosk.reading").joinpath("fonts/key_glyphs.png").read_bytes()
    row = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    size = (_EM // 2 * len(CHARACTERS), _EM)
    small = cv2.resize(row, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    cells = np.hsplit(small, len(CHARACTERS))
    # Each with its neighbours' white: what is blurred out of a cell must not come from the next.
    soft = [cv2.GaussianBlur(_framed(cell), (0, 0), softness) for cell in cells]
    return tuple(each[_EM + 2 : _EM + 2 + _HIGH, _EM : -_EM] for each in soft)


def _framed(cell: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.pad(cell, _EM, constant_values=255)


def _fits(levels: Maps, softness: float) -> Maps:
    """For each character, how well it fits with its top left corner at each place."""
    maps = np.stack(
        [cv2.matchTemplate(levels, g, cv2.TM_CCOEFF_NORMED) for g in _glyphs(softness)]
    )
    box = (_WIDE, _HIGH)
    mean = cv2.boxFilter(levels, -1, box, anchor=(0, 0))
    square = cv2.boxFilter(levels * levels, -1, box, anchor=(0, 0))
    contrast = np.sqrt(np.maximum(square - mean * mean, 0))[: maps.shape[1], : maps.shape[2]]
    maps[:, contrast < _FLAT] = 0
    return maps


def _found(strip: Maps) -> tuple[float, Places]:
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
    return int(_AT[number] - _AT[number - 1])


def _reach(number: int) -> int:
    """Pixels to either side: a blank between counts as a step of its own."""
    return _step(number) // _WIDE


def _reached(sums: Maps, number: int) -> Maps:
    return np.asarray(cv2.dilate(sums, np.ones((2 * _RISE + 1, 2 * _reach(number) + 1))), np.float32)


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


def _straightened(strip: Maps, places: Places) -> Maps:
    """The line alone, every character at its place and of its size."""
    across = np.polynomial.Polynomial.fit(_AT, places[0], 2)
    down = np.polynomial.Polynomial.fit(_AT, places[1], 2)
    columns = np.arange(-_SLACK, _AT[-1] + _WIDE + _SLACK, dtype=np.float64)
    rows = np.arange(-_SLACK, _HIGH + _SLACK, dtype=np.float64)[:, None]
    size = across.deriv()(columns)
    x = np.broadcast_to(across(columns), (len(rows), len(columns)))
    y = down(columns) + rows * size
    line = cv2.remap(
        strip, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(line, np.float32)


def _read(straight: Maps, softness: float) -> _Line:
    """The character that fits best in each place."""
    maps = _fits(straight, softness)
    here = np.stack([maps[:, :, at : at + 2 * _SLACK + 1].max(axis=(1, 2)) for at in _AT], axis=1)
    here[10, 1:] = -1
    here[[number for number in range(10) if number not in _FIRST], 0] = -1
    best, second = np.partition(here, -2, axis=0)[-1], np.partition(here, -2, axis=0)[-2]
    text = "".join(CHARACTERS[number] for number in here.argmax(axis=0))
    return _Line(text, float(best.mean()), float(best.min()), float((best - second).min()))
