"""From devices to the station: one thread a device, one that reads, one that judges.

Devices put texts into a small queue; what does not fit is dropped, because a code that is still
there will be read again. So is what a camera saw too long ago: by now another sheet may lie there.
Everybody is told to stop before anybody is waited for.
"""

import logging
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread

from hardware.camera import OLDEST
from hardware.folder import WatchedFolder
from hardware.scan import DeviceClosed, DeviceLost, Frame, FrameSource, ScanSource
from kiosk.clockwork import tick
from kiosk.fault_board import FaultBoard
from kiosk.faults import SLOW, fault_of
from kiosk.inbox import Inbox
from kiosk.machine import EVERY, Machine
from kiosk.preview import Preview
from kiosk.reading.debounce import CAMERA_SECONDS, SCANNER_SECONDS, Debounce
from kiosk.reading.engines import Code
from kiosk.reading.guidance import TEXTS, Guidance
from kiosk.reading.key_watch import KeyWatch
from kiosk.reading.ladder import Reading
from kiosk.reading.live import LiveReader
from kiosk.station import Station
from kiosk.trial import Trial
from shared.domain import Source
from shared.payload import looks_like_ours
from shared.web.errors import report

_log = logging.getLogger(__name__)

PATIENCE = 0.25
"""Seconds a device is waited for before the thread looks whether it should end."""
STOPPING = 1.5
"""Seconds that all threads together get to end; what hangs in a driver is left behind."""
_TOO_SLOW = 3
"""So many codes in a row that were too old when their turn came: the machine cannot keep up."""
_CALM_SECONDS = 10.0
"""After so long without another one it can again, as far as anybody knows."""


@dataclass(frozen=True, slots=True)
class _Eyes:
    reader: LiveReader
    guidance: Guidance
    seen: Debounce
    keys: KeyWatch
    missed: Event = field(default_factory=Event)
    """Set when a code was dropped: what is still there shall pass again."""


@dataclass(frozen=True, slots=True)
class _Taken:
    text: str
    source: Source
    at: float
    """Monotonic seconds."""
    missed: Event


class Sources:
    """The threads of one counter. Start with the devices there are; `stop` ends them all."""

    def __init__(self, station: Station, preview: Preview, trial: Trial | None = None) -> None:
        """`trial`: takes codes instead of the station while the window is being set up."""
        self._station = station
        self._preview = preview
        self._trial = trial or Trial()
        self.board = FaultBoard(station.scene)
        self._dropped, self._dropped_at = 0, 0.0
        self._taken: queue.Queue[_Taken] = queue.Queue(maxsize=8)
        self._stop = Event()
        self._threads: list[Thread] = []
        self._telling: list[Callable[[], None]] = []

    def start(
        self, camera: FrameSource | None, scanner: ScanSource | None, folder: WatchedFolder | None
    ) -> None:
        """Begin to look. The devices are closed by `stop`."""
        self._thread("station", self._work)
        if camera is not None:
            self._thread("reading", self._watch_camera, camera)
        if scanner is not None:
            self._thread("scanner", self._watch_scanner, scanner)
        if folder is not None:
            self._telling.append(folder.close)
            self._thread("folder", self._watch_folder, folder)

    def look_after(self, machine: Machine) -> None:
        """Look at the machine itself every two seconds."""

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

    def _work(self) -> None:
        """Judge what was taken, one after another; in between let time pass."""
        while not self._stop.is_set():
            try:
                taken = self._taken.get(timeout=PATIENCE)
            except queue.Empty:
                self._safely(partial(tick, self._station))
                self._calm_down()
            else:
                self._safely(partial(self._judge, taken))
                self._taken.task_done()

    def _judge(self, taken: _Taken) -> None:
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
        self.board.tell("speed", SLOW if self._dropped >= _TOO_SLOW else None)

    def _calm_down(self) -> None:
        if self._dropped and time.monotonic() - self._dropped_at > _CALM_SECONDS:
            self._dropped = 0
            self.board.tell("speed", None)

    def _safely(self, act: Callable[[], None]) -> None:
        """A bug in one act must not stop the counter for the day."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - reported with an incident id
            report(error, "station")

    def _offer(self, text: str, source: Source, at: float, missed: Event) -> None:
        try:
            self._taken.put_nowait(_Taken(text, source, at, missed))
        except queue.Full:
            missed.set()
            _log.warning("a code from the %s came too fast and was dropped", source.value)

    def _watch_camera(self, camera: FrameSource) -> None:
        eyes = _Eyes(LiveReader(), Guidance(), Debounce(CAMERA_SECONDS), KeyWatch())

        def look() -> None:
            frame = camera.read(PATIENCE)
            if frame is not None and self._station.is_paused:
                self._preview.clear()
            elif frame is not None:
                self._look_at(frame, eyes)

        self._repeat("camera", look)
        camera.close()

    def _look_at(self, frame: Frame, eyes: _Eyes) -> None:
        reading = eyes.reader.read(frame.grey, frame.at)
        places = tuple(code.corners for code in reading.codes) or reading.located
        self._preview.show(frame.grey, places)
        self._trial.see(frame)
        scene = self._station.scene
        scene.see(len(places))
        scene.guide(TEXTS[eyes.guidance.line(frame.grey, reading, frame.at)])
        if eyes.missed.is_set():
            eyes.missed.clear()
            eyes.seen.forget()
        if self._station.is_attended:
            for code in one_of(reading.codes):
                if eyes.seen.is_new(code.text, frame.at):
                    self._offer(code.text, Source.CAMERA, frame.at, eyes.missed)
            self._look_for_key(frame, reading, eyes)

    def _look_for_key(self, frame: Frame, reading: Reading, eyes: _Eyes) -> None:
        """Offer the key beside a code that cannot be read; the clerk confirms it, or not."""
        key = eyes.keys.look(frame.grey, reading, frame.at)
        if key is not None:
            self._station.offered.put(key)
            eyes.guidance.offer_key()

    def _watch_scanner(self, scanner: ScanSource) -> None:
        seen, missed = Debounce(SCANNER_SECONDS), Event()

        def listen() -> None:
            scan = scanner.read(PATIENCE)
            if scan is not None and self._station.is_attended and seen.is_new(scan.text, scan.at):
                self._offer(scan.text, Source.SCANNER, scan.at, missed)

        self._repeat("scanner", listen)
        scanner.close()

    def _watch_folder(self, folder: WatchedFolder) -> None:
        def offer(text: str) -> None:
            self._offer(text, Source.FOLDER, time.monotonic(), Event())

        inbox = Inbox(folder, self._station, offer)

        def look() -> None:
            if self._station.is_free and not self._taken.unfinished_tasks:
                inbox.next(PATIENCE)
            else:
                self._stop.wait(PATIENCE)  # the file waits in the folder until it is its turn

        self._repeat("folder", look)

    def _repeat(self, name: str, step: Callable[[], None]) -> None:
        """Step until stopped; a lost device is said on the screen and waited for."""
        while not self._stop.is_set():
            try:
                step()
            except DeviceLost as lost:
                self.board.tell(name, fault_of(name, lost))
                if name == "camera":
                    self._preview.clear()
                self._stop.wait(PATIENCE)
            except DeviceClosed:
                return
            except Exception as error:  # noqa: BLE001 - a dead thread would look like a quiet one
                report(error, name)
                self._stop.wait(1)
            else:
                self.board.tell(name, None)


def one_of(codes: tuple[Code, ...]) -> tuple[Code, ...]:
    """The code that counts: none while two sheets of ours are in the picture."""
    if len(codes) > 1 and looks_like_ours(codes[0].text):
        return ()
    return codes[:1]
