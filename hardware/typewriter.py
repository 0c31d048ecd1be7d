"""Turns the key presses of a scanner into the characters it meant."""

import struct
from typing import NamedTuple

from evdev import ecodes

from hardware.keymaps import END, KEYMAPS, PAD_DIGITS, Layout

_SHIFTS = (ecodes.KEY_LEFTSHIFT, ecodes.KEY_RIGHTSHIFT)
_CONTROLS = (ecodes.KEY_LEFTCTRL, ecodes.KEY_RIGHTCTRL)
_ALTS = (ecodes.KEY_LEFTALT, ecodes.KEY_RIGHTALT)
_MODIFIERS = frozenset((*_SHIFTS, *_CONTROLS, *_ALTS))
_PRESSED, _RELEASED = 1, 0


class KeyEvent(NamedTuple):
    """One `struct input_event` without its time."""

    type: int
    code: int
    value: int


class EventCutter:
    """Cuts the bytes of an input device into events, also when they arrive in pieces."""

    _EVENT = struct.Struct("llHHi")

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[KeyEvent]:
        """The events that this chunk completes."""
        whole = self._rest + chunk
        end = len(whole) - len(whole) % self._EVENT.size
        self._rest = whole[end:]
        return [KeyEvent(*fields[2:]) for fields in self._EVENT.iter_unpack(whole[:end])]


class Typewriter:
    """Keeps which modifiers are down; gives what each key writes in one layout.

    Shift and Caps Lock are followed; with Alt, digits of the number pad are the number of a
    character (the layout-free mode of many scanners); Ctrl-J and Ctrl-M are the ends they are in
    ASCII. Whatever else is pressed writes nothing.
    """

    def __init__(self, layout: Layout) -> None:
        self._keymap = KEYMAPS[layout]
        self._down: set[int] = set()
        self._capitals = False
        self._number = ""

    def write(self, event: KeyEvent) -> str:
        """What this event writes: nothing or one character, `END` for the end of a code."""
        if event.type != ecodes.EV_KEY:
            return ""
        if event.code in _MODIFIERS:
            return self._hold(event)
        if event.value != _PRESSED:  # a key held down repeats; a scanner means it once
            return ""
        if event.code == ecodes.KEY_CAPSLOCK:
            self._capitals = not self._capitals
        if self._down.intersection(_ALTS):
            self._number += PAD_DIGITS.get(event.code, "")
            return ""
        if self._down.intersection(_CONTROLS):
            return END if event.code in (ecodes.KEY_J, ecodes.KEY_M) else ""
        return self._sign(event.code)

    def let_go(self) -> None:
        """Take every key as released: events were lost, or the device was."""
        self._down.clear()
        self._number = ""

    def _hold(self, event: KeyEvent) -> str:
        if event.value != _RELEASED:
            self._down.add(event.code)
            return ""
        self._down.discard(event.code)
        number, self._number = self._number, ""
        return chr(int(number)) if 0 < len(number) <= 4 and _is_sign(int(number)) else ""

    def _sign(self, key: int) -> str:
        plain, shifted = self._keymap.get(key, ("", ""))
        shift = bool(self._down.intersection(_SHIFTS))
        if plain.isalpha():
            shift ^= self._capitals
        return shifted if shift else plain


def _is_sign(number: int) -> bool:
    return number in (0x0A, 0x0D) or 0x20 <= number < 0x7F
