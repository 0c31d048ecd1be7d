"""What is tried on the cut-out of a code that was seen and not read, and what it costs here.

PLACEHOLDER
"""

import time
from dataclasses import dataclass

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


STEPS = (
    Step(ZXing.name, 3),
    Step(ZXing.name, 5, Tone.BLACK_WHITE),
    Step(ZXing.name, 5),
    Step(ZBar.name, 3, seconds=0.004),
    Step(ZXing.name, 5, Tone.REFOCUSED, seconds=0.005),
    Step(ZXing.name, 5, Tone.REFOCUSED_BOLDLY, seconds=0.005),
    Step(Sampling.name, 5, Tone.SHARP, seconds=0.035),
    Step(ZXing.name, 5, Tone.SMOOTH),
    Step(Sampling.name, 5, Tone.EVEN, seconds=0.035),
    Step(Sampling.name, 5, Tone.REFOCUSED, seconds=0.035),
)
SECOND_LOOKS = (
    Step(ZXing.name, 3, Tone.SMOOTH),
    Step(ZXing.name, 5),
    Step(ZBar.name, 3, seconds=0.004),
    Step(Sampling.name, 5, seconds=0.035),
)
"""What a text is looked at with once more, when nothing but one reader's word stands for it."""


class Allowance:
    """Processor time for one picture. Waiting for others is not counted: a busy machine reads
    later, not less."""

    def __init__(self, seconds: float) -> None:
        self._until = time.thread_time() + seconds

    def has(self, seconds: float) -> bool:
        """Whether so much is left."""
        return time.thread_time() + seconds <= self._until


class Workbench:
    """The engines, and what each step with them costs on this machine. One a thread."""

    def __init__(self) -> None:
        engines: tuple[Engine, ...] = (ZXing(thorough=True), ZBar(), Sampling())
        self._engines = {engine.name: engine for engine in engines}
        self._costs: dict[Step, float] = {}

    def cost(self, step: Step) -> float:
        """Seconds the step may take, as it did lately."""
        usual = self._costs.get(step, step.seconds)
        # Forgotten bit by bit, or one slow frame would keep a step from ever being tried again.
        self._costs[step] = usual + (step.seconds - usual) * _FORGET
        return usual * _SLACK

    def take(self, step: Step, grey: Grey, place: Corners) -> Sight:
        """What the step sees of a code that lies about there."""
        began = time.thread_time()
        view = self._view(step, grey, place)
        sight = view.back(self._engines[step.engine].read(view.grey))
        took = time.thread_time() - began
        usual = self._costs.get(step, step.seconds)
        self._costs[step] = usual + (took - usual) * _LEARN
        return sight

    def _view(self, step: Step, grey: Grey, place: Corners) -> View:
        return around(grey, place).enlarged(step.module / module_pixels(place)).toned(step.tone)
