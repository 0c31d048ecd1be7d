"""From the modules of a symbol, each more or less certain, to its text.

A codeword is as uncertain as its modules are together. Blocks are repaired codeword by codeword
(`codewise`); what is too much for that, on a sheet that may be ours, bit by bit (`bitwise`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.reading import known, symbol
from kiosk.reading.allowance import Allowance
from kiosk.reading.bitwise import solved
from kiosk.reading.blocks import dealing
from kiosk.reading.codewise import FOREIGN_PROOF, OUR_PROOF, repaired
from kiosk.reading.content import Unreadable, text_of
from kiosk.reading.reed_solomon import Words
from shared.digits import NotCanonical, bytes_of, is_checked
from shared.payload import OURS, VERSION

_STEEP = 5.0
"""How fast a module's chance of being wrong falls with its distance from grey."""
_FORMATS = 3
"""Readings of the format information that are tried; level M, which ours has, among the last."""
_NEARLY = 2
"""Blocks that may fail for what is known of our sheets to be tried."""
_CLEAR = 10.0
"""Lead of the best reading over the next, of 20 when all is seen, from which it alone is tried."""


@dataclass(frozen=True, slots=True)
class Modules:
    """A symbol's modules, sampled: rows from the top, the code's own top left first."""

    dark: NDArray[np.float32]
    """From -1 (light) to 1 (dark); 0 where nothing is known. Sums of several frames may go past."""

    @property
    def version(self) -> int:
        """1 to 40."""
        return symbol.version_of(len(self.dark))

    @property
    def fit(self) -> float:
        """How well the patterns that never change are seen: 1 wholly, 0 as by chance."""
        dark, fixed = symbol.patterns(self.version)
        seen = self.dark[fixed]
        weight = float(np.abs(seen).sum())
        return float(np.where(dark[fixed], seen, -seen).sum()) / weight if weight else 0.0

    def __add__(self, other: "Modules") -> "Modules":
        """The evidence of two samplings of one symbol."""
        return Modules(self.dark + other.dark)


def decode(modules: Modules, left: Allowance | None = None) -> str | None:
    """The text, when error correction leaves no room for chance; else None. Raises TimeIsUp."""
    left = left or Allowance()
    ways = (modules.dark, modules.dark.T)  # as it is, and mirrored
    attempts = []
    left.check()
    for way, number in _formats(ways):
        left.check()
        attempts.append(_Attempt(ways[way], divmod(number, 8), left))
        if text := attempts[-1].text(left):
            return text
    texts = (attempt.text_by_bits(left) for attempt in attempts if attempt.may_be_ours)
    return next(filter(None, texts), None)


def _formats(ways: Sequence[NDArray[np.float32]]) -> list[tuple[int, int]]:
    """The likeliest formats (level times 8, plus mask) and which way the symbol must be turned."""
    words = np.where(symbol.format_words(), 1.0, -1.0)
    places = symbol.format_places(len(ways[0]))
    score = np.array([sum(words @ np.clip(dark[p], -1, 1) for p in places) for dark in ways])
    best = [divmod(int(at), len(words)) for at in np.argsort(-score, axis=None)]
    ours = [(way, number) for way, number in best if symbol.LEVELS[number // 8] == "M"]
    top = np.partition(score, -2, axis=None)[-2:]
    certain = top[1] - top[0] > _CLEAR
    return list(dict.fromkeys([*best[: 1 if certain else _FORMATS - 1], *ours[:1]]))


class _Attempt:
    """One reading of the symbol, with a level and a mask taken for granted."""

    def __init__(
        self, dark: NDArray[np.float32], format_: tuple[int, int], left: Allowance
    ) -> None:
        """`format_`: level and mask. Raises TimeIsUp."""
        level, mask = format_
        self._version = symbol.version_of(len(dark))
        places = symbol.data_places(self._version)
        turned = symbol.mask(len(dark), mask)[places]
        bits = np.where(turned, -dark[places], dark[places]).reshape(-1, 8)
        self._words = np.packbits(bits > 0, axis=1)[:, 0]
        self._bits = np.abs(bits)
        self._certain = -np.exp(-_STEEP * self._bits).sum(axis=1)
        self._level = symbol.LEVELS[level]
        self._dealing = dealing(self._version, self._level)
        self._fixed, self._proof = self._repaired(left)

    @property
    def may_be_ours(self) -> bool:
        """Whether sheets of ours are of such a version and level."""
        return self._version in known.VERSIONS and self._level == known.LEVEL

    def text(self, left: Allowance) -> str | None:
        """The text, if there is enough proof for it. Raises TimeIsUp."""
        failed = int((self._proof < OUR_PROOF).sum())
        if 0 < failed <= _NEARLY and self.may_be_ours:
            left.check()
            self._fill_in()
            self._fixed, proof = self._repaired(left)
            self._proof = np.minimum(proof, OUR_PROOF)  # it was taken for ours, and must be
        return self._said()

    def text_by_bits(self, left: Allowance) -> str | None:
        """The text of a sheet of ours, its bad blocks repaired bit by bit. Raises TimeIsUp."""
        self._fill_in()
        for block in np.flatnonzero(self._proof < OUR_PROOF):
            left.check()
            self._fixed[block], self._proof[block] = self._solved(self._dealing.order[block])
            if self._proof[block] < OUR_PROOF:
                return None
        self._proof = np.minimum(self._proof, OUR_PROOF)
        return self._said()

    def _solved(self, places: NDArray[np.intp]) -> tuple[Words, float]:
        word = np.where(places >= 0, self._words[places], 0).astype(np.uint8)
        certain = np.where(places[:, None] >= 0, self._bits[places], np.inf)
        return solved(word, certain.ravel(), self._dealing.checks)

    def _repaired(self, left: Allowance) -> tuple[Words, NDArray[np.float64]]:
        """The blocks, and how well each is proved. Raises TimeIsUp."""
        order = self._dealing.order
        words = np.where(order >= 0, self._words[order], 0).astype(np.uint8)
        certain = np.where(order >= 0, self._certain[order], np.inf)
        return repaired(words, certain, self._dealing, left)

    def _said(self) -> str | None:
        """What stands in the blocks, when they are proved."""
        proof = self._proof
        if proof.min() < OUR_PROOF:
            return None
        try:
            text = text_of(self._data, self._version)
        except Unreadable:
            return None
        return text if proof.min() >= FOREIGN_PROOF or is_sound(text) else None

    @property
    def _data(self) -> bytes:
        """The data codewords in the order of the text."""
        order = self._dealing.order
        flat = np.zeros_like(self._words)
        flat[order[order >= 0]] = self._fixed[order >= 0]
        return flat[self._dealing.data].tobytes()

    def _fill_in(self) -> None:
        """What is known of a sheet of ours; more when its first block was repaired."""
        words = known.first_words(self._version)
        if self._proof[0] >= OUR_PROOF:
            words = words | known.filling(self._version, self._data)
        places = self._dealing.data[list(words)]
        self._words[places] = list(words.values())
        self._certain[places] = 0.0
        self._bits[places] = np.inf


def is_sound(text: str) -> bool:
    """Whether a text is one of ours down to its last digit, apart from the signature."""
    if not (text.isascii() and text.isdigit() and text.startswith(OURS + VERSION)):
        return False
    try:
        return is_checked(text) and bool(bytes_of(text[4:-2]))
    except NotCanonical:
        return False
