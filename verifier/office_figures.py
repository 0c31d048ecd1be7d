"""The figures of one office's day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.tables import (
    Alert,
    Deliverable,
    Filing,
    HandOver,
    HandOverItem,
    Hold,
    ItemState,
    Kiosk,
    Presentation,
)
from verifier.days import bounds


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened at an office on one day."""

    presented: int
    accepted: int
    refused: int
    refusals: tuple[tuple[str, int], ...]
    """(reason code, how often), most frequent first."""
    hand_overs: int
    given_out: int
    """Vehicles whose papers were handed over, and not taken back since."""
    undone: int
    held: int
    """Kept back on this day."""
    still_held: int
    deliverables: tuple[tuple[str, int], ...]
    """(deliverable, how many were handed over)."""
    alerts: tuple[tuple[str, int], ...]
    """(AlertKind, how many of this office's windows or of the registry)."""
    faults: tuple[tuple[str, str], ...]
    """(window's name, codes parted by blanks): what its windows report as wrong now."""


def figures_of(session: Session, office: str, day: date) -> Figures:
    """The figures of a day so far."""
    begins, ends = bounds(day)
    windows = list(session.scalars(select(Kiosk.code).where(Kiosk.office_code == office)))
    presented = (
        Presentation.kiosk_code.in_(windows),
        Presentation.at >= begins,
        Presentation.at < ends,
    )
    reasons = _counts(session, Presentation.reason, (*presented, Presentation.reason.is_not(None)))
    refused = sum(reasons.values())
    total = session.scalar(select(func.count()).where(*presented)) or 0
    closed = (HandOver.kiosk_code.in_(windows), HandOver.closed_at >= begins)
    confirmed = (*closed, HandOver.closed_at < ends, HandOver.receipt_number.is_not(None))
    kept_back = (Hold.placed_at >= begins, Hold.placed_at < ends)
    raised = (
        Alert.raised_at >= begins,
        Alert.raised_at < ends,
        Alert.subject.not_in(_elsewhere(session, office)),
    )
    return Figures(
        presented=total,
        accepted=total - refused,
        refused=refused,
        refusals=tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        hand_overs=session.scalar(select(func.count()).where(*confirmed)) or 0,
        given_out=_items(session, windows, ItemState.RELEASED, (begins, ends)),
        undone=_items(session, windows, ItemState.UNDONE, (begins, ends)),
        held=_holds(session, office, kept_back),
        still_held=_holds(session, office, (Hold.lifted_at.is_(None),)),
        deliverables=_deliverables(session, windows, (begins, ends)),
        alerts=tuple(sorted(_counts(session, Alert.kind, raised).items())),
        faults=_faults(session, office),
    )


def _counts(session: Session, column: Any, conditions: Iterable[Any]) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).where(*conditions).group_by(column))
    return {str(value): count for value, count in rows}


def _faults(session: Session, office: str) -> tuple[tuple[str, str], ...]:
    in_use = (Kiosk.office_code == office, Kiosk.revoked_at.is_(None), Kiosk.faults != "")
    rows = session.execute(select(Kiosk.name, Kiosk.faults).where(*in_use).order_by(Kiosk.code))
    return tuple((name, faults) for name, faults in rows)


def _elsewhere(session: Session, office: str) -> Any:
    """The windows of other offices: their alerts are not this office's."""
    return select(Kiosk.code).where(Kiosk.office_code != office)


def _settled(windows: list[str], state: ItemState, period: tuple[datetime, datetime]) -> Any:
    begins, ends = period
    return (
        HandOver.kiosk_code.in_(windows),
        HandOverItem.state == state,
        HandOverItem.settled_at >= begins,
        HandOverItem.settled_at < ends,
    )


def _items(
    session: Session, windows: list[str], state: ItemState, period: tuple[datetime, datetime]
) -> int:
    items = select(func.count()).select_from(HandOverItem).join(HandOver)
    return session.scalar(items.where(*_settled(windows, state, period))) or 0


def _holds(session: Session, office: str, conditions: Iterable[Any]) -> int:
    holds = select(func.count()).select_from(Hold).join(Filing, Filing.id == Hold.filing_id)
    return session.scalar(holds.where(Filing.office_code == office, *conditions)) or 0


def _deliverables(
    session: Session, windows: list[str], period: tuple[datetime, datetime]
) -> tuple[tuple[str, int], ...]:
    """What was handed over, by the table of procedures as it is now."""
    rows = session.execute(
        select(Deliverable.name, func.count())
        .select_from(HandOverItem)
        .join(HandOver)
        .join(Filing, Filing.id == HandOverItem.filing_id)
        .join(Deliverable, Deliverable.procedure_code == Filing.procedure_code)
        .where(*_settled(windows, ItemState.RELEASED, period))
        .group_by(Deliverable.name)
        .order_by(Deliverable.name)
    )
    return tuple((name, count) for name, count in rows)
