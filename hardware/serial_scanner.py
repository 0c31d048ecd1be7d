"""A barcode scanner on a serial line: USB virtual COM port, pty, or `socket://host:port`.

Scanners end a code with CR, LF or both; one that is set to send no end is caught by the idle gap.
"""

import logging
import time
from threading import Event
from types import TracebackType
from typing import Self

import serial

from hardware.backoff import pauses
from hardware.scan import DeviceClosed, DeviceLost, Scan

_log = logging.getLogger(__name__)

LONGEST = 1300
"""Bytes of one code. The reader of texts looks at 1 200 characters; what is longer is noise."""
IDLE_GAP = 0.15
"""Seconds of silence that end a code. At 9 600 baud a byte takes one millisecond."""
_POLL = 0.03
_CHUNK = 256
_CONTROLS = bytes([*range(0x20), 0x7F])


class LineCutter:
    """Cuts a stream of bytes into codes; what is too long is dropped up to its end."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._overlong = False

    def feed(self, chunk: bytes) -> list[str]:
        """The codes that this chunk completes."""
        *ended, rest = chunk.replace(b"\r", b"\n").split(b"\n")
        codes = []
        for part in ended:
            self._hold(part)
            codes.append(self.flush())
        self._hold(rest)
        return [code for code in codes if code]

    def flush(self) -> str:
        """The code held so far, complete because nothing followed; empty when there is none."""
        text = "" if self._overlong else self._held.decode("utf-8", "replace").strip()
        self._held.clear()
        self._overlong = False
        return text

    def _hold(self, part: bytes) -> None:
        self._held += part.translate(None, _CONTROLS)
        if len(self._held) > LONGEST:
            self._held.clear()
            self._overlong = True


class SerialScanner:
    """A scanner at an address pyserial knows. Opens by itself and again after every loss."""

    def __init__(self, address: str, baud: int = 9600, name: str = "scanner") -> None:
        self._address = address
        self._baud = baud
        self._name = name
        self._stop = Event()
        self._cutter = LineCutter()
        self._waiting: list[str] = []
        self._pauses = pauses()
        self._try_at = 0.0
        self._last_byte = 0.0
        self._port: serial.SerialBase | None = None

    def read(self, timeout: float) -> Scan | None:
        """The next code, or None after `timeout` seconds.

        Raises DeviceLost while the scanner is away (after waiting), DeviceClosed after `close`.
        """
        if self._stop.is_set():
            raise DeviceClosed("the scanner is closed")
        until = time.monotonic() + timeout
        while not self._waiting and not self._stop.is_set():
            self._receive(until)
            if time.monotonic() >= until:
                break
        if not self._waiting:
            return None
        return Scan(self._waiting.pop(0), self._name, time.monotonic())

    def close(self) -> None:
        """Let the line go. Twice is fine."""
        self._stop.set()
        self._hang_up()

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
        try:
            port = self._opened(until)
            chunk = port.read(_CHUNK) or b""
        except (OSError, serial.SerialException) as error:
            self._lose()
            raise DeviceLost(f"{self._name}: the line is gone") from error
        now = time.monotonic()
        if chunk:
            self._last_byte = now
            self._waiting += self._cutter.feed(chunk)
        elif now - self._last_byte >= IDLE_GAP and (code := self._cutter.flush()):
            self._waiting.append(code)

    def _opened(self, until: float) -> serial.SerialBase:
        if self._port is None:
            now = time.monotonic()
            if now < self._try_at:
                self._stop.wait(min(self._try_at, until) - now)
                raise DeviceLost(f"{self._name}: not found")
            self._port = serial.serial_for_url(self._address, self._baud, timeout=_POLL)
            self._pauses = pauses()
        return self._port

    def _lose(self) -> None:
        if self._port is not None:
            _log.warning("%s: the line is gone", self._name)
        self._hang_up()
        self._cutter.flush()
        self._try_at = time.monotonic() + next(self._pauses)

    def _hang_up(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()
