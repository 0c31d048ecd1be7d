"""One showing of a sheet is one presentation, however many frames saw it, and whatever is near."""

from collections.abc import Sequence

from kiosk.reading.choice import chosen, has_ours
from kiosk.reading.engines import Code

CAMERA_SECONDS = 5.0
SCANNER_SECONDS = 2.5
ALONE_SECONDS = 1.0
"""A second sheet that is not read in every frame is still there for so long."""


class Debounce:
    """Lets a text pass once, and again only after it was out of sight for a while."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last_seen: dict[str, float] = {}

    def is_new(self, text: str, now: float) -> bool:
        """Whether this is a new showing. Counts from when the text was last seen, not first.

        `now`: monotonic seconds, never smaller than before.
        """
        fresh = {seen: at for seen, at in self._last_seen.items() if now - at < self._seconds}
        new = text not in fresh
        self._last_seen = fresh | {text: now}
        return new

    def forget(self) -> None:
        """Let every text pass again, as after a presentation that was called off."""
        self._last_seen.clear()


class OneSheet:
    """Tells which code in the picture counts: none while two sheets may be in it."""

    def __init__(self) -> None:
        self._several_at = float("-inf")

    def alone(self, codes: Sequence[Code], now: float) -> Code | None:
        """The one of ours, else a foreign one; None when there is none, or which is meant is open.

        `now`: monotonic seconds, never smaller than before.
        """
        different = chosen(codes)
        if len(different) > 1 and has_ours(different):
            self._several_at = now
        if not different or now - self._several_at < ALONE_SECONDS:
            return None
        return different[0]
