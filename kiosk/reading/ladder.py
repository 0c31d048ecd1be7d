"""Which reader looks at what, and when: cheap ones at everything, dear ones where a code was seen.

zxing-cpp goes first, not pyzbar: on an empty 720p frame it costs 1.5 ms against 31 ms, and it
reads sheets down to 2 pixels a module where pyzbar needs 3. What it leaves unread is cut out,
enlarged and re-toned; on a cut-out even pyzbar and OpenCV are affordable. The steps stand in the
order of new codes read per millisecond, measured on blurred, dark, noisy and covered sheets and on
photographs.
"""

import math
import time
from dataclasses import dataclass
from math import dist

from kiosk.reading.choice import chosen, has_ours
from kiosk.reading.engines import Code, Corners, Engine, Grey, Sight, ZBar, ZXing
from kiosk.reading.grid import Sampling
from kiosk.reading.texture import blocks
from kiosk.reading.views import Tone, View, around

USUAL_MODULES = 61
"""Across a version 11 symbol, which an ordinary sheet has; sizes in pixels are judged by it."""
LIVE_BUDGET = 0.120
"""Seconds for one frame of a camera."""
_LEARN = 0.2
"""How far the latest cost of a step changes what is expected of the next."""
_OVERLAP = 0.5
"""Of a code's side: two places nearer than this are one code."""


@dataclass(frozen=True, slots=True)
class Step:
    """One try on a cut-out."""

    engine: str
    module: float
    """Pixels of a module the cut-out is brought to; 0 leaves it."""
    tone: Tone = Tone.PLAIN
    seconds: float = 0.002
    """What it is thought to cost before it was ever tried."""


STEPS = (
    Step(ZXing.name, 3),
    Step(ZXing.name, 5, Tone.BLACK_WHITE),
    Step(ZXing.name, 5),
    Step(ZBar.name, 3, seconds=0.004),
    Step(Sampling.name, 5, Tone.SHARP, seconds=0.035),
    Step(ZXing.name, 5, Tone.REFOCUSED, seconds=0.005),
    Step(ZXing.name, 5, Tone.SMOOTH),
    Step(ZXing.name, 5, Tone.REFOCUSED_BOLDLY, seconds=0.005),
    Step(Sampling.name, 5, Tone.EVEN, seconds=0.035),
    Step(Sampling.name, 5, Tone.REFOCUSED, seconds=0.035),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from one picture."""

    codes: tuple[Code, ...] = ()
    """Ours when there is one of ours: then one, or several that differ. Otherwise foreign ones."""
    located: tuple[Corners, ...] = ()
    """Places where a code was seen and not read. Empty once a code of ours was read."""
    engine: str | None = None
    """The reader that read the first of `codes`."""
    ms: float = 0.0


class Reader:
    """Reads frames. Keeps nothing between them; one a thread."""

    def __init__(self, budget: float = LIVE_BUDGET) -> None:
        """`budget`: seconds for one frame. No step is begun that is not likely to end within it."""
        self._budget = budget
        self._costs = {step: step.seconds for step in STEPS}
        self._first = ZXing(thorough=False)
        engines: tuple[Engine, ...] = (ZXing(thorough=True), ZBar(), Sampling())
        self._engines = {engine.name: engine for engine in engines}

    def read(self, grey: Grey) -> Reading:
        """The codes in a grey frame, ours first, within the budget."""
        began, thread = time.perf_counter(), time.thread_time()
        sight, engine = self._first.read(grey), self._first.name
        unread: list[Corners] = []
        if not has_ours(sight.codes):
            unread = _unread(grey, sight)
            more, by = self._climb(grey, unread, thread + self._budget)
            sight, engine = _joined(more, sight), by or engine
        return _reading(sight, unread, engine, began)

    def _climb(self, grey: Grey, places: list[Corners], until: float) -> tuple[Sight, str | None]:
        """Step by step over all places, until one code is read or time is up."""
        views = [(around(grey, place), module_pixels(place)) for place in places]
        for step in STEPS:
            for view, module in views:
                if time.thread_time() + self._costs[step] > until:
                    continue
                sight = self._tried(step, view, module)
                if sight.codes:
                    return Sight(sight.codes), step.engine
        return Sight(), None

    def _tried(self, step: Step, view: View, module: float) -> Sight:
        began = time.thread_time()
        sized = view.enlarged(step.module / module) if step.module else view
        toned = sized.toned(step.tone)
        sight = toned.back(self._engines[step.engine].read(toned.grey))
        took = time.thread_time() - began
        self._costs[step] += (took - self._costs[step]) * _LEARN
        return sight


def module_pixels(corners: Corners) -> float:
    """Pixels of one module of a usual sheet whose code lies there."""
    one, two, three, _ = corners
    area = dist(one, two) * dist(two, three)
    return max(0.5, math.sqrt(area) / USUAL_MODULES)


def _unread(grey: Grey, sight: Sight) -> list[Corners]:
    """Where codes may lie that were not read: squares of texture, without what was read."""
    read = [code.corners for code in sight.codes]
    return [place for place in blocks(grey) if not any(_same(place, other) for other in read)]


def _same(one: Corners, two: Corners) -> bool:
    side = max(dist(two[0], two[1]), dist(two[1], two[2]), 1.0)
    return dist(_middle(one), _middle(two)) < _OVERLAP * side


def _middle(corners: Corners) -> tuple[float, float]:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def _joined(one: Sight, two: Sight) -> Sight:
    return Sight(one.codes + two.codes, one.unread + two.unread)


def _reading(sight: Sight, unread: list[Corners], engine: str, began: float) -> Reading:
    codes = chosen(sight.codes)
    return Reading(
        codes=codes,
        located=()
        if has_ours(codes)
        else tuple(
            place for place in unread if not any(_same(place, code.corners) for code in codes)
        ),
        engine=engine if codes else None,
        ms=(time.perf_counter() - began) * 1000,
    )
