"""`/metrics` of `verifier serve`: whichever worker is asked tells what all of them have counted."""

import signal
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import WINDOW
from tests.registries import new_sqlite
from tests.registry_process import STARTING_SECONDS, Running, running, window

WORKERS = 3


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Running]:
    sessions = new_sqlite(tmp_path)
    with running(tmp_path, sessions, f"sqlite:///{tmp_path / 'registry.db'}", WORKERS) as made:
        yield made
    sessions.kw["bind"].dispose()


@contextmanager
def alone(worker: psutil.Process, among: Sequence[psutil.Process]) -> Iterator[None]:
    """Nobody but this worker answers: the others are stopped where they are."""
    others = [other for other in among if other.pid != worker.pid]
    for other in others:
        other.suspend()
    try:
        yield
    finally:
        for other in others:
            other.resume()


def show(served: Running, text: str) -> None:
    with window(served.house, served.address, WINDOW) as one:
        one.hand_over(text)


def counted(served: Running) -> dict[str, float]:
    """Of whichever worker is asked."""
    with urllib.request.urlopen(f"{served.address}/metrics", timeout=20) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return {
        sample.name: sample.value
        for family in families
        for sample in family.samples
        if sample.name == "uketori_presentations_total"
        or (sample.name == "uketori_part_seconds_count" and sample.labels["part"] == "judge")
    }


def told_by_each(served: Running) -> list[dict[str, float]]:
    told = []
    for worker in served.workers:
        with alone(worker, served.workers):
            told.append(counted(served))
    return told


def sums(shown: int) -> dict[str, float]:
    return {"uketori_presentations_total": shown, "uketori_part_seconds_count": shown}


def kept_in(served: Running) -> Path:
    """The folder in which they count."""
    opened = (file.path for worker in served.workers for file in worker.open_files())
    return next(Path(path).parent for path in opened if Path(path).name.startswith("counter_"))


def until_all_work(served: Running, without: psutil.Process) -> None:
    limit = time.monotonic() + STARTING_SECONDS
    while without.is_running() or len(served.workers) != WORKERS:
        assert time.monotonic() < limit, "a killed worker is not replaced"
        time.sleep(0.1)


def test_every_worker_tells_the_sum_of_all_and_of_those_that_were_killed(served: Running) -> None:
    *texts, last = served.individual_sheets(WORKERS + 1)
    workers = served.workers
    for worker, text in zip(workers, texts, strict=True):
        with alone(worker, workers):
            show(served, text)
    assert told_by_each(served) == [sums(WORKERS)] * WORKERS
    assert told_by_each(served) == [sums(WORKERS)] * WORKERS, "asking counts nothing"

    workers[0].send_signal(signal.SIGKILL)
    until_all_work(served, without=workers[0])
    assert told_by_each(served) == [sums(WORKERS)] * WORKERS
    show(served, last)
    assert told_by_each(served) == [sums(WORKERS + 1)] * WORKERS


def test_what_is_counted_is_cleared_away_at_the_end_or_at_the_next_start(tmp_path: Path) -> None:
    sessions = new_sqlite(tmp_path)
    with running(tmp_path, sessions, f"sqlite:///{tmp_path / 'registry.db'}", 2) as served:
        first, second = served.individual_sheets(2)
        show(served, first)
        left = kept_in(served)
        served.kill_with_master()
        assert not left.exists(), "left by a killed process"
        show(served, second)
        used = kept_in(served)
        assert counted(served) == sums(1), "counts begin anew with the process"
        ended = served.workers[0]
        ended.terminate()
        ended.wait(20)
        assert used.exists(), "a worker that ends takes nothing away from the others"
    assert not used.exists()
    sessions.kw["bind"].dispose()
