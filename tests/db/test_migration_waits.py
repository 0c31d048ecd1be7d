"""A migration beside somebody who reads for long: it waits its turn, and no window waits for it."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text

from shared.db import schema
from shared.db.in_use import TablesInUse
from shared.db.session import Sessions, snapshot
from shared.db.tables import Filing
from tests.builders import House, house

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.parametrize("registry", ["postgresql"], indirect=True),
]
BEFORE = "0008"
TOUCH = text("UPDATE filings SET updated_at = updated_at WHERE number = :number")
PATIENCE_OF_A_WINDOW = 4.0


@pytest.fixture
def older(registry: Sessions) -> House:
    """A registry one revision back, with a filing."""
    built = house(registry)
    built.filing()
    schema.downgrade(registry, BEFORE)
    return built


@contextmanager
def backup_open(sessions: Sessions) -> Iterator[None]:
    """What a backup holds until it ends: a snapshot that has read the filings."""
    with snapshot(sessions) as session:
        session.execute(select(Filing.id)).all()
        yield


def slowest_while(sessions: Sessions, enough: Callable[[], bool]) -> float:
    """Seconds of the slowest write of a window, again and again until it is enough."""
    slowest = 0.0
    with sessions() as session:
        number = session.scalar(select(Filing.number))
    while not enough():
        began = time.monotonic()
        with sessions.begin() as session:
            session.execute(TOUCH, {"number": number})
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.05)
    return slowest


def test_windows_are_answered_while_a_migration_waits_for_a_backup(
    older: House, caplog: pytest.LogCaptureFixture
) -> None:
    sessions, until = older.sessions, time.monotonic() + 8
    with ThreadPoolExecutor(2) as others:
        with backup_open(sessions):
            upgrading = others.submit(schema.upgrade, sessions, pauses=[0.5] * 60)
            window = others.submit(slowest_while, sessions, lambda: time.monotonic() > until)
            assert window.result(20) < PATIENCE_OF_A_WINDOW
            assert not upgrading.done()
        upgrading.result(60)
    assert schema.check(sessions) is None
    assert "of PostgreSQL holds them" in caplog.text


def test_a_migration_that_never_gets_its_turn_changes_nothing_and_says_what_to_do(
    older: House,
) -> None:
    with backup_open(older.sessions), pytest.raises(TablesInUse, match="pg_terminate_backend"):
        schema.upgrade(older.sessions, pauses=[0.1])
    with older.sessions() as session:
        assert schema.revision_of(session) == BEFORE


def test_a_table_read_by_others_later_on_is_not_waited_for_with_the_filings_in_hand(
    older: House,
) -> None:
    """The migration has the filings then and wants the alerts: it lets go of both."""
    upgrading: Future[None]
    done = threading.Event()
    with ThreadPoolExecutor(2) as others:
        with snapshot(older.sessions) as session:
            session.execute(text("SELECT count(*) FROM alerts"))
            upgrading = others.submit(schema.upgrade, older.sessions, pauses=[0.5] * 60)
            window = others.submit(slowest_while, older.sessions, done.is_set)
            time.sleep(6)
            done.set()
            assert window.result(20) < PATIENCE_OF_A_WINDOW
            assert not upgrading.done()
        upgrading.result(60)
    assert schema.check(older.sessions) is None
