"""What the keys of a keyboard mean, by layout: US, and JIS (JIS X 6002, the 106/109 keyboard).

A scanner that is a keyboard sends keys, not characters; which character a key is depends on the
layout the scanner was set to. Codes are those of linux/input-event-codes.h, in evdev's names.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

from evdev import ecodes

Keymap: TypeAlias = Mapping[int, tuple[str, str]]
"""Key → what it writes alone and with Shift; "" writes nothing."""
END = "\n"


class Layout(StrEnum):
    """The layouts a scanner can be set to."""

    US = "us"
    JIS = "jis"


def _row(first: int, plain: str, shifted: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Keys that follow one another on the board and in the codes."""
    return {first + i: pair for i, pair in enumerate(zip(plain, shifted, strict=True))}


def _same(keys: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    return {key: (sign, sign) for key, sign in keys.items()}


_PAD_DIGITS = {
    getattr(ecodes, f"KEY_KP{digit}"): digit for digit in "0123456789"
}  # with NumLock on, as scanners take it to be
_EVERYWHERE = (
    _row(ecodes.KEY_Q, "qwertyuiop", "QWERTYUIOP")
    | _row(ecodes.KEY_A, "asdfghjkl", "ASDFGHJKL")
    | _row(ecodes.KEY_Z, "zxcvbnm,./", "ZXCVBNM<>?")
    | _same(_PAD_DIGITS)
    | _same(
        {
            ecodes.KEY_KPMINUS: "-",
            ecodes.KEY_KPPLUS: "+",
            ecodes.KEY_KPDOT: ".",
            ecodes.KEY_KPSLASH: "/",
            ecodes.KEY_KPASTERISK: "*",
            ecodes.KEY_KPEQUAL: "=",
            ecodes.KEY_KPCOMMA: ",",
            ecodes.KEY_SPACE: " ",
            ecodes.KEY_ENTER: END,
            ecodes.KEY_KPENTER: END,
            ecodes.KEY_LINEFEED: END,
            ecodes.KEY_TAB: END,
        }
    )
)
_US = (
    _row(ecodes.KEY_1, "1234567890-=", "!@#$%^&*()_+")
    | _row(ecodes.KEY_LEFTBRACE, "[]", "{}")
    | _row(ecodes.KEY_SEMICOLON, ";'`", ':"~')
    | _row(ecodes.KEY_BACKSLASH, "\\", "|")
    | _row(ecodes.KEY_102ND, "\\", "|")
)
_JIS = (
    _row(ecodes.KEY_1, "1234567890-^", ("!", '"', *"#$%&'()", "", "=", "~"))
    | _row(ecodes.KEY_LEFTBRACE, "@[", "`{")
    | _row(ecodes.KEY_SEMICOLON, ";:", "+*")
    | _row(ecodes.KEY_BACKSLASH, "]", "}")
    | _row(ecodes.KEY_RO, "\\", "_")
    | _row(ecodes.KEY_YEN, "\\", "|")
)
KEYMAPS: Mapping[Layout, Keymap] = {
    Layout.US: _EVERYWHERE | _US,
    Layout.JIS: _EVERYWHERE | _JIS,
}
PAD_DIGITS: Mapping[int, str] = _PAD_DIGITS


def as_read(text: str, sent: Layout, taken: Layout) -> str:
    """What a text becomes that is typed on one layout and taken for another."""
    keys: dict[str, tuple[int, int]] = {}
    for key, signs in KEYMAPS[sent].items():
        for shift, sign in enumerate(signs):
            keys.setdefault(sign, (key, shift))
    places = [keys[sign] for sign in text]
    return "".join(KEYMAPS[taken].get(key, ("", ""))[shift] for key, shift in places)
