"""Migrations: head is the models, every revision goes up and down, the journal stays put."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, StatementError

from shared.db import schema
from shared.db.session import Sessions
from shared.db.tables import JournalEntry, Office
from tests.conftest import NOON


def tables(sessions: Sessions) -> set[str]:
    with sessions.begin() as session:
        return set(inspect(session.connection()).get_table_names())


def test_head_has_exactly_the_tables_of_the_models(registry: Sessions) -> None:
    assert schema.check(registry) is None
    assert tables(registry) == {*Office.metadata.tables, "alembic_version"}


def test_down_to_base_removes_every_table_and_up_again_brings_them_back(
    registry: Sessions,
) -> None:
    schema.downgrade(registry, "base")
    assert tables(registry) == {"alembic_version"}
    schema.upgrade(registry)
    assert schema.check(registry) is None


def test_a_new_database_says_that_it_is_empty(empty_registry: Sessions) -> None:
    assert schema.is_empty(empty_registry)
    schema.upgrade(empty_registry)
    assert not schema.is_empty(empty_registry)


def test_tables_of_a_newer_program_are_left_alone(registry: Sessions) -> None:
    with registry.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.UnknownRevision):
        schema.upgrade(registry)


@pytest.mark.parametrize("change", ["UPDATE journal SET act = 'x'", "DELETE FROM journal"])
def test_the_database_refuses_to_change_the_journal(registry: Sessions, change: str) -> None:
    with registry.begin() as session:
        session.add(
            JournalEntry(seq=1, prev="0" * 64, hash="1" * 64, at=NOON, act="test", body="{}")
        )
    with pytest.raises(DBAPIError, match="append-only"), registry.begin() as session:
        session.execute(text(change))


@pytest.mark.postgresql
@pytest.mark.parametrize("registry", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_empty_the_journal_at_once(registry: Sessions) -> None:
    """SQLite has no TRUNCATE: there a DELETE without a condition is refused as any other."""
    for table in ("journal", "checkpoints"):
        with pytest.raises(DBAPIError, match="append-only"), registry.begin() as session:
            session.execute(text(f"TRUNCATE {table} CASCADE"))


def test_times_come_back_aware(registry: Sessions) -> None:
    with registry.begin() as session:
        session.add(
            JournalEntry(seq=1, prev="0" * 64, hash="1" * 64, at=NOON, act="test", body="{}")
        )
    with registry.begin() as session:
        entry = session.get(JournalEntry, 1)
        assert entry is not None
        assert entry.at == NOON
        assert entry.at.tzinfo is UTC


def test_naive_times_are_refused(registry: Sessions) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake under test
    entry = JournalEntry(seq=2, prev="1" * 64, hash="2" * 64, at=naive, act="test", body="{}")
    with registry() as session:
        session.add(entry)
        with pytest.raises(StatementError, match="time zone"):
            session.flush()
