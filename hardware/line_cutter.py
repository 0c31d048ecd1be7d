"""Cuts what a scanner sends into codes, whatever happens on the line meanwhile.

Scanners end a code with CR, LF or both; one that is set to send no end is caught by silence. Once
an end was seen, silence means something else: half a code, and half a code is nobody's.
"""

import logging
from contextlib import suppress

_log = logging.getLogger(__name__)

LONGEST = 1300
"""Bytes of one code. The reader of texts looks at 1 200 characters; what is longer is noise."""
_CONTROLS = bytes([*range(0x20), 0x7F])
_BREAK = b"\0"
"""How a break arrives: the line was pulled low, so what was on it is not to be believed."""
_ENCODINGS = ("utf-8", "shift_jis")
"""Codes of others hold Japanese; what is neither comes of a wrong baud rate or a loose plug."""


class LineCutter:
    """Cuts a stream of bytes into codes; what is too long, broken or noise is dropped whole."""

    def __init__(self, prefix: str = "") -> None:
        """`prefix`: what the scanner sends before each code; anything without it is dropped."""
        self._prefix = prefix
        self._held = bytearray()
        self._spoilt: str | None = None
        self._sends_ends = False

    @property
    def is_waiting(self) -> bool:
        """Whether a code has begun and not ended."""
        return bool(self._held or self._spoilt)

    def feed(self, chunk: bytes) -> list[str]:
        """The codes that this chunk completes."""
        *ended, rest = chunk.replace(b"\r", b"\n").split(b"\n")
        codes = []
        for part in ended:
            self._hold(part)
            self._sends_ends = True
            codes.append(self._taken())
        self._hold(rest)
        return [code for code in codes if code]

    def silence(self) -> str:
        """The code held so far, complete because nothing followed; empty when there is none."""
        if self._sends_ends and self._held:
            self.spoil("half a code")
        return self._taken()

    def forget(self) -> None:
        """Drop what was begun: the line is gone."""
        self._held.clear()
        self._spoilt = None

    def _hold(self, part: bytes) -> None:
        before, broken, after = part.rpartition(_BREAK)
        if broken and (self._held or before.translate(None, _CONTROLS)):
            self.spoil("a break")
        self._held += after.translate(None, _CONTROLS)
        if len(self._held) > LONGEST:
            self.spoil("too long")

    def spoil(self, why: str) -> None:
        """Believe nothing up to the next end: part of what was sent is lost."""
        self._held.clear()
        self._spoilt = why

    def _taken(self) -> str:
        text = "" if self._spoilt else self._text()
        if self._spoilt is not None:
            _log.warning("scanner: dropped what was sent: %s", self._spoilt)
            text = ""
        self.forget()
        return text

    def _text(self) -> str:
        """What is held, without the prefix; spoils it when it is no text or has no prefix."""
        text = self._decoded()
        _, found, after = text.partition(self._prefix) if self._prefix else ("", "", text)
        if text and found != self._prefix:
            self.spoil("no prefix")
        return after.strip()

    def _decoded(self) -> str:
        for encoding in _ENCODINGS:
            with suppress(UnicodeDecodeError):
                return self._held.decode(encoding)
        self.spoil("noise")
        return ""
