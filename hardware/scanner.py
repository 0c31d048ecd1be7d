"""What every scanner has in common: it is opened, lost, waited for and opened again."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock
from types import TracebackType
from typing import Protocol, Self

from hardware.backoff import pauses
from hardware.holders import lost_by
from hardware.scan import Cause, DeviceClosed, DeviceLost, Scan

_log = logging.getLogger(__name__)

NAME = "scanner"
POLL_SECONDS = 0.05
_CLOSING_SECONDS = 0.5


class Line(Protocol):
    """An open scanner."""

    def codes(self, timeout: float) -> list[str]:
        """The codes completed within `timeout` seconds. Raises OSError when the line is gone."""

    def close(self) -> None:
        """Let it go."""


class Scanner:
    """A scanner at an address. Opens by itself, and again after every loss, with growing pauses."""

    def __init__(self, address: str, opened: Callable[[], Line]) -> None:
        """`opened` opens the line. Raises OSError."""
        self._address = address
        self._open = opened
        self._stop = Event()
        self._at_work = Lock()
        self._line: Line | None = None
        self._waiting: list[str] = []
        self._pauses = pauses()
        self._try_at = 0.0
        self._lost = DeviceLost(f"{NAME}: not found", Cause.MISSING)

    def read(self, timeout: float) -> Scan | None:
        """The next code, or None after `timeout` seconds.

        Raises DeviceLost while the scanner is away (after waiting), DeviceClosed after `close`.
        """
        if self._stop.is_set():
            raise DeviceClosed("the scanner is closed")
        until = time.monotonic() + timeout
        while not self._waiting and not self._stop.is_set():
            with self._at_work:
                self._receive(until)
            if time.monotonic() >= until:
                break
        return Scan(self._waiting.pop(0), NAME, time.monotonic()) if self._waiting else None

    def close(self) -> None:
        """Let the scanner go. Twice is fine."""
        self._stop.set()
        # An address that does not answer holds a reader for seconds: it is left behind.
        if self._at_work.acquire(timeout=_CLOSING_SECONDS):
            self._hang_up()
            self._at_work.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _receive(self, until: float) -> None:
        line = self._opened(until)
        try:
            self._waiting += line.codes(max(0.0, min(POLL_SECONDS, until - time.monotonic())))
        except OSError as error:
            self._lose(DeviceLost(f"{NAME}: it was unplugged", Cause.MISSING))
            raise self._lost from error

    def _opened(self, until: float) -> Line:
        if self._line is not None:
            return self._line
        now = time.monotonic()
        if now < self._try_at:
            self._stop.wait(max(0.0, min(self._try_at, until) - now))
            raise DeviceLost(str(self._lost), self._lost.cause, self._lost.holder)
        try:
            self._line = self._open()
        except OSError as error:
            self._lose(lost_by(NAME, self._address, error))
            raise self._lost from error
        self._pauses = pauses()
        return self._line

    def _lose(self, lost: DeviceLost) -> None:
        if self._line is not None or self._lost.cause is not lost.cause:
            _log.warning("%s", lost)
        self._lost = lost
        self._hang_up()
        self._try_at = time.monotonic() + next(self._pauses)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
