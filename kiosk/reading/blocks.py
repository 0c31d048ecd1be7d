"""How the codewords of a QR symbol are dealt out to blocks (ISO/IEC 18004, table 9)."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kiosk.reading.symbol import data_places

_CHECKS = {
    "L": "7 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28"
    " 28 28 30 30 26 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
    "M": "10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26"
    " 26 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28",
    "Q": "13 22 18 26 18 24 18 22 20 24 28 26 24 20 30 24 28 28 26 30"
    " 28 30 30 30 30 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
    "H": "17 28 22 16 22 28 26 26 24 28 24 28 22 24 24 30 28 28 26 28"
    " 30 24 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
}
_BLOCKS = {
    "L": "1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20 21"
    " 22 24 25",
    "M": "1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35 37"
    " 38 40 43 45 47 49",
    "Q": "1 1 2 2 4 4 6 6 8 8 8 10 12 16 12 17 16 18 21 20 23 23 25 27 29 34 34 35 38 40 43 45 48"
    " 51 53 56 59 62 65 68",
    "H": "1 1 2 4 4 4 5 6 8 8 11 11 16 16 18 16 19 21 25 25 25 34 30 32 35 37 40 42 45 48 51 54 57"
    " 60 63 66 70 74 77 81",
}


@dataclass(frozen=True, slots=True)
class Dealing:
    """The blocks of one version and level."""

    checks: int
    """Codewords for error correction in each block."""
    order: NDArray[np.intp]
    """A row a block: numbers of its codewords in the symbol; -1 before a shorter block."""

    @property
    def data(self) -> NDArray[np.intp]:
        """Numbers of the data codewords in the order of the text."""
        numbers = self.order[:, : -self.checks].ravel()
        return numbers[numbers >= 0]


@cache
def dealing(version: int, level: str) -> Dealing:
    """The blocks of a version at a level."""
    checks, count = (int(table[level].split()[version - 1]) for table in (_CHECKS, _BLOCKS))
    total = len(data_places(version)[0]) // 8
    short = total // count - checks
    longer = total % count
    data = np.arange(short * count).reshape(short, count).T
    extra = np.full((count, 1), -1)
    extra[count - longer :, 0] = short * count + np.arange(longer)
    tail = short * count + longer + np.arange(checks * count).reshape(checks, count).T
    # A shorter block lacks its last data codeword; one that begins with a zero is the same block.
    full = np.where(extra >= 0, np.hstack((data, extra)), np.hstack((extra, data)))
    return Dealing(checks, np.hstack((full, tail)))
