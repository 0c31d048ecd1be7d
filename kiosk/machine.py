"""What is looked at besides the devices, every few seconds: the disk and the clock.

What is wrong is told to the registry too, when it changes and every half minute: whoever looks
after many windows must see it without walking there.
"""

import logging
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from sqlalchemy.engine import make_url

from kiosk import planning
from kiosk.fault_board import FaultBoard
from kiosk.faults import DISK, KEYS, Fault, clock_fault
from kiosk.settings import KioskSettings
from kiosk.station import Station
from shared.settings import read_settings
from verifier.acts import NotPermitted, Report
from verifier.counter import LOST
from verifier.settings import VerifierSettings

_log = logging.getLogger(__name__)

EVERY = 4.0
"""Seconds. Four hundred windows ask one registry for its time, and the screen must say within eight
that it does not answer."""
LEAST_FREE = 500_000_000
"""Bytes: a registry and its journal grow by less than that in a year of one window."""
FETCH_EVERY = 600.0
PLAN_EVERY = 1200.0
"""What became ready within so long is in no plan yet."""
PLAN_AGAIN = 60.0
CLOCK_SECONDS = 60.0
REPORT_EVERY = 30.0


class Machine:
    """This computer, as far as the window depends on it."""

    def __init__(
        self,
        station: Station,
        board: FaultBoard,
        folders: Sequence[Path],
        least_free: int = LEAST_FREE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        keys_are_refused: Callable[[], bool] | None = None,
    ) -> None:
        """`folders`: where records are written, each of which needs room.

        `keys_are_refused`: fetches the keys of a registry elsewhere, now and then.
        """
        self._station = station
        self._board = board
        self._folders = folders
        self._least_free = least_free
        self._clock = clock
        self._monotonic = station.scene.monotonic
        self._keys_are_refused = keys_are_refused
        self._fetched_at = float("-inf")
        self._planned_at = float("-inf")
        self._reported: frozenset[str] | None = None
        self._reported_at = 0.0

    def look(self) -> None:
        """Look once. A registry that does not answer is noticed here too."""
        room = all(free_bytes(folder) >= self._least_free for folder in self._folders)
        self._board.tell("disk", None if room else DISK)
        self._board.tell("clock", self._clock_fault())
        self._fetch_keys()
        self._look_at_plans()
        self._report()

    def _fetch_keys(self) -> None:
        now = self._monotonic()
        if self._keys_are_refused is None or now - self._fetched_at < FETCH_EVERY:
            return
        try:
            refused = self._keys_are_refused()
        except (*LOST, NotPermitted):
            self._station.refresh()
        else:
            self._fetched_at = now
            self._board.tell("keys", KEYS if refused else None)

    def _look_at_plans(self) -> None:
        """Fetch the next one now and then; on a plan, see whether the registry is back."""
        planning.probe(self._station)
        now = self._monotonic()
        if self._station.plans is None or now - self._planned_at < PLAN_EVERY:
            return
        self._planned_at = now
        Thread(target=self._fetch_plan, name="plans", daemon=True).start()

    def _fetch_plan(self) -> None:
        """Beside the looks: a plan of thousands of filings takes seconds."""
        try:
            planning.fetch(self._station)
        except (*LOST, NotPermitted) as error:
            self._planned_at = self._monotonic() - PLAN_EVERY + PLAN_AGAIN
            _log.warning("no day plan was fetched: %s", type(error).__name__)

    def _report(self) -> None:
        faults = self._board.codes
        now = self._monotonic()
        if faults == self._reported and now - self._reported_at < REPORT_EVERY:
            return
        try:
            self._station.counter.report(self._station.kiosk, Report(self._clock(), faults))
        except (*LOST, NotPermitted):
            self._station.refresh()
        else:
            self._reported, self._reported_at = faults, now

    def _clock_fault(self) -> Fault | None:
        try:
            ahead = (self._clock() - self._station.counter.registry_time()).total_seconds()
        except LOST:
            self._station.refresh()
            return None
        return clock_fault(ahead) if abs(ahead) > CLOCK_SECONDS else None


def free_bytes(folder: Path) -> int:
    """Room for an ordinary user where this folder is or will be. Raises OSError."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return shutil.disk_usage(there).free


def written_in(settings: KioskSettings) -> tuple[Path, ...]:
    """The folders that records of this window are written in. Raises InvalidSettings."""
    if settings.registry is not None:
        return (settings.var,)
    verifier = read_settings(VerifierSettings, settings.verifier)
    registry = make_url(verifier.registry)
    if registry.get_backend_name() != "sqlite" or not registry.database:
        return (settings.var,)
    return (settings.var, Path(registry.database).parent)
