"""One showing of a sheet is one presentation, however many frames saw it."""

CAMERA_SECONDS = 5.0
SCANNER_SECONDS = 2.5


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
