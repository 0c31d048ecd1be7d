"""What is tried on the cut-out of a code that was seen and not read, and what it costs here.

What each step brings, in the order they are taken: new reads among 343 worn sheets before a camera
of which zxing-cpp's first look read none, processor time of one frame, and new reads per 100 ms of
it. Measured on a busy machine: the ratios hold, the times are half on a quiet one.

    zxing-cpp, 3 pixels a module         16 of 343    0.8 ms   5.8
    zxing-cpp, 7, shadows raised         53 of 327    1.6 ms   9.8
    zxing-cpp, 5, black and white         8 of 274    0.9 ms   3.2
    zxing-cpp, 5                          4 of 266    0.9 ms   1.7
    zxing-cpp, 5, refocused              26 of 262    3.2 ms   3.1
    pyzbar, 3                             3 of 236    3.8 ms   0.3
    own sampling, 5, sharp              131 of 233   30.6 ms   1.8
    zxing-cpp, 5, refocused boldly        4 of 101    3.2 ms   1.3
    zxing-cpp, 7, crisp                   4 of  96    6.0 ms   0.7
    own sampling, 5, even                 7 of  36   33.7 ms   0.6
    own sampling, 5, refocused            2 of  10   31.0 ms   0.6

Since lines are taken back more narrowly, blocks repaired bit by bit and grids placed by one finder
pattern (`strokes`, `bitwise`, `kindred`), the first sampling reads 95 of 146 among 456 sheets in
45 ms, 1.4 for 100 ms; before it was 78 of 159 in 37 ms, 1.3.

pyzbar stands before sampling although it brings less, so that no sheet it reads is left to the end
of the budget. Of 1140 sheets, four were at times read by an engine and not in time by sampling; at
4 pixels a module it reads three of them, sharpened more sheets but two of those, and at 3, as in
the table, one. Sampling gives up in its middle when the time is spent; the others are too short for
that. Tried and left out, because they brought nothing more: a light blur, sampling of the cut-out
as it is (none of 78), or with shadows raised, OpenCV's detectors. Inverted and mirrored codes are
read by zxing-cpp's first step; sampling turns mirrored ones over by itself.
"""

import time
from dataclasses import dataclass

from kiosk.reading.allowance import Allowance
from kiosk.reading.engines import Corners, Engine, Grey, Sight, ZBar, ZXing
from kiosk.reading.grid import Sampling
from kiosk.reading.places import module_pixels
from kiosk.reading.views import Tone, View, around

_LEARN = 0.2
"""How far the latest cost of a step changes what is expected of the next."""
_FORGET = 0.01
_SLACK = 1.4
"""A step may cost so many times what it usually does."""


@dataclass(frozen=True, slots=True)
class Step:
    """One try on a cut-out."""

    engine: str
    module: float
    """Pixels of a module the cut-out is brought to."""
    tone: Tone = Tone.PLAIN
    seconds: float = 0.002
    """What it is thought to cost before it was ever tried."""


EVERYWHERE = (
    Step(ZXing.name, 3),
    Step(ZXing.name, 7, Tone.LIGHT),
    Step(ZXing.name, 5, Tone.BLACK_WHITE),
    Step(ZXing.name, 5),
)
"""Steps of a millisecond: each is taken at every place before the next."""
PLACE_BY_PLACE = (
    Step(ZXing.name, 5, Tone.REFOCUSED),
    Step(ZBar.name, 4, seconds=0.005),
    Step(Sampling.name, 5, Tone.SHARP, seconds=0.025),
    Step(ZXing.name, 5, Tone.REFOCUSED_BOLDLY),
    Step(ZXing.name, 7, Tone.CRISP, seconds=0.005),
    Step(Sampling.name, 5, Tone.EVEN, seconds=0.025),
    Step(Sampling.name, 5, Tone.REFOCUSED, seconds=0.025),
)
"""Dear steps: all are taken at the likeliest place before the next place. Of 319 worn sheets with
two places or more that are read there at all, the second is the code in one."""
SECOND_LOOKS = (
    Step(ZXing.name, 3, Tone.SMOOTH),
    Step(ZXing.name, 5),
    Step(ZBar.name, 3, seconds=0.004),
    Step(Sampling.name, 5, seconds=0.035),
)
"""What a text is looked at with once more, when nothing but one reader's word stands for it."""


class Workbench:
    """The engines, and what each step with them costs on this machine. One a thread."""

    def __init__(self) -> None:
        engines: tuple[Engine, ...] = (ZXing(thorough=True), ZBar())
        self._engines = {engine.name: engine for engine in engines}
        self._costs: dict[Step, float] = {}

    def cost(self, step: Step) -> float:
        """Seconds that must be left for the step: what it took lately may be needed again.

        Sampling gives up in its middle, so that it needs no more than what most sheets take: after
        some hopeless frames it would not be tried any more on one that it can read.
        """
        if step.engine == Sampling.name:
            return step.seconds
        usual = self._costs.get(step, step.seconds)
        # Forgotten bit by bit, or one slow frame would keep a step from ever being tried again.
        self._costs[step] = usual + (step.seconds - usual) * _FORGET
        return usual * _SLACK

    def take(self, step: Step, grey: Grey, place: Corners, left: Allowance) -> Sight:
        """What the step sees of a code that lies about there."""
        began = time.thread_time()
        view = self._view(step, grey, place)
        engine = Sampling(left) if step.engine == Sampling.name else self._engines[step.engine]
        sight = view.back(engine.read(view.grey))
        took = time.thread_time() - began
        usual = self._costs.get(step, step.seconds)
        self._costs[step] = usual + (took - usual) * _LEARN
        return sight

    def _view(self, step: Step, grey: Grey, place: Corners) -> View:
        return around(grey, place).enlarged(step.module / module_pixels(place)).toned(step.tone)
