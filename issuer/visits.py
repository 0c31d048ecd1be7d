"""Who is signed in to a filing: the browser holds a token, the portal what it stands for.

In memory, as one process serves the portal. A copied cookie is worth nothing once its owner has
left, and no cookie counts for longer than `LONGEST`, however busy.
"""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain import FilingNumber

IDLE = timedelta(minutes=20)
LONGEST = timedelta(hours=8)
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Visit:
    number: FilingNumber
    began: datetime
    seen: datetime

    def is_over(self, now: datetime) -> bool:
        return now - self.seen >= IDLE or now - self.began >= LONGEST


class Visits:
    """The sign-ins that still count."""

    def __init__(self, kept: int = KEPT) -> None:
        self._visits: dict[str, _Visit] = {}
        self._kept = kept
        self._lock = threading.Lock()

    def begin(self, number: FilingNumber, now: datetime) -> str:
        """A new token; the one unused for longest makes room when there are too many."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._visits[token] = _Visit(number, now, now)
            while len(self._visits) > self._kept:
                del self._visits[next(iter(self._visits))]
        return token

    def number_of(self, token: str, now: datetime) -> FilingNumber | None:
        """Whose filing this token opens now; None when its visit has ended by whatever cause."""
        with self._lock:
            found = self._visits.pop(token, None)
            if found is None or found.is_over(now):
                return None
            self._visits[token] = _Visit(found.number, found.began, now)
            return found.number

    def end(self, token: str) -> None:
        """The visitor leaves."""
        with self._lock:
            self._visits.pop(token, None)
