"""Which reader looks at what, and when: cheap ones at everything, dear ones where a code was seen.

zxing-cpp goes first, not pyzbar: on an empty 720p frame it costs 1.5 ms against 31 ms, and it
reads sheets down to 2 pixels a module where pyzbar needs 3. What it leaves unread is cut out and
climbed step by step (`steps`), as long as the frame's budget lasts.

A text counts when its check digits hold, when our own error correction left no room for chance, or
when two readings of different pixels agree. Nothing else is ever reported.

A frame is read until one code is; what lies beside it is looked for once a sheet, not once a frame
(`Reader.beside`), because finding it takes longer than reading a good sheet.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from kiosk.reading.allowance import Allowance
from kiosk.reading.choice import each_once
from kiosk.reading.engines import Code, Corners, Grey, Sight, ZXing
from kiosk.reading.grid import Sampling
from kiosk.reading.heading import is_heading
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
    """Each where it lies, ours first."""
    located: tuple[Corners, ...] = ()
    """Places where a code was seen and not read, as far as they were looked for."""
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
        """The codes that a first look at a grey frame reads; else the first one that a step reads.

        Once one of ours proves itself nothing else is looked for: see `beside`.
        """
        began, left = time.thread_time(), Allowance(self._budget)
        sight = self._first.read(grey)
        if certain := tuple(code for code in sight.codes if is_certain(code)):
            return _reading(certain, [], self._first.name, began)
        sight = self.agreed(grey, sight, self._first.name, left)
        places = unread(grey, sight)
        more, by = next(self._climb(grey, _tries(places, places), left), ((), self._first.name))
        return _reading(more + sight.codes, places, by, began)

    def beside(self, grey: Grey, reading: Reading) -> Reading:
        """The reading of a frame with whatever else in it can be read in the rest of the budget.

        What lies where a sheet that was read has its heading is looked at by the cheap steps alone.
        """
        began = time.thread_time() - reading.ms / 1000
        left = Allowance(self._budget - reading.ms / 1000)
        sight = self.agreed(grey, self._first.read(grey), self._first.name, left)
        codes = reading.codes + sight.codes
        places = unread(grey, Sight(codes, sight.unread))
        strange = [place for place in places if not is_heading(place, codes)]
        for more, _ in self._climb(grey, _tries(places, strange), left):
            codes += more
        return _reading(codes, strange, reading.engine or self._first.name, began)

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
        self, grey: Grey, tries: Iterable[tuple[Step, Corners]], left: Allowance
    ) -> Iterator[tuple[tuple[Code, ...], str]]:
        """Step by step, until time is up: what each place is read as, and by which reader.

        Where sampling once found no grid it is not tried again: among 798 worn sheets that never
        read one more, and it takes a third off frames of noise.
        """
        gridless: list[Corners] = []
        done: list[Corners] = []
        for step, place in tries:
            if place in done or (place in gridless and step.engine == Sampling.name):
                continue
            if left.has(self._bench.cost(step)):
                seen = self._bench.take(step, grey, place, left)
                sight = self.agreed(grey, seen, step.engine, left)
                if sight.codes:
                    done.append(place)
                    yield sight.codes, step.engine
                elif step.engine == Sampling.name and not seen.unread:
                    gridless.append(place)


def _tries(places: list[Corners], likely: list[Corners]) -> Iterator[tuple[Step, Corners]]:
    """What is tried where: dear steps at the likely ones among the places, the likeliest first."""
    yield from product(EVERYWHERE, places)
    for place in likely:
        for step in PLACE_BY_PLACE:
            yield step, place


def is_certain(code: Code) -> bool:
    """Whether a text of ours proves itself, by its check digits."""
    return looks_like_ours(code.text) and is_checked(normalised(code.text))


def _reading(codes: tuple[Code, ...], places: list[Corners], engine: str, began: float) -> Reading:
    return Reading(
        codes=each_once(codes),
        located=tuple(without(places, [code.corners for code in codes])),
        engine=engine if codes else None,
        ms=(time.thread_time() - began) * 1000,
    )
