"""Takes the modules of a located symbol out of a picture, each with how certain it is.

A module is judged against the light and dark around it. Where both look the same - a reflection, a
thumb, a torn corner - nothing is known, and nothing is claimed.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from kiosk.reading import known, symbol
from kiosk.reading.allowance import Allowance, TimeIsUp
from kiosk.reading.bitwise import solved
from kiosk.reading.blocks import dealing
from kiosk.reading.engines import Code, Corners, Grey, Sight, corners_of
from kiosk.reading.finders import finders
from kiosk.reading.kindred import kindred
from kiosk.reading.lattice import FINE, Vertices, flattened, followed, vertices_of
from kiosk.reading.modules import Modules, decode
from kiosk.reading.placing import Placing, contrast, placings
from kiosk.reading.strokes import struck_out
from kiosk.reading.views import View, around

_SIDE = 560
"""Pixels a cut-out is brought to: six a module of an ordinary sheet."""
_LARGEST = 4.0
_WORST_FIT = 0.4
_RIVAL = 0.9
"""Of the best fit: guesses below are not worth the time."""
_AROUND = 3.0
"""Modules, sigma: the neighbourhood whose light and dark a module is judged against."""
_ALIKE = ((3, 0.6), (4, 0.1))
"""Sides of squares of alike modules, and how much is still believed of them."""
_SEEN = 0.5
"""Of the fixed patterns: a grid through which less of them is seen is not the code's."""
_FAINT = 0.3
"""Of the usual contrast: below, a module says nothing."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A symbol whose modules were sampled."""

    modules: Modules
    corners: Corners
    """In pixels of the picture that was given, the code's own top left first."""
    fit: float
    """Correlation with the patterns that never change, before the lattice was followed."""


def rectify(grey: Grey, place: Corners) -> Modules | None:
    """The modules of the code that lies about there; None when no grid fits what is seen."""
    return next((grid.modules for grid in grids(around(grey, place), Allowance())), None)


def grids(view: View, left: Allowance) -> Iterator[Grid]:
    """What may be the grid of a code in a cut-out, the likeliest first. Raises TimeIsUp."""
    sized = view.enlarged(min(_LARGEST, _SIDE / max(view.grey.shape)))
    found = finders(sized.grey, left)
    if not found:
        return
    module = float(np.median([finder.module for finder in found]))
    left.check()
    dark = contrast(sized.grey, int(9 * module))
    left.check()
    if len(found) == 1:
        found += kindred(dark, found[0])
    guesses = placings(dark, found, left)
    for guess in guesses:
        if guess.fit < max(_WORST_FIT, _RIVAL * guesses[0].fit):
            return
        vertices = followed(dark, _flat(guess), _known(guess), left)
        outline = vertices[[0, 0, -1, -1], [0, -1, -1, 0]]
        modules, turns = _upright(Modules(_sampled(sized.grey, dark, vertices)))
        corners = sized.back_corners(corners_of(np.roll(outline, turns, axis=0)))
        yield Grid(modules, corners, guess.fit)


def _upright(modules: Modules) -> tuple[Modules, int]:
    """The modules turned so that the fixed patterns fit, and the quarter turns to the left."""
    ways = [Modules(np.rot90(modules.dark, turns)) for turns in range(4)]
    turns = max(range(4), key=lambda number: ways[number].fit)
    return ways[turns], turns


def _flat(guess: Placing) -> Vertices:
    return vertices_of(guess.matrix, symbol.size_of(guess.version))


def _known(guess: Placing) -> list[tuple[int, int]]:
    """Vertices amid the finder patterns the grid stands on."""
    far = symbol.size_of(guess.version) - 3
    return [((3, 3), (3, far), (far, 3))[place] for place in guess.seen]


def _sampled(grey: Grey, dark: NDArray[np.float32], vertices: Vertices) -> NDArray[np.float32]:
    """Each module from -1 (light) to 1 (dark), 0 where light and dark look the same."""
    levels = _middles(flattened(grey, vertices))
    soft = _middles(flattened(dark, vertices))
    for _ in range(2):
        light, black = (_level(levels, soft * sign) for sign in (-1, 1))
        half = np.maximum((light - black) / 2, 0)
        usual = float(np.median(half))
        weight = np.clip(half / (_FAINT * usual + 1e-6) - 0.5, 0, 1)
        soft = np.clip(((light + black) / 2 - levels) / (half + 1), -1, 1) * weight
    return np.asarray(soft * _doubt(soft), np.float32)


def _doubt(soft: NDArray[np.float32]) -> NDArray[np.float32]:
    """0 where so many neighbours are alike that something lies upon them, 1 elsewhere.

    Masks make a square of four by four alike modules as rare as chance does: one in 32768.
    """
    doubt = np.ones_like(soft)
    for side, share in _ALIKE:
        square = np.ones((side, side), np.uint8)
        for alike in (soft > 0, soft <= 0):
            flat = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, square)
            doubt[flat > 0] = share
    return doubt


def _middles(flat: NDArray[np.float32]) -> NDArray[np.float32]:
    """The middle of each module, its edges left out."""
    size = len(flat) // FINE
    inner = flat.reshape(size, FINE, size, FINE)[:, 1:-1, :, 1:-1]
    return np.asarray(inner.mean(axis=(1, 3)), np.float32)


def _level(levels: NDArray[np.float32], member: NDArray[np.float32]) -> NDArray[np.float32]:
    """The usual level around each module of those that belong: weights above 0."""
    weight = np.clip(member, 0, 1) + np.float32(1e-3)
    total = cv2.GaussianBlur(levels * weight, (0, 0), _AROUND)
    return np.asarray(total / cv2.GaussianBlur(weight, (0, 0), _AROUND), np.float32)


def _text(modules: Modules, left: Allowance) -> str | None:
    """The text, if need be with lines across the symbol taken back. Raises TimeIsUp."""
    if modules.fit < _SEEN:
        return None
    if text := decode(modules, left):
        return text
    if modules.version not in known.VERSIONS:
        return None  # no sheet of ours, and the tables of lines of such a size are not made yet
    left.check()
    without_lines = struck_out(modules.dark)
    return None if without_lines is None else decode(Modules(without_lines), left)


@cache
def prepare() -> None:
    """Make the tables for our sheets, half a second in all, before anybody waits for them.

    From then on this process reads on one core: numpy and OpenCV would take others besides, which
    are the preview's and the password's, and which no frame's budget counts.
    """
    threadpool_limits(1, "blas")
    cv2.setNumThreads(1)
    for version in known.VERSIONS:
        size = symbol.size_of(version)
        modules = Modules(np.zeros((size, size), np.float32))
        decode(modules)
        struck_out(modules.dark)
        blocks = dealing(version, known.LEVEL)
        length = blocks.order.shape[1]
        solved(np.zeros(length, np.uint8), np.zeros(8 * length), blocks.checks)


class Sampling:
    """Reads what is left of a code: bent, covered, washed out, a finder pattern gone."""

    name = "sampling"

    def __init__(self, left: Allowance | None = None, guesses: int = 2) -> None:
        """`left`: when to give up. `guesses`: grids tried on what lies in a picture."""
        self._left, self._guesses = left or Allowance(), guesses

    def read(self, grey: Grey) -> Sight:
        """One code at most; where one was placed and not read, that place."""
        unread: list[Corners] = []
        with suppress(TimeIsUp):
            for grid in islice(grids(View(grey), self._left), self._guesses):
                unread.append(grid.corners)
                text = _text(grid.modules, self._left)
                if text is not None:
                    return Sight((Code(text, grid.corners),))
        return Sight(unread=tuple(unread[:1]))
