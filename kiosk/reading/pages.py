"""Reads a page that lies still: a scan, a photograph, a PDF. Tries harder than on live frames."""

import time
from collections.abc import Iterator

from kiosk.reading.choice import chosen, has_ours
from kiosk.reading.engines import Engine, Grey, OpenCV, Sight, ZBar, ZXing
from kiosk.reading.ladder import Reader, Reading
from kiosk.reading.views import Tone, View

PAGE_BUDGET = 4.0
"""Seconds a page may take; an ordinary one takes 0.05."""
_LONG_SIDES = (1280, 800, 2560)
"""Pixels of the copies tried: coarse modules hide in a fine picture, and the other way round."""

_TONES = (Tone.PLAIN, Tone.EVEN, Tone.SHARP, Tone.CRISP, Tone.SMOOTH, Tone.LIGHT, Tone.BLACK_WHITE)


def read_page(grey: Grey, budget: float = PAGE_BUDGET) -> Reading:
    """The codes on a page.

    Stops at a code of ours, or at foreign ones when nothing else on the page looks like a code.
    """
    began = time.perf_counter()
    reading = Reader(budget).read(grey)
    if has_ours(reading.codes) or (reading.codes and not reading.located):
        return reading
    best = reading
    for view, engine in _tries(grey):
        if has_ours(best.codes) or time.perf_counter() - began > budget:
            break
        sight = view.back(engine.read(view.grey))
        if sight.codes:
            best = _better(best, sight, engine.name)
    ms = (time.perf_counter() - began) * 1000
    return Reading(best.codes, best.located, best.engine, ms)


def _better(reading: Reading, sight: Sight, engine: str) -> Reading:
    if reading.codes and not has_ours(sight.codes):
        return reading
    codes = chosen(sight.codes + reading.codes)
    return Reading(codes, () if has_ours(codes) else reading.located, engine)


def _tries(grey: Grey) -> Iterator[tuple[View, Engine]]:
    """The whole page, in the order of cost."""
    zxing, zbar = ZXing(thorough=True), ZBar()
    whole = View(grey)
    yield whole, zxing
    copies = [whole.enlarged(side / max(grey.shape)) for side in _LONG_SIDES]
    for tone in _TONES:
        for copy in copies:
            yield copy.toned(tone), zxing
    for tone in (Tone.PLAIN, Tone.EVEN, Tone.SMOOTH, Tone.BLACK_WHITE):
        for copy in copies:
            yield copy.toned(tone), zbar
    yield copies[0], OpenCV()
