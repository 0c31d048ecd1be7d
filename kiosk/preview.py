"""The camera's picture on the screen: the newest frame, small, with marks where a code lies."""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from threading import Condition

import cv2
import numpy as np

from hardware.scan import Grey

WIDTH = 640
FRAMES_A_SECOND = 20
"""At most, to each browser: it looks live, and costs 3 ms of a core each."""
QUALITY = 70
BOUNDARY = "frame"
_MARK = (40, 200, 60)
Corners = Sequence[Sequence[float]]


class Preview:
    """One slot with the newest picture, encoded only while somebody looks."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._frame: tuple[Grey, tuple[Corners, ...]] | None = None
        self._number = 0
        self._closed = False
        self.turn = 0
        """How often the camera went away. It belongs in the picture's address: a browser shows
        what it has of an address again, be it the last picture or none."""

    def show(self, grey: Grey, places: tuple[Corners, ...]) -> None:
        """Offer a frame and where codes lie in it."""
        with self._changed:
            self._frame, self._number = (grey, places), self._number + 1
            self._changed.notify_all()

    def clear(self) -> None:
        """The camera is away: an old picture would look like a live one."""
        with self._changed:
            self._frame = None
            self.turn += 1

    def close(self) -> None:
        """End every stream: each holds a thread that the server waits for when it stops."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def stream(self, seconds_without: float = 3.0) -> Iterator[bytes]:
        """Parts of a multipart answer; ends when no picture comes any more."""
        number, due = 0, 0.0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed, due - time.monotonic())
                came = self._changed.wait_for(partial(self._is_newer, number), seconds_without)
                frame, number = self._frame, self._number
            if not came or frame is None or self._closed:
                return
            due = time.monotonic() + 1 / FRAMES_A_SECOND  # from here: the work is no pause
            jpeg = picture(*frame)
            head = (
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            )
            yield head.encode() + jpeg + b"\r\n"

    def _is_newer(self, number: int) -> bool:
        return self._closed or self._number != number


def picture(grey: Grey, places: tuple[Corners, ...]) -> bytes:
    """A frame as JPEG, at most 640 pixels wide."""
    scale = min(1.0, WIDTH / grey.shape[1])
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    coloured = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    for corners in places:
        _mark(coloured, np.asarray(corners, dtype=np.float64) * scale)
    _, jpeg = cv2.imencode(".jpg", coloured, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return jpeg.tobytes()


def _mark(canvas: np.ndarray, corners: np.ndarray) -> None:
    """A bracket at each corner, a quarter of the side long."""
    for here, before, after in zip(
        corners, np.roll(corners, 1, 0), np.roll(corners, -1, 0), strict=True
    ):
        for other in (before, after):
            end = here + (other - here) / 4
            start_point, end_point = (tuple(int(v) for v in p) for p in (here, end))
            cv2.line(canvas, start_point, end_point, _MARK, 4, cv2.LINE_AA)
