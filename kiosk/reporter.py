"""Tells the registry how this window's devices are: every half minute, and when it is news."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from verifier.acts import Fault, Report
from verifier.counter import Counter

EVERY = 30.0
"""Seconds between two reports without news."""


class Reporter:
    """What was reported last, and when."""

    def __init__(self, counter: Counter, kiosk: str, monotonic: Callable[[], float]) -> None:
        self._counter = counter
        self._kiosk = kiosk
        self._monotonic = monotonic
        self._told: frozenset[Fault] = frozenset()
        self._told_at = float("-inf")

    def tell(self, lost: Collection[str]) -> None:
        """Report the devices that are missed now, if it is time or they are others than before.

        Raises NotPermitted and the registry's own errors: the next time tells it again.
        """
        faults, now = frozenset(Fault(device) for device in lost), self._monotonic()
        if faults != self._told or now - self._told_at >= EVERY:
            self._counter.report(self._kiosk, Report(datetime.now(UTC), faults))
            self._told, self._told_at = faults, now
