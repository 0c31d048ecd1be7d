"""What a camera sees: every frame goes to the screen, and the newest one to the reader.

A code that cannot be read keeps the reader busy for longer than a camera takes to the next frame.
So the picture does not wait for the reader, and the reader looks at whatever is newest when it is
free. The picture does not stutter, and what is read is never older than a frame or two; a driver
that is late itself is noticed where codes are judged, by the time it stamped on the frame.
"""

from collections.abc import Callable
from functools import cached_property
from threading import Condition, Event

from hardware.scan import Frame, FrameSource
from kiosk.judging import Taken
from kiosk.preview import Corners, Preview
from kiosk.reading.debounce import CAMERA_SECONDS, Debounce, OneSheet
from kiosk.reading.guidance import TEXTS, Guidance
from kiosk.reading.key_watch import KeyWatch
from kiosk.reading.ladder import Reading
from kiosk.reading.live import LiveReader
from kiosk.station import Station
from kiosk.trial import Trial
from shared.domain import Source

_MARKED_SECONDS = 0.4
"""So long the place of a code is marked in the frames after the one it was seen in."""


class Newest:
    """One slot for the newest frame: another one takes the place of what nobody took."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._frame: Frame | None = None

    def put(self, frame: Frame) -> None:
        """Lay down a frame."""
        with self._changed:
            self._frame = frame
            self._changed.notify_all()

    def take(self, timeout: float) -> Frame | None:
        """The newest frame not taken before; None after `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None, timeout)
            frame, self._frame = self._frame, None
        return frame


class Watching:
    """One camera. A thread of its own calls `film`, another one `look`."""

    def __init__(
        self, station: Station, preview: Preview, trial: Trial, offer: Callable[[Taken], None]
    ) -> None:
        self._station, self._preview, self._trial, self._offer = station, preview, trial, offer
        self._newest = Newest()
        self._marks: tuple[float, tuple[Corners, ...]] = (float("-inf"), ())
        self._guidance, self._keys, self._seen = Guidance(), KeyWatch(), Debounce(CAMERA_SECONDS)
        self._sheet, self._missed = OneSheet(), Event()

    @cached_property
    def _reader(self) -> LiveReader:
        """Made in the thread that reads: its tables take a third of a second."""
        return LiveReader()

    def film(self, camera: FrameSource, timeout: float) -> None:
        """Show the next frame, and lay it down for the reader. Raises what the camera raises."""
        frame = camera.read(timeout)
        if frame is None:
            return
        if self._station.is_paused:
            self._preview.clear()
            return
        at, places = self._marks
        self._preview.show(frame.grey, places if frame.at - at < _MARKED_SECONDS else ())
        self._newest.put(frame)

    def look(self, timeout: float) -> None:
        """Read the newest frame, when there is one."""
        frame = self._newest.take(timeout)
        if frame is not None:
            self._look_at(frame)

    def _look_at(self, frame: Frame) -> None:
        reading = self._reader.read(frame.grey, frame.at)
        places = tuple(code.corners for code in reading.codes) or reading.located
        self._marks = frame.at, places
        self._trial.see(frame)
        scene = self._station.scene
        scene.see(len(places))
        scene.guide(TEXTS[self._guidance.line(frame.grey, reading, frame.at)])
        if self._missed.is_set():
            self._missed.clear()
            self._seen.forget()
        if self._station.is_attended:
            code = self._sheet.alone(reading.codes, frame.at)
            if code is not None and self._seen.is_new(code.text, frame.at):
                self._offer(Taken(code.text, Source.CAMERA, frame.at, self._missed))
            self._look_for_key(frame, reading)

    def _look_for_key(self, frame: Frame, reading: Reading) -> None:
        """Offer the key beside a code that cannot be read; the clerk confirms it, or not."""
        key = self._keys.look(frame.grey, reading, frame.at)
        if key is not None:
            self._station.offered.put(key)
            self._guidance.offer_key()
