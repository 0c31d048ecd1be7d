"""Registries with millions of entries, filled once and kept where ``KEPT_IN`` says.

Without ``KEPT_IN`` they go with the run. A kept one is brought to the newest revision before it is
used again; one whose filling was cut off is filled anew.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text
from sqlalchemy.engine import make_url

from shared.db.schema import upgrade
from shared.db.session import Sessions, open_registry
from tests.bench.many_entries import fill

KEPT_IN = os.environ.get("KEPT_IN")


@dataclass(frozen=True)
class Filled:
    """A registry with so many entries, and the processes that answer for it."""

    sessions: Sessions
    entries: int
    servers: list[psutil.Process] = field(default_factory=list)
    """PostgreSQL's first process; SQLite has none."""

    @property
    def database(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return str(self.sessions.kw["bind"].dialect.name)

    def processor_time(self) -> float:
        """Seconds of the processor that this process and the database have used."""
        database = (
            sum(process.cpu_times()[:2]) for server in self.servers for process in server.children()
        )
        return sum(os.times()[:2]) + sum(database)


@contextmanager
def on_sqlite(folder: Path, entries: int) -> Iterator[Filled]:
    """A file with so many entries."""
    path = folder / f"{entries}.db"
    mark = path.with_suffix(".filled")
    if not mark.exists():
        path.unlink(missing_ok=True)
    sessions = _opened(f"sqlite:///{path}", mark, lambda opened: fill(opened, entries))
    yield Filled(sessions, entries)
    sessions.kw["bind"].dispose()


@contextmanager
def on_postgresql(folder: Path, entries: int, server: Any) -> Iterator[Filled]:
    """A database with so many entries on a server that keeps its data below the folder."""
    name = f"entries_{entries}"
    with kept_database(server, name, lambda sessions: fill(sessions, entries)) as sessions:
        yield Filled(sessions, entries, [psutil.Process(server.get_pid())])


@contextmanager
def kept_database(
    server: Any, name: str, fill_it: Callable[[Sessions], None]
) -> Iterator[Sessions]:
    """A database of that server at the newest revision: filled once, or anew when that was cut off.

    The mark that it is filled lies beside the server's folder.
    """
    mark = Path(server.pgdata).with_name(f"postgresql-{name}.filled")
    url = make_url(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    if not mark.exists():
        maintenance = open_registry(url.render_as_string(hide_password=False))
        engine = maintenance.kw["bind"].execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
    sessions = _opened(url.set(database=name).render_as_string(hide_password=False), mark, fill_it)
    yield sessions
    sessions.kw["bind"].dispose()


def _opened(url: str, mark: Path, fill_it: Callable[[Sessions], None]) -> Sessions:
    sessions = open_registry(url)
    upgrade(sessions)
    if not mark.exists():
        fill_it(sessions)
        mark.touch()
    return sessions
