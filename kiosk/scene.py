"""What stands on the counter's screen, and who wants to know when it changes."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition, RLock

from kiosk.edges import require_edge
from kiosk.faults import Fault
from kiosk.seat import Seat
from kiosk.state import CheckingUp, State
from verifier.acts import KioskFacts

_log = logging.getLogger(__name__)

NO_GUIDANCE = ""
SEEN_SECONDS = 0.7
"""A code counts as seen for so long after it was: the word beside the picture must not flicker."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one rendering of the screen needs, taken at one moment."""

    version: int
    """Grows with every change; what the event stream says."""
    scene: int
    """Grows when another screen is shown; within a scene only its live parts change."""
    state: State
    seat: Seat | None
    facts: KioskFacts | None
    guidance: str
    reading: bool
    """Something that looks like a code is in the picture."""
    lost: dict[str, Fault]
    """Part of the window → what is wrong with it."""
    well: frozenset[str]
    """Devices that have given a sign of life."""
    seconds_left: float | None
    plan: "Plan | None" = None
    """The window works on a day plan."""


@dataclass(frozen=True, slots=True)
class Plan:
    """計画: what the banner on every screen says."""

    number: int
    until: datetime
    left: int
    """Filings that may still be released."""
    is_drill: bool
    is_back: bool = False
    """The registry answers again: what is open is the last."""


@dataclass(slots=True)
class _Shown:
    state: State = field(default_factory=CheckingUp)
    seat: Seat | None = None
    facts: KioskFacts | None = None
    guidance: str = NO_GUIDANCE
    reading: bool = False
    seen: float = float("-inf")
    lost: dict[str, Fault] = field(default_factory=dict)
    well: frozenset[str] = frozenset()
    version: int = 1
    scene: int = 1
    touched: float = 0.0
    until: float | None = None
    plan: Plan | None = None


class Scene:
    """The one place where the screen's state is kept. Safe to share between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._changed = Condition(RLock())
        self._shown = _Shown(touched=monotonic())
        self.closed = False

    def snapshot(self) -> Snapshot:
        """What is shown now."""
        with self._changed:
            shown = self._shown
            left = None if shown.until is None else max(0.0, shown.until - self.monotonic())
            return Snapshot(
                shown.version, shown.scene, shown.state, shown.seat, shown.facts,
                shown.guidance, shown.reading, dict(shown.lost), shown.well, left,
                shown.plan,
            )  # fmt: skip

    @property
    def state(self) -> State:
        """What the counter is doing."""
        return self._shown.state

    @property
    def untouched_for(self) -> float:
        """Seconds since somebody did something here."""
        return self.monotonic() - self._shown.touched

    @property
    def is_over(self) -> bool:
        """Whether a screen that leaves by itself has been shown long enough."""
        until = self._shown.until
        return until is not None and self.monotonic() >= until

    def put(self, state: State, lasts: float | None = None) -> None:
        """Show another screen; after `lasts` seconds it is over. Raises NoSuchEdge."""
        with self._changed:
            shown = self._shown
            require_edge(shown.state, state)
            _log.debug("%s to %s", type(shown.state).__name__, type(state).__name__)
            shown.scene += 1
            shown.state, shown.touched = state, self.monotonic()
            shown.until = None if lasts is None else shown.touched + lasts
            self._tell()

    def revise(self, state: State) -> None:
        """Change what stands on the screen that is shown; somebody is at work on it."""
        with self._changed:
            if type(state) is not type(self._shown.state):
                raise TypeError("a revision is of the screen that is shown")
            self._shown.state, self._shown.touched = state, self.monotonic()
            self._tell()

    def cover(self, state: State) -> None:
        """Cover the screen. Not an act: whoever is away too long is so from before."""
        with self._changed:
            touched = self._shown.touched
            self.put(state)
            self._shown.touched = touched

    def stay(self) -> None:
        """Let the screen that is shown not leave by itself."""
        with self._changed:
            self._shown.until = None
            self._tell()

    def sit(self, seat: Seat | None) -> None:
        """Somebody signed in or out."""
        with self._changed:
            self._shown.seat = seat
            self._tell()

    def count(self, facts: KioskFacts | None) -> None:
        """The header strip; None while the registry is away."""
        with self._changed:
            if facts != self._shown.facts:
                self._shown.facts = facts
                self._tell()

    def work_on(self, plan: Plan | None) -> None:
        """The window works on a day plan, or (None) on its registry."""
        with self._changed:
            if plan != self._shown.plan:
                self._shown.plan = plan
                self._tell()

    def guide(self, line: str) -> None:
        """The one line that tells the holder of the sheet what to do."""
        with self._changed:
            if line != self._shown.guidance:
                self._shown.guidance = line
                self._tell()

    def see(self, codes: int) -> None:
        """How many codes are in the picture, read or not."""
        with self._changed:
            now = self.monotonic()
            if codes:
                self._shown.seen = now
            reading = now - self._shown.seen <= SEEN_SECONDS
            if reading is not self._shown.reading:
                self._shown.reading = reading
                self._tell()

    def device(self, name: str, trouble: Fault | None) -> None:
        """A device went away, or (None) is there."""
        with self._changed:
            known = name in self._shown.lost or name in self._shown.well
            if known and self._shown.lost.get(name) == trouble:
                return
            self._shown.lost.pop(name, None)
            if trouble is None:
                self._shown.well |= {name}
            else:
                self._shown.well -= {name}
                self._shown.lost[name] = trouble
            self._tell()

    def close(self) -> None:
        """End everybody's waiting: the process stops."""
        with self._changed:
            self.closed = True
            self._tell()

    def wait_for_change(self, version: int, timeout: float) -> int:
        """Wait until the version is another one than `version`; gives the version."""
        with self._changed:
            self._changed.wait_for(lambda: self._shown.version != version, timeout)
            return self._shown.version

    def _tell(self) -> None:
        self._shown.version += 1
        self._changed.notify_all()
