"""Which reader looks at what, and when: cheap ones at everything, dear ones where a code was seen.

zxing-cpp goes first, not pyzbar: on an empty 720p frame it costs 1.5 ms against 31 ms, and it
reads sheets down to 2 pixels a module where pyzbar needs 3. What it leaves unread is cut out and
climbed step by step (`steps`), as long as the frame's budget lasts.

A text counts when its check digits hold, when our own error correction left no room for chance, or
when two readings of different pixels agree. Nothing else is ever reported.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from kiosk.reading.allowance import Allowance
from kiosk.reading.choice import chosen, has_ours
from kiosk.reading.engines import Code, Corners, Grey, Sight, ZXing
from kiosk.reading.grid import Sampling
from kiosk.reading.places import unread, without
from kiosk.reading.steps import EVERYWHERE, PLACE_BY_PLACE, SECOND_LOOKS, Step, Workbench
from shared.digits import is_checked
from shared.payload import looks_like_ours, normalised

LIVE_BUDGET = 0.120
"""Seconds for one frame of a camera."""


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
    """Processor time; what other work on the machine adds is not in it."""


class Reader:
    """Reads frames. Keeps nothing of them; one a thread."""

    def __init__(self, budget: float = LIVE_BUDGET) -> None:
        """`budget`: seconds for one frame. No step is begun that may not end within it."""
        self._budget = budget
        self._first = ZXing(thorough=False)
        self._bench = Workbench()

    def read(self, grey: Grey) -> Reading:
        """The codes in a grey frame, ours first, within the budget."""
        began, left = time.thread_time(), Allowance(self._budget)
        sight, engine = self._first.read(grey), self._first.name
        places: list[Corners] = []
        if certain := tuple(code for code in sight.codes if is_certain(code)):
            sight = Sight(certain)
        else:
            sight = self.agreed(grey, sight, engine, left)
            places = unread(grey, sight)
            more, by = self._climb(grey, places, left)
            sight, engine = Sight(more.codes + sight.codes), by or engine
        return _reading(sight, places, engine, began)

    def agreed(self, grey: Grey, sight: Sight, engine: str, left: Allowance) -> Sight:
        """The sight with those codes alone that count; the others are places not read."""
        if engine == Sampling.name:
            return sight
        codes = tuple(code for code in sight.codes if self._counts(grey, code, left))
        doubtful = tuple(code.corners for code in sight.codes if code not in codes)
        return Sight(codes, sight.unread + doubtful)

    def _counts(self, grey: Grey, code: Code, left: Allowance) -> bool:
        if is_certain(code):
            return True
        for step in SECOND_LOOKS:
            if left.has(self._bench.cost(step)):
                second = self._bench.take(step, grey, code.corners, left)
                if any(other.text == code.text for other in second.codes):
                    return True
        return False

    def _climb(
        self, grey: Grey, places: list[Corners], left: Allowance
    ) -> tuple[Sight, str | None]:
        """Step by step, until one code is read or time is up.

        Where sampling once found no grid it is not tried again: among 798 worn sheets that never
        read one more, and it takes a third off frames of noise.
        """
        gridless: list[Corners] = []
        for step, place in _tries(places):
            if place in gridless and step.engine == Sampling.name:
                continue
            if left.has(self._bench.cost(step)):
                seen = self._bench.take(step, grey, place, left)
                sight = self.agreed(grey, seen, step.engine, left)
                if sight.codes:
                    return sight, step.engine
                if step.engine == Sampling.name and not seen.unread:
                    gridless.append(place)
        return Sight(), None


def _tries(places: list[Corners]) -> Iterator[tuple[Step, Corners]]:
    """What is tried where. `places`: the likeliest first."""
    yield from product(EVERYWHERE, places)
    for place in places:
        for step in PLACE_BY_PLACE:
            yield step, place


def is_certain(code: Code) -> bool:
    """Whether a text of ours proves itself, by its check digits."""
    return looks_like_ours(code.text) and is_checked(normalised(code.text))


def _reading(sight: Sight, places: list[Corners], engine: str, began: float) -> Reading:
    codes = chosen(sight.codes)
    return Reading(
        codes=codes,
        located=() if has_ours(codes) else tuple(without(places, [code.corners for code in codes])),
        engine=engine if codes else None,
        ms=(time.thread_time() - began) * 1000,
    )
