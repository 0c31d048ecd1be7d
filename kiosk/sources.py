"""From devices to the station: one thread a device, one that reads, one that judges.

Everybody is told to stop before anybody is waited for.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from hardware.folder import WatchedFolder
from hardware.scan import DeviceClosed, DeviceLost, FrameSource, ScanSource
from kiosk.fault_board import FaultBoard
from kiosk.faults import fault_of
from kiosk.inbox import Inbox
from kiosk.judging import Judging, Taken
from kiosk.machine import EVERY, Machine
from kiosk.preview import Preview
from kiosk.reading.debounce import SCANNER_SECONDS, Debounce
from kiosk.station import Station
from kiosk.trial import Trial
from kiosk.watching import Watching
from shared.domain import Source
from shared.web.errors import report

_log = logging.getLogger(__name__)

PATIENCE = 0.25
"""Seconds a device is waited for before the thread looks whether it should end."""
STOPPING = 1.5
"""Seconds that all threads together get to end; what hangs in a driver is left behind."""


class Sources:
    """The threads of one counter. Start with the devices there are; `stop` ends them all."""

    def __init__(self, station: Station, preview: Preview, trial: Trial | None = None) -> None:
        """`trial`: takes codes instead of the station while the window is being set up."""
        self._station = station
        self._preview = preview
        self._trial = trial or Trial()
        self.board = FaultBoard(station.scene)
        self._judging = Judging(station, self._trial, self.board)
        self._stop = Event()
        self._threads: list[Thread] = []
        self._telling: list[Callable[[], None]] = []

    def start(
        self, camera: FrameSource | None, scanner: ScanSource | None, folder: WatchedFolder | None
    ) -> None:
        """Begin to look. The devices are closed by `stop`."""
        self._thread("station", self._judge)
        if camera is not None:
            watching = Watching(self._station, self._preview, self._trial, self._judging.offer)
            self._thread("camera", self._film, camera, watching)
            self._thread("reading", self._read, watching)
        if scanner is not None:
            self._thread("scanner", self._watch_scanner, scanner)
        if folder is not None:
            self._telling.append(folder.close)
            self._thread("folder", self._watch_folder, folder)

    def look_after(self, machine: Machine) -> None:
        """Look at the machine itself every few seconds."""

        def look() -> None:
            machine.look()
            self._stop.wait(EVERY)

        self._thread("machine", self._repeat, "machine", look)

    def stop(self) -> None:
        """End every thread within two seconds. Twice is fine."""
        self._stop.set()
        for tell in self._telling:
            tell()
        until = time.monotonic() + STOPPING
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                _log.warning("the thread %s did not end and is left behind", thread.name)

    def _thread(self, name: str, work: Callable[..., None], *arguments: object) -> None:
        thread = Thread(target=work, args=arguments, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _judge(self) -> None:
        while not self._stop.is_set():
            self._judging.next(PATIENCE)

    def _film(self, camera: FrameSource, watching: Watching) -> None:
        self._repeat("camera", lambda: watching.film(camera, PATIENCE))
        camera.close()

    def _read(self, watching: Watching) -> None:
        while not self._stop.is_set():
            with self._reported("reading"):
                watching.look(PATIENCE)

    def _watch_scanner(self, scanner: ScanSource) -> None:
        seen, missed = Debounce(SCANNER_SECONDS), Event()

        def listen() -> None:
            scan = scanner.read(PATIENCE)
            if scan is not None and self._station.is_attended and seen.is_new(scan.text, scan.at):
                self._judging.offer(Taken(scan.text, Source.SCANNER, scan.at, missed))

        self._repeat("scanner", listen)
        scanner.close()

    def _watch_folder(self, folder: WatchedFolder) -> None:
        def offer(text: str) -> Taken:
            taken = Taken(text, Source.FOLDER, time.monotonic(), Event())
            self._judging.offer(taken)
            return taken

        inbox = Inbox(folder, self._station, offer)

        def look() -> None:
            folder.require()  # also while nothing is taken: its state belongs on the screen
            inbox.settle()
            folder.tidy()
            free = self._station.is_free and self._judging.is_idle and not self._trial.listens
            if free and inbox.can_go_on:
                inbox.next(PATIENCE)
            else:
                self._stop.wait(PATIENCE)  # the file waits in the folder until it is its turn

        self._repeat("folder", look)

    def _repeat(self, name: str, step: Callable[[], None]) -> None:
        """Step until stopped; a lost device is said on the screen and waited for."""
        while not self._stop.is_set():
            try:
                with self._reported(name):
                    step()
                    self.board.tell(name, None)
            except DeviceLost as lost:
                self.board.tell(name, fault_of(name, lost))
                if name == "camera":
                    self._preview.clear()
                self._stop.wait(PATIENCE)
            except DeviceClosed:
                return

    @contextmanager
    def _reported(self, name: str) -> Iterator[None]:
        """A dead thread would look like a quiet one: a bug is reported, and the thread goes on."""
        try:
            yield
        except (DeviceLost, DeviceClosed):
            raise
        except Exception as error:  # noqa: BLE001 - reported with an incident id
            report(error, name)
            self._stop.wait(1)
