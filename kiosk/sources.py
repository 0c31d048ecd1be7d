"""From devices to the station: one thread a device, one that judges and lets time pass.

Devices put texts into a small queue; what does not fit is dropped, because a code that is still
there will be read again. Everybody is told to stop before anybody is waited for.
"""

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

from hardware.folder import Dropped, Outcome, WatchedFolder
from hardware.pictures import UnreadablePicture
from hardware.scan import DeviceClosed, DeviceLost, Frame, FrameSource, ScanSource
from kiosk.clockwork import tick
from kiosk.preview import Preview
from kiosk.reading.choice import chosen
from kiosk.reading.debounce import CAMERA_SECONDS, SCANNER_SECONDS, Debounce
from kiosk.reading.engines import Code
from kiosk.reading.guidance import TEXTS, Guidance
from kiosk.reading.ladder import Reader
from kiosk.reading.pages import read_page
from kiosk.station import Station
from shared.domain import Source
from shared.payload import looks_like_ours
from shared.web.errors import report

_log = logging.getLogger(__name__)

PATIENCE = 0.25
"""Seconds a device is waited for before the thread looks whether it should end."""
_TROUBLE = {
    "camera": "カメラの映像が届きません。USBケーブルを差し直してください。",
    "scanner": "スキャナーが見つかりません。USBケーブルを差し直してください。",
    "folder": "取り込みフォルダーが見つかりません。",
}


@dataclass(frozen=True, slots=True)
class _Eyes:
    reader: Reader
    guidance: Guidance
    seen: Debounce


@dataclass(frozen=True, slots=True)
class _Taken:
    text: str
    source: Source


class Sources:
    """The threads of one counter. Start with the devices there are; `stop` ends them all."""

    def __init__(self, station: Station, preview: Preview) -> None:
        self._station = station
        self._preview = preview
        self._taken: queue.Queue[_Taken] = queue.Queue(maxsize=8)
        self._stop = Event()
        self._threads: list[Thread] = []
        self._closing: list[Callable[[], None]] = []

    def start(
        self, camera: FrameSource | None, scanner: ScanSource | None, folder: WatchedFolder | None
    ) -> None:
        """Begin to look. The devices are closed by `stop`."""
        self._thread("station", self._work)
        if camera is not None:
            self._closing.append(camera.close)
            self._thread("watch-camera", lambda: self._watch_camera(camera))
        if scanner is not None:
            self._closing.append(scanner.close)
            self._thread("watch-scanner", lambda: self._watch_scanner(scanner))
        if folder is not None:
            self._closing.append(folder.close)
            self._thread("watch-folder", lambda: self._watch_folder(folder))

    def stop(self) -> None:
        """End every thread. Twice is fine."""
        self._stop.set()
        for close in self._closing:
            close()
        for thread in self._threads:
            thread.join(3)

    def _thread(self, name: str, work: Callable[[], None]) -> None:
        thread = Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        """Judge what was taken, one after another; in between let time pass."""
        while not self._stop.is_set():
            try:
                taken = self._taken.get(timeout=PATIENCE)
            except queue.Empty:
                self._safely(lambda: tick(self._station))
            else:
                self._safely(lambda t=taken: self._station.take(t.text, t.source))  # type: ignore[misc]

    def _safely(self, act: Callable[[], None]) -> None:
        """A bug in one act must not stop the counter for the day."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - reported with an incident id
            report(error, "station")

    def _offer(self, text: str, source: Source) -> None:
        try:
            self._taken.put_nowait(_Taken(text, source))
        except queue.Full:
            _log.warning("a code from the %s came too fast and was dropped", source.value)

    def _watch_camera(self, camera: FrameSource) -> None:
        eyes = _Eyes(Reader(), Guidance(), Debounce(CAMERA_SECONDS))

        def look() -> None:
            frame = camera.read(PATIENCE)
            if frame is not None and self._station.is_paused:
                self._preview.clear()
            elif frame is not None:
                self._look_at(frame, eyes)

        self._repeat("camera", look)

    def _look_at(self, frame: Frame, eyes: _Eyes) -> None:
        reading = eyes.reader.read(frame.grey)
        places = tuple(code.corners for code in reading.codes) or reading.located
        self._preview.show(frame.grey, places)
        scene = self._station.scene
        scene.see(len(places))
        scene.guide(TEXTS[eyes.guidance.line(frame.grey, reading, frame.at)])
        if self._station.is_attended:
            for code in one_of(reading.codes):
                if eyes.seen.is_new(code.text, frame.at):
                    self._offer(code.text, Source.CAMERA)

    def _watch_scanner(self, scanner: ScanSource) -> None:
        seen = Debounce(SCANNER_SECONDS)

        def listen() -> None:
            scan = scanner.read(PATIENCE)
            if scan is not None and self._station.is_attended and seen.is_new(scan.text, scan.at):
                self._offer(scan.text, Source.SCANNER)

        self._repeat("scanner", listen)

    def _watch_folder(self, folder: WatchedFolder) -> None:
        def look() -> None:
            if not self._station.is_free or not self._taken.empty():
                self._stop.wait(PATIENCE)  # the file waits in the folder until it is its turn
                return
            dropped = folder.read(PATIENCE)
            if dropped is not None:
                folder.finish(dropped, self._open(dropped))

        self._repeat("folder", look)

    def _open(self, dropped: Dropped) -> Outcome:
        try:
            codes = chosen([code for page in dropped.pages() for code in read_page(page).codes])
        except UnreadablePicture as trouble:
            _log.warning("a dropped file was not readable: %s", trouble.code)
            self._station.tell(f"取り込みフォルダーのファイルを開けません：{trouble}")
            return Outcome.REJECTED
        if not codes:
            self._station.tell("取り込みフォルダーのファイルに二次元コードが見つかりません。")
            return Outcome.REJECTED
        self._offer(codes[0].text, Source.FOLDER)
        return Outcome.DONE

    def _repeat(self, name: str, step: Callable[[], None]) -> None:
        """Step until stopped; a lost device is said on the screen and waited for."""
        while not self._stop.is_set():
            try:
                step()
            except DeviceLost:
                self._station.scene.device(name, _TROUBLE[name])
                if name == "camera":
                    self._preview.clear()
                self._stop.wait(PATIENCE)
            except DeviceClosed:
                return
            except Exception as error:  # noqa: BLE001 - a dead thread would look like a quiet one
                report(error, name)
                self._stop.wait(1)
            else:
                self._station.scene.device(name, None)


def one_of(codes: tuple[Code, ...]) -> tuple[Code, ...]:
    """The code that counts: none while two sheets of ours are in the picture."""
    if len(codes) > 1 and looks_like_ours(codes[0].text):
        return ()
    return codes[:1]
