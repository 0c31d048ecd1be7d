"""Where a symbol's grid may lie, told from two or three of its finder patterns.

A finder pattern gives four points, so two of them are enough for a perspective. Which two they are
and how many modules lie between them is guessed in every way that geometry allows, and each guess
judged by how well timing, alignment and finder patterns are seen through it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reading import symbol
from kiosk.reading.allowance import Allowance
from kiosk.reading.engines import Grey
from kiosk.reading.finders import Finder, Points
from kiosk.reading.perspectives import perspectives, through

_PAIRS_AT_MOST, _TRIPLES_AT_MOST = 6, 8
_POOR, _SURE = 0.5, 0.8
"""Fits: below, two finder patterns may do better than three; above, nothing will do better."""
_PAPER = 0.15
"""Of the strongest contrast, below which nothing is printed."""
_NEXT = np.array([1, 2, 3, 0])


@dataclass(frozen=True, slots=True)
class Placing:
    """A guess of where a symbol lies."""

    matrix: NDArray[np.float64]
    """From modules (0, 0 is the symbol's outer top left corner) to pixels."""
    version: int
    fit: float
    """Correlation with the fixed patterns: 1 all as it should be, 0 chance. On two finder patterns
    how much is printed there counts as well, for one side of them is as good as the other."""
    seen: tuple[int, ...]
    """Which finder patterns it stands on: 0 top left, 1 top right, 2 bottom left. Two neighbours
    may as well be the next two, a quarter turned: that is told by the modules."""


def contrast(grey: Grey, window: int) -> NDArray[np.float32]:
    """How dark each pixel is against its neighbourhood: -1 to 1."""
    size = (window | 1, window | 1)
    mean = np.asarray(cv2.boxFilter(grey, cv2.CV_32F, size))
    variance = np.asarray(cv2.sqrBoxFilter(grey, cv2.CV_32F, size)) - mean * mean
    # Or the grain of white paper would count.
    spread = np.sqrt(np.maximum(variance, max(9, _PAPER**2 * float(variance.max()))))
    return np.asarray(np.clip((mean - grey) / spread, -1, 1), np.float32)


@dataclass(frozen=True, slots=True)
class _Stand:
    """Finder patterns with the places they are taken for."""

    finders: tuple[Finder, ...]
    places: tuple[int, ...]


def placings(dark: NDArray[np.float32], found: Sequence[Finder], left: Allowance) -> list[Placing]:
    """Guesses, the best first. `dark`: the picture as `contrast` gives it. Raises TimeIsUp."""
    guesses = _guessed(dark, _triples(found), left)
    if not guesses or guesses[0].fit < _POOR:
        guesses += _guessed(dark, _pairs(found), left)
    return sorted(guesses, key=lambda guess: -guess.fit)


def _guessed(dark: NDArray[np.float32], stands: Iterable[_Stand], left: Allowance) -> list[Placing]:
    """Guesses on these finder patterns, the best first; no more are made once one is sure."""
    guesses: list[Placing] = []
    for stand in stands:
        left.check()
        guesses += _sized(dark, stand)
        if guesses and max(guess.fit for guess in guesses) > _SURE:
            break
    return sorted(guesses, key=lambda guess: -guess.fit)


def _triples(found: Sequence[Finder]) -> Iterator[_Stand]:
    for three in combinations(found[:_TRIPLES_AT_MOST], 3):
        sizes = [finder.module for finder in three]
        if max(sizes) > 2.2 * min(sizes):
            continue
        for corner, one, two in permutations(three):
            across, down = one.centre - corner.centre, two.centre - corner.centre
            long, short = sorted((np.linalg.norm(across), np.linalg.norm(down)), reverse=True)
            turn = (across[0] * down[1] - across[1] * down[0]) / (long * short)
            if turn > 0.6 and long < 2.2 * short:
                yield _Stand((corner, one, two), (0, 1, 2))


def _pairs(found: Sequence[Finder]) -> Iterator[_Stand]:
    for one, two in permutations(found[:_PAIRS_AT_MOST], 2):
        if max(one.module, two.module) < 1.8 * min(one.module, two.module):
            yield from (_Stand((one, two), places) for places in ((0, 1), (1, 2)))


def _sized(dark: NDArray[np.float32], stand: _Stand) -> list[Placing]:
    """The guesses for each number of modules that the distances allow."""
    first, last = stand.finders[0], stand.finders[1]
    apart = last.centre - first.centre
    diagonal = stand.places == (1, 2)
    module = np.mean([_along(finder, apart, diagonal) for finder in (first, last)])
    estimate = float(np.linalg.norm(apart)) / module / (2**0.5 if diagonal else 1) + 7
    slack = 1.5 + 0.1 * estimate
    versions = [v for v in symbol.VERSIONS if abs(symbol.size_of(v) - estimate) <= slack]
    return _placed(dark, stand, versions) if versions else []


def _along(finder: Finder, direction: Points, diagonal: bool) -> float:  # noqa: FBT001
    """Pixels of a module in a direction, or of its side when that is a diagonal."""
    if diagonal:
        return finder.module
    sides = finder.corners[_NEXT] - finder.corners
    reach = np.abs(sides @ direction) / np.linalg.norm(direction)
    return float(max(reach)) / 5


def _placed(dark: NDArray[np.float32], stand: _Stand, versions: Sequence[int]) -> list[Placing]:
    """One guess for each version, unless it is absurd."""
    sizes = [symbol.size_of(version) for version in versions]
    matrices = perspectives(stand.finders, stand.places, sizes)
    placed = []
    for matrix, version, size in zip(matrices, versions, sizes, strict=True):
        if _is_sane(matrix, size):
            fit = _fit(dark, matrix, _looks(version, len(stand.places)))
            placed.append(Placing(matrix, version, fit, stand.places))
    return placed


def _is_sane(matrix: NDArray[np.float64], size: int) -> bool:
    """Whether the symbol's outline is a convex quadrilateral before the camera."""
    corners = np.array([(0, 0), (size, 0), (size, size), (0, size)], np.float64)
    if (corners @ matrix[2, :2] + matrix[2, 2] <= 0.2).any():
        return False
    outline = through(matrix, corners)
    along = outline[_NEXT] - outline
    ahead = along[_NEXT]
    return bool((along[:, 0] * ahead[:, 1] > along[:, 1] * ahead[:, 0]).all())


_Looks: TypeAlias = tuple[Points, NDArray[np.float32]]


def _fit(dark: NDArray[np.float32], matrix: NDArray[np.float64], looks: _Looks) -> float:
    points, signs = looks
    x, y = (through(matrix, points) - 0.5).astype(np.float32).T
    seen = cv2.remap(dark, x[:, None], y[:, None], cv2.INTER_LINEAR)[:, 0]
    fit = float(seen[: len(signs)] @ signs) / len(signs)
    inside = seen[len(signs) :]
    return (fit + float(np.abs(inside).mean())) / 2 if len(inside) else fit


@cache
def _looks(version: int, finders: int) -> _Looks:
    """Middles of modules to look at, and 1 or -1 for the fixed ones, which come first.

    Where a placing stands on two finder patterns, others follow, spread over the whole symbol: the
    mean contrast there counts as well, for white paper and a plain table have none.
    """
    pattern, fixed = symbol.patterns(version)
    rows, columns = np.nonzero(fixed)
    points = np.column_stack((columns, rows)) + 0.5
    signs = np.where(pattern[fixed], 1, -1).astype(np.float32)
    if finders == 2:
        every = np.arange(0, symbol.size_of(version), 2) + 0.5
        points = np.concatenate((points, np.stack(np.meshgrid(every, every), -1).reshape(-1, 2)))
    return points.astype(np.float64), signs
