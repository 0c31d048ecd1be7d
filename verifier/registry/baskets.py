"""A hand-over as the clerk sees it: rows with what to give and what to take."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from shared.db.tables import (
    Filing,
    HandOver,
    HandOverItem,
    Hold,
    ItemState,
    PaperRule,
    Presentation,
)
from shared.domain import FilingNumber, FilingStatus, PickupMethod, Purpose
from verifier.acts import Basket, BasketRow, HoldPlaced, PaperAsked, TypedReason, WaitingRow
from verifier.decision.reasons import Notice
from verifier.registry import tickets

MOST_WAITING = 100
"""A bundle has some; a list of thousands would hide the vehicles that can be handed over."""
_NOT_GONE = frozenset(FilingStatus) - {FilingStatus.RELEASED, FilingStatus.WITHDRAWN}


def basket_of(session: Session, hand_over: HandOver) -> Basket:
    """The rows still in hand, in the order of their filing numbers."""
    filings = list(
        session.scalars(
            select(Filing)
            .join(HandOverItem, HandOverItem.filing_id == Filing.id)
            .where(
                HandOverItem.hand_over_id == hand_over.id,
                HandOverItem.state == ItemState.HANDING,
                Filing.status == FilingStatus.HANDING,
            )
            .options(joinedload(Filing.procedure))
            .order_by(Filing.number)
        )
    )
    showing = session.get_one(Presentation, hand_over.presentation_id)
    purpose = showing.purpose or Purpose.AUTHENTICATION
    holds = holds_on(session, [f.id for f in filings])
    first = filings[0] if filings else None
    called = tickets.of_call(session, showing.id)
    bulk = first if purpose is Purpose.AUTHENTICATION else None
    return Basket(
        hand_over_id=hand_over.id,
        purpose=purpose,
        receiver_name=bulk.receiver_name if bulk else None,
        procedure=first.procedure.name if first else "",
        then=first.procedure.then if first else None,
        opened_at=hand_over.opened_at,
        rows=tuple(_row(filing, holds.get(filing.id)) for filing in filings),
        waiting=_waiting(session, bulk, {f.id for f in filings}) if bulk else (),
        notices=tuple(Notice(code) for code in showing.reasons.split()),
        from_hold_list=showing.typed_reason == TypedReason.HOLD_LIST,
        number=called.number if called else None,
        calls=called.calls if called else 0,
    )


def holds_on(session: Session, filing_ids: list[int]) -> dict[int, HoldPlaced]:
    """The live holds on some filings, by filing."""
    if not filing_ids:
        return {}
    live = select(Hold).where(Hold.filing_id.in_(filing_ids), Hold.lifted_at.is_(None))
    return {h.filing_id: HoldPlaced(h.reason, h.memo, h.placed_at) for h in session.scalars(live)}


def _waiting(session: Session, like: Filing, in_hand: set[int]) -> tuple[WaitingRow, ...]:
    """The rest of the same bundle: not ready, kept back, or in another window's hands."""
    rest = list(
        session.scalars(
            select(Filing)
            .where(
                Filing.receiver_key == like.receiver_key,
                Filing.procedure_code == like.procedure_code,
                Filing.office_code == like.office_code,
                Filing.pickup_method == PickupMethod.AUTHENTICATION,
                Filing.status.in_(_NOT_GONE),
                Filing.id.not_in(in_hand),
            )
            .order_by(Filing.number)
            .limit(MOST_WAITING)
        )
    )
    holds = holds_on(session, [f.id for f in rest])
    return tuple(
        WaitingRow(FilingNumber(f.number).grouped(), f.plate, f.status.value, holds.get(f.id))
        for f in rest
    )


def _row(filing: Filing, hold: HoldPlaced | None) -> BasketRow:
    asked = (
        p
        for p in filing.procedure.papers
        if p.rule is not PaperRule.TAX_UNCONFIRMED or not filing.tax_confirmed
    )
    return BasketRow(
        filing_id=filing.id,
        number=FilingNumber(filing.number).grouped(),
        plate=filing.plate,
        deliverables=tuple(d.name for d in filing.procedure.deliverables),
        papers=tuple(PaperAsked(p.name, p.rule) for p in asked),
        hold=hold,
        chassis=filing.chassis,
    )
