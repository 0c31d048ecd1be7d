"""Processor time for one picture, and giving up in the middle of a long step when it is spent."""

import time

_PIECE = 0.010
"""Seconds between two checks of a step that can be interrupted, at most."""
_SPARE = 0.005
"""Seconds kept back: on a shared machine the last step may take twice what it usually does."""


class TimeIsUp(Exception):
    """A step gave up, because it would not have ended in time."""


class Allowance:
    """Processor time for one picture. Waiting for others is not counted: a busy machine reads
    later, not less."""

    def __init__(self, seconds: float = float("inf")) -> None:
        self._until = time.thread_time() + seconds - _SPARE

    def has(self, seconds: float) -> bool:
        """Whether so much is left."""
        return time.thread_time() + seconds <= self._until

    def check(self) -> None:
        """Go on only when another piece of a step fits. Raises TimeIsUp."""
        if not self.has(_PIECE):
            raise TimeIsUp
