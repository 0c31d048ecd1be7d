"""A row and the one that lies beside it, written by one statement where the database can.

Every round to the database counts while others wait for their turn.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, bindparam, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Values = Mapping[str, Any]


def insert_beside(session: Session, row: tuple[Table, Values], line: tuple[Table, Values]) -> None:
    """Insert a row, and the line that is found by the same key: over whatever lies there.

    Both name every column. Raises IntegrityError when the row's keys are taken.
    """
    (table, values), (beside, found) = row, line
    given = {f"row_{name}": value for name, value in values.items()}
    given |= {f"line_{name}": value for name, value in found.items()}
    for statement in _statements(table, beside, session.get_bind().dialect.name):
        session.execute(statement, given)


@cache
def _statements(table: Table, beside: Table, dialect: str) -> tuple[Insert, ...]:
    row = insert(table).values({c.name: bindparam(f"row_{c.name}", type_=c.type) for c in table.c})
    values = {c.name: bindparam(f"line_{c.name}", type_=c.type) for c in beside.c}
    keys = [c.name for c in beside.primary_key]
    if dialect == "sqlite":  # no statement of its own inside another
        line = sqlite.insert(beside).values(values)
        return row, line.on_conflict_do_update(index_elements=keys, set_=dict(line.excluded))
    told = postgresql.insert(beside).values(values)
    told = told.on_conflict_do_update(index_elements=keys, set_=dict(told.excluded))
    return (row.add_cte(told.cte("beside")),)
