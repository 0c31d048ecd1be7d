"""The serial scanner, on a pseudo-terminal and a socket."""

import logging
import os
import socket
import termios
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.line_cutter import LONGEST, LineCutter
from hardware.scan import Cause, DeviceClosed, DeviceLost, Scan
from hardware.serial_scanner import SerialScanner

CODE = "9101" + "0123456789" * 60


@pytest.fixture
def line() -> Iterator[tuple[int, SerialScanner]]:
    """The scanner's end of a pty, and our end opened by its path."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    with SerialScanner(os.ttyname(theirs)) as scanner:
        assert scanner.read(0.0) is None
        yield ours, scanner
    os.close(theirs)
    os.close(ours)


def text(scan: Scan | None) -> str | None:
    return scan.text if scan else None


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b""], ids=["CR", "LF", "CRLF", "silence"])
def test_a_code_ends_with_cr_lf_or_silence(line: tuple[int, SerialScanner], end: bytes) -> None:
    there, scanner = line
    os.write(there, CODE.encode() + end)
    assert text(scanner.read(2)) == CODE
    assert scanner.read(0.3) is None


def test_a_code_in_pieces_is_one(line: tuple[int, SerialScanner]) -> None:
    there, scanner = line
    for start in range(0, len(CODE), 101):
        os.write(there, CODE[start : start + 101].encode())
        time.sleep(0.01)
    os.write(there, b"\r")
    assert text(scanner.read(2)) == CODE


def test_two_codes_at_once_come_one_by_one(line: tuple[int, SerialScanner]) -> None:
    there, scanner = line
    os.write(there, b"910111\r\n910122\r\n")
    assert [text(scanner.read(1)), text(scanner.read(1))] == ["910111", "910122"]


def test_an_endless_code_is_dropped_and_the_next_one_read(
    line: tuple[int, SerialScanner],
) -> None:
    there, scanner = line
    os.write(there, b"7" * 3000 + b"\r" + CODE.encode() + b"\r")
    assert text(scanner.read(2)) == CODE


def test_half_a_code_is_dropped_when_the_scanner_sends_ends(
    line: tuple[int, SerialScanner], caplog: pytest.LogCaptureFixture
) -> None:
    there, scanner = line
    os.write(there, b"910111\r")
    assert text(scanner.read(1)) == "910111"
    os.write(there, CODE[:300].encode())
    assert scanner.read(0.5) is None
    os.write(there, b"910122\r")
    assert text(scanner.read(1)) == "910122"
    assert [record.getMessage() for record in caplog.records] == [
        "scanner: dropped what was sent: half a code"
    ]


def test_a_break_between_codes_is_nothing_and_in_a_code_spoils_it(
    line: tuple[int, SerialScanner],
) -> None:
    there, scanner = line
    termios.tcsendbreak(there, 0)
    os.write(there, b"\0" + b"910111\r")
    assert text(scanner.read(1)) == "910111"
    os.write(there, b"9101\0" + b"33\r" + b"910122\r")
    assert text(scanner.read(1)) == "910122"
    assert scanner.read(0.3) is None


@pytest.mark.parametrize("garbage", [b"\xfe\x81\xff\xa0", b"\x80" * 40, b"9101\xff22"])
def test_garbage_is_dropped_and_the_next_code_read(
    line: tuple[int, SerialScanner], garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    there, scanner = line
    os.write(there, garbage + b"\r" + CODE.encode() + b"\r")
    assert text(scanner.read(2)) == CODE
    assert scanner.read(0.3) is None
    assert "noise" in caplog.text


def test_a_code_of_others_in_japanese_is_text_and_no_garbage(
    line: tuple[int, SerialScanner],
) -> None:
    there, scanner = line
    os.write(there, "大阪５８０あ".encode("shift_jis") + b"\r")
    assert text(scanner.read(1)) == "大阪５８０あ"


def test_with_a_prefix_only_what_follows_it_counts() -> None:
    cutter = LineCutter(prefix="~")
    assert cutter.feed(b"910111\r12~910122\r~910133\r~\r\r") == ["910122", "910133"]


def test_a_scanner_that_another_program_has_is_held() -> None:
    ours, theirs = os.openpty()
    try:
        with SerialScanner(os.ttyname(theirs)) as first:
            assert first.read(0.0) is None
            with SerialScanner(os.ttyname(theirs)) as second:
                with pytest.raises(DeviceLost) as lost:
                    second.read(0.1)
                assert lost.value.cause is Cause.HELD
    finally:
        os.close(theirs)
        os.close(ours)


def test_what_is_dropped_is_not_logged_itself(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    LineCutter(prefix="~").feed(CODE.encode() + b"\r")
    assert caplog.records
    assert "0123456789" not in caplog.text


def test_an_unplugged_serial_line_is_missing_and_comes_back_under_its_name(tmp_path: Path) -> None:
    """A pty whose other end is closed is an unplugged cable; by-id is a link to the new one."""
    by_id = tmp_path / "usb-scanner-port0"
    ours, theirs = os.openpty()
    by_id.symlink_to(os.ttyname(theirs))
    with SerialScanner(str(by_id)) as scanner:
        assert scanner.read(0.0) is None
        os.close(theirs)
        os.close(ours)
        by_id.unlink()
        with pytest.raises(DeviceLost) as lost:
            _read_long(scanner)
        assert lost.value.cause is Cause.MISSING
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        by_id.symlink_to(os.ttyname(theirs))
        assert text(_read_until(scanner, ours, b"910122\r")) == "910122"
        os.close(theirs)
        os.close(ours)


def _read_until(scanner: SerialScanner, there: int, sent: bytes) -> Scan | None:
    """Send again and again until the scanner has come back and gives something."""
    until = time.monotonic() + 8
    while time.monotonic() < until:
        try:
            found = scanner.read(0.3)
        except DeviceLost:
            continue
        if found:
            return found
        os.write(there, sent)
    return None


def test_a_scan_names_its_source_and_time(line: tuple[int, SerialScanner]) -> None:
    there, scanner = line
    before = time.monotonic()
    os.write(there, b"9101\r")
    scan = scanner.read(1)
    assert scan is not None
    assert scan.source == "scanner"
    assert before <= scan.at <= time.monotonic()


def test_a_scanner_that_is_not_there_is_lost() -> None:
    with SerialScanner("/dev/serial/by-id/none") as scanner, pytest.raises(DeviceLost):
        scanner.read(0.1)


def test_closing_twice_is_fine_and_reading_after_it_an_error() -> None:
    scanner = SerialScanner("loop://")
    assert scanner.read(0.05) is None
    scanner.close()
    scanner.close()
    with pytest.raises(DeviceClosed):
        scanner.read(0.1)


def test_an_unplugged_scanner_is_lost_and_read_again_when_it_is_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with SerialScanner(f"socket://127.0.0.1:{port}") as scanner:
            assert scanner.read(0.05) is None
            first, _ = server.accept()
            first.sendall(b"910111\r")
            assert text(scanner.read(1)) == "910111"
            first.sendall(b"half a co")
            first.close()
            with pytest.raises(DeviceLost):
                _read_long(scanner)
            assert text(_after_reopening(scanner, server)) == "910122"


def _read_long(scanner: SerialScanner) -> None:
    for _ in range(20):
        scanner.read(0.2)


def _after_reopening(scanner: SerialScanner, server: socket.socket) -> Scan | None:
    server.settimeout(5)
    for _ in range(20):
        try:
            scanner.read(0.3)
        except DeviceLost:
            continue
        break
    second, _ = server.accept()
    with second:
        second.sendall(b"910122\r")
        return scanner.read(1)


@given(st.lists(st.text("0123456789", min_size=1, max_size=30), max_size=8), st.data())
def test_codes_are_the_same_however_the_bytes_arrive(codes: list[str], data: st.DataObject) -> None:
    stream = b"".join(code.encode() + b"\r\n" for code in codes)
    cutter, found = LineCutter(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += cutter.feed(stream[:size])
        stream = stream[size:]
    assert found == codes


@given(st.binary(max_size=2000))
def test_any_bytes_give_clean_texts(chunk: bytes) -> None:
    cutter = LineCutter()
    for code in [*cutter.feed(chunk), cutter.silence()]:
        assert len(code) <= LONGEST
        assert not set(code) & {chr(sign) for sign in [*range(0x20), 0x7F]}
