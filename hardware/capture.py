"""Pictures straight from OpenCV, with its silences turned into DeviceLost.

`cv2.VideoCapture` raises nothing: a missing device is `isOpened() == False`, an unplugged one and
the end of a file are both `(False, None)`, and some drivers repeat the last picture for ever.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import cv2
import numpy as np

from hardware.scan import DeviceLost, Grey

WIDTH, HEIGHT = 1280, 720
OPENING_MS = 5000
FROZEN_SECONDS = 5.0
FALLBACK_RATE = 15.0
"""Pictures a second of a clip that does not say."""


def live_pictures(address: str) -> Generator[Grey, None, None]:
    """The pictures of a device (number or path) or a stream (URL) as they come.

    Raises DeviceLost when it cannot be opened, ends, or shows the very same picture for 5 s.
    """
    with _opened(address) as capture:
        frozen = FrozenCheck(FROZEN_SECONDS)
        while True:
            grabbed, picture = capture.read()
            if not grabbed or picture is None:
                raise DeviceLost("camera: the pictures ended")
            grey = _grey(picture)
            if frozen.is_frozen(grey, time.monotonic()):
                raise DeviceLost("camera: the picture is frozen")
            yield grey


def clip_pictures(path: Path, stop: Event) -> Generator[Grey, None, None]:
    """The pictures of a video file at its own rate, over and over, until `stop`."""
    while not stop.is_set():
        with closing(_one_showing(path, stop)) as showing:
            yield from showing


def _one_showing(path: Path, stop: Event) -> Generator[Grey, None, None]:
    with _opened(str(path)) as capture:
        rate = capture.get(cv2.CAP_PROP_FPS) or FALLBACK_RATE
        began, shown = time.monotonic(), 0
        while not stop.wait(max(0.0, began + shown / rate - time.monotonic())):
            grabbed, picture = capture.read()
            if not grabbed or picture is None:
                break
            shown += 1
            yield _grey(picture)
    if not shown and not stop.is_set():
        raise DeviceLost("clip: no picture in it")


class FrozenCheck:
    """Notices a device that repeats one picture. Sensors have noise: equal means not taken anew."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: Grey | None = None
        self._since = 0.0

    def is_frozen(self, grey: Grey, at: float) -> bool:
        """Whether this picture has been the same for too long.

        A flat picture may repeat: a covered lens is compressed to plain black, and is no fault.
        """
        if self._last is None or not np.array_equal(self._last, grey):
            self._last, self._since = grey, at
            return False
        return at - self._since >= self._seconds and int(np.ptp(grey)) > 16


@contextmanager
def _opened(address: str) -> Iterator[cv2.VideoCapture]:
    capture = cv2.VideoCapture()
    try:
        if not _open(capture, address):
            raise DeviceLost("camera: cannot be opened")
        yield capture
    finally:
        capture.release()


def _open(capture: cv2.VideoCapture, address: str) -> bool:
    if "://" in address or Path(address).is_file():
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPENING_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, 3000]
        return bool(capture.open(address, cv2.CAP_FFMPEG, limits))
    device = int(address) if address.isdecimal() else address
    if not capture.open(device, cv2.CAP_V4L2):
        return False
    # MJPG: raw YUV at 720p does not fit through USB 2 faster than 10 pictures a second.
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return True


def _grey(picture: np.ndarray) -> Grey:
    if picture.ndim == 2:
        return picture.astype(np.uint8, copy=False)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
