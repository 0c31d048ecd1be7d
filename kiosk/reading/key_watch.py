"""When a code stays unread, looks for the search key printed beside it."""

from kiosk.reading.engines import Grey
from kiosk.reading.ladder import Reading
from kiosk.reading.printed_key import printed_key
from shared.domain import SearchKey

PATIENCE_SECONDS = 2.0
"""A code is given so long to be read itself."""
PAUSE_SECONDS = 0.5
"""Between two looks: each costs up to a frame's budget."""
_FORGET_SECONDS = 2.0
"""A code not seen for so long was taken away."""


class KeyWatch:
    """Reads the key of a code that stays unread. Times are monotonic seconds. One a thread."""

    def __init__(self) -> None:
        self._unread_from: float | None = None
        self._seen_at = self._looked_at = float("-inf")
        self._last: SearchKey | None = None

    def look(self, grey: Grey, reading: Reading, now: float) -> SearchKey | None:
        """The key, after a look at this frame gave the same one as the look before."""
        if reading.codes or now - self._seen_at > _FORGET_SECONDS:
            self._unread_from = self._last = None
        if reading.codes or not reading.located:
            return None
        self._seen_at = now
        if self._unread_from is None:
            self._unread_from = now
        unread_for, looked_ago = now - self._unread_from, now - self._looked_at
        if unread_for < PATIENCE_SECONDS or looked_ago < PAUSE_SECONDS:
            return None
        self._looked_at = now
        before, self._last = self._last, printed_key(grey, reading.located)
        return self._last if self._last == before else None
