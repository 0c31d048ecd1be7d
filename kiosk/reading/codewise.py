"""Repairs the blocks of a QR symbol codeword by codeword, and says how far chance is ruled out.

Each block is repaired several times, with ever more of its least certain codewords called erased,
and the try that leaves the least doubt counts (generalised minimum distance decoding, Forney 1966).
An erased codeword costs half of what a wrong one does, so a glare that takes a fifth of the symbol
leaves it readable.

What keeps wrong texts out is arithmetic: a word picked at random is repaired with e changes and f
erasures in C(n-f, e) 255^e of 256^(checks-f) cases. A block that asks for more luck than that
allows is refused, however well it was repaired.
"""

from functools import cache
from math import lgamma, log

import numpy as np
from numpy.typing import NDArray

from kiosk.reading.allowance import Allowance
from kiosk.reading.blocks import Dealing
from kiosk.reading.reed_solomon import Words, repair

FOREIGN_PROOF, OUR_PROOF = 26.0, 14.0
"""Bits of chance a block must rule out. Ours also has check digits and canonical groups."""
_AT_ONCE = 12
"""Blocks: all of ours. A foreign code of 50 would take half a frame's budget."""


def repaired(
    words: Words, certain: NDArray[np.float32], deal: Dealing, left: Allowance
) -> tuple[Words, NDArray[np.float64]]:
    """The blocks as they can best be repaired, and the proof of each. Raises TimeIsUp."""
    proofs = _proofs(words.shape[1], deal.checks)
    nothing = np.zeros((1, len(words)), np.int64)
    fixed, proof = _best(words, certain, deal, proofs, nothing)
    steps = np.arange(0, deal.checks, 2)
    steps = steps[proofs[0, steps] >= OUR_PROOF]
    weak = np.flatnonzero(proof < FOREIGN_PROOF)
    for few in np.split(weak, range(_AT_ONCE, len(weak), _AT_ONCE)):
        left.check()
        some = Dealing(deal.checks, deal.order[few])
        fixed[few], proof[few] = _best(words[few], certain[few], some, proofs, steps[:, None])
    return fixed, proof


def _best(
    words: Words,
    certain: NDArray[np.float32],
    deal: Dealing,
    proofs: NDArray[np.float64],
    erasures: NDArray[np.int64],
) -> tuple[Words, NDArray[np.float64]]:
    """Each block repaired with that many (a row a try) of its least certain codewords erased."""
    rank = np.argsort(np.argsort(certain, axis=1, kind="stable"), axis=1)
    erased = rank[None] < np.broadcast_to(erasures, (len(erasures), len(words)))[..., None]
    tries, blocks, length = erased.shape
    tried = repair(np.tile(words, (tries, 1)), deal.checks, erased.reshape(-1, length))
    padding = np.tile(deal.order < 0, (tries, 1))
    good = tried.good & ~((tried.words != 0) & padding).any(axis=1)
    count = erased.sum(axis=2).ravel()
    proof = np.where(good, proofs[tried.errors, count], -np.inf).reshape(tries, blocks)
    best = proof.argmax(axis=0)
    return tried.words.reshape(erased.shape)[best, range(blocks)], proof.max(axis=0)


@cache
def _proofs(length: int, checks: int) -> NDArray[np.float64]:
    """Bits of chance ruled out by a repair with e errors (row) and f erasures (column)."""
    errors, erasures = np.arange(checks + 1)[:, None], np.arange(checks + 1)[None, :]
    choose = np.vectorize(
        lambda n, k: (lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)) / log(2) if k <= n else 0.0
    )
    return np.asarray(8.0 * (checks - erasures - errors) - choose(length - erasures, errors))
