"""Writes millions of rows into an empty registry in minutes: indices and constraints come last.

What is taken away before is put back word for word after, so the registry ends as its migrations
made it. A registry that is filled for a benchmark may be lost in a power cut; nothing is synced.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from shared.db.base import Base
from shared.db.session import Sessions

Write = Callable[[type[Base], list[dict[str, Any]]], None]
_CACHE_KIB = 2_000_000
"""Unique columns stay indexed in SQLite; random keys are quick while their tree is in memory."""
_SQLITE_INDICES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype IN ('p', 'u', 'f') AND connamespace = 'public'::regnamespace
ORDER BY contype = 'f', conname
"""
"""Keys of other tables go last: they lean on the unique ones."""
_INDICES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


@contextmanager
def bulk_writer(sessions: Sessions, tables: Sequence[type[Base]]) -> Iterator[Write]:
    """Give a function that writes rows into one of these tables, all in one transaction."""
    engine = sessions.kw["bind"]
    bare = _bare_sqlite if engine.dialect.name == "sqlite" else _bare_postgresql
    names = {table.__tablename__ for table in tables}
    with engine.connect() as connection, bare(connection, names) as write:
        yield write


@contextmanager
def _bare_sqlite(connection: Connection, tables: set[str]) -> Iterator[Write]:
    driver = connection.connection.driver_connection
    assert driver is not None
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", f"cache_size=-{_CACHE_KIB}",
                   "temp_store=MEMORY", "threads=2"):  # fmt: skip
        driver.execute(f"PRAGMA {pragma}")
    named = [row for row in driver.execute(f"{_SQLITE_INDICES} AND tbl_name IN {tuple(tables)}")]
    for name, _ in named:
        driver.execute(f"DROP INDEX {name}")
    driver.execute("BEGIN IMMEDIATE")

    def write(table: type[Base], values: list[dict[str, Any]]) -> None:
        columns = list(values[0])
        marks = ", ".join("?" * len(columns))
        into = f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES ({marks})"
        driver.executemany(into, _texts(columns, values))

    yield write
    driver.execute("COMMIT")
    for _, made_by in named:
        driver.execute(made_by)
    driver.execute("ANALYZE")
    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.invalidate()  # what was set above is nobody else's


def _texts(columns: list[str], values: list[dict[str, Any]]) -> Iterator[Sequence[Any]]:
    """Rows with times as SQLAlchemy writes them into SQLite."""
    times = [column for column in columns if isinstance(values[0][column], datetime)]
    cells = itemgetter(*columns)
    for row in values:
        for column in times:
            row[column] = row[column].astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        yield cells(row)


@contextmanager
def _bare_postgresql(connection: Connection, tables: set[str]) -> Iterator[Write]:
    driver: Any = connection.connection.driver_connection
    driver.autocommit = True
    driver.execute("SET maintenance_work_mem = '1GB'")
    constraints = driver.execute(_CONSTRAINTS).fetchall()
    constraints = [row for row in constraints if row[0] in tables or _leans_on(row[2], tables)]
    for table, name, _ in reversed(constraints):
        driver.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    named = driver.execute(f"{_INDICES} AND tablename IN {tuple(tables)}").fetchall()
    for name, _ in named:
        driver.execute(f"DROP INDEX {name}")

    def write(table: type[Base], values: list[dict[str, Any]]) -> None:
        columns = list(values[0])
        into = f"COPY {table.__tablename__} ({', '.join(columns)}) FROM STDIN"
        cells = itemgetter(*columns)
        with driver.cursor() as cursor, cursor.copy(into) as copy:
            for row in values:
                copy.write_row(cells(row))

    yield write
    for _, made_by in named:
        driver.execute(made_by)
    for table, name, definition in constraints:
        driver.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    driver.execute("VACUUM (ANALYZE)")  # as its own housekeeping would have by then
    connection.invalidate()


def _leans_on(definition: str, tables: set[str]) -> bool:
    return any(f"REFERENCES {table}(" in definition for table in tables)
