"""Bring a registry's tables to the newest revision, or back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session

from shared.db.ahead import build_ahead
from shared.db.in_use import PAUSES, WAIT_BRIEFLY, when_free
from shared.db.session import Sessions

_MIGRATIONS = Path(__file__).parent / "migrations"


class UnknownRevision(LookupError):
    """A newer program made these tables."""


class BrokenReferences(RuntimeError):
    """A row refers to one that is not there: nothing was changed."""


def upgrade(sessions: Sessions, revision: str = "head", pauses: Iterable[float] = PAUSES) -> None:
    """Create or migrate the tables, in one transaction. Raises UnknownRevision, TablesInUse.

    On PostgreSQL, indices that take long are built before it, while windows go on; and while
    others use the tables it is tried again after each of the pauses.
    """
    if sessions.kw["bind"].dialect.name == "postgresql":
        _build_ahead(sessions, revision)

    def bring_up() -> None:
        with migrating(sessions) as connection:
            upgrade_on(connection, revision)

    when_free(sessions.kw["bind"], bring_up, pauses)


def upgrade_on(connection: Connection, revision: str = "head") -> None:
    """The same on a connection of `migrating`, and nothing before it."""
    with _known(revision):
        command.upgrade(_config(connection), revision)


def _build_ahead(sessions: Sessions, revision: str) -> None:
    with sessions() as session:
        current = revision_of(session) or "base"
    with _known(revision):
        build_ahead(sessions.kw["bind"], scripts(), current, revision)


@contextmanager
def _known(revision: str) -> Iterator[None]:
    try:
        yield
    except (CommandError, RevisionError) as error:
        raise UnknownRevision(revision) from error


def downgrade(sessions: Sessions, revision: str) -> None:
    """Go back to a revision; ``base`` removes every table."""
    with migrating(sessions) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def migrating(sessions: Sessions) -> Iterator[Connection]:
    """A connection in one transaction in which tables may be made anew under their rows.

    SQLite changes a table by copying it and dropping the old one, which the rows that refer to it
    would forbid. It looks at every reference in the end instead. PostgreSQL keeps every window from
    the filings from the start: a weaker lock that grows meets a window that waits for it. For any
    lock it waits briefly: whoever comes later waits behind it.
    """
    with sessions.kw["bind"].connect() as connection:
        driver = connection.connection.driver_connection
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys = OFF").close()
        try:
            with connection.begin():
                if not is_sqlite:
                    _keep_windows_out(connection)
                yield connection
                if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise BrokenReferences
        finally:
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys = ON").close()


def _keep_windows_out(connection: Connection) -> None:
    connection.execute(WAIT_BRIEFLY)
    if inspect(connection).has_table("filings"):
        connection.execute(text("LOCK TABLE filings IN ACCESS EXCLUSIVE MODE"))


def revision_of(session: Session) -> str:
    """The revision at which the tables are; empty without tables of ours."""
    return MigrationContext.configure(session.connection()).get_current_revision() or ""


def check(sessions: Sessions) -> None:
    """Raise when the tables in code and in the migrations differ."""
    with sessions.begin() as session:
        command.check(_config(session.connection()))


def is_empty(sessions: Sessions) -> bool:
    """Tell whether the database has no table of ours yet."""
    with sessions.begin() as session:
        return "journal" not in inspect(session.connection()).get_table_names()


def scripts() -> ScriptDirectory:
    """Every revision there is."""
    return ScriptDirectory(str(_MIGRATIONS))


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
