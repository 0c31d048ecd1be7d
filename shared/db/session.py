"""Connections to the registry: durable SQLite by default, PostgreSQL for many offices."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]
_ONLY_READS = "uketori_only_reads"
_PATIENCE = 30
"""Seconds to wait for SQLite's one writer: its queue is not fair, and a busy disk is slow."""


def open_registry(url: str) -> Sessions:
    """Make sessions for a URL; ``with sessions.begin() as session`` is the unit of work."""
    return sessionmaker(_engine(url), expire_on_commit=False)


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _PATIENCE})
        event.listen(engine, "connect", _harden_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    return create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8)


def _harden_sqlite(connection: Any, _record: Any) -> None:
    """WAL and FULL: an acknowledged release survives a power cut (NORMAL may lose the last one)."""
    connection.isolation_level = None  # the driver must not begin transactions on its own
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    """Take the write lock first: two readers that both want to write would deadlock."""
    only_reads = connection.get_execution_options().get(_ONLY_READS)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """A session that only reads: on SQLite it waits for no writer and keeps none waiting."""
    with sessions() as session, session.begin():
        session.connection(execution_options={_ONLY_READS: True})
        yield session


def only_reads(session: Session) -> bool:
    """Whether a session was given by `reading`."""
    return bool(session.connection().get_execution_options().get(_ONLY_READS))


def take_turns(session: Session, lock: int) -> None:
    """Let one transaction at a time past this point, until it ends.

    SQLite already has one writer at a time (BEGIN IMMEDIATE); PostgreSQL takes an advisory lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
