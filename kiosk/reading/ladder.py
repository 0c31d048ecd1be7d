"""Which reader looks at what, and when: cheap ones at everything, dear ones where a code was seen.

zxing-cpp goes first, not pyzbar: on an empty 720p frame it costs 1.5 ms against 31 ms, and it
reads sheets down to 2 pixels a module where pyzbar needs 3. What it leaves unread is cut out,
enlarged and re-toned; on a cut-out even pyzbar and OpenCV are affordable. The steps stand in the
order of new codes read per millisecond, measured on blurred, dark, noisy and covered sheets and on
photographs.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import dist

from kiosk.reading.choice import chosen, has_ours
from kiosk.reading.engines import Code, Corners, Engine, Grey, OpenCV, Sight, ZBar, ZXing
from kiosk.reading.texture import blocks
from kiosk.reading.views import Tone, View, around

USUAL_MODULES = 61
"""Across a version 11 symbol, which an ordinary sheet has; sizes in pixels are judged by it."""
LIVE_BUDGET = 0.120
"""Seconds for one frame of a camera."""
_OVERLAP = 0.5
"""Of a code's side: two places nearer than this are one code."""


@dataclass(frozen=True, slots=True)
class Step:
    """One try on a cut-out."""

    engine: str
    module: float
    """Pixels of a module the cut-out is brought to; 0 leaves it."""
    tone: Tone = Tone.PLAIN


STEPS = (
    Step(ZXing.name, 3),
    Step(ZXing.name, 5, Tone.SHARP),
    Step(ZXing.name, 5, Tone.REFOCUSED),
    Step(ZXing.name, 3, Tone.SMOOTH),
    Step(ZXing.name, 5, Tone.SMOOTH),
    Step(ZXing.name, 5, Tone.REFOCUSED_BOLDLY),
    Step(ZXing.name, 5, Tone.CRISP),
    Step(ZBar.name, 3, Tone.SMOOTH),
    Step(ZBar.name, 5, Tone.SHARP),
    Step(OpenCV.name, 5),
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
        """`budget`: seconds for one frame. The step in hand is finished, none is begun after."""
        self._budget = budget
        self._first = ZXing(thorough=False)
        engines: tuple[Engine, ...] = (ZXing(thorough=True), ZBar(), OpenCV())
        self._engines = {engine.name: engine for engine in engines}

    def read(self, grey: Grey) -> Reading:
        """The codes in a grey frame, ours first, within the budget."""
        began = time.perf_counter()
        sight, engine = self._first.read(grey), self._first.name
        unread: list[Corners] = []
        if not has_ours(sight.codes):
            unread = _unread(grey, sight)
            more, by = self._climb(grey, unread, began + self._budget)
            sight, engine = _joined(more, sight), by or engine
        return _reading(sight, unread, engine, began)

    def _climb(self, grey: Grey, places: list[Corners], until: float) -> tuple[Sight, str | None]:
        """Step by step over all places, until one code is read or time is up."""
        for view, step in _tries(grey, places):
            if time.perf_counter() >= until:
                break
            sight = view.back(self._engines[step.engine].read(view.grey))
            if sight.codes:
                return Sight(sight.codes), step.engine
        return Sight(), None


def _tries(grey: Grey, places: list[Corners]) -> Iterator[tuple[View, Step]]:
    views = [(around(grey, place), module_pixels(place)) for place in places]
    for step in STEPS:
        for view, module in views:
            sized = view.enlarged(step.module / module) if step.module else view
            yield sized.toned(step.tone), step


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
