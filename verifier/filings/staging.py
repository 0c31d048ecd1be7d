"""A batch of filings into the registry: staged, weighed against what is there, then written.

The counter has the last word: a filing in hand, handed over or withdrawn stays as it is, no row
hands a filing over, and none changes a pick-up method.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    MetaData,
    SmallInteger,
    String,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from shared.db.bulk import fill
from shared.db.session import take_turns
from shared.db.tables import Filing
from shared.domain import FilingStatus, PickupMethod
from verifier.filings.records import Problem, Refused
from verifier.filings.rows import FilingRow

AT_THE_COUNTER = (FilingStatus.HANDING, FilingStatus.RELEASED)
"""Only a clerk brings a filing here, and only the counter takes it back."""
SETTLED = (*AT_THE_COUNTER, FilingStatus.WITHDRAWN)
Hashes = Mapping[str, str]
_TURN = 0x75_6B_69_6D
"""Advisory lock number: one batch at a time brings filings in."""
_NOT_OURS = "only the counter hands over; the registry knows of no hand-over of this filing"
_BESIDE = {"receiver_name": "receiver_key", "plate": "plate_tail", "chassis": "chassis_tail"}

_STAGED = Table(
    "filings_brought",
    MetaData(),
    Column("line", BigInteger),
    Column("number", String(17)),
    Column("procedure_code", SmallInteger),
    Column("office_code", String(24)),
    Column("status", String(24)),
    *(Column(f"says_{name}", Boolean) for name in _BESIDE),
    *(Column(name, String(240)) for pair in _BESIDE.items() for name in pair),
    Column("tax_confirmed", Boolean),
    Column("password_hash", String(60)),
    prefixes=["TEMPORARY"],
)
_NEW = _STAGED.c
_SAME = Filing.number == _NEW.number
_IS_OPEN = Filing.status.not_in(SETTLED)
_ALWAYS = ("procedure_code", "office_code", "status")
_DIFFERS: dict[str, ColumnElement[bool]] = {
    **{name: getattr(Filing, name) != _NEW[name] for name in _ALWAYS},
    **{
        name: and_(_NEW[f"says_{name}"], getattr(Filing, name).is_distinct_from(_NEW[name]))
        for name in _BESIDE
    },
    "tax_confirmed": func.coalesce(
        _NEW.tax_confirmed != Filing.tax_confirmed, literal(value=False)
    ),
    "password_hash": _NEW.password_hash.is_not(None),
}
"""Where a row wants something else than is there, column by column."""
_SAYS_HANDED = _NEW.status.in_([status.value for status in AT_THE_COUNTER])


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the filings of a batch, or of a file."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    """In hand, handed over or withdrawn: the file was not asked."""
    refused: int = 0

    def __str__(self) -> str:
        """As the administrator reads it."""
        kept = f"{self.kept} kept as they are (in hand, handed over or withdrawn)"
        changed = f"{self.new} new, {self.updated} updated, {self.unchanged} unchanged"
        return f"{changed}, {kept}, {self.refused} refused"

    def __add__(self, other: "Summary") -> "Summary":
        return Summary(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.kept + other.kept,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a batch does, or would do."""

    summary: Summary
    refused: list[Refused]
    """Rows that claim a hand-over of which the registry knows nothing."""


def weigh(session: Session, rows: Sequence[FilingRow], hashes: Hashes) -> Weighed:
    """What `write` would do with these rows, each of another number; changes nothing."""
    with _staged(session, rows, hashes):
        refused = _refuse_handed(session, rows)
        return Weighed(_count(session, len(refused))[0], refused)


def write(session: Session, rows: Sequence[FilingRow], hashes: Hashes, now: datetime) -> Weighed:
    """Bring rows in, each of another number; a filing that is there is changed where it differs.

    Without a hash its password stays; without one and new, it has none.
    """
    take_turns(session, _TURN)
    with _staged(session, rows, hashes):
        refused = _refuse_handed(session, rows)
        summary, changed = _count(session, len(refused))
        if summary.updated:
            summary = _corrected(summary, _update(session, changed, now))
        if summary.new:
            _insert(session, now)
    return Weighed(summary, refused)


def _corrected(summary: Summary, updated: int) -> Summary:
    """A window took some in hand after they were counted."""
    kept = summary.kept + summary.updated - updated
    return replace(summary, updated=updated, kept=kept)


@contextmanager
def _staged(session: Session, rows: Sequence[FilingRow], hashes: Hashes) -> Iterator[None]:
    """The rows in a table of this connection's own, gone in the end."""
    connection = session.connection()
    _STAGED.create(connection)
    fill(connection, _STAGED, [_values(row, hashes.get(row.number)) for row in rows])
    yield
    _STAGED.drop(connection)


def _values(row: FilingRow, password_hash: str | None) -> tuple[Any, ...]:
    said = row.columns
    return (
        row.line,
        row.number,
        said["procedure_code"],
        said["office_code"],
        row.status.value,
        *[name in said for name in _BESIDE],
        *[said.get(name) for pair in _BESIDE.items() for name in pair],
        said.get("tax_confirmed"),
        password_hash,
    )


def _refuse_handed(session: Session, rows: Sequence[FilingRow]) -> list[Refused]:
    if not any(row.status in AT_THE_COUNTER for row in rows):
        return []
    known = select(Filing.id).where(_SAME, Filing.status.in_(SETTLED)).exists()
    lines = session.scalars(select(_NEW.line).where(_SAYS_HANDED, ~known)).all()
    if lines:
        session.execute(delete(_STAGED).where(_SAYS_HANDED, ~known))
    return [Refused(line, (Problem(line, "status", _NOT_OURS),)) for line in sorted(lines)]


def _count(session: Session, refused: int) -> tuple[Summary, list[str]]:
    """What the batch means, and the columns in which anything changes."""

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(case((condition, 1)))

    differs = or_(*_DIFFERS.values())
    conditions = (
        Filing.id.is_(None),
        and_(_IS_OPEN, differs),
        and_(_IS_OPEN, ~differs),
        Filing.status.in_(SETTLED),
        *_DIFFERS.values(),
    )
    counts = select(*map(counted, conditions)).select_from(_STAGED.outerjoin(Filing, _SAME))
    new, updated, unchanged, kept, *columns = session.execute(counts).one()
    changed = [name for name, rows in zip(_DIFFERS, columns, strict=True) if rows]
    return Summary(new, updated, unchanged, kept, refused), changed


def _update(session: Session, changed: Sequence[str], now: datetime) -> int:
    """Change these columns where a row differs; how many rows there were.

    Locked by id first, as the counter takes them: two that lock do not deadlock. An index costs
    only when one of its columns is named.
    """
    differs = or_(*(_DIFFERS[name] for name in changed))
    chosen = select(Filing.id).join(_STAGED, _SAME).where(_IS_OPEN, differs)
    session.execute(chosen.order_by(Filing.id).with_for_update(of=Filing)).all()
    values = {name: value for column in changed for name, value in _wanted(column)}
    written = update(Filing).where(_SAME, _IS_OPEN, ~_SAYS_HANDED, differs)
    written = written.values(values | {"updated_at": now})
    done = session.execute(written.execution_options(synchronize_session=False))
    return int(getattr(done, "rowcount", 0))


def _wanted(column: str) -> Iterator[tuple[str, ColumnElement[Any]]]:
    """A column as the row wants it, and the one that goes with it."""
    if column in _BESIDE:
        for name in (column, _BESIDE[column]):
            yield name, case((_NEW[f"says_{column}"], _NEW[name]), else_=getattr(Filing, name))
    else:
        yield column, func.coalesce(_NEW[column], getattr(Filing, column))


def _insert(session: Session, now: datetime) -> None:
    """In the order of the numbers: neighbours in the index are written together."""
    values: dict[str, Any] = {
        "number": _NEW.number,
        **{name: _NEW[name] for name in _ALWAYS},
        **{name: _NEW[name] for pair in _BESIDE.items() for name in pair},
        "tax_confirmed": func.coalesce(_NEW.tax_confirmed, literal(value=True)),
        "password_hash": _NEW.password_hash,
        "pickup_method": literal(PickupMethod.AUTHENTICATION.value),
        "individual_digest": null(),
        "inquiry_failures": literal(0),
        "inquiry_locked_until": null(),
        "received_at": literal(now, Filing.received_at.type),
        "updated_at": literal(now, Filing.updated_at.type),
    }
    there = select(Filing.id).where(_SAME).exists()
    chosen = select(*(value.label(name) for name, value in values.items()))
    rows = chosen.where(~there, ~_SAYS_HANDED).order_by(_NEW.number)
    session.execute(insert(Filing).from_select(list(values), rows, include_defaults=False))
