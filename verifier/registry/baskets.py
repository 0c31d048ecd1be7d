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
from shared.domain import FilingNumber, Purpose
from verifier.acts import Basket, BasketRow, HoldPlaced, PaperAsked


def basket_of(session: Session, hand_over: HandOver) -> Basket:
    """The rows still in hand, in the order of their filing numbers."""
    filings = list(
        session.scalars(
            select(Filing)
            .join(HandOverItem, HandOverItem.filing_id == Filing.id)
            .where(
                HandOverItem.hand_over_id == hand_over.id,
                HandOverItem.state == ItemState.HANDING,
            )
            .options(joinedload(Filing.procedure))
            .order_by(Filing.number)
        )
    )
    showing = session.get_one(Presentation, hand_over.presentation_id)
    purpose = showing.purpose or Purpose.AUTHENTICATION
    holds = _holds(session, [f.id for f in filings])
    first = filings[0] if filings else None
    return Basket(
        hand_over_id=hand_over.id,
        purpose=purpose,
        receiver_name=first.receiver_name if first and purpose is Purpose.AUTHENTICATION else None,
        procedure=first.procedure.name if first else "",
        then=first.procedure.then if first else None,
        opened_at=hand_over.opened_at,
        rows=tuple(_row(filing, holds.get(filing.id)) for filing in filings),
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
    )


def _holds(session: Session, filing_ids: list[int]) -> dict[int, HoldPlaced]:
    live = select(Hold).where(Hold.filing_id.in_(filing_ids), Hold.lifted_at.is_(None))
    return {h.filing_id: HoldPlaced(h.reason, h.memo, h.placed_at) for h in session.scalars(live)}
