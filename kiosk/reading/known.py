"""Codewords of a sheet that are known before it is read: each is one error less to repair.

A sheet is numeric, begins with 9101 and fills its version, so the first codewords are known but for
a few bits. How many digits there are stands in the first two; once their block is repaired, what
fills the symbol up behind the text is known too - up to an eighth of all data codewords. Among 798
worn sheets before a camera this reads 2 more, of 87 left.
"""

from collections.abc import Iterator
from functools import cache
from itertools import count, takewhile

from kiosk.reading.blocks import dealing
from shared.payload import OURS, VERSION

VERSIONS = range(6, 14)
"""From an individual's sheet to a name of sixty characters."""
LEVEL = "M"
"""Of error correction, on every sheet."""
_MODE = 0b0001
_FILLING = (0xEC, 0x11)


@cache
def first_words(version: int) -> dict[int, int]:
    """Number and value of those data codewords at the beginning that are the same on every sheet
    of a version."""
    fitting = [_head(version, length) for length in _lengths(version)]
    words = [set(column) for column in zip(*fitting, strict=True)]
    return {number: min(values) for number, values in enumerate(words) if len(values) == 1}


def filling(version: int, first: bytes) -> dict[int, int]:
    """Number and value of the data codewords behind the text, told from the first two."""
    count_bits = _count_bits(version)
    digits = int.from_bytes(first[:2]) >> (12 - count_bits) & ((1 << count_bits) - 1)
    total = len(dealing(version, LEVEL).data)
    # Behind the four bits that end the text segno, which draws the sheets, begins a codeword anew
    # even where one has just ended.
    begins = (_bits(version, digits) + 4) // 8 + 1
    return {number: _FILLING[(number - begins) % 2] for number in range(begins, total)}


def _head(version: int, length: int) -> bytes:
    """The codewords that the mode, the count and the first three digits fill."""
    digits = int((OURS + VERSION)[:3])
    bits = 4 + _count_bits(version) + 10
    value = (_MODE << _count_bits(version) | length) << 10 | digits
    return (value >> bits % 8).to_bytes(bits // 8)


def _lengths(version: int) -> Iterator[int]:
    """Numbers of digits that need this version."""
    length = next(length for length in count() if not _fits(version - 1, length))
    return iter(takewhile(lambda length: _fits(version, length), count(length)))


def _fits(version: int, length: int) -> bool:
    return _bits(version, length) <= 8 * len(dealing(version, LEVEL).data)


def _bits(version: int, length: int) -> int:
    """Of the mode, the count and so many digits."""
    return 4 + _count_bits(version) + 10 * (length // 3) + (0, 4, 7)[length % 3]


def _count_bits(version: int) -> int:
    return 10 if version < 10 else 12
