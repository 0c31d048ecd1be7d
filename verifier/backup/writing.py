"""Write a registry into a backup while others work on it: one snapshot of every table."""

import base64
import gzip
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.schema import revision_of
from shared.db.session import Sessions, snapshot
from shared.keys import CheckpointKey
from verifier.backup.form import DOMAIN, VERSION, Heading, kinds_of, line_of, tables
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Head

_ROWS_AT_ONCE = 2_000
_LEVEL = 6
Told = Callable[[int], object]


def back_up(
    sessions: Sessions, path: Path, key: CheckpointKey, now: datetime, told: Told
) -> Heading:
    """Make a backup in a new file; `told` is given the rows written so far.

    The journal says so before the first row is read: the backup's own entry is its last. Raises
    OSError.
    """
    with sessions.begin() as session:
        journal.append(session, Act.BACKED_UP, Author(), {}, now)
    with snapshot(sessions) as session, _whole(path) as raw:
        heading = _heading(session, journal.head(session), now)
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
            digest = hashlib.sha256()
            for line in _lines(session, heading, told):
                digest.update(line)
                packed.write(line)
            signature = key.private.sign(DOMAIN + digest.digest())
            end = {"key": key.key_id, "signature": base64.b64encode(signature).decode()}
            packed.write(line_of({"end": end}))
    return heading


def count(session: Session) -> int:
    """How many rows a backup would have, for its progress."""
    return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables())


def _heading(session: Session, head: Head, now: datetime) -> Heading:
    return Heading(
        version=VERSION,
        revision=revision_of(session),
        made_at=now.isoformat(timespec="seconds"),
        entries=head.seq,
        head=head.hash,
        tables={table.name: kinds_of(table) for table in tables()},
    )


def _lines(session: Session, heading: Heading, told: Told) -> Iterator[bytes]:
    yield heading.line()
    done = 0
    for table in tables():
        yield line_of({"table": table.name})
        rows = session.execute(
            select(table).execution_options(yield_per=_ROWS_AT_ONCE, stream_results=True)
        )
        for part in rows.partitions():
            yield b"".join(line_of(list(row)) for row in part)
            done += len(part)
            told(done)


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner only: all of it under its name, or nothing. Raises OSError."""
    if path.exists():
        raise FileExistsError(17, "is there already", str(path))
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
