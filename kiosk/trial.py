"""A window being set up: what its devices give is looked at here, and not judged."""

import statistics
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from hardware.scan import Frame, Grey
from shared.domain import Source

LISTENING = 30.0
"""Seconds after the page was last asked for during which codes are caught."""
_FRAMES = 90
_RECENT = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly pictures come and are read."""

    rate: float
    """Pictures a second."""
    age: int
    """Milliseconds from taking a picture to having read it: the median."""
    slowest: int
    """The same of the slowest in twenty."""


class Trial:
    """Keeps the newest picture, the pace of the last ones and the code that was caught last."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._until = float("-inf")
        self._picture: Frame | None = None
        self._read: deque[tuple[float, float]] = deque(maxlen=_FRAMES)
        self._heard: str | None = None

    def see(self, frame: Frame) -> None:
        """A picture has been read just now."""
        with self._lock:
            self._picture = frame
            self._read.append((frame.at, self._monotonic() - frame.at))

    def begin(self) -> None:
        """Somebody opened the page: what was caught before does not count."""
        with self._lock:
            self._heard = None
        self.listen()

    def listen(self) -> None:
        """Catch codes for a while, because somebody looks at the page."""
        self._until = self._monotonic() + LISTENING

    def end(self) -> None:
        """Codes are judged again."""
        self._until = float("-inf")

    @property
    def listens(self) -> bool:
        """Whether somebody looks at the page, so that codes are caught."""
        return self._monotonic() < self._until

    def catches(self, text: str, source: Source) -> bool:
        """Whether this code is for the trial and not for the counter.

        Only a scanner's is looked at: a sheet before the camera is there to be measured.
        """
        if not self.listens:
            return False
        if source is Source.SCANNER:
            with self._lock:
                self._heard = text
        return True

    @property
    def heard(self) -> str | None:
        """What the scanner sent last."""
        return self._heard

    @property
    def picture(self) -> Grey | None:
        """The newest picture, unless the camera is away."""
        frame = self._picture
        if frame is None or self._monotonic() - frame.at > _RECENT:
            return None
        return frame.grey

    @property
    def pace(self) -> Pace | None:
        """The pace of the last seconds; None before there are enough pictures."""
        with self._lock:
            read = list(self._read)
        if len(read) < 5 or self._monotonic() - read[-1][0] > _RECENT:
            return None
        ages = sorted(1000 * age for _, age in read)
        rate = (len(read) - 1) / max(0.001, read[-1][0] - read[0][0])
        slowest = ages[min(len(ages) - 1, int(0.95 * len(ages)))]
        return Pace(round(rate, 1), round(statistics.median(ages)), round(slowest))
