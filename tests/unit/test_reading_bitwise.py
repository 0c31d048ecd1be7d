"""Blocks repaired bit by bit: as many unknown bits as the checks have equations to spare."""

import numpy as np
import pytest

from kiosk.reading.bitwise import solved
from kiosk.reading.blocks import dealing
from kiosk.reading.codewise import FOREIGN_PROOF
from kiosk.reading.reed_solomon import Words, repair

SPARE = 48


def a_block(version: int, lot: np.random.Generator) -> tuple[Words, int]:
    """A codeword of the version's first block, and its number of checks."""
    deal = dealing(version, "M")
    word = lot.integers(0, 256, deal.order.shape[1], np.uint8)
    erased = np.arange(len(word)) >= len(word) - deal.checks
    word[deal.order[0] < 0] = 0
    return repair(word[None], deal.checks, erased[None]).words[0], deal.checks


def certain_of(version: int, unknown: np.ndarray) -> np.ndarray:
    padding = np.repeat(dealing(version, "M").order[0] < 0, 8)
    return np.where(padding, np.inf, np.where(unknown, 0.1, 1.0))


def spoilt(version: int, turned: int, seed: int) -> tuple[Words, np.ndarray, Words, int]:
    """A block, how certain its bits are, what it looks like with all unknown bits drawn by lot and
    so many of the certain ones turned, and its checks."""
    lot = np.random.default_rng(seed)
    word, checks = a_block(version, lot)
    bits = np.flatnonzero(np.isfinite(certain_of(version, np.zeros(8 * len(word), bool))))
    drawn = lot.permutation(bits)
    count = 8 * checks - SPARE
    flips = np.zeros(8 * len(word), np.uint8)
    flips[drawn[:count]] = lot.integers(0, 2, count)
    flips[drawn[count : count + turned]] = 1
    unknown = np.isin(np.arange(len(flips)), drawn[:count])
    return word, certain_of(version, unknown), word ^ np.packbits(flips), checks


@pytest.mark.parametrize("version", range(6, 14))
@pytest.mark.parametrize("turned", [0, 1, 2])
def test_all_but_the_spare_equations_may_go_for_unknown_bits(version: int, turned: int) -> None:
    for seed in range(3):
        word, certain, seen, checks = spoilt(version, turned, seed)
        fixed, proof = solved(seen, certain, checks)
        assert fixed.tolist() == word.tolist()
        assert proof > FOREIGN_PROOF


def test_so_much_is_far_past_what_codewords_bear() -> None:
    _, certain, seen, checks = spoilt(11, 0, 1)
    touched = (certain.reshape(-1, 8) < 1).any(axis=1)
    assert touched.sum() > 2 * checks
    assert not repair(seen[None], checks, touched[None]).good.any()


@pytest.mark.parametrize("version", range(6, 14))
def test_what_the_equations_do_not_bear_out_is_refused(version: int) -> None:
    for seed in range(5):
        _, certain, seen, checks = spoilt(version, 12, seed)
        fixed, proof = solved(seen, certain, checks)
        assert proof == -np.inf
        assert fixed.tolist() == seen.tolist()
