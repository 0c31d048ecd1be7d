"""How fast the machine is that a test runs on, and how busy: seconds mean little without it."""

import time
from statistics import median

import bcrypt

_HASH = bcrypt.hashpw(b"x", bcrypt.gensalt(8))
_REFERENCE = 0.204 / 2**4
"""Seconds on the machine on which the reader's budget was set: cost 12 took 204 ms there."""
_UNLIKE = 1.25
"""A slower machine is not slower at everything alike."""


def crowding(spin: float = 0.1) -> float:
    """How many times as long as on an idle machine something takes now: 1 when nobody else works.

    `spin`: seconds of the processor that are used up to find out.
    """
    began, used = time.perf_counter(), time.process_time()
    while time.process_time() - used < spin:
        pass
    return max(1.0, (time.perf_counter() - began) / spin)


def slowness() -> float:
    """How much more processor time things may take here than where the reader's budget was set.

    1 on a machine as fast as that one, or faster.
    """
    took = median(_compared() for _ in range(5)) / _REFERENCE
    return took * _UNLIKE if took > 1.1 else 1.0


def _compared() -> float:
    began = time.thread_time()
    bcrypt.checkpw(b"x", _HASH)
    return time.thread_time() - began
