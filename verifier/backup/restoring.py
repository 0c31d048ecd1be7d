"""Bring a backup into an empty database: checked to its end first, then all of it or nothing."""

import base64
import binascii
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from sqlalchemy import Column, MetaData, Table, func, inspect, select, text
from sqlalchemy.orm import Session

from shared.db import schema
from shared.db.bulk import fill
from shared.db.session import Sessions, expect_many_pages
from shared.db.tables import Base
from verifier.backup.form import DOMAIN, Columns, Heading, InvalidBackup, heading_of
from verifier.checkpoints import Publics
from verifier.journal_check import check_session
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json

LONGEST_LINE = 4 * 1024 * 1024
_ROWS_AT_ONCE = 5_000
Told = Callable[[int], object]


def check(path: Path, publics: Publics) -> Heading:
    """Read a backup from end to end. Raises InvalidBackup unless every byte is as it was signed."""
    digest, last = hashlib.sha256(), b""
    heading: Heading | None = None
    for line in _lines(path):
        if heading is None:
            heading = heading_of(line)
        digest.update(last)
        last = line
    if heading is None:
        raise InvalidBackup("the file is empty")
    _require_signed(last, digest.digest(), publics)
    return heading


def restore(sessions: Sessions, path: Path, publics: Publics, now: datetime, told: Told) -> Heading:
    """Make a backup's tables in an empty database, bring them up to date, verify the journal.

    Raises InvalidBackup, and leaves the database as empty as it was.
    """
    heading = check(path, publics)
    if not schema.is_empty(sessions):
        raise InvalidBackup("the database is not empty: restore into a new one")
    body: dict[str, Json] = {
        "made": heading.made_at,
        "entries": heading.entries,
        "head": heading.head[:12],
    }
    try:
        with schema.migrating(sessions) as connection, Session(connection) as session:
            expect_many_pages(session)
            schema.upgrade_on(connection, heading.revision)
            _read_in(session, path, heading, told)
            schema.upgrade_on(connection)
            _require_chain(session, heading, publics)
            journal.append(session, Act.RESTORED, Author(), body, now)
    except schema.BrokenReferences as error:
        raise InvalidBackup("rows in it refer to rows that are not") from error
    except schema.UnknownRevision as error:
        text_ = f"its tables are of revision {heading.revision}: a newer program made it"
        raise InvalidBackup(text_) from error
    return heading


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as packed:
            while line := packed.readline(LONGEST_LINE):
                yield line
    except EOFError as error:
        raise InvalidBackup("the file ends in the middle: it was not written whole") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InvalidBackup("the file is damaged, or no backup") from error


def _require_signed(last: bytes, digest: bytes, publics: Publics) -> None:
    try:
        end = json.loads(last)["end"]
        signature = base64.b64decode(end["signature"], validate=True)
        key = publics[end["key"]]
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise InvalidBackup("its end is missing, or signed by a key that is not here") from error
    try:
        key.verify(signature, DOMAIN + digest)
    except InvalidSignature as error:
        raise InvalidBackup("it was changed after it was written, or is not ours") from error


def _read_in(session: Session, path: Path, heading: Heading, told: Told) -> None:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    done = 0
    for name, rows in _tables(path):
        columns = heading.tables[name]
        table = Table(name, MetaData(), *(Column(column) for column in columns))
        values = [_stored(row, columns) for row in rows] if is_sqlite else rows
        fill(session.connection(), table, values)
        done += len(rows)
        told(done)
    if not is_sqlite:
        _count_on(session)


def _tables(path: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    """Rows of a table at a time, in the order of the file."""
    name, rows = "", list[list[Any]]()
    for line in islice(_lines(path), 1, None):
        value = json.loads(line)
        if isinstance(value, list):
            rows.append(value)
        if rows and (isinstance(value, dict) or len(rows) == _ROWS_AT_ONCE):
            yield name, rows
            rows = []
        if isinstance(value, dict):
            name = str(value.get("table"))


def _stored(row: Sequence[Any], columns: Columns) -> list[Any]:
    """As SQLite keeps it: times as text in UTC."""
    return [
        datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M:%S.%f")
        if kind == "time" and value is not None
        else value
        for value, kind in zip(row, columns.values(), strict=True)
    ]


def _count_on(session: Session) -> None:
    """Let PostgreSQL give the next row the number after the last one."""
    for name in inspect(session.connection()).get_table_names():
        table = Base.metadata.tables.get(name)
        if table is None or "id" not in table.columns:
            continue
        sequence = session.scalar(
            text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": name}
        )
        last = session.scalar(select(func.max(table.columns["id"]))) if sequence else None
        if last is not None:
            session.execute(text("SELECT setval(:name, :last)"), {"name": sequence, "last": last})


def _require_chain(session: Session, heading: Heading, publics: Publics) -> None:
    found = check_session(session, publics=publics)
    if not found.holds:
        raise InvalidBackup(f"its journal does not hold: {found.breaks[0]}")
    if (found.last, found.head) != (heading.entries, heading.head):
        raise InvalidBackup("its journal does not end where its heading says")
