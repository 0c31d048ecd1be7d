"""Tells the registry how this window's devices are: every half minute, and when it is news."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from kiosk.faults import Fault
from verifier.acts import Report
from verifier.counter import Counter

EVERY = 30.0
"""Seconds between two reports without news."""


class Reporter:
    """What was reported last, and when."""

    def __init__(self, counter: Counter, kiosk: str, monotonic: Callable[[], float]) -> None:
        self._counter = counter
        self._kiosk = kiosk
        self._monotonic = monotonic
        self._told: frozenset[str] = frozenset()
        self._told_at = float("-inf")

    def tell(self, faults: Iterable[Fault]) -> None:
        """Report what is wrong now, if it is time or it is something else than before.

        Raises NotPermitted and the registry's own errors: the next time tells it again.
        """
        codes, now = frozenset(fault.code for fault in faults), self._monotonic()
        if codes != self._told or now - self._told_at >= EVERY:
            self._counter.report(self._kiosk, Report(datetime.now(UTC), codes))
            self._told, self._told_at = codes, now
