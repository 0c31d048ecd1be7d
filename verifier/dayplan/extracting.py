"""The registry of one plan: rows of the registry that its window needs, and not a column more."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby

from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import Session

from shared.db.base import Base
from shared.db.tables import (
    DayPlan,
    Deliverable,
    Filing,
    FormerPassword,
    IssuedSheet,
    JournalEntry,
    Kiosk,
    Office,
    Paper,
    Procedure,
    Receiver,
    Staff,
    WrongTag,
)
from shared.domain import PickupMethod, Purpose
from shared.lookup import lookup_digest
from verifier.dayplan.image import blank, open_image
from verifier.installation import Installation
from verifier.registry.journal import Act
from verifier.registry.staff import COUNTER_ROLES

PURPOSES = frozenset({Purpose.AUTHENTICATION, Purpose.INDIVIDUAL})
"""What is done on a plan: registration and a change of password wait for the registry."""
KNOWN_FOR = timedelta(days=7)
"""Who signed in at the window within so long may work there on a plan."""
_RECENT_ENTRIES = 20_000
_AT_ONCE = 500


def extract(
    session: Session,
    house: Installation,
    plan: DayPlan,
    filings: Collection[Filing],
    lookup_key: bytes,
) -> bytes:
    """The image of a plan's registry."""
    image = open_image(blank())
    try:
        with image.sessions.begin() as extract_:
            rows = _rows(session, house, plan, filings, lookup_key)
            for table, alike in groupby(rows, type):  # referred to before they refer
                extract_.execute(insert(table), [_values(row) for row in alike])
        return image.connection.serialize()
    finally:
        image.close()


def _rows(
    session: Session,
    house: Installation,
    plan: DayPlan,
    filings: Collection[Filing],
    lookup_key: bytes,
) -> Iterable[Base]:
    kiosk = session.get_one(Kiosk, plan.kiosk_code)
    yield _copy(session.get_one(Office, kiosk.office_code), rush_since=None)
    serves = [purpose for purpose in kiosk.purposes.split() if purpose in PURPOSES]
    yield _copy(
        kiosk,
        entries=0,
        credential_digest=None,
        purposes=" ".join(serves),
        faults="",
        paused_at=None,
    )
    for table in (Procedure, Deliverable, Paper):
        yield from map(_copy, session.scalars(select(table)))
    yield from _people(session, kiosk, plan.made_at)
    yield from _receivers(session, filings)
    for filing in filings:
        digest = _digest(session, house, filing, lookup_key)
        yield _copy(filing, password_hash=None, individual_digest=digest)
    yield _copy(plan, device=None)


def _people(session: Session, kiosk: Kiosk, now: datetime) -> Iterable[Base]:
    """Who signed in here lately, with the PIN alone: nothing of the console."""
    signed_in = select(JournalEntry.staff_number).where(
        JournalEntry.kiosk_code == kiosk.code,
        JournalEntry.kiosk_seq > kiosk.entries - _RECENT_ENTRIES,
        JournalEntry.act == Act.SIGNED_IN,
        JournalEntry.at > now - KNOWN_FOR,
    )
    known = select(Staff).where(
        Staff.number.in_(signed_in), Staff.disabled_at.is_(None), Staff.role.in_(COUNTER_ROLES)
    )
    for person in session.scalars(known):
        yield _copy(
            person,
            password_hash=None,
            second_factor=None,
            second_factor_step=None,
            failures=0,
        )


def _receivers(session: Session, filings: Collection[Filing]) -> Iterable[Base]:
    keys = sorted({f.receiver_key for f in filings if f.receiver_key is not None})
    for i in range(0, len(keys), _AT_ONCE):
        those = select(Receiver.id).where(Receiver.compare_key.in_(keys[i : i + _AT_ONCE]))
        yield from map(_copy, session.scalars(select(Receiver).where(Receiver.id.in_(those))))
        for table in (FormerPassword, WrongTag):
            rows = session.scalars(select(table).where(table.receiver_id.in_(those)))
            yield from map(_copy, rows)


def _digest(session: Session, house: Installation, filing: Filing, lookup_key: bytes) -> str | None:
    """Of the latest individual code, under the plan's own key; the registry's stays at home."""
    if filing.pickup_method is not PickupMethod.INDIVIDUAL or filing.individual_digest is None:
        return None
    issued = session.get(IssuedSheet, filing.individual_digest)
    sheet = house.opener.read(issued.text, house.clock()) if issued else None
    key = getattr(sheet, "search_key", None)
    return lookup_digest(key, lookup_key) if key is not None else None


def _copy(row: Base, **other: object) -> Base:
    """A row of the same table for another database, with some columns as given."""
    return type(row)(**_values(row) | other)


def _values(row: Base) -> dict[str, object]:
    return {name: getattr(row, name) for name in _columns(type(row))}


@cache
def _columns(table: type[Base]) -> tuple[str, ...]:
    return tuple(column.key for column in inspect(table).column_attrs)
