"""Holds issued sheets for the quarter of an hour in which their page can be shown and printed.

In memory on purpose: names and codes of the public are not written anywhere but on their paper.
"""

import hmac
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


@dataclass(frozen=True, slots=True)
class Issued:
    """A sheet as its page shows it."""

    facts: SheetFacts
    notices: tuple[str, ...] = ()
    """What to look at before printing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One press of the button: who, on which form, asking for what."""

    owner: str
    token: str
    """Of the form; empty where none was sent, and then no two presses are the same."""
    content: str = field(repr=False)
    """All that was asked for, the password too: kept as a keyed digest only."""


@dataclass(slots=True)
class _Entry:
    sheet_id: str
    owner: str
    until: datetime
    issued: Issued | None = None
    making: threading.Lock = field(default_factory=threading.Lock)


class Drawer:
    """Sheets by an unguessable id, each for the visitor it was issued to. Safe among threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._secret = secrets.token_bytes(32)
        self._by_wish: OrderedDict[bytes, _Entry] = OrderedDict()
        self._by_id: dict[str, _Entry] = {}

    def issue_once(self, wish: Wish, make: Callable[[], Issued], now: datetime) -> str:
        """Make a sheet unless the same wish already made one; its id either way.

        A double click waits for the first one's sheet; the same form, gone back to and changed,
        is another wish. When `make` raises, nothing is kept.
        """
        entry = self._entry(wish, now)
        with entry.making:
            if entry.issued is None:
                entry.issued = make()
        return entry.sheet_id

    def find(self, owner: str, sheet_id: str, now: datetime) -> Issued | None:
        """The sheet, if it is this visitor's and its time is not over."""
        with self._lock:
            entry = self._by_id.get(sheet_id)
        if entry is None or now >= entry.until or not secrets.compare_digest(entry.owner, owner):
            return None
        return entry.issued

    def _entry(self, wish: Wish, now: datetime) -> _Entry:
        token = wish.token or secrets.token_urlsafe(18)
        text = "\0".join((wish.owner, token, wish.content))
        key = hmac.digest(self._secret, text.encode("utf-8", "surrogatepass"), "sha256")
        with self._lock:
            entry = self._by_wish.get(key)
            if entry is None:
                entry = _Entry(secrets.token_urlsafe(18), wish.owner, now + SHOWN_FOR)
                self._by_wish[key] = self._by_id[entry.sheet_id] = entry
                self._make_room(now)
            return entry

    def _make_room(self, now: datetime) -> None:
        while self._by_wish:
            key, oldest = next(iter(self._by_wish.items()))
            if oldest.until > now and len(self._by_wish) <= self._capacity:
                return
            del self._by_wish[key], self._by_id[oldest.sheet_id]
