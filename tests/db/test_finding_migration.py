"""The revision that makes the log searchable fills it from a registry that has been in use."""

import pytest
from sqlalchemy import select, text

from shared.db import schema
from shared.db.session import Sessions
from shared.db.tables import Filing, LogLine
from tests.builders import house
from tests.console_day import play

BEFORE = "0003"


@pytest.fixture
def used(registry: Sessions) -> Sessions:
    """A registry after a morning at the counters."""
    play(house(registry))
    return registry


def lines(sessions: Sessions) -> list[dict[str, object]]:
    columns = [column.name for column in LogLine.__table__.columns]
    with sessions() as session:
        rows = session.scalars(select(LogLine).order_by(LogLine.seq))
        return [{name: getattr(row, name) for name in columns} for row in rows]


def tails(sessions: Sessions) -> list[tuple[object, ...]]:
    with sessions() as session:
        marks = select(Filing.id, Filing.plate_tail, Filing.chassis_tail).order_by(Filing.id)
        return [tuple(row) for row in session.execute(marks)]


def test_lines_and_tails_come_back_as_they_were_written(used: Sessions) -> None:
    written, marked = lines(used), tails(used)
    assert len(written) > 10
    schema.downgrade(used, BEFORE)
    schema.upgrade(used)
    assert lines(used) == written
    assert tails(used) == marked


def test_an_entry_that_cannot_be_read_gets_a_bare_line(used: Sessions) -> None:
    schema.downgrade(used, BEFORE)
    with used.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER journal_no_update"))
        else:
            session.execute(text("DROP TRIGGER journal_no_change ON journal"))
        session.execute(text("UPDATE journal SET body = 'nonsense' WHERE seq = 3"))
    schema.upgrade(used)
    bare = lines(used)[2]
    assert (bare["seq"], bare["act"], bare["purpose"], bare["items"]) == (3, "presented", None, 0)
