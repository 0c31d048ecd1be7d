"""Bounded workers: how many requests do something costly at once, and how many may wait for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from werkzeug.exceptions import ServiceUnavailable


class Busy(ServiceUnavailable):
    """Nothing was done or counted; the answer is a 503 that says when to come back."""

    def __init__(self, seconds: float) -> None:
        super().__init__(retry_after=max(1, ceil(seconds)))


class Turns:
    """Lets a few through at a time and a few more wait, so that threads stay free for the rest."""

    def __init__(self, at_once: int, waiting: int, patience: float) -> None:
        self._admitted = threading.BoundedSemaphore(at_once + waiting)
        self._working = threading.BoundedSemaphore(at_once)
        self._patience = patience

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, `patience` seconds at most. Raises Busy, at once when too many wait."""
        if not self._admitted.acquire(blocking=False):
            raise Busy(self._patience)
        try:
            if not self._working.acquire(timeout=self._patience):
                raise Busy(self._patience)
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._admitted.release()
