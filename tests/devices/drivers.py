"""OpenCV's own capture with the driver behind it that a test wants."""

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import cv2
import numpy as np

PATCHED = "hardware.capture.cv2.VideoCapture"
_CAPTURE = cv2.VideoCapture


class Driver:
    """Passes everything on. Not derived from OpenCV's class, which does not bear that."""

    def __init__(self) -> None:
        self.real = _CAPTURE()

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


class Failing(Driver):
    """It raises while it is broken."""

    broken = Event()

    def read(self) -> tuple[bool, np.ndarray]:
        if self.broken.is_set():
            raise cv2.error("(-215:Assertion failed) bytesused <= length")
        return self.real.read()


class Stamping(Driver):
    """A device that films the clip beside it, and stamps as V4L2 does.

    It keeps every picture for `late` seconds, as some USB hubs make it.
    """

    late = 0.25

    def open(self, path: str, *_: object) -> bool:
        self._clip = str(Path(path).with_suffix(".avi"))
        return self.real.open(self._clip)

    def read(self) -> tuple[bool, np.ndarray]:
        time.sleep(0.066)
        grabbed, picture = self.real.read()
        if not grabbed and self.real.open(self._clip):
            return self.real.read()
        return grabbed, picture

    def get(self, name: int) -> float:
        if name == cv2.CAP_PROP_POS_MSEC:
            return 1000 * (time.monotonic() - self.late)
        return self.real.get(name)


def video_driver(can: int, error: Callable[[], int | None]) -> Callable[..., int]:
    """The kernel's answers of a V4L2 device, as `fcntl.ioctl` gives them; no such device is here.

    `can`: its capabilities. `error`: why it refuses buffers now; None: it does not.
    """

    def ioctl(_device: int, request: int, about: bytearray | bytes) -> int:
        if request == 0x80685600:  # VIDIOC_QUERYCAP
            assert isinstance(about, bytearray)
            struct.pack_into("I", about, 88, can)
            return 0
        assert request == 0xC0145608  # VIDIOC_REQBUFS
        number = error()
        if number is not None:
            raise OSError(number, os.strerror(number))
        return 0

    return ioctl
