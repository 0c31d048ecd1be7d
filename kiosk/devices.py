"""Camera, scanner and folder, each in its own thread, each giving its texts to the station."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.camera import Camera
from hardware.folder import Dropped, Outcome, WatchedFolder
from hardware.pictures import UnreadablePicture
from hardware.scan import DeviceLost, Frame
from hardware.serial_scanner import SerialScanner
from kiosk.preview import Preview
from kiosk.reading.choice import chosen
from kiosk.reading.debounce import CAMERA_SECONDS, SCANNER_SECONDS, Debounce
from kiosk.reading.guidance import TEXTS, Guidance
from kiosk.reading.ladder import Reader, Reading
from kiosk.reading.pages import read_page
from kiosk.settings import KioskSettings
from kiosk.station import Station
from shared.domain import Source

_log = logging.getLogger(__name__)
_WAIT = 0.25
"""Seconds a read waits before the thread looks whether it should stop."""


@dataclass
class Health:
    """Which devices this window has, and what is wrong with each; None when it works."""

    troubles: dict[str, str | None] = field(default_factory=dict)

    def is_well(self) -> bool:
        """Every device works."""
        return not any(self.troubles.values())


class Devices:
    """The devices of one window, running from `start` until `stop`."""

    def __init__(self, station: Station, preview: Preview, settings: KioskSettings) -> None:
        self.health = Health()
        self._station = station
        self._preview = preview
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._closers: list[Callable[[], None]] = []
        if settings.camera:
            camera = Camera(settings.camera)
            self._add("camera", CameraLoop(camera, station, preview).step, camera.close)
        if settings.scanner:
            scanner = SerialScanner(settings.scanner)
            self._add("scanner", ScannerLoop(scanner, station).step, scanner.close)
        if settings.inbox is not None:
            folder = WatchedFolder(settings.inbox)
            self._add("folder", FolderLoop(folder, station).step, folder.close)

    def start(self) -> None:
        """Let every device run."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Tell everybody first, then wait for each."""
        self._stop.set()
        for close in self._closers:
            close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(3.0)

    def _add(self, name: str, step: Callable[[], None], close: Callable[[], None]) -> None:
        self.health.troubles[name] = None
        self._closers.append(close)
        self._threads.append(
            threading.Thread(target=self._run, args=(name, step), name=name, daemon=True)
        )

    def _run(self, name: str, step: Callable[[], None]) -> None:
        """Step until stopped; a lost device is said on the screen and waited for."""
        while not self._stop.is_set():
            try:
                step()
                self._say(name, None)
            except DeviceLost as lost:
                self._say(name, str(lost))
                self._stop.wait(_WAIT)
            except ValueError:
                return  # the device was closed
            except Exception:
                _log.exception("%s: a step failed", name)
                self._stop.wait(1.0)

    def _say(self, name: str, trouble: str | None) -> None:
        if self.health.troubles[name] != trouble:
            self.health.troubles[name] = trouble
            self._station.stage.refresh()


class CameraLoop:
    """Frame → text → station; the same sheet held still is one presentation."""

    def __init__(self, camera: Camera, station: Station, preview: Preview) -> None:
        self._camera = camera
        self._station = station
        self._preview = preview
        self._reader = Reader()
        self._guidance = Guidance()
        self._debounce = Debounce(CAMERA_SECONDS)

    def step(self) -> None:
        """Look at the newest frame. Raises DeviceLost."""
        frame = self._camera.read(_WAIT)
        if frame is None:
            return
        reading = self._reader.read(frame.grey)
        self._preview.put(frame.grey, [code.corners for code in reading.codes])
        self._station.stage.guide(TEXTS[self._guidance.line(frame.grey, reading, frame.at)])
        self._give(frame, reading)

    def _give(self, frame: Frame, reading: Reading) -> None:
        """Two different sheets in one picture are nobody's turn: the guidance says so."""
        if self._station.clerk is None or len(reading.codes) != 1:
            return
        text = reading.codes[0].text
        if self._debounce.is_new(text, frame.at):
            self._station.take(text, Source.CAMERA)


class ScannerLoop:
    """A hand-held scanner: every trigger is a text."""

    def __init__(self, scanner: SerialScanner, station: Station) -> None:
        self._scanner = scanner
        self._station = station
        self._debounce = Debounce(SCANNER_SECONDS)

    def step(self) -> None:
        """Wait for the next text. Raises DeviceLost."""
        scan = self._scanner.read(_WAIT)
        if scan is None or self._station.clerk is None:
            return
        if self._debounce.is_new(scan.text, scan.at):
            self._station.take(scan.text, Source.SCANNER)


class FolderLoop:
    """A picture or PDF dropped in the folder waits there until this window is free for it."""

    def __init__(self, folder: WatchedFolder, station: Station) -> None:
        self._folder = folder
        self._station = station

    def step(self) -> None:
        """Take the next file, if any, to a verdict. Raises DeviceLost."""
        if self._station.clerk is None or not self._station.listens():
            time.sleep(_WAIT)
            return
        dropped = self._folder.read(_WAIT)
        if dropped is not None:
            self._folder.finish(dropped, self._show(dropped))

    def _show(self, dropped: Dropped) -> Outcome:
        try:
            readings = [read_page(page) for page in dropped.pages()]
        except UnreadablePicture as problem:
            _log.warning("a dropped file cannot be opened: %s", problem.code)
            self._station.note(f"ファイルを開けません：{problem}")
            return Outcome.REJECTED
        codes = chosen([code for reading in readings for code in reading.codes])
        if not codes:
            self._station.note("ファイルにコードが見つかりません。")
            return Outcome.REJECTED
        self._station.take(codes[0].text, Source.FOLDER)
        return Outcome.DONE
