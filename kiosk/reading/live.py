"""Reads the frames of a camera: each one alone, and those that cannot be read together."""

import time
from dataclasses import replace

from kiosk.reading.choice import each_once
from kiosk.reading.engines import Grey
from kiosk.reading.fusion import Fusion
from kiosk.reading.grid import prepare
from kiosk.reading.ladder import LIVE_BUDGET, Reader, Reading
from shared.payload import looks_like_ours

_SHORT = 0.025
"""Seconds for a frame alone while frames are also read together: the ladder's first steps."""
_ADDING = 0.03
"""Seconds that adding a frame to the others takes."""
_BEGINNING = 0.015
"""Seconds that the first frame takes to be added."""
_TURNS = 3
"""Of so many frames one is read alone as far as time allows: one of them may be a good one."""


class LiveReader:
    """Reads frame after frame of one camera. One a thread."""

    def __init__(self, budget: float = LIVE_BUDGET) -> None:
        """`budget`: seconds of processor time for one frame."""
        prepare()
        self._budget = budget
        self._reader = Reader(budget - _BEGINNING)
        self._alone = [Reader(budget - _ADDING)] + [Reader(min(_SHORT, budget))] * (_TURNS - 1)
        self._fusion, self._turn = Fusion(self._reader), 0
        self._single: set[str] = set()

    def read(self, grey: Grey, at: float) -> Reading:
        """The codes in a frame taken at monotonic second `at`, with the help of those before it.

        What lies beside a sheet is looked for in the first frame that shows it, and in every one
        while there are two sheets.
        """
        began = time.thread_time()
        reading = self._read(grey, at)
        if (ours := _ours(reading)) and ours != self._single:
            spent = (time.thread_time() - began) * 1000
            reading = self._reader.beside(grey, replace(reading, ms=spent))
            ours = _ours(reading)
        self._single = ours if len(ours) == 1 else set()
        return replace(reading, ms=(time.thread_time() - began) * 1000)

    def _read(self, grey: Grey, at: float) -> Reading:
        if not self._fusion.is_following:
            reading = self._reader.read(grey)
            if reading.codes:
                return reading
            self._fusion.read(grey, reading.located, at, 0)
            return reading
        began = time.thread_time()
        self._turn = (self._turn + 1) % _TURNS
        reading = self._alone[self._turn].read(grey)
        if reading.codes:
            self._fusion.forget()
            return reading
        spent = time.thread_time() - began
        codes = self._fusion.read(grey, reading.located, at, self._budget - spent)
        if not codes:
            return reading
        self._fusion.forget()
        return replace(reading, codes=each_once(codes), located=(), engine=Fusion.name)


def _ours(reading: Reading) -> set[str]:
    return {code.text for code in reading.codes if looks_like_ours(code.text)}
