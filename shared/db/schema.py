"""Bring a registry's tables to the newest revision, or back."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect

from shared.db.session import Sessions

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(sessions: Sessions, revision: str = "head") -> None:
    """Create or migrate the tables, in one transaction."""
    with sessions.begin() as session:
        command.upgrade(_config(session.connection()), revision)


def downgrade(sessions: Sessions, revision: str) -> None:
    """Go back to a revision; ``base`` removes every table."""
    with sessions.begin() as session:
        command.downgrade(_config(session.connection()), revision)


def check(sessions: Sessions) -> None:
    """Raise when the tables in code and in the migrations differ."""
    with sessions.begin() as session:
        command.check(_config(session.connection()))


def is_empty(sessions: Sessions) -> bool:
    """Tell whether the database has no table of ours yet."""
    with sessions.begin() as session:
        return "journal" not in inspect(session.connection()).get_table_names()


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
