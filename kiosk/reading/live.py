"""Reads the frames of a camera: each one alone, and those that cannot be read together."""

import time
from dataclasses import replace

from kiosk.reading.choice import chosen
from kiosk.reading.engines import Grey
from kiosk.reading.fusion import Fusion
from kiosk.reading.ladder import LIVE_BUDGET, Reader, Reading

_SHORT = 0.045
"""Seconds for one frame alone while frames are also read together: the ladder's first steps. What
the dear ones would read of a frame, they read of the sum."""


class LiveReader:
    """Reads frame after frame of one camera. One a thread."""

    def __init__(self, budget: float = LIVE_BUDGET) -> None:
        """`budget`: seconds of processor time for one frame."""
        self._budget = budget
        self._reader, self._short = Reader(budget), Reader(min(_SHORT, budget))
        self._fusion = Fusion(self._reader)

    def read(self, grey: Grey, at: float) -> Reading:
        """The codes in a frame taken at monotonic second `at`, with the help of those before it."""
        if not self._fusion.is_following:
            reading = self._reader.read(grey)
            if reading.codes:
                return reading
            self._fusion.read(grey, reading.located, at, 0)
            return reading
        began = time.thread_time()
        reading = self._short.read(grey)
        if reading.codes:
            self._fusion.forget()
            return reading
        spent = time.thread_time() - began
        codes = self._fusion.read(grey, reading.located, at, self._budget - spent)
        if not codes:
            return reading
        self._fusion.forget()
        return replace(reading, codes=chosen(codes), located=(), engine=Fusion.name)
