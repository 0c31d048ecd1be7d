"""How many streams a counter bears: each holds a thread for as long as a page stands open."""

import threading

from werkzeug.exceptions import ServiceUnavailable

_COME_BACK = 5
"""Seconds."""


class TooManyStreams(ServiceUnavailable):
    """Other pages hold every place; the page asks again by itself."""

    def __init__(self) -> None:
        super().__init__(retry_after=_COME_BACK)


class Streams:
    """Places for open streams; half of them are for whoever signed in."""

    def __init__(self, places: int = 16) -> None:
        self._places, self._open = places, 0
        self._lock = threading.Lock()

    def take_place(self) -> None:
        """For a page of anybody: the sign-in, the visitor's display. Raises TooManyStreams."""
        self._take(self._places // 2)

    def take_seat(self) -> None:
        """For a page of the clerk who works here. Raises TooManyStreams."""
        self._take(self._places)

    def leave(self) -> None:
        """A stream has ended."""
        with self._lock:
            self._open -= 1

    def _take(self, places: int) -> None:
        with self._lock:
            if self._open >= places:
                raise TooManyStreams
            self._open += 1
