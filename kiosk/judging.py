"""Codes wait here for the station, which judges one after another.

The queue is small. What does not fit is dropped, because a code that is still there will be read
again. So is what a camera saw too long ago: by now another sheet may lie there. A sheet from the
folder is never lost: it is offered again until it was judged.
"""

import logging
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Event

from hardware.camera import OLDEST
from kiosk.clockwork import tick
from kiosk.fault_board import FaultBoard
from kiosk.faults import SLOW
from kiosk.state import OutOfOrder
from kiosk.station import Station
from kiosk.trial import Trial
from shared.domain import Source
from shared.web.errors import report

_log = logging.getLogger(__name__)

_TOO_SLOW = 3
"""So many codes in a row that were too old when their turn came: the machine cannot keep up."""
_CALM_SECONDS = 10.0
"""After so long without another one it can again, as far as anybody knows."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A code that a device gave."""

    text: str
    source: Source
    at: float
    """Monotonic seconds."""
    missed: Event
    """Set when the code was dropped: what is still there shall pass again."""
    judged: Event = field(default_factory=Event)
    """Set when the station has had it."""


class Judging:
    """The way of codes to the station. Any thread may offer; one thread calls `next`."""

    def __init__(self, station: Station, trial: Trial, board: FaultBoard) -> None:
        self._station, self._trial, self._board = station, trial, board
        self._dropped, self._dropped_at = 0, 0.0
        self._taken: queue.Queue[Taken] = queue.Queue(maxsize=8)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits or is being judged."""
        return not self._taken.unfinished_tasks

    def offer(self, taken: Taken) -> None:
        """Judge this as soon as it is its turn."""
        try:
            self._taken.put_nowait(taken)
        except queue.Full:
            taken.missed.set()
            _log.warning("a code from the %s came too fast and was dropped", taken.source.value)

    def next(self, timeout: float) -> None:
        """Judge the next one; when none comes, let time pass for the station."""
        try:
            taken = self._taken.get(timeout=timeout)
        except queue.Empty:
            _safely(partial(tick, self._station))
            self._calm_down()
        else:
            _safely(partial(self._judge, taken))
            if not taken.missed.is_set():
                taken.judged.set()
            self._taken.task_done()

    def _judge(self, taken: Taken) -> None:
        if taken.source is Source.FOLDER:
            self._judge_filed(taken)
        else:
            self._judge_shown(taken)

    def _judge_filed(self, taken: Taken) -> None:
        """Nobody shows it again by himself: it waits for a window that is free and at work."""
        with self._station.acts:
            if self._station.is_free and not self._trial.listens:
                self._station.take(taken.text, taken.source)
                if not isinstance(self._station.scene.state, OutOfOrder):
                    return
        taken.missed.set()

    def _judge_shown(self, taken: Taken) -> None:
        """Let the station judge, unless somebody else's act took so long that it is too late."""
        with self._station.acts:
            old = taken.source is Source.CAMERA and time.monotonic() - taken.at > OLDEST
            tried = self._station.is_free and self._trial.catches(taken.text, taken.source)
            if not old and not tried:
                self._station.take(taken.text, taken.source)
        if old:
            _log.info("a code was %.0f ms old and dropped", 1000 * (time.monotonic() - taken.at))
            taken.missed.set()
            self._dropped_at = time.monotonic()
        self._dropped = self._dropped + 1 if old else 0
        self._board.tell("speed", SLOW if self._dropped >= _TOO_SLOW else None)

    def _calm_down(self) -> None:
        if self._dropped and time.monotonic() - self._dropped_at > _CALM_SECONDS:
            self._dropped = 0
            self._board.tell("speed", None)


def _safely(act: Callable[[], None]) -> None:
    """A bug in one act must not stop the counter for the day."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - reported with an incident id
        report(error, "station")
