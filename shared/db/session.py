"""Connections to the registry: durable SQLite by default, PostgreSQL for many offices."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from shared.db.rested import ask_when_rested

Sessions = sessionmaker[Session]
_ONLY_READS = "uketori_only_reads"
_PATIENCE = 30
"""Seconds to wait for SQLite's one writer: its queue is not fair, and a busy disk is slow."""


@dataclass(frozen=True, slots=True)
class Hurry:
    """For a process whose callers give up soon: nothing is waited for longer than they wait.

    What takes longer raises OperationalError, or TimeoutError when every connection is in use.
    """

    connections: int
    for_connection: float = 2.0
    """Seconds until a free or new connection."""
    for_lock: float = 4.0
    """Seconds until another transaction lets go of a row, or SQLite's one writer of its turn."""
    for_statement: float = 5.0

    @property
    def of_postgresql(self) -> dict[str, Any]:
        """Arguments of a connection. A peer that is gone is noticed, and its locks go with it."""
        limits = {
            "statement_timeout": self.for_statement,
            "lock_timeout": self.for_lock,
            "idle_in_transaction_session_timeout": 2 * self.for_statement,
        }
        options = " ".join(f"-c {name}={seconds * 1000:.0f}" for name, seconds in limits.items())
        return {
            "connect_timeout": round(self.for_connection),
            "options": options,
            "tcp_user_timeout": round(self.for_statement * 1000),
        }


def open_registry(url: str, hurry: Hurry | None = None) -> Sessions:
    """Make sessions for a URL; ``with sessions.begin() as session`` is the unit of work."""
    return sessionmaker(_engine(url, hurry), expire_on_commit=False)


def _engine(url: str, hurry: Hurry | None) -> Engine:
    sqlite = make_url(url).get_backend_name() == "sqlite"
    pool: dict[str, Any] = {} if sqlite else {"pool_size": 8, "max_overflow": 8}
    if hurry is not None:
        pool = {"pool_size": hurry.connections, "max_overflow": 0}
        pool["pool_timeout"] = hurry.for_connection
    if not sqlite:
        patience = hurry.of_postgresql if hurry else {}
        # The last one used is used next: what it has prepared and looked up is warm.
        engine = create_engine(url, connect_args=patience, pool_use_lifo=True, **pool)
        ask_when_rested(engine)
        return engine
    patience = {"timeout": hurry.for_lock if hurry else _PATIENCE}
    engine = create_engine(url, connect_args=patience, **pool)
    event.listen(engine, "connect", _harden_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


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


@contextmanager
def glancing(sessions: Sessions) -> Iterator[Session]:
    """`reading` without a transaction around it on PostgreSQL: two rounds less.

    Nothing is lost: each statement sees what is committed by then, in a transaction or not.
    """
    with sessions() as session:
        options: dict[str, Any] = {_ONLY_READS: True}
        if session.get_bind().dialect.name == "postgresql":
            options["isolation_level"] = "AUTOCOMMIT"
        session.connection(execution_options=options)
        yield session


@contextmanager
def snapshot(sessions: Sessions) -> Iterator[Session]:
    """A session that sees one moment of the registry, however long it reads."""
    with reading(sessions) as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield session


def expect_many_pages(session: Session) -> None:
    """Let SQLite keep 64 MB of pages for this connection: bulk work touches every index."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA cache_size = -65536")


def only_reads(session: Session) -> bool:
    """Whether a session was given by `reading`."""
    return bool(session.connection().get_execution_options().get(_ONLY_READS))


def take_turns(session: Session, lock: int) -> None:
    """Let one transaction at a time past this point, until it ends.

    SQLite already has one writer at a time (BEGIN IMMEDIATE); PostgreSQL takes an advisory lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def turn_and_newest(session: Session, lock: int, kiosk: str | None) -> Row[Any]:
    """PostgreSQL's `take_turns`, and in the same round what a journal entry follows.

    Gives `entries` of the kiosk, counted up (None without one), `seq` and `hash` of the newest
    entry (None on an empty journal).
    """
    return session.execute(_TURN, {"lock": lock, "kiosk": kiosk}).one()


_TURN = text("SELECT entries, seq, hash FROM journal_turn(:lock, :kiosk)")
