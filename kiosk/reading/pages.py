"""Reads a page that lies still: a scan, a photograph, a PDF. Tries harder than on live frames.

The ladder with all the time it wants is nearly everything: it reads 178 of 179 photographs and 423
of 456 worn sheets. Of 450 photographs made worse (half or three times the size, dark and noisy,
blurred, squeezed by JPEG) it leaves 52, mostly because it locates nothing there:

    zxing-cpp, whole page, thorough       3 of 52     4 ms
    own sampling, whole page             13 of 49     8 ms on a frame, 27 ms on a photograph
    own sampling, 1280 pixels, sharp      1 of 36    15 to 30 ms

Tried and left out, because none of them read one more: zxing-cpp on copies of three sizes in seven
tones, pyzbar on the same in four, sampling on an even or a smooth copy, OpenCV's detector.
"""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from kiosk.reading.allowance import Allowance
from kiosk.reading.choice import each_once, has_ours
from kiosk.reading.engines import (
    Corners,
    Engine,
    Grey,
    Sight,
    ZXing,
    corners_of,
)
from kiosk.reading.grid import Sampling
from kiosk.reading.ladder import Reader, Reading
from kiosk.reading.places import without
from kiosk.reading.printed_key import printed_key
from kiosk.reading.views import Tone, View
from shared.domain import SearchKey
from shared.sheet_places import PAGE, SYMBOL_AT, SYMBOL_SIDE

PAGE_BUDGET = 4.0
"""Seconds of processor time a page may take; an ordinary one takes 0.05."""
_COPY = 1280
"""Pixels of the longer side of the copy tried: coarse modules hide in a fine picture."""
_ASKEW = 0.03
"""How far a picture's sides may be from those of a page."""
_QUARTER = np.array([(0.0, 1.0), (-1.0, 0.0)])


def read_page(grey: Grey, budget: float = PAGE_BUDGET) -> Reading:
    """The codes on a page, ours first.

    The page is tried until a code of ours is read, or foreign ones when nothing else on it looks
    like a code; what lies beside ours is then looked for as in a frame.
    """
    began, left = time.thread_time(), Allowance(budget)
    reader = Reader(budget)
    best = reader.read(grey)
    if not best.codes or best.located:
        best = _tried(grey, best, reader, left)
    best = replace(best, ms=(time.thread_time() - began) * 1000)
    return reader.beside(grey, best) if has_ours(best.codes) else best


def _tried(grey: Grey, best: Reading, reader: Reader, left: Allowance) -> Reading:
    """The best reading, after whatever a frame has no time for until a code of ours is read."""
    for view, engine in _tries(grey):
        if has_ours(best.codes) or not left.has(0):
            break
        sight = view.back(engine.read(view.grey))
        if sight.codes:
            best = _better(best, reader.agreed(grey, sight, engine.name, left), engine.name)
    return best


def key_on_page(grey: Grey, reading: Reading) -> SearchKey | None:
    """The search key printed on a page whose code was not read; None when in doubt.

    It is looked for beside what was located, and where it stands on a whole page.
    """
    return printed_key(grey, (*reading.located, *_usual_places(grey)))


def _usual_places(grey: Grey) -> Iterator[Corners]:
    """Where the code lies on a whole page, upright or turned; nothing for other pictures."""
    shape = np.array(grey.shape[::-1], float)
    if abs(shape.max() / shape.min() * PAGE[0] / PAGE[1] - 1) > _ASKEW:
        return
    outline = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * SYMBOL_SIDE + SYMBOL_AT
    middle = np.array(PAGE) / 2
    lengthwise = int(shape[0] > shape[1])
    for turn in (lengthwise, lengthwise + 2):
        turned = (outline - middle) @ np.linalg.matrix_power(_QUARTER, turn)
        yield corners_of((turned / PAGE[1] * shape.max()) + shape / 2)


def _better(reading: Reading, sight: Sight, engine: str) -> Reading:
    if not sight.codes or (reading.codes and not has_ours(sight.codes)):
        return reading
    codes = each_once(sight.codes + reading.codes)
    located = without(reading.located, [code.corners for code in codes])
    return Reading(codes, tuple(located), engine)


def _tries(grey: Grey) -> Iterator[tuple[View, Engine]]:
    """What reads a page on which no code was located, in the order of cost."""
    whole = View(grey)
    yield whole, ZXing(thorough=True)
    yield whole, Sampling()
    yield whole.enlarged(_COPY / max(grey.shape)).toned(Tone.SHARP), Sampling()
