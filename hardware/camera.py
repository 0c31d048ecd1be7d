"""A camera, or a clip in its place: the newest picture only, and the truth about a lost device.

One thread grabs, one slot holds the latest frame: with a queue instead, a reader that needs 120 ms
a frame works on pictures seconds old (measured: 2.9 s after 4 s at 30 frames a second).
"""

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Self

from hardware.backoff import pauses
from hardware.camera_settings import ORDINARY, CameraSettings
from hardware.capture import Picture, clip_pictures, is_clip, live_pictures
from hardware.picture_health import PictureHealth
from hardware.scan import Cause, DeviceClosed, DeviceLost, Frame

_log = logging.getLogger(__name__)

STALL_SECONDS = 5.0
"""No picture for so long is a lost device; some cameras need three seconds to start."""
OLDEST = 0.2
"""Seconds; what is older is not judged: the sheet may be another one by now. Nor does a frame wait
longer than this for somebody to take it."""
_JOIN_SECONDS = 1.0
"""A driver that hangs in the middle of a picture is left behind."""


class Camera:
    """A camera by number, device path or URL, or a video file played in a loop at its own rate.

    Opens by itself, and again after every loss, with growing pauses. Close it, or use `with`.
    """

    def __init__(
        self,
        address: str,
        settings: CameraSettings = ORDINARY,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._address = address
        self._settings = settings
        self._health = PictureHealth()
        self._stall_seconds = stall_seconds
        self._changed = Condition()
        self._frame: Frame | None = None
        self._came = 0.0
        self._grabbed = 0
        self._given = 0
        self._lost: DeviceLost | None = None
        self._last_sign = time.monotonic()
        self._stop = Event()
        self._thread = Thread(target=self._grab, name="camera", daemon=True)
        self._thread.start()

    def read(self, timeout: float) -> Frame | None:
        """The newest frame not given before, or None after `timeout` seconds.

        Raises DeviceLost while the device is away (after waiting for it to come back), DeviceClosed
        after `close`.
        """
        if self._stop.is_set():
            raise DeviceClosed("the camera is closed")
        with self._changed:
            self._changed.wait_for(lambda: self._fresh() or self._stop.is_set(), timeout)
            frame = self._fresh()
            if frame is None:
                self._complain_if_lost()
                return None
            self._given = frame.sequence
            return frame

    def close(self) -> None:
        """Let the device go. Twice is fine."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(_JOIN_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _fresh(self) -> Frame | None:
        frame = self._frame
        if frame is None or frame.sequence == self._given:
            return None
        # By when it came: a driver that is always late is seen, and noticed where codes are judged.
        return frame if time.monotonic() - self._came < OLDEST else None

    def _complain_if_lost(self) -> None:
        if self._stop.is_set():
            return
        if self._lost is not None:
            raise DeviceLost(str(self._lost), self._lost.cause, self._lost.holder)
        if time.monotonic() - self._last_sign > self._stall_seconds:
            raise DeviceLost("camera: no picture any more", Cause.SILENT)

    def _grab(self) -> None:
        waits = pauses()
        while not self._stop.is_set():
            before = self._grabbed
            try:
                with closing(self._pictures()) as pictures:
                    self._publish(pictures)
            except DeviceLost as lost:
                self._tell_lost(lost)
            except Exception as error:  # noqa: BLE001 - drivers raise what they like; logged
                self._tell_broken(error)
            if self._grabbed > before:
                waits = pauses()
            self._stop.wait(next(waits))

    def _pictures(self) -> Generator[Picture, None, None]:
        if is_clip(self._address):
            return clip_pictures(Path(self._address), self._stop)
        return live_pictures(self._address, self._settings)

    def _publish(self, pictures: Iterator[Picture]) -> None:
        for picture in pictures:
            if self._stop.is_set():
                return
            came = time.monotonic()
            fault = self._health.fault(picture.grey, came)
            if fault is Cause.FROZEN:  # opening it anew is what helps
                raise DeviceLost("camera: the picture is frozen", fault)
            if fault is Cause.BLACK:  # only light helps
                self._tell_lost(DeviceLost("camera: the picture is black", fault))
            else:
                self._show(picture, came)

    def _show(self, picture: Picture, came: float) -> None:
        with self._changed:
            self._grabbed += 1
            self._frame, self._came = Frame(picture.grey, picture.at, self._grabbed), came
            self._lost, self._last_sign = None, came
            self._changed.notify_all()

    def _tell_broken(self, error: Exception) -> None:
        """Say once what a driver raised; the device is opened anew as after any other loss."""
        if self._lost is None:
            _log.error("camera: the driver failed", exc_info=error)
        self._tell_lost(DeviceLost("camera: the driver failed", Cause.SILENT))

    def _tell_lost(self, lost: DeviceLost) -> None:
        with self._changed:
            if self._lost is None or self._lost.cause is not lost.cause:
                _log.warning("%s", lost)
            self._lost, self._frame = lost, None
            self._changed.notify_all()
