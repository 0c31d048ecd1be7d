"""Scanners that are keyboards: real `struct input_event`s through sockets, FIFOs and uinput."""

import os
import socket
import string
import struct
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Thread

import pytest
from evdev import UInput, ecodes
from hypothesis import given
from hypothesis import strategies as st

from hardware.hid_scanner import HidScanner, KeyLine
from hardware.keymaps import KEYMAPS, Layout
from hardware.scan import Cause, DeviceClosed, DeviceLost, Scan
from hardware.typewriter import EventCutter, KeyEvent, Typewriter

CODE = "9101" + "0123456789" * 60
PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
SHIFT, ENTER = ecodes.KEY_LEFTSHIFT, ecodes.KEY_ENTER


def event(kind: int, code: int, value: int) -> bytes:
    """As the kernel writes it on this machine."""
    return struct.pack("llHHi", 1, 2, kind, code, value)


def press(key: int, *held: int) -> bytes:
    """A key going down and up while others are held, with the reports between."""
    down = b"".join(event(ecodes.EV_KEY, one, 1) for one in (*held, key))
    up = b"".join(event(ecodes.EV_KEY, one, 0) for one in (key, *reversed(held)))
    report = event(ecodes.EV_SYN, ecodes.SYN_REPORT, 0)
    return event(ecodes.EV_MSC, ecodes.MSC_SCAN, 0x70000) + down + report + up + report


def typed(text: str, layout: Layout = Layout.US) -> bytes:
    """What a scanner set to a layout sends for a text."""
    keys = {}
    for key, (plain, shifted) in KEYMAPS[layout].items():
        keys.setdefault(shifted, (key, SHIFT))
        keys[plain] = (key,)
    return b"".join(press(*keys[sign]) for sign in text)


def written(stream: bytes, layout: Layout = Layout.US) -> str:
    typewriter = Typewriter(layout)
    return "".join(typewriter.write(one) for one in EventCutter().feed(stream))


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def codes_of(line: KeyLine, count: int = 1, seconds: float = 2.0) -> list[str]:
    found, until = [], time.monotonic() + seconds
    while time.monotonic() < until and len(found) < count:
        found += line.codes(0.05)
    return found


@pytest.mark.parametrize("layout", list(Layout))
def test_every_printable_character_of_a_layout_can_be_typed(layout: Layout) -> None:
    assert written(typed(PRINTABLE, layout), layout) == PRINTABLE


@pytest.mark.parametrize(
    ("key", "us", "jis"),
    [
        (ecodes.KEY_2, '2@', '2"'), (ecodes.KEY_6, "6^", "6&"), (ecodes.KEY_9, "9(", "9)"),
        (ecodes.KEY_0, "0)", "0"), (ecodes.KEY_MINUS, "-_", "-="), (ecodes.KEY_EQUAL, "=+", "^~"),
        (ecodes.KEY_LEFTBRACE, "[{", "@`"), (ecodes.KEY_SEMICOLON, ";:", ";+"),
        (ecodes.KEY_APOSTROPHE, "'\"", ":*"), (ecodes.KEY_BACKSLASH, "\\|", "]}"),
        (ecodes.KEY_YEN, "", "\\|"), (ecodes.KEY_RO, "", "\\_"), (ecodes.KEY_GRAVE, "`~", ""),
    ],
)  # fmt: skip
def test_keys_that_differ_by_layout(key: int, us: str, jis: str) -> None:
    both = press(key) + press(key, SHIFT)
    assert (written(both, Layout.US), written(both, Layout.JIS)) == (us, jis)


@pytest.mark.parametrize("layout", list(Layout))
def test_digits_are_the_same_on_every_layout_and_on_the_number_pad(layout: Layout) -> None:
    pad = [getattr(ecodes, f"KEY_KP{digit}") for digit in string.digits]
    stream = typed(string.digits, Layout.US) + b"".join(press(key) for key in pad)
    assert written(stream, layout) == string.digits * 2


def test_caps_lock_turns_letters_over_and_nothing_else() -> None:
    caps = press(ecodes.KEY_CAPSLOCK)
    assert written(caps + typed("aB1!") + caps + typed("aB1!")) == "Ab1!aB1!"


def test_a_key_held_down_is_meant_once() -> None:
    repeats = event(ecodes.EV_KEY, ecodes.KEY_7, 2) * 5
    assert written(press(ecodes.KEY_7) + repeats + press(ecodes.KEY_8)) == "78"


def test_numbers_typed_with_alt_are_characters() -> None:
    pads = {digit: getattr(ecodes, f"KEY_KP{digit}") for digit in string.digits}

    def alt(number: str) -> bytes:
        down = event(ecodes.EV_KEY, ecodes.KEY_LEFTALT, 1)
        up = event(ecodes.EV_KEY, ecodes.KEY_LEFTALT, 0)
        return down + b"".join(press(pads[digit]) for digit in number) + up

    assert written(alt("0057") + alt("049") + alt("") + alt("12354")) == "91"


@given(st.lists(st.tuples(st.integers(0, 0x1F), st.integers(0, 767), st.integers(0, 2))))
def test_any_events_write_printable_characters_or_ends(events: list[tuple[int, int, int]]) -> None:
    for layout in Layout:
        typewriter = Typewriter(layout)
        signs = {typewriter.write(KeyEvent(*one)) for one in events}
        assert signs <= {*PRINTABLE, "\n", "\r", ""}


@pytest.mark.parametrize("end", [ENTER, ecodes.KEY_KPENTER, ecodes.KEY_TAB])
def test_a_code_ends_with_enter_or_tab(ends: tuple[socket.socket, socket.socket], end: int) -> None:
    there, here = ends
    line = KeyLine(here.fileno(), Layout.US)
    there.sendall(typed("910111") + press(end) + typed("910122") + press(end))
    assert codes_of(line, 2) == ["910111", "910122"]


def test_a_code_ends_by_control_m_too_and_by_silence(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    there, here = ends
    line = KeyLine(here.fileno(), Layout.US)
    there.sendall(typed("910111"))
    assert codes_of(line) == ["910111"]
    there.sendall(typed("910122") + press(ecodes.KEY_M, ecodes.KEY_LEFTCTRL))
    assert codes_of(line) == ["910122"]
    there.sendall(typed("9101"))  # ends are known by now: half a code
    assert codes_of(line, seconds=0.8) == []
    there.sendall(typed("910133") + press(ENTER))
    assert codes_of(line) == ["910133"]


def test_events_in_pieces_are_whole(ends: tuple[socket.socket, socket.socket]) -> None:
    there, here = ends
    line = KeyLine(here.fileno(), Layout.US)
    stream, found = typed("910111") + press(ENTER), []
    for start in range(0, len(stream), 37):
        there.sendall(stream[start : start + 37])
        found += line.codes(0.2)
    assert found == ["910111"]


def test_a_code_of_which_keys_were_lost_is_dropped(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    there, here = ends
    line = KeyLine(here.fileno(), Layout.US)
    lost = event(ecodes.EV_KEY, SHIFT, 1) + event(ecodes.EV_SYN, ecodes.SYN_DROPPED, 0)
    there.sendall(typed("9101") + lost + typed("11") + press(ENTER))
    there.sendall(typed("910122") + press(ENTER))
    assert codes_of(line) == ["910122"]


def test_what_somebody_types_before_the_prefix_is_dropped(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    there, here = ends
    line = KeyLine(here.fileno(), Layout.JIS, prefix="@")
    there.sendall(typed("42") + typed("@910111", Layout.JIS) + press(ENTER))
    assert codes_of(line) == ["910111"]


def test_a_closed_other_end_is_an_error_of_the_system(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    there, here = ends
    line = KeyLine(here.fileno(), Layout.US)
    there.close()
    with pytest.raises(OSError, match="closed"):
        line.codes(1)


def read_until(scanner: HidScanner, seconds: float = 8) -> Scan | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if scan := scanner.read(0.2):
                return scan
        except DeviceLost:
            continue
    return None


def lost(scanner: HidScanner) -> DeviceLost:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            scanner.read(0.2)
        except DeviceLost as loss:
            return loss
    pytest.fail("the scanner was not lost")


def test_a_long_code_through_a_fifo_is_read_whole(tmp_path: Path) -> None:
    fifo = tmp_path / "keys"
    os.mkfifo(fifo)
    with HidScanner(f"hid:{fifo}") as scanner:
        assert scanner.read(0.1) is None
        # More than a pipe holds: as with a real keyboard, it is read while it is typed.
        typing = Thread(target=fifo.write_bytes, args=(typed(CODE) + press(ENTER),))
        typing.start()
        scan = read_until(scanner)
        typing.join(5)
    assert scan is not None
    assert (scan.text, scan.source) == (CODE, "scanner")


def test_an_unplugged_keyboard_is_lost_and_comes_back_under_its_name(tmp_path: Path) -> None:
    fifo = tmp_path / "keys"
    os.mkfifo(fifo)
    with HidScanner(f"hid:{fifo}") as scanner:
        assert scanner.read(0.1) is None
        with fifo.open("wb") as there:
            there.write(typed("9101"))
        loss = lost(scanner)
        assert (str(loss), loss.cause) == ("scanner: it was unplugged", Cause.MISSING)
        fifo.unlink()
        assert lost(scanner).cause is Cause.MISSING
        os.mkfifo(fifo)
        there = os.open(fifo, os.O_RDWR)  # for writing alone it would wait for a reader
        os.write(there, typed("910122") + press(ENTER))
        scan = read_until(scanner)
        os.close(there)
    assert scan is not None
    assert scan.text == "910122"


@pytest.mark.parametrize(
    ("path", "cause"), [("/dev/input/by-id/none", Cause.MISSING), ("/dev/null", Cause.UNFIT)]
)
def test_what_is_no_keyboard_is_named_as_such(path: str, cause: Cause) -> None:
    with HidScanner(path) as scanner:
        assert lost(scanner).cause is cause


def test_closing_twice_is_fine_and_reading_after_it_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "keys")
    scanner = HidScanner(f"hid:{tmp_path / 'keys'}")
    assert scanner.read(0.05) is None
    scanner.close()
    scanner.close()
    with pytest.raises(DeviceClosed):
        scanner.read(0.1)


@pytest.mark.skipif(
    not os.access("/dev/uinput", os.W_OK), reason="no /dev/uinput: no virtual keyboard can be made"
)
def test_a_virtual_keyboard_is_grabbed_for_us_alone() -> None:
    keys: Sequence[int] = list(KEYMAPS[Layout.US])
    with (
        UInput({ecodes.EV_KEY: [*keys, SHIFT]}, name="test scanner") as keyboard,
        HidScanner(keyboard.device.path) as scanner,
    ):
        assert scanner.read(0.3) is None
        with HidScanner(keyboard.device.path) as second:
            assert lost(second).cause is Cause.HELD
        for one in EventCutter().feed(typed(CODE) + press(ENTER)):
            keyboard.write(one.type, one.code, one.value)
        scan = read_until(scanner)
    assert scan is not None
    assert scan.text == CODE
