"""Holds the one state of a kiosk: changed under a lock, watched by pages that wait for news."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.state import SignedOut, State


@dataclass(frozen=True, slots=True)
class News:
    """What a waiting page is told: only numbers and the guidance line."""

    version: int
    guidance: str


class Stage:
    """The present state, its version, and how long nobody touched it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._changed = threading.Condition(threading.RLock())
        self._state: State = SignedOut()
        self._version = 1
        self._guidance = ""
        self._touched = monotonic()
        self._closed = False

    @property
    def lock(self) -> threading.Condition:
        """Hold it to look at the state and change it in one go."""
        return self._changed

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    @property
    def version(self) -> int:
        """Counts changes of the state."""
        return self._version

    @property
    def guidance(self) -> str:
        """What the person who holds the sheet is told."""
        return self._guidance

    def show(self, state: State) -> None:
        """Change the state and tell everybody who waits."""
        with self._changed:
            self._state = state
            self._version += 1
            self._touched = self._monotonic()
            self._changed.notify_all()

    def cover(self, state: State) -> None:
        """Change the state because nobody is there: the time without a touch goes on."""
        with self._changed:
            touched = self._touched
            self.show(state)
            self._touched = touched

    def refresh(self) -> None:
        """Something beside the state changed, such as a device: pages look again."""
        with self._changed:
            self._version += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Let every waiting page go: the process is about to end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """No news will come any more."""
        return self._closed

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = self._monotonic()

    def untouched_for(self) -> float:
        """Seconds since the last change or touch."""
        return self._monotonic() - self._touched

    def guide(self, line: str) -> None:
        """Say another line to the person who holds the sheet."""
        with self._changed:
            if line != self._guidance:
                self._guidance = line
                self._changed.notify_all()

    def wait(self, seen: News | None, timeout: float) -> News | None:
        """The news after `seen`, or None when there is none within `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._news() != seen, timeout)
            news = self._news()
            return None if news == seen else news

    def _news(self) -> News:
        return News(self._version, self._guidance)
