"""`verifier serve` while its keys are exchanged: it follows within seconds, and never stops."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.key_files import KEY_SET, read_pinned_key_set, read_sealing_keys, signing_key_in_use
from tests.builders import WINDOW, Keys, receiver_sheet, showing, text_of
from tests.registries import new_sqlite
from tests.registry_process import Running, Window, running, window
from verifier.acts import RegistryLost
from verifier.cli import main
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Refused

SOON = 30.0
"""Seconds, on a busy machine; an idle one takes two."""


@dataclass
class Served:
    """A registry that is served, and a window that asks it."""

    running: Running
    window: Window

    def keys(self, *arguments: str) -> None:
        config = ("--config", str(self.running.folder / "verifier.toml"))
        done = CliRunner().invoke(main, ["keys", *arguments, *config])
        assert done.exit_code == 0, done.output

    def sheet(self) -> str:
        """As the portal issues it with what lies in its folder now."""
        folder, now = self.running.folder / "keys", datetime.now(UTC)
        key_set = read_pinned_key_set(folder / "registry", now)
        signing = signing_key_in_use(folder / "issuer", key_set, now)
        [sealing] = [
            key for key in read_sealing_keys(folder / "registry") if key.key_id == signing.key_id
        ]
        by = Keys(signing, sealing, key_set)
        return text_of(receiver_sheet(issued_at=now, by=by), by)

    def answer(self, text: str) -> Reason | None:
        """Of whichever worker is asked; None when the sheet is accepted."""
        while True:
            try:
                verdict = self.window.counter.judge(WINDOW, showing(text)).verdict
            except RegistryLost:
                self.window.counter.kiosk_facts(WINDOW)
                continue
            return verdict.reason if isinstance(verdict, Refused) else None

    def pids(self) -> set[int]:
        return {worker.pid for worker in self.running.workers}

    def log(self) -> str:
        return (self.running.folder / "verifier.log").read_text()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    sessions = new_sqlite(tmp_path)
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    with running(tmp_path, sessions, url, workers=2) as made:
        made.house.receiver()
        made.house.filing()
        with window(made.house, made.address, WINDOW) as one:
            yield Served(made, one)
    sessions.kw["bind"].dispose()


def until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.2)


def test_a_retired_key_is_refused_soon_by_every_worker_without_a_restart(served: Served) -> None:
    old, master, first = served.sheet(), served.running.process.pid, served.pids()
    assert served.answer(old) is None
    served.keys("create")
    served.keys("publish", "2")
    served.keys("retire", "1", "--stolen", "--yes")
    until(lambda: not served.pids() & first and len(served.pids()) == 2)
    assert {served.answer(old) for _ in range(6)} == {Reason.UNKNOWN_KEY}
    assert served.answer(served.sheet()) is None, "its successor is known"
    assert served.running.process.pid == master
    assert served.running.process.poll() is None

    before = served.pids()
    served.running.process.send_signal(signal.SIGHUP)
    until(lambda: not served.pids() & before and len(served.pids()) == 2)
    assert served.answer(old) is Reason.UNKNOWN_KEY
    assert served.answer(served.sheet()) is None

    key_set = served.running.folder / "keys" / "registry" / KEY_SET
    workers, kept = served.pids(), key_set.read_bytes()
    key_set.write_bytes(b"{}")
    until(lambda: "the keys on disk are not used" in served.log())
    assert served.answer(old) is Reason.UNKNOWN_KEY
    key_set.write_bytes(kept)
    assert served.answer(served.sheet()) is None, "damaged keys end nothing"
    assert served.pids() & workers
