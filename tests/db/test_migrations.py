"""Every revision with a morning's data in it comes up to the newest, and the version before it
still works there: kiosks are brought up to date one after another, not all at once."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, insert, inspect, select, text, update

from shared.db import schema
from shared.db.session import Sessions
from tests.builders import DESK, House, house, own_keys, receiver_sheet, showing, text_of
from tests.console_day import play
from verifier.journal_check import check_registry

REVISIONS = [script.revision for script in schema.scripts().walk_revisions()]
"""The newest first."""
AHEAD = [
    (script.down_revision, name, columns.split()[0])
    for script in schema.scripts().walk_revisions()
    for name, columns in getattr(script.module, "AHEAD", {}).items()
]
"""Every index that is built before its revision: the revision before, its name, its table."""
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def used(registry: Sessions) -> House:
    """A registry after a morning at the counters."""
    built = house(registry)
    play(built)
    return built


def rows_of(sessions: Sessions) -> Rows:
    """Every row in the columns that its table has at this revision, as the database gives them."""
    with sessions() as session:
        return {
            table.name: [dict(row) for row in session.execute(select(table)).mappings()]
            for table in tables_of(sessions)
        }


def tables_of(sessions: Sessions) -> list[Table]:
    found = MetaData()
    found.reflect(sessions.kw["bind"])
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def shared_with(rows: Rows, older: Rows) -> Rows:
    """The same rows in the columns of the older revision, in no order."""
    return {
        name: sorted(({key: row[key] for key in before[0]} for row in rows[name]), key=repr)
        for name, before in older.items()
        if before
    }


def earlier_revisions(used: House) -> Iterator[tuple[str, Rows]]:
    """The registry at each revision before the newest, step by step down."""
    for revision in REVISIONS[1:]:
        schema.downgrade(used.sessions, revision)
        yield revision, rows_of(used.sessions)


def test_every_revision_with_data_comes_up_to_the_newest(used: House) -> None:
    publics = own_keys().checkpoint_publics
    for revision, before in earlier_revisions(used):
        assert len([name for name, rows in before.items() if rows]) > 10, revision
        schema.upgrade(used.sessions)
        assert schema.check(used.sessions) is None, revision
        after = shared_with(rows_of(used.sessions), before)
        assert after == shared_with(before, before), revision
        assert check_registry(used.sessions, publics=publics).holds, revision
    number = used.filing()
    sheet = receiver_sheet(issued_at=used.clock.now)
    shown = used.counter.present(DESK, showing(text_of(sheet)))
    assert shown.basket is not None
    assert number in {row.number.replace(" ", "") for row in shown.basket.rows}


def test_what_the_version_before_reads_and_writes_is_there_after_the_upgrade(
    used: House,
) -> None:
    for revision, before in list(earlier_revisions(used)):
        schema.downgrade(used.sessions, "base")
        schema.upgrade(used.sessions, revision)
        old_tables = tables_of(used.sessions)
        schema.upgrade(used.sessions)
        with used.sessions.begin() as session:
            for table in old_tables:
                if before[table.name]:
                    session.execute(insert(table), before[table.name])
        assert shared_with(rows_of(used.sessions), before) == shared_with(before, before), revision
        with used.sessions() as session:
            there = set(inspect(session.connection()).get_table_names())
        assert {table.name for table in old_tables} <= there, revision


@pytest.mark.parametrize("before", REVISIONS[1:])
def test_a_version_before_works_on_while_the_tables_are_brought_up(
    used: House, before: str
) -> None:
    schema.downgrade(used.sessions, before)
    old = {table.name: table for table in tables_of(used.sessions)}
    filings, ended, done = old["filings"], threading.Event(), [0, 0]

    def work() -> int:
        """A read and a guarded write in the words of that version, again and again."""
        with used.sessions.begin() as session:
            [first, *_] = session.execute(select(filings).order_by(filings.c.id)).mappings()
            changed = update(filings).where(
                filings.c.id == first["id"], filings.c.status == first["status"]
            )
            written = session.execute(changed.values(updated_at=first["updated_at"]))
            return written.rowcount

    def until_ended() -> None:
        while not ended.is_set():
            done[int(schema_is_new.is_set())] += work()

    schema_is_new = threading.Event()
    with ThreadPoolExecutor(2) as windows:
        at_work = [windows.submit(until_ended) for _ in range(2)]
        try:
            while done[0] < 20:
                assert not any(window.done() for window in at_work)
            schema.upgrade(used.sessions)
            schema_is_new.set()
            while done[1] < 20:
                assert not any(window.done() for window in at_work)
        finally:
            ended.set()
        assert [window.result() for window in at_work] == [None, None]
    assert schema.check(used.sessions) is None


@pytest.mark.postgresql
@pytest.mark.parametrize("registry", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("before", "name", "table"), AHEAD)
def test_a_large_index_is_built_while_windows_go_on_writing(
    used: House, before: str, name: str, table: str
) -> None:
    """An act that takes long keeps the build waiting, and nobody else."""
    schema.downgrade(used.sessions, before)
    long, short = (used.sessions() for _ in range(2))
    ids = list(long.scalars(text(f"SELECT id FROM {table} ORDER BY id LIMIT 2")))
    touch = f"UPDATE {table} SET id = id WHERE id = :id"
    with ThreadPoolExecutor(1) as administrator, long, short:
        long.execute(text(touch), {"id": ids[0]})
        upgrading = administrator.submit(schema.upgrade, used.sessions)
        _wait_until(lambda: _is_being_built(used.sessions, name))
        short.execute(text("SET lock_timeout = '2s'"))
        short.execute(text(touch), {"id": ids[1]})
        short.commit()
        assert not upgrading.done()
        long.commit()
        upgrading.result(60)
    assert schema.check(used.sessions) is None


@pytest.mark.postgresql
@pytest.mark.parametrize("registry", ["postgresql"], indirect=True)
def test_an_index_whose_build_was_cut_off_is_built_anew(used: House) -> None:
    schema.downgrade(used.sessions, "0007")
    with used.sessions.begin() as session:
        session.execute(text("CREATE INDEX ix_filings_of_receiver ON filings (id)"))
        session.execute(
            text(
                "UPDATE pg_index SET indisvalid = false"
                " WHERE indexrelid = 'ix_filings_of_receiver'::regclass"
            )
        )
    schema.upgrade(used.sessions)
    with used.sessions() as session:
        indices = inspect(session.connection()).get_indexes("filings")
    columns = {index["name"]: index["column_names"] for index in indices}
    assert columns["ix_filings_of_receiver"] == ["receiver_key", "status", "updated_at"]
    assert schema.check(used.sessions) is None


def _is_being_built(sessions: Sessions, name: str) -> bool:
    with sessions() as session:
        found = session.scalar(text("SELECT to_regclass(:name)"), {"name": name})
    return found is not None


def _wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)
