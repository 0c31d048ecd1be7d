"""Keeps threads free for what is quick: only so many requests compare a password at once.

Without it every thread of a worker waits for bcrypt when many sheets are shown together. Then looks
and confirmations wait behind them, windows give up and ask again, and the registry answers only
those who no longer listen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from werkzeug.exceptions import ServiceUnavailable

from verifier.api.problems import RETRY_AFTER
from verifier.verbs import COMPARING, Verb

FREE = 2
"""Threads of a process that no password keeps busy."""


class Crowded(ServiceUnavailable):
    """As many passwords are being compared as should be."""

    problem = "busy"

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_AFTER)


class Crowding:
    """The places of one process."""

    def __init__(self, threads: int) -> None:
        """`threads`: that answer requests in this process."""
        self._places = BoundedSemaphore(max(1, threads - FREE))

    @contextmanager
    def place_for(self, verb: Verb) -> Iterator[None]:
        """A place for as long as the block, where the verb needs one. Raises Crowded."""
        if verb.name not in COMPARING:
            yield
            return
        if not self._places.acquire(blocking=False):
            raise Crowded
        try:
            yield
        finally:
            self._places.release()
