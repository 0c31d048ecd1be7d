"""Filings from the application system into the registry: a whole file, or nothing of it.

The counter has the last word: a filing in hand, handed over or withdrawn stays as it is, and no
file changes a pick-up method.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shared.db.session import Sessions, reading
from shared.db.tables import Filing
from shared.domain import FilingStatus, PickupMethod
from shared.passwords import check_secret, hash_secret
from verifier.filing_files import FileRefused, Problem, read_records
from verifier.filing_rows import FilingRow, load_known, read_rows
from verifier.registry import journal
from verifier.registry.journal import Act, Author

AT_THE_COUNTER = frozenset({FilingStatus.HANDING, FilingStatus.RELEASED})
"""Only a clerk brings a filing here, and only the counter takes it back."""
SETTLED = AT_THE_COUNTER | {FilingStatus.WITHDRAWN}
_CHUNK = 500
Hashes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FilingsFile:
    """What was handed to us."""

    content: bytes
    encoding: str = "utf-8"

    @property
    def sha256(self) -> str:
        """Names the file in the journal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the filings of a file."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    """In hand, handed over or withdrawn: the file was not asked."""


def read_filings(sessions: Sessions, file: FilingsFile) -> list[FilingRow]:
    """Read and check a whole file. Raises FileRefused with every problem in it."""
    records = read_records(file.content, file.encoding)
    with reading(sessions) as session:
        rows = read_rows(records, load_known(session))
        if problems := _too_far(session, rows):
            raise FileRefused(problems)
    return rows


def hash_passwords(
    sessions: Sessions, rows: list[FilingRow], cost: int, tick: Callable[[], object]
) -> Hashes:
    """Hashes by number, for new and changed passwords only; `tick` is called for each one checked.

    bcrypt is slow on purpose, so this comes before the transaction, on every core.
    """
    with_password = [row for row in rows if row.password]
    with reading(sessions) as session:
        stored = {f.number: f.password_hash for f in _stored(session, with_password)}
    hashes: dict[str, str] = {}
    with ThreadPoolExecutor() as pool:
        work = {
            pool.submit(_rehash, row.password, stored.get(row.number), cost): row.number
            for row in with_password
        }
        for done in as_completed(work):
            if hashed := done.result():
                hashes[work[done]] = hashed
            tick()
    return hashes


def write_filings(
    sessions: Sessions, rows: list[FilingRow], hashes: Hashes, sha256: str, now: datetime
) -> Summary:
    """Write all rows and the journal entry in one transaction. Raises FileRefused."""
    with sessions.begin() as session:
        stored = {filing.number: filing for filing in _stored(session, rows, lock=True)}
        if problems := _too_far(session, rows):
            raise FileRefused(problems)
        new = [_new(row, hashes, now) for row in rows if row.number not in stored]
        open_ = [row for row in rows if row.number in stored and _is_open(stored[row.number])]
        changed = [c for row in open_ if (c := _changes(row, stored[row.number], hashes))]
        if new:
            session.execute(insert(Filing), new)
        if changed:
            session.execute(update(Filing), [change | {"updated_at": now} for change in changed])
        kept = len(rows) - len(new) - len(open_)
        summary = Summary(len(new), len(changed), len(open_) - len(changed), kept)
        body = asdict(summary) | {"sha256": sha256}
        journal.append(session, Act.IMPORTED, Author(), body, now)
    return summary


def _is_open(filing: Filing) -> bool:
    return filing.status not in SETTLED


def _too_far(session: Session, rows: list[FilingRow]) -> list[Problem]:
    """Rows that claim a hand-over the counter knows nothing of."""
    claimed = [row for row in rows if row.status in AT_THE_COUNTER]
    settled = {filing.number for filing in _stored(session, claimed) if not _is_open(filing)}
    text = "only the counter hands over; the registry knows of no hand-over of this filing"
    return [Problem(row.line, "status", text) for row in claimed if row.number not in settled]


def _stored(session: Session, rows: list[FilingRow], *, lock: bool = False) -> Iterator[Filing]:
    """The filings that exist, by id as the counter takes them: two that lock do not deadlock."""
    numbers = [row.number for row in rows]
    ids = sorted(
        found
        for start in range(0, len(numbers), _CHUNK)
        for found in session.scalars(
            select(Filing.id).where(Filing.number.in_(numbers[start : start + _CHUNK]))
        )
    )
    for start in range(0, len(ids), _CHUNK):
        chosen = select(Filing).where(Filing.id.in_(ids[start : start + _CHUNK]))
        chosen = chosen.order_by(Filing.id).execution_options(populate_existing=True)
        yield from session.scalars(chosen.with_for_update(of=Filing) if lock else chosen)


def _new(row: FilingRow, hashes: Hashes, now: datetime) -> dict[str, object]:
    """Every column, so that all new rows go in one statement."""
    columns: dict[str, object] = {
        "receiver_name": None, "receiver_key": None, "plate": None, "chassis": None,
        "plate_tail": None, "chassis_tail": None, "tax_confirmed": True,
        "pickup_method": PickupMethod.AUTHENTICATION,
        "inquiry_failures": 0, "password_hash": hashes.get(row.number), "number": row.number,
        "received_at": now, "updated_at": now,
    }  # fmt: skip
    return columns | dict(row.columns)


def _changes(row: FilingRow, filing: Filing, hashes: Hashes) -> dict[str, object]:
    """The columns that differ, with the filing's id; empty when nothing does."""
    wanted = dict(row.columns)
    if row.number in hashes:
        wanted["password_hash"] = hashes[row.number]
    changed = {name: value for name, value in wanted.items() if getattr(filing, name) != value}
    return changed and {"id": filing.id} | changed


def _rehash(password: str, stored: str | None, cost: int) -> str | None:
    """A hash to store, or None when the stored one fits."""
    if stored is not None and check_secret(password, stored):
        return None
    return hash_secret(password, cost)
