"""Pictures straight from OpenCV, with its silences turned into DeviceLost.

`cv2.VideoCapture` mostly raises nothing: a missing device is `isOpened() == False`, an unplugged
one and the end of a file are both `(False, None)`.
"""

import logging
import os
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import NamedTuple

import cv2
import numpy as np

from hardware.camera_settings import CameraSettings
from hardware.scan import Cause, DeviceLost, Grey
from hardware.video_device import why_silent

_log = logging.getLogger(__name__)
# OpenCV writes past every logger to standard error; what it has to say is said by DeviceLost.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

OPENING_MS = 5000
FALLBACK_RATE = 15.0
"""Pictures a second of a clip that does not say."""
LATEST = 10.0
"""Seconds; a driver's time that lies further back is that of another clock."""


class Picture(NamedTuple):
    """One picture and when it was taken, in monotonic seconds."""

    grey: Grey
    at: float


def live_pictures(address: str, settings: CameraSettings) -> Generator[Picture, None, None]:
    """The pictures of a device (number or path) or a stream (URL) as they come.

    Raises DeviceLost when it cannot be opened or ends.
    """
    with _opened(address) as capture:
        _set(capture, address, settings)
        while True:
            grabbed, picture = capture.read()
            if not grabbed or picture is None:
                raise DeviceLost("camera: the pictures ended", Cause.SILENT)
            yield Picture(_grey(picture), _taken(capture, address))


def taken_at(stamp: float, now: float) -> float:
    """When a picture was taken that came at `now`: the driver's word where it can be true.

    `stamp`: seconds; 0 when the driver says nothing. V4L2 stamps with the monotonic clock, which is
    ours, so a picture that waited in a buffer shows its age. Some drivers stamp with the time of
    day or since their own start: such a picture counts as taken when it came.
    """
    return stamp if stamp > 0 and 0 <= now - stamp < LATEST else now


def clip_pictures(path: Path, stop: Event) -> Generator[Picture, None, None]:
    """The pictures of a video file at its own rate, over and over, until `stop`."""
    while not stop.is_set():
        with closing(_one_showing(path, stop)) as showing:
            yield from showing


def is_clip(address: str) -> bool:
    """Whether a file stands at that address; False also where this user may not look."""
    return os.path.isfile(address)  # noqa: PTH113 - Path.is_file raises PermissionError


def _one_showing(path: Path, stop: Event) -> Generator[Picture, None, None]:
    with _opened(str(path)) as capture:
        rate = capture.get(cv2.CAP_PROP_FPS) or FALLBACK_RATE
        began, shown = time.monotonic(), 0
        while not stop.wait(max(0.0, began + shown / rate - time.monotonic())):
            grabbed, picture = capture.read()
            if not grabbed or picture is None:
                break
            shown += 1
            yield Picture(_grey(picture), time.monotonic())
    if not shown and not stop.is_set():
        raise DeviceLost("clip: no picture in it", Cause.UNFIT)


def _taken(capture: cv2.VideoCapture, address: str) -> float:
    """Only of a device: of a stream OpenCV gives the seconds since its beginning."""
    stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 if _is_device(address) else 0.0
    return taken_at(stamp, time.monotonic())


@contextmanager
def _opened(address: str) -> Iterator[cv2.VideoCapture]:
    capture = cv2.VideoCapture()
    try:
        if not _open(capture, address):
            raise _why_not(address)
        yield capture
    finally:
        capture.release()


def _open(capture: cv2.VideoCapture, address: str) -> bool:
    if not _is_device(address):
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPENING_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, 3000]
        return bool(capture.open(address, cv2.CAP_FFMPEG, limits))
    return bool(capture.open(_device_path(address), cv2.CAP_V4L2))


def _why_not(address: str) -> DeviceLost:
    if _is_device(address):
        return why_silent(_device_path(address))
    if "://" in address:
        return DeviceLost("camera: the stream does not answer", Cause.MISSING)
    return DeviceLost("clip: it is no video", Cause.UNFIT)


def _is_device(address: str) -> bool:
    return "://" not in address and not is_clip(address)


def _device_path(address: str) -> str:
    return f"/dev/video{address}" if address.isdecimal() else address


def _set(capture: cv2.VideoCapture, address: str, settings: CameraSettings) -> None:
    """Ask for the settings; what a camera makes of them is only said in the log."""
    if not _is_device(address):
        return
    for name, value in settings.properties():
        capture.set(name, value)
    given = tuple(
        int(capture.get(name)) for name in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    )
    if given != (settings.width, settings.height):
        _log.warning("the camera gives %dx%d instead of what was asked", *given)


def _grey(picture: np.ndarray) -> Grey:
    if picture.ndim == 2:
        return picture.astype(np.uint8, copy=False)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
