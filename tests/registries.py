"""Registries at the newest revision, copied from one that was migrated once a run."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from shared.db.schema import upgrade
from shared.db.session import Sessions, open_registry

TEMPLATE = "migrated"


def new_sqlite(folder: Path) -> Sessions:
    """Sessions on a registry without rows, in a file of that folder."""
    path = folder / "registry.db"
    shutil.copyfile(_migrated_file(), path)
    return open_registry(f"sqlite:///{path}")


@cache
def _migrated_file() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="uketori-registry-")
    _folders.append(folder)
    path = Path(folder.name) / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


_folders: list[tempfile.TemporaryDirectory[str]] = []
"""Held until the process ends, which clears them away."""


def forget_power_cuts(server: Connection) -> None:
    """Let a PostgreSQL that only tests use not wait for its disk."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.execute(text(f"ALTER SYSTEM SET {setting} = off"))
    server.execute(text("SELECT pg_reload_conf()"))


def make_template(server: Connection, url: URL) -> None:
    """A database of that server from which others are made, with every table."""
    server.execute(text(f"CREATE DATABASE {TEMPLATE}"))
    _migrate(url.set(database=TEMPLATE).render_as_string(hide_password=False))


def _migrate(url: str) -> None:
    sessions = open_registry(url)
    upgrade(sessions)
    sessions.kw["bind"].dispose()
