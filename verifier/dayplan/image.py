"""A registry in memory that can be taken out and put back as bytes: a SQLite database."""

import sqlite3
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import QueuePool

from shared.db import schema
from shared.db.session import Sessions

_PATIENCE = 10.0
"""Seconds to wait for the one connection there is."""


@dataclass(frozen=True, slots=True)
class Image:
    """An opened image. One transaction at a time: there is one connection."""

    sessions: Sessions
    connection: sqlite3.Connection

    def close(self) -> None:
        """Forget it."""
        self.sessions.kw["bind"].dispose()
        self.connection.close()


def open_image(content: bytes = b"") -> Image:
    """Open an image, or a database without tables, at the newest revision.

    Raises sqlite3.DatabaseError, shared.db.schema.UnknownRevision.
    """
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    if content:
        connection.deserialize(content)
    connection.execute("PRAGMA foreign_keys = ON").close()
    engine = create_engine(
        "sqlite://",
        creator=lambda: connection,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_PATIENCE,
    )
    event.listen(engine, "begin", _begin)
    image = Image(sessionmaker(engine, expire_on_commit=False), connection)
    schema.upgrade(image.sessions)
    return image


@cache
def blank() -> bytes:
    """An image with every table and no rows."""
    image = open_image()
    content = image.connection.serialize()
    image.close()
    return content


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
