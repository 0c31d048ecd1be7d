"""A scanner that is a keyboard to the machine: read by its key events, and taken for us alone.

Ungrabbed it would type into whatever has the focus. `hid:` before the path of a FIFO takes the
same events from there.
"""

import os
import select
import time
from pathlib import Path

from evdev import InputDevice, ecodes

from hardware.keymaps import Layout
from hardware.line_cutter import LineCutter
from hardware.scanner import Scanner
from hardware.typewriter import EventCutter, Typewriter

IDLE_GAP = 0.5
"""Seconds of silence that end a code; the slowest scanners leave 50 ms between two keys."""
SCHEME = "hid:"
_CHUNK = 24 * 64


class KeyLine:
    """Codes out of an open file that carries `struct input_event`s. Owns the file."""

    def __init__(self, handle: int, layout: Layout, prefix: str = "") -> None:
        self._handle = handle
        self._events = EventCutter()
        self._typewriter = Typewriter(layout)
        self._cutter = LineCutter(prefix)
        self._last_event = 0.0
        self._poll = select.poll()
        self._poll.register(handle, select.POLLIN)

    def codes(self, timeout: float) -> list[str]:
        """The codes that were completed within `timeout` seconds. Raises OSError at its end."""
        if self._poll.poll(timeout * 1000):
            return self._receive()
        if self._cutter.is_waiting and time.monotonic() - self._last_event >= IDLE_GAP:
            code = self._cutter.silence()
            return [code] if code else []
        return []

    def close(self) -> None:
        """Let the file go, and with it the grab."""
        os.close(self._handle)

    def _receive(self) -> list[str]:
        chunk = os.read(self._handle, _CHUNK)
        if not chunk:
            raise BrokenPipeError("the other end was closed")
        self._last_event = time.monotonic()
        codes = []
        for event in self._events.feed(chunk):
            if (event.type, event.code) == (ecodes.EV_SYN, ecodes.SYN_DROPPED):
                self._typewriter.let_go()
                self._cutter.spoil("keys were lost")
            codes += self._cutter.feed(self._typewriter.write(event).encode())
        return codes


class HidScanner(Scanner):
    """A scanner at the path of its event device, such as `/dev/input/by-id/…-event-kbd`."""

    def __init__(self, address: str, layout: Layout = Layout.US, prefix: str = "") -> None:
        """`prefix`: what the scanner types before each code; what comes without it is dropped."""
        path = address.removeprefix(SCHEME)
        super().__init__(path, lambda: KeyLine(_open(path), layout, prefix))


def _open(path: str) -> int:
    """The open file of a keyboard that is ours alone now, or of a FIFO. Raises OSError."""
    if Path(path).is_fifo():
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    device = InputDevice(path)
    try:
        device.grab()  # EBUSY when another program has grabbed it
        return os.dup(device.fd)
    finally:
        device.close()
