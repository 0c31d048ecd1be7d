"""What became of each vehicle of a basket, as a supervisor reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Filing, HandOver, HandOverItem, ItemState, Kiosk, Staff
from shared.domain import FilingNumber
from verifier.console import words


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One filing in one basket."""

    filing_id: int
    number: str
    """In fours."""
    plate: str
    deliverables: tuple[str, ...]
    state: ItemState
    word: str
    reason: str
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Released:
    """A filing that was handed over: where, when, by and to whom."""

    vehicle: Vehicle
    procedure: str
    receiver: str
    kiosk: str
    clerk: str
    collector: str
    receipt: str


def vehicles_of(hand_overs: Iterable[HandOver]) -> list[Vehicle]:
    """The vehicles of some baskets, in their order."""
    return [_vehicle(item) for hand_over in hand_overs for item in hand_over.items]


def released(session: Session, filing_id: int) -> Released | None:
    """The live release of a filing."""
    row = session.execute(
        select(HandOverItem, HandOver, Kiosk.name, Staff.name)
        .join(HandOver, HandOver.id == HandOverItem.hand_over_id)
        .join(Kiosk, Kiosk.code == HandOver.kiosk_code)
        .join(Staff, Staff.number == HandOver.staff_number)
        .where(HandOverItem.filing_id == filing_id, HandOverItem.state == ItemState.RELEASED)
    ).one_or_none()
    if row is None:
        return None
    item, hand_over, kiosk, clerk = row
    filing: Filing = item.filing
    return Released(
        vehicle=_vehicle(item),
        procedure=filing.procedure.name,
        receiver=filing.receiver_name or "",
        kiosk=kiosk,
        clerk=clerk,
        collector=hand_over.collector or "",
        receipt=hand_over.receipt_number or "",
    )


def _vehicle(item: HandOverItem) -> Vehicle:
    return Vehicle(
        filing_id=item.filing_id,
        number=FilingNumber(item.filing.number).grouped(),
        plate=item.filing.plate or "",
        deliverables=tuple(d.name for d in item.filing.procedure.deliverables),
        state=item.state,
        word=words.ITEM_STATES[item.state],
        reason=words.reason(item.reason or ""),
        settled_at=item.settled_at,
    )
