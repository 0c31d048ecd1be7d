"""A file of filings into the registry, batch by batch, from where an earlier run stopped.

Each batch is one transaction with its own journal entry, which says how far the file has come:
whatever ends a run, the next one goes on behind the last batch that is really there.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.session import Sessions, expect_many_pages, reading
from shared.db.tables import Filing, JournalEntry
from shared.passwords import check_secret, hash_secret
from verifier.filings.records import (
    WHOLE,
    FileRefused,
    FilingsFile,
    Problem,
    Record,
    Refused,
    not_decoded,
    read_records,
    undecoded,
)
from verifier.filings.report import Report
from verifier.filings.rows import FilingRow, Known, load_known, read_row
from verifier.filings.seen import SeenNumbers
from verifier.filings.staging import Hashes, Summary, Weighed, weigh, write
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json

BATCH = 5_000
"""Rows a transaction: on SQLite a window waits a quarter of a second for one at most."""
_CHUNK = 500
Item = TypeVar("Item")
Told = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One reading of a file into a registry."""

    sessions: Sessions
    file: FilingsFile
    cost: int
    """bcrypt's, for 申請用パスワード."""
    clock: Callable[[], datetime]
    told: Told = field(default=lambda _position: None)
    """Given the position in the file, in bytes, after each batch."""


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: list[FilingRow]
    refused: list[Refused]
    last_line: int
    position: int


def resumes_after(sessions: Sessions, sha256: str) -> int:
    """The line up to which an unfinished run brought this file in; 0: begin at its head."""
    entries = select(JournalEntry.body).where(
        JournalEntry.act == Act.IMPORTED, JournalEntry.body.contains(sha256)
    )
    with reading(sessions) as session:
        newest = session.scalar(entries.order_by(JournalEntry.seq.desc()).limit(1))
    said = json.loads(newest) if newest else {}
    return int(said.get("through", 0)) if said.get("ended") is False else 0


def bring_in(run: Run, report: Report, sha256: str, after: int = 0) -> Summary:
    """Bring in what stands behind line `after`; the rest of the file goes into the report.

    Raises FileRefused for a file that is none of filings.
    """
    total = Summary()
    for batch, ended in _marking_the_last(_read_ahead(run, _batches(run, after))):
        hashes = hash_passwords(run.sessions, batch.rows, run.cost)
        now = run.clock()
        with run.sessions.begin() as session:
            expect_many_pages(session)
            weighed = write(session, batch.rows, hashes, now)
            summary = _told(batch, weighed, report)
            body: dict[str, Json] = asdict(summary)
            body |= {"sha256": sha256, "through": batch.last_line, "ended": ended}
            journal.append(session, Act.IMPORTED, Author(), body, now)
        total += summary
        run.told(batch.position)
    return total


def try_out(run: Run, report: Report) -> Summary:
    """What `bring_in` would do with the whole file; passwords count as new ones."""
    total = Summary()
    for batch in _batches(run, 0):
        hashes = {row.number: "" for row in batch.rows if row.password}
        with reading(run.sessions) as session:
            total += _told(batch, weigh(session, batch.rows, hashes), report)
        run.told(batch.position)
    return total


def hash_passwords(sessions: Sessions, rows: Iterable[FilingRow], cost: int) -> Hashes:
    """Hashes by number, for new and changed passwords only.

    bcrypt is slow on purpose, so this comes before the transaction, on every core.
    """
    with_password = [row for row in rows if row.password]
    if not with_password:
        return {}
    with reading(sessions) as session:
        stored = _stored_hashes(session, [row.number for row in with_password])

    def hashed(row: FilingRow) -> tuple[str, str | None]:
        return row.number, _rehash(row.password, stored.get(row.number), cost)

    with ThreadPoolExecutor() as pool:
        return {number: new for number, new in pool.map(hashed, with_password) if new}


def _batches(run: Run, after: int) -> Iterator[_Batch]:
    """The file in batches, beginning behind a line whose batch is there."""
    with reading(run.sessions) as session:
        known = load_known(session)
    seen = SeenNumbers()
    nothing = True
    with run.file.open() as text:
        for items in _in_batches(read_records(text)):
            judged = [_judged(item, known, run.file.encoding) for item in items]
            nothing = False
            rows, refused = sorted_out(judged, seen)
            if judged[-1].line > after:
                yield _Batch(
                    [row for row in rows if row.line > after],
                    [row for row in refused if row.line > after],
                    judged[-1].line,
                    text.buffer.tell(),
                )
    if nothing:
        raise FileRefused([Problem(1, WHOLE, "there is no filing in the file")])


def _judged(item: Record | Refused, known: Known, encoding: str) -> FilingRow | Refused:
    if isinstance(item, Refused):
        return item
    row = read_row(item, known)
    if isinstance(row, Refused) and undecoded(list(item.values.values())):
        return Refused(item.line, (not_decoded(item.line, encoding),))
    return row


def sorted_out(
    judged: Sequence[FilingRow | Refused], seen: SeenNumbers
) -> tuple[list[FilingRow], list[Refused]]:
    """The rows to bring in, each of a number that was not seen before, and the others."""
    rows = [row for row in judged if isinstance(row, FilingRow)]
    refused = [row for row in judged if isinstance(row, Refused)]
    repeated = seen.repeated([row.number for row in rows])
    text = "the same number stands on an earlier line"
    refused += [
        Refused(row.line, (Problem(row.line, "number", text),))
        for row, again in zip(rows, repeated, strict=True)
        if again
    ]
    fresh = [row for row, again in zip(rows, repeated, strict=True) if not again]
    return fresh, sorted(refused)


def _told(batch: _Batch, weighed: Weighed, report: Report) -> Summary:
    """Report what was refused; the batch's summary with the rows that never got so far."""
    report.add(sorted([*batch.refused, *weighed.refused]))
    return weighed.summary + Summary(refused=len(batch.refused))


def _read_ahead(run: Run, batches: Iterator[_Batch]) -> Iterator[_Batch]:
    """Read the next batch while a server writes this one.

    On SQLite they take turns: while we read, a window gets at the one writer's lock.
    """
    if run.sessions.kw["bind"].dialect.name == "sqlite":
        yield from batches
        return
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def _in_batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _marking_the_last(items: Iterator[Item]) -> Iterator[tuple[Item, bool]]:
    before = next(items, None)
    for item in items:
        if before is not None:
            yield before, False
        before = item
    if before is not None:
        yield before, True


def _stored_hashes(session: Session, numbers: Sequence[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for start in range(0, len(numbers), _CHUNK):
        some = Filing.number.in_(numbers[start : start + _CHUNK])
        rows = session.execute(select(Filing.number, Filing.password_hash).where(some))
        found |= {number: stored for number, stored in rows}
    return found


def _rehash(password: str, stored: str | None, cost: int) -> str | None:
    """A hash to store, or None when the stored one fits."""
    if stored is not None and check_secret(password, stored):
        return None
    return hash_secret(password, cost)
