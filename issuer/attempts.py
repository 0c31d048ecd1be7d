"""How often a sign-in may fail: five times in a row, then not for a quarter of an hour."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from issuer.turns import Turns
from shared.domain import FilingNumber

FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
UNKNOWN_NUMBERS_KEPT = 10_000
CHECKS_AT_ONCE = 2
"""bcrypt takes a core for a quarter of a second; ungated, forty a second would stop the portal."""
CHECKS_WAITING = 6
PATIENCE = 8.0
"""Seconds a sign-in waits for its turn."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures in a row, the present attempt included until it proves right."""

    failures: int = 0
    locked_until: datetime | None = None

    def are_locked(self, now: datetime) -> bool:
        """Tell whether no password is looked at now."""
        return self.locked_until is not None and now < self.locked_until

    def and_one_more(self, now: datetime) -> "Attempts":
        """Count an attempt before its password is checked: guesses at the same moment all count."""
        failures = 1 if self.locked_until else self.failures + 1
        return Attempts(failures, now + LOCKED_FOR if failures >= FAILURES else None)


class Gate(Turns):
    """Lets a few password checks through at a time, and counts for numbers nobody has."""

    def __init__(
        self,
        at_once: int = CHECKS_AT_ONCE,
        waiting: int = CHECKS_WAITING,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(at_once, waiting, patience)
        self._lock = threading.Lock()
        self._unknown: OrderedDict[FilingNumber, Attempts] = OrderedDict()

    def count_unknown(self, number: FilingNumber, now: datetime) -> tuple[Attempts, bool]:
        """Count an attempt on a number nobody has: the count, and whether it was locked before."""
        with self._lock:
            before = self._unknown.pop(number, Attempts())
            locked = before.are_locked(now)
            after = before if locked else before.and_one_more(now)
            self._unknown[number] = after
            if len(self._unknown) > UNKNOWN_NUMBERS_KEPT:
                self._unknown.popitem(last=False)
            return after, locked
