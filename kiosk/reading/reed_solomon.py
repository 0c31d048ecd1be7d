"""Reed-Solomon over GF(256), errors and erasures, as QR codes use it (ISO/IEC 18004 7.5.2).

Many words are repaired at once, one a row: reading a doubtful symbol means trying all of its
blocks with several guesses of what is erased, and the steps cost numpy the same for one row or a
hundred. Berlekamp-Massey begun at the erasures (Blahut), Chien's search, Forney's formula.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint8]
"""Rows of codewords, the first position the highest power; a shorter word begins with zeros."""

_POLYNOMIAL = 0x11D


def _tables() -> tuple[NDArray[np.uint8], NDArray[np.int16]]:
    power, value = np.zeros(255, np.uint8), 1
    logarithm = np.zeros(256, np.int16)
    for exponent in range(255):
        power[exponent] = value
        logarithm[value] = exponent
        value = (value << 1) ^ (_POLYNOMIAL if value & 0x80 else 0)
    return power, logarithm


_POWER, _LOG = _tables()
_PRODUCT = _POWER[(_LOG[:, None] + _LOG[None, :]) % 255]
_PRODUCT[0], _PRODUCT[:, 0] = 0, 0
_FLAT = _PRODUCT.ravel()
_INVERSE = _POWER[(255 - _LOG) % 255]


def _times(one: Words, other: Words) -> Words:
    """Products in the field: half the time of looking up rows and columns."""
    return np.asarray(_FLAT.take((one.astype(np.intp) << 8) | other), np.uint8)


@dataclass(frozen=True, slots=True)
class Repair:
    """Words after correction. Rows where `good` is False are as they came."""

    words: Words
    good: NDArray[np.bool_]
    errors: NDArray[np.int64]
    """How many positions outside the erased ones were changed."""


def syndromes(words: Words, checks: int) -> Words:
    """One row of `checks` values a word; all zero when the word is a codeword."""
    place = np.arange(words.shape[1])[::-1]
    factors = _POWER[np.outer(place, np.arange(checks)) % 255]
    return np.asarray(np.bitwise_xor.reduce(_times(words[:, :, None], factors), axis=1), np.uint8)


def repair(words: Words, checks: int, erased: NDArray[np.bool_]) -> Repair:
    """Correct every row with e errors and f erasures where 2e + f <= checks; refuse the others.

    A row beyond that is refused unless it lies as near to another codeword.
    """
    found = syndromes(words, checks)
    count = erased.sum(axis=1)
    able = count <= checks
    locator, degree = _locator(found, _erasure_locator(erased & able[:, None], checks), count)
    errors = degree - count
    able &= 2 * errors + count <= checks
    at = _POWER[(255 - np.arange(words.shape[1])[::-1]) % 255]
    roots = _values(locator, at) == 0
    able &= (roots.sum(axis=1) == degree) & (errors >= 0)
    fixed = words.copy()
    rows = np.flatnonzero(able & (found.any(axis=1)))
    if rows.size:
        change = _magnitudes(found[rows], locator[rows], at) * roots[rows]
        fixed[rows] ^= change
        able[rows] &= ~syndromes(fixed[rows], checks).any(axis=1)
    fixed[~able] = words[~able]
    errors = ((fixed != words) & ~erased).sum(axis=1)
    return Repair(fixed, able, errors)


def _erasure_locator(erased: NDArray[np.bool_], checks: int) -> Words:
    """The product of (1 - Xx) over the erased places X, lowest power first."""
    locator = np.zeros((len(erased), checks + 1), np.uint8)
    locator[:, 0] = 1
    length = erased.shape[1]
    places = np.argsort(~erased, axis=1, kind="stable")[:, : int(erased.sum(axis=1).max(initial=0))]
    for place in places.T:
        counted = np.take_along_axis(erased, place[:, None], 1)[:, 0]
        factor = np.where(counted, _POWER[(length - 1 - place) % 255], 0)
        locator[:, 1:] ^= _times(locator[:, :-1], factor[:, None])
    return locator


def _locator(
    found: Words, erasures: Words, count: NDArray[np.int64]
) -> tuple[Words, NDArray[np.int64]]:
    """The locator of errors and erasures, lowest power first, and its length."""
    locator, spare, degree = erasures.copy(), erasures.copy(), count.copy()
    checks = found.shape[1]
    for step in range(checks):
        reach = min(step, checks) + 1
        terms = _times(locator[:, :reach], found[:, step::-1][:, :reach])
        gap = np.bitwise_xor.reduce(terms, axis=1)
        gap[step < count] = 0
        longer = (gap != 0) & (2 * degree <= step + count)
        shifted = np.zeros_like(spare)
        shifted[:, 1:] = spare[:, :-1]
        shifted[step < count] = spare[step < count]
        scaled = _times(locator, _INVERSE[gap][:, None])
        locator = locator ^ _times(shifted, gap[:, None])
        spare = np.where(longer[:, None], scaled, shifted)
        degree = np.where(longer, step + 1 + count - degree, degree)
    return locator, degree


def _values(polynomials: Words, at: Words) -> Words:
    """Each polynomial (lowest power first) at each point."""
    values = np.zeros((len(polynomials), len(at)), np.uint8)
    for coefficient in polynomials.T[::-1]:
        values = _times(values, at[None, :]) ^ coefficient[:, None]
    return values


def _magnitudes(found: Words, locator: Words, at: Words) -> Words:
    """What to add at each place, were it in error (Forney)."""
    checks = found.shape[1]
    evaluator = np.zeros_like(found)
    for power in range(checks):
        evaluator[:, power:] ^= _times(locator[:, power : power + 1], found[:, : checks - power])
    slope = np.zeros_like(locator)
    slope[:, 0::2][:, : (checks + 1) // 2] = locator[:, 1::2]
    quotient = _times(_values(evaluator, at), _INVERSE[_values(slope, at)])
    return np.asarray(_times(quotient, _INVERSE[at][None, :]), np.uint8)
