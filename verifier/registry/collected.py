"""Which filings a sheet speaks of, and which it may release at a window: asked at every sheet.

The statements are put together once, for both kinds of sheet.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from shared.db.tables import Filing, Hold, Kiosk, Office, Procedure
from shared.domain import FilingClaim, FilingStatus, PickupMethod, ReceiverClaim, Sheet
from shared.names import compare_key
from verifier.decision.evidence import Intent, Tally
from verifier.registry import handovers

RECENT = timedelta(days=30)
"""Releases older than this no longer answer "already handed over": it is another bundle."""
_NOT_RELEASED = tuple(status for status in FilingStatus if status is not FilingStatus.RELEASED)


def candidates(sheet: Sheet) -> ColumnElement[bool]:
    """Which filings a sheet speaks of, at whatever office and in whatever status.

    For a statement that is executed with `told_by`.
    """
    return _SPOKEN_OF[type(sheet.claim)]


def told_by(sheet: Sheet) -> dict[str, Any]:
    """What a sheet says of its filings, as the statements here are told it."""
    claim = sheet.claim
    if isinstance(claim, FilingClaim):
        return {"filing": claim.number.digits, "procedure": sheet.procedure}
    return {"receiver": compare_key(claim.name), "procedure": sheet.procedure}


def lock_collected(session: Session, sheet: Sheet, kiosk: Kiosk, intent: Intent) -> list[int]:
    """Lock the filings that a sheet may release here and now; their ids."""
    told = told_by(sheet) | {"office": kiosk.office_code}
    return list(session.scalars(_LOCKING[type(sheet.claim), intent], told))


def is_held() -> ColumnElement[bool]:
    """A live hold lies on the filing."""
    return select(Hold.id).where(Hold.filing_id == Filing.id, Hold.lifted_at.is_(None)).exists()


def tallies(session: Session, sheet: Sheet, office: str, now: datetime) -> tuple[Tally, ...]:
    """Count a sheet's filings by procedure, office, method and status; old releases left out.

    Those that are ready at one office also by hold: nobody asks it of others.
    """
    told = told_by(sheet) | {"office": office, "since": now - RECENT}
    rows = session.execute(_TALLIES[type(sheet.claim)], told)
    return tuple(
        Tally(procedure, office, method, status, count, bool(is_held_row), *names)
        for procedure, office, method, status, is_held_row, count, *names in rows
    )


_SPOKEN_OF: dict[type, ColumnElement[bool]] = {
    FilingClaim: and_(
        Filing.number == bindparam("filing"), Filing.procedure_code == bindparam("procedure")
    ),
    ReceiverClaim: Filing.receiver_key == bindparam("receiver"),
}
_METHODS: dict[type, PickupMethod] = {
    FilingClaim: PickupMethod.INDIVIDUAL,
    ReceiverClaim: PickupMethod.AUTHENTICATION,
}
_HERE = Filing.office_code == bindparam("office")


def _locking(claim: type, intent: Intent) -> Select[int]:
    here = and_(
        _SPOKEN_OF[claim],
        Filing.procedure_code == bindparam("procedure"),
        _HERE,
        Filing.pickup_method == _METHODS[claim],
        Filing.status == FilingStatus.READY,
    )
    return handovers.locking(here if intent is Intent.RESUME else and_(here, ~is_held()))


def _counting(which: ColumnElement[bool]) -> Select[Any]:
    ready_here = and_(_HERE, Filing.status == FilingStatus.READY)
    held = case((ready_here, is_held()), else_=false()).label("held")
    place = (Filing.procedure_code, Filing.office_code, Filing.pickup_method, Filing.status, held)
    gone = and_(Filing.status == FilingStatus.RELEASED, Filing.updated_at >= bindparam("since"))
    told = or_(Filing.status.in_(_NOT_RELEASED), gone)  # each half by the index: no old years
    many = func.count().label("many")
    counted = select(*place, many).where(which, told).group_by(*place).subquery()
    return (
        select(*counted.c, Procedure.name, Office.name)
        .join(Procedure, Procedure.code == counted.c.procedure_code)
        .join(Office, Office.code == counted.c.office_code)
        .order_by(counted.c.procedure_code, counted.c.office_code)
    )


_LOCKING = {(claim, intent): _locking(claim, intent) for claim in _SPOKEN_OF for intent in Intent}
_TALLIES = {claim: _counting(which) for claim, which in _SPOKEN_OF.items()}
