"""What goes wrong with a real `verifier serve` on a real PostgreSQL, while papers change hands."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError

from shared.db.schema import upgrade
from shared.db.session import Sessions, open_registry
from shared.db.tables import JournalEntry, Kiosk
from tests.builders import WINDOW, seen_to, showing
from tests.cut_line import CutLine, Line
from tests.own_postgresql import kill_without_a_word, own_postgresql, url_of
from tests.registry_process import (
    Running,
    Window,
    assert_each_released_once,
    at_once,
    running,
    window,
)
from tests.registry_windows import race, two_windows
from verifier.acts import Confirming, RegistryLost
from verifier.client import Patience

pytestmark = pytest.mark.postgresql
on_postgresql = pytest.mark.parametrize("registry", ["postgresql"], indirect=True)
SHEETS = 24
LONGER_THAN_ANYBODY_WAITS = 8.0


@pytest.fixture
def served(registry: Sessions, registry_url: str, tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, registry, registry_url) as made:
        yield made


@on_postgresql
def test_workers_that_are_killed_lose_no_acknowledgement_and_are_replaced(
    served: Running,
) -> None:
    """kill -9 in the middle of whatever each worker does, and the line cut before answers."""
    texts, killed = served.individual_sheets(SHEETS), []

    def kill(done: threading.Event) -> None:
        while not done.wait(0.3):
            for worker in served.workers[:1]:
                killed.append(worker.pid)
                worker.kill()

    with CutLine(served.address) as cut, two_windows(served, served.address, cut.address) as both:
        cut.become(Line.ANSWER_CUT, answers=5)
        race(both, texts, kill)
        assert cut.state is Line.WHOLE, "the line was not cut as often"
    assert len(killed) > 2
    assert_each_released_once(served.house.sessions, both)
    until = time.monotonic() + 30
    while len(served.workers) < 3:
        assert time.monotonic() < until, "dead workers are not replaced"
        time.sleep(0.1)
    assert not {worker.pid for worker in served.workers} & set(killed)


@on_postgresql
def test_a_connection_that_was_lost_while_it_rested_is_not_used(
    registry: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.db.rested.RESTED", 0.0)
    _lose_the_resting(registry)
    assert _asks(registry) == 1
    monkeypatch.setattr("shared.db.rested.RESTED", 60.0)
    _lose_the_resting(registry)
    with pytest.raises(OperationalError):
        _asks(registry)
    assert _asks(registry) == 1, "found lost when it was used, it is replaced"


def _asks(registry: Sessions) -> int:
    with registry() as session:
        return int(session.scalar(text("SELECT 1")) or 0)


def _lose_the_resting(registry: Sessions) -> None:
    """From a connection of its own, the server ends the one in the pool."""
    with registry() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
    killing = create_engine(registry.kw["bind"].url)
    with killing.connect() as connection:
        assert connection.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    killing.dispose()


@on_postgresql
def test_a_database_that_is_slow_is_told_in_time_and_the_act_done_once(served: Running) -> None:
    """Somebody holds the window's row for longer than the window waits."""
    (text,) = served.individual_sheets(1)
    patience = Patience(connect=1, act=1.5, look=1.5, pause=0.1, rest=0)
    with window(served.house, served.address, WINDOW, patience) as one:
        opened = _basket(one, text)
        first = (opened.rows[0].filing_id,)
        vouched = seen_to(opened, first)
        wish = Confirming(opened.hand_over_id, first, (), None, "one-key", **vouched)
        with served.house.sessions.begin() as session:
            session.scalars(
                select(Kiosk).where(Kiosk.code == WINDOW).with_for_update(of=Kiosk)
            ).one()
            began = time.monotonic()
            with pytest.raises(RegistryLost):
                one.counter.confirm(one.desk, wish)
            assert time.monotonic() - began < 2 * patience.act
        until = time.monotonic() + 30
        while not one.receipts:
            assert time.monotonic() < until
            try:
                one.counter.kiosk_facts(WINDOW)
                one.receipts.append(one.counter.confirm(one.desk, wish))
            except RegistryLost:
                continue
        assert one.counter.confirm(one.desk, wish) == one.receipts[0]
        one.filings.append(wish.released[0])
    assert_each_released_once(served.house.sessions, [one])


def _basket(one: Window, text: str) -> Any:
    presented = one.counter.present(one.desk, showing(text))
    assert presented.basket is not None
    return presented.basket


@pytest.mark.slow
@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_a_database_that_goes_down_under_load_loses_nothing(tmp_path: Path, how: str) -> None:
    """Restarted in order, or killed without a word: it recovers, and so do the windows.

    It is away for long once, so that windows say so, and then shortly, which nobody notices.
    """
    with own_postgresql() as server:
        url = url_of(server)
        sessions = open_registry(url)
        upgrade(sessions)
        fallen: list[float] = []

        def fall(done: threading.Event) -> None:
            while not done.wait(2.0):
                if how == "restarted":
                    server.stop()
                else:
                    kill_without_a_word(server)
                fallen.append(time.monotonic())
                time.sleep(1.0 if len(fallen) > 1 else LONGER_THAN_ANYBODY_WAITS)
                server.start()

        with running(tmp_path, sessions, url) as served, two_windows(served) as both:
            race(both, served.individual_sheets(6 * SHEETS), fall)
        assert fallen
        assert sum(one.lost for one in both) > 0, "no window said that the registry is lost"
        assert "at registry:" in (tmp_path / "verifier.log").read_text(), "no worker noticed"
        assert_each_released_once(sessions, both)
        sessions.kw["bind"].dispose()


@on_postgresql
@pytest.mark.slow
def test_many_windows_at_once_share_few_threads(served: Running) -> None:
    """More windows than the workers have threads: some wait, and all are answered. A pool without a
    free connection is tried in `test_registry_cramped.py`.
    """
    texts = served.individual_sheets(8 * SHEETS)
    codes = [f"K{number}" for number in range(24)]
    with served.house.sessions.begin() as session:
        office = session.get_one(Kiosk, WINDOW).office_code
        session.add_all(
            Kiosk(code=code, name=code, office_code=office, enrolled_at=served.house.clock())
            for code in codes
        )
    with ExitStack() as stack:
        windows = [
            stack.enter_context(window(served.house, served.address, code)) for code in codes
        ]
        share = len(texts) // len(windows)

        def work(at: int) -> Callable[[], None]:
            def act() -> None:
                for text in texts[at * share : (at + 1) * share]:
                    windows[at].hand_over(text)

            return act

        at_once(*(work(at) for at in range(len(windows))))
    assert_each_released_once(served.house.sessions, windows)


@on_postgresql
@pytest.mark.slow
def test_a_line_that_is_cut_again_and_again_does_every_act_once(served: Running) -> None:
    texts = served.individual_sheets(2 * SHEETS)
    with ExitStack() as stack:
        cuts = [stack.enter_context(CutLine(served.address)) for _ in range(2)]
        both = stack.enter_context(two_windows(served, *(cut.address for cut in cuts)))
        cut_often = [Line.ANSWER_CUT, Line.CUT, Line.WHOLE]

        def cut(done: threading.Event) -> None:
            turn = 0
            while not done.wait(0.25):
                for line in cuts:
                    line.become(cut_often[turn % 3])
                turn += 1
            for line in cuts:
                line.become(Line.WHOLE)

        race(both, texts, cut)
    assert_each_released_once(served.house.sessions, both)
    with served.house.sessions() as session:
        shown = session.scalars(select(JournalEntry).where(JournalEntry.act == "presented")).all()
    assert len(shown) == 2 * len(texts), "each showing once, however often it was sent"
