"""A barcode scanner on a serial line: USB virtual COM port, pty, or `socket://host:port`."""

import time

import serial

from hardware.line_cutter import LineCutter
from hardware.scanner import POLL_SECONDS, Scanner

IDLE_GAP = 0.15
"""Seconds of silence that end a code. At 9 600 baud a byte takes one millisecond."""
_CHUNK = 256


class SerialLine:
    """An open serial port. SerialException is an OSError."""

    def __init__(self, address: str, baud: int, prefix: str) -> None:
        # Alone: of two readers each would get every other piece of a code.
        self._port = serial.serial_for_url(address, baud, timeout=POLL_SECONDS, exclusive=True)
        self._cutter = LineCutter(prefix)
        self._last_byte = 0.0

    def codes(self, timeout: float) -> list[str]:
        """The codes completed within `timeout` seconds. Raises OSError when the line is gone."""
        self._port.timeout = timeout
        # One byte that is there ends the waiting: what is with it is taken in the same breath.
        chunk = self._port.read(1)
        now = time.monotonic()
        if chunk:
            self._last_byte = now
            return self._cutter.feed(chunk + self._port.read(self._at_hand()))
        if self._cutter.is_waiting and now - self._last_byte >= IDLE_GAP:
            code = self._cutter.silence()
            return [code] if code else []
        return []

    def close(self) -> None:
        """Let the port go."""
        self._port.close()

    def _at_hand(self) -> int:
        return min(_CHUNK, self._port.in_waiting)


class SerialScanner(Scanner):
    """A scanner at an address pyserial knows."""

    def __init__(self, address: str, baud: int = 9600, prefix: str = "") -> None:
        """`prefix`: what the scanner sends before each code; what comes without it is dropped."""
        super().__init__(address, lambda: SerialLine(address, baud, prefix))
