"""The disk of a real PostgreSQL is full while two windows of a real `verifier serve` hand over.

The disk is a small one in memory, and what fills it is a file: which write of the database fails
first, and whether the database goes down over it, is left to PostgreSQL.
"""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from shared.db.schema import upgrade
from shared.db.session import open_registry
from tests.own_postgresql import own_postgresql, url_of
from tests.registry_process import Window, assert_each_released_once, running
from tests.registry_windows import race, two_windows

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
DISK = "160m"
SHEETS, TIMES, EVERY = 60, 2, 15
"""The disk is filled whenever so many more were handed over."""
PIECE = bytes(1 << 20)
LONGEST = 60.0
"""Seconds until a window must have met the full disk."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    at = tmp_path / "disk"
    at.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(at)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a disk cannot be mounted here: {mounted.stderr.strip()}")
    at.chmod(0o755)
    yield at
    subprocess.run(["umount", "--lazy", str(at)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte of room for as long as the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (PIECE, PIECE[:4096], PIECE[:1]):
            with suppress(OSError):
                while True:
                    file.write(piece)
    try:
        yield
    finally:
        ballast.unlink()


def test_a_full_disk_of_the_database_costs_no_acknowledged_release(
    disk: Path, tmp_path: Path
) -> None:
    with own_postgresql(disk) as server:
        url = url_of(server)
        sessions = open_registry(url)
        upgrade(sessions)
        full = []

        def fill(both: list[Window], done: threading.Event) -> None:
            while len(full) < TIMES and not done.wait(0.05):
                if _handed_over(both) < EVERY * (len(full) + 1):
                    continue
                before, until = _lost(both), time.monotonic() + LONGEST
                with filled(disk):
                    while _lost(both) < before + 2 and not done.is_set():
                        assert time.monotonic() < until, "no window met the full disk"
                        time.sleep(0.1)
                full.append(_lost(both) - before)
                server.start()  # as its unit does, when it could not write its log and went down

        with running(tmp_path, sessions, url) as served, two_windows(served) as both:
            race(both, served.individual_sheets(SHEETS), lambda done: fill(both, done))
        assert len(full) == TIMES, "the disk was not full as often"
        assert min(full) > 0
        assert_each_released_once(sessions, both)
        assert "at registry:" in (tmp_path / "verifier.log").read_text(), "no worker said so"
        sessions.kw["bind"].dispose()


def _handed_over(windows: list[Window]) -> int:
    return sum(len(one.receipts) for one in windows)


def _lost(windows: list[Window]) -> int:
    return sum(one.lost for one in windows)
