"""Holds issued sheets for the quarter of an hour in which their page can be shown and printed.

In memory on purpose: names and codes of the public are not written anywhere but on their paper.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from issuer.layout import SheetFacts

SHOWN_FOR = timedelta(minutes=15)
CAPACITY = 20_000
"""About 40 MB; the oldest leave first."""


@dataclass(slots=True)
class _Entry:
    sheet_id: str
    owner: str
    until: datetime
    facts: SheetFacts | None = None
    making: threading.Lock = field(default_factory=threading.Lock)


class Drawer:
    """Sheets by an unguessable id, each for the visitor it was issued to. Safe among threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._by_token: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._by_id: dict[str, _Entry] = {}

    def issue_once(
        self, owner: str, token: str, make: Callable[[], SheetFacts], now: datetime
    ) -> str:
        """Make a sheet unless this visitor's form token already made one; its id either way.

        A double click waits for the first one's sheet. When `make` raises, nothing is kept.
        """
        entry = self._entry(owner, token, now)
        with entry.making:
            if entry.facts is None:
                entry.facts = make()
        return entry.sheet_id

    def find(self, owner: str, sheet_id: str, now: datetime) -> SheetFacts | None:
        """The sheet, if it is this visitor's and its time is not over."""
        with self._lock:
            entry = self._by_id.get(sheet_id)
        if entry is None or now >= entry.until or not secrets.compare_digest(entry.owner, owner):
            return None
        return entry.facts

    def _entry(self, owner: str, token: str, now: datetime) -> _Entry:
        with self._lock:
            entry = self._by_token.get((owner, token))
            if entry is None:
                entry = _Entry(secrets.token_urlsafe(18), owner, now + SHOWN_FOR)
                self._by_token[owner, token] = self._by_id[entry.sheet_id] = entry
                self._make_room(now)
            return entry

    def _make_room(self, now: datetime) -> None:
        while self._by_token:
            key, oldest = next(iter(self._by_token.items()))
            if oldest.until > now and len(self._by_token) <= self._capacity:
                return
            del self._by_token[key], self._by_id[oldest.sheet_id]
