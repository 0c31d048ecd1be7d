"""Builds the large indices of coming revisions while windows go on writing, on PostgreSQL.

A revision names them in `AHEAD`: name, then table and columns. Inside its own transaction it makes
those that are not there yet, as in a database that is small, new or SQLite.
"""

from collections.abc import Iterator

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

_LEFT_BY_A_BUILD_CUT_OFF = text(
    """
    SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relname = :name AND NOT indisvalid AND pg_table_is_visible(pg_class.oid)"""
)


def build_ahead(engine: Engine, scripts: ScriptDirectory, current: str, revision: str) -> None:
    """Build what the revisions from `current` to `revision` name; nothing on a new database."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        known = set(inspect(connection).get_table_names())
        for name, columns in _named(scripts, current, revision):
            if columns.split()[0] in known:
                if connection.execute(_LEFT_BY_A_BUILD_CUT_OFF, {"name": name}).first():
                    connection.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
                connection.execute(
                    text(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {columns}")
                )


def _named(scripts: ScriptDirectory, current: str, revision: str) -> Iterator[tuple[str, str]]:
    for script in scripts.iterate_revisions(revision, current):
        yield from getattr(script.module, "AHEAD", {}).items()
