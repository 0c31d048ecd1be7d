"""Where a symbol's grid may lie, told from two or three of its finder patterns.

A finder pattern gives four points, so two of them are enough for a perspective. Which two they are
and how many modules lie between them is guessed in every way that geometry allows, and each guess
judged by how well timing, alignment and finder patterns are seen through it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reading import symbol
from kiosk.reading.allowance import Allowance
from kiosk.reading.engines import Grey
from kiosk.reading.finders import Finder, Points

_PAIRS_AT_MOST, _TRIPLES_AT_MOST = 6, 8
_POOR, _SURE = 0.5, 0.8
"""Fits: below, two finder patterns may do better than three; above, nothing will do better."""
_PAPER = 0.15
"""Of the strongest contrast, below which nothing is printed."""
_HOLE = np.array([(1, 1), (6, 1), (6, 6), (1, 6)], np.float64)
"""Corners of a finder pattern's light ring, in modules from its own corner."""


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
    levels = grey.astype(np.float32)
    size = (window | 1, window | 1)
    mean = cv2.boxFilter(levels, -1, size)
    spread = np.sqrt(np.maximum(cv2.boxFilter(levels * levels, -1, size) - mean * mean, 9))
    spread = np.maximum(spread, _PAPER * spread.max())  # or the grain of white paper would count
    return np.asarray(np.clip((mean - levels) / spread, -1, 1), np.float32)


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
    sizes = [v for v in symbol.VERSIONS if abs(symbol.size_of(v) - estimate) <= slack]
    guesses = [_placed(dark, stand, version) for version in sizes]
    return [guess for guess in guesses if guess is not None]


def _along(finder: Finder, direction: Points, diagonal: bool) -> float:  # noqa: FBT001
    """Pixels of a module in a direction, or of its side when that is a diagonal."""
    if diagonal:
        return finder.module
    sides = np.roll(finder.corners, -1, axis=0) - finder.corners
    reach = np.abs(sides @ direction) / np.linalg.norm(direction)
    return float(max(reach)) / 5


def _placed(dark: NDArray[np.float32], stand: _Stand, version: int) -> Placing | None:
    size = symbol.size_of(version)
    origins = np.array([(0, 0), (size - 7, 0), (0, size - 7)], np.float64)[list(stand.places)]
    centres = np.array([finder.centre for finder in stand.finders])
    rough = _similarity(origins + 3.5, centres)
    targets, points = [], []
    for origin, finder in zip(origins, stand.finders, strict=True):
        expected = _through(rough, origin + _HOLE)
        turns = [np.roll(finder.corners, turn, axis=0) for turn in range(4)]
        points.append(min(turns, key=lambda turn: float(((turn - expected) ** 2).sum())))
        targets.append(origin + _HOLE)
    matrix = _perspective(np.concatenate(targets), np.concatenate(points))
    if not _is_sane(matrix, size):
        return None
    fit = _fit(dark, matrix, version)
    if len(stand.places) == 2:
        fit = (fit + _printed(dark, matrix, size)) / 2
    return Placing(matrix, version, fit, stand.places)


def _similarity(modules: Points, pixels: Points) -> NDArray[np.float64]:
    """The map without perspective, exact for the first two points (affine for three)."""
    if len(modules) == 3:
        affine = cv2.getAffineTransform(modules.astype(np.float32), pixels.astype(np.float32))
        return np.vstack((affine, (0, 0, 1))).astype(np.float64)
    a, b = modules @ (1, 1j)
    p, q = pixels @ (1, 1j)
    turn = (q - p) / (b - a)
    move = p - turn * a
    return np.array(
        [[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag], [0, 0, 1]]
    )


def _perspective(modules: Points, pixels: Points) -> NDArray[np.float64]:
    """The perspective that fits best. OpenCV's costs ten times as much to refine it."""
    middle, reach = pixels.mean(axis=0), pixels.std()
    u, v = ((pixels - middle) / reach).T
    size = modules.max()
    x, y = modules.T / size
    one, none = np.ones_like(x), np.zeros_like(x)
    across = np.column_stack((x, y, one, none, none, none, -u * x, -u * y))
    down = np.column_stack((none, none, none, x, y, one, -v * x, -v * y))
    rows, wanted = np.concatenate((across, down)), np.concatenate((u, v))
    found = np.append(np.linalg.lstsq(rows, wanted, rcond=None)[0], 1.0).reshape(3, 3)
    back = np.array([[reach, 0, middle[0]], [0, reach, middle[1]], [0, 0, 1]])
    return np.asarray(back @ found @ np.diag((1 / size, 1 / size, 1)))


def _through(matrix: NDArray[np.float64], points: NDArray[np.floating]) -> Points:
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(mapped[:, :2] / mapped[:, 2:])


def _is_sane(matrix: NDArray[np.float64], size: int) -> bool:
    """Whether the symbol's outline is a convex quadrilateral before the camera."""
    corners = np.array([(0, 0), (size, 0), (size, size), (0, size)], np.float64)
    if (corners @ matrix[2, :2] + matrix[2, 2] <= 0.2).any():
        return False
    sides = np.roll(_through(matrix, corners), -1, axis=0) - _through(matrix, corners)
    turns = sides[:, 0] * np.roll(sides[:, 1], -1) - sides[:, 1] * np.roll(sides[:, 0], -1)
    return bool((turns > 0).all())


def _fit(dark: NDArray[np.float32], matrix: NDArray[np.float64], version: int) -> float:
    pattern, fixed = symbol.patterns(version)
    rows, columns = np.nonzero(fixed)
    seen = _seen(dark, matrix, np.column_stack((columns, rows)))
    return float(np.where(pattern[fixed], seen, -seen).mean())


def _printed(dark: NDArray[np.float32], matrix: NDArray[np.float64], size: int) -> float:
    """The mean contrast within the symbol's outline; white paper and a plain table have none."""
    every = np.arange(0, size, 2)
    return float(
        np.abs(_seen(dark, matrix, np.stack(np.meshgrid(every, every), -1).reshape(-1, 2))).mean()
    )


def _seen(
    dark: NDArray[np.float32], matrix: NDArray[np.float64], modules: NDArray[np.integer]
) -> NDArray[np.float32]:
    """The picture at the middles of modules (column, row)."""
    x, y = (_through(matrix, modules + 0.5) - 0.5).astype(np.float32).T
    return np.asarray(cv2.remap(dark, x[:, None], y[:, None], cv2.INTER_LINEAR)[:, 0])
