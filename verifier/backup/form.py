"""The form of a backup: gzip over JSON lines, a heading first, each table's rows, a signed end.

One form for SQLite and PostgreSQL: a backup needs no program of the database's own version, is
checked before anything of it is read in, and brings an office from the one to the other.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Table
from sqlalchemy.types import TypeEngine

from shared.db.base import UTCDateTime
from shared.db.tables import Base, ConsoleVisit

DOMAIN = b"oss2d/v1/backup\0"
"""What the checkpoint key signs here is nothing else that it signs."""
VERSION = 1
LEFT_OUT = frozenset({ConsoleVisit.__tablename__})
"""Nobody is signed in to a restored registry."""
Columns = Mapping[str, str]
"""Each column with its kind: `time`, `date`, `truth`, or nothing for numbers and text."""


class InvalidBackup(ValueError):
    """The file is no backup of this registry, or not all of one; the message says why."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a backup is of."""

    version: int
    revision: str
    """The tables' revision (Alembic)."""
    made_at: str
    entries: int
    """Of the journal."""
    head: str
    tables: Mapping[str, Columns]
    """In the order in which they are written back."""

    def line(self) -> bytes:
        """As the file's first line."""
        return line_of({"uketori backup": asdict(self)})


def line_of(value: object) -> bytes:
    """A value as a line of the file."""
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_told).encode() + b"\n"
    )


def heading_of(line: bytes) -> Heading:
    """The heading in a file's first line. Raises InvalidBackup."""
    try:
        said = json.loads(line)["uketori backup"]
        heading = Heading(**said)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidBackup("this is no backup of a registry") from error
    if heading.version != VERSION:
        raise InvalidBackup(f"its form is {heading.version}; this program reads {VERSION}")
    return heading


def tables() -> list[Table]:
    """What a backup holds, those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def kinds_of(table: Table) -> Columns:
    """The columns of a table with what their values are."""
    return {column.name: _kind(column.type) for column in table.columns}


def _kind(type_: TypeEngine[Any]) -> str:
    if isinstance(type_, UTCDateTime):
        return "time"
    if isinstance(type_, Date):
        return "date"
    return "truth" if isinstance(type_, Boolean) else ""


def _told(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
