"""A hand-over as the clerk sees it: rows with what to give and what to take.

Columns are asked for and not whole rows, in few rounds: a window reads its basket at every sheet.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import BindParameter, CompoundSelect, and_, bindparam, null, select, union_all
from sqlalchemy.orm import Session

from shared.db.tables import (
    Deliverable,
    Filing,
    HandOver,
    HandOverItem,
    Hold,
    ItemState,
    Paper,
    PaperRule,
    Procedure,
)
from shared.domain import FilingNumber, FilingStatus, PickupMethod, Purpose
from verifier.acts import Basket, BasketRow, HoldPlaced, PaperAsked, TypedReason, WaitingRow
from verifier.decision.reasons import Notice

MOST_WAITING = 100
"""A bundle has some; a list of thousands would hide the vehicles that can be handed over."""
_NOT_GONE = frozenset(FilingStatus) - {FilingStatus.RELEASED, FilingStatus.WITHDRAWN}
_LIVE_HOLD = and_(Hold.filing_id == Filing.id, Hold.lifted_at.is_(None))
_HOLD = (Hold.reason, Hold.memo, Hold.placed_at)


class _Held(Protocol):
    """A row with the columns of `_HOLD`, all None where there is none."""

    reason: Any
    memo: Any
    placed_at: Any


def basket_of(session: Session, hand_over: HandOver) -> Basket:
    """The rows still in hand, in the order of their filing numbers, and the rest of the bundle."""
    filings, basket = _read(session, hand_over)
    if not filings or basket.purpose is not Purpose.AUTHENTICATION:
        return basket
    return replace(basket, waiting=_waiting(session, filings))


def in_hand(session: Session, hand_over: HandOver) -> Basket:
    """The same without what waits elsewhere: enough to tell what is owed."""
    return _read(session, hand_over)[1]


def _read(session: Session, hand_over: HandOver) -> tuple[Sequence[Any], Basket]:
    filings = session.execute(_IN_HAND, {"hand_over": hand_over.id}).all()
    showing, ticket = hand_over.presentation, hand_over.ticket
    purpose = showing.purpose or Purpose.AUTHENTICATION
    first = filings[0] if filings else None
    papers = _papers(session, {filing.procedure_code for filing in filings})
    bulk = first if purpose is Purpose.AUTHENTICATION else None
    basket = Basket(
        hand_over_id=hand_over.id,
        purpose=purpose,
        receiver_name=bulk.receiver_name if bulk else None,
        procedure=first.name if first else "",
        then=first.then if first else None,
        opened_at=hand_over.opened_at,
        rows=tuple(_row(filing, *papers[filing.procedure_code]) for filing in filings),
        waiting=(),
        notices=tuple(Notice(code) for code in showing.reasons.split()),
        from_hold_list=showing.typed_reason == TypedReason.HOLD_LIST,
        number=ticket.number if ticket else None,
        calls=ticket.calls if ticket else 0,
    )
    return filings, basket


_IN_HAND = (
    select(
        Filing.id,
        Filing.number,
        Filing.plate,
        Filing.chassis,
        Filing.tax_confirmed,
        Filing.receiver_name,
        Filing.receiver_key,
        Filing.office_code,
        Filing.procedure_code,
        Procedure.name,
        Procedure.then,
        *_HOLD,
    )
    .join(HandOverItem, HandOverItem.filing_id == Filing.id)
    .join(Procedure, Procedure.code == Filing.procedure_code)
    .outerjoin(Hold, _LIVE_HOLD)
    .where(
        HandOverItem.hand_over_id == bindparam("hand_over"),
        HandOverItem.state == ItemState.HANDING,
        Filing.status == FilingStatus.HANDING,
    )
    .order_by(Filing.number)
)
_PROCEDURES: BindParameter[int] = bindparam("procedures", expanding=True)
_PAPERS: CompoundSelect[Any] = union_all(
    select(Deliverable.procedure_code, Deliverable.position, Deliverable.name, null()).where(
        Deliverable.procedure_code.in_(_PROCEDURES)
    ),
    select(Paper.procedure_code, Paper.position, Paper.name, Paper.rule).where(
        Paper.procedure_code.in_(_PROCEDURES)
    ),
)
"""What is given has no rule by which it is asked for."""
_WAITING = (
    select(Filing.number, Filing.plate, Filing.status, *_HOLD)
    .outerjoin(Hold, _LIVE_HOLD)
    .where(
        Filing.receiver_key == bindparam("receiver"),
        Filing.procedure_code == bindparam("procedure"),
        Filing.office_code == bindparam("office"),
        Filing.pickup_method == PickupMethod.AUTHENTICATION,
        Filing.status.in_(_NOT_GONE),
        Filing.id.not_in(bindparam("in_hand", expanding=True)),
    )
    .order_by(Filing.number)
    .limit(MOST_WAITING)
)
Papers = tuple[list[str], list[PaperAsked]]
"""What is given, and what is asked for, each in its order."""


def _papers(session: Session, procedures: set[int]) -> dict[int, Papers]:
    rows = session.execute(_PAPERS, {"procedures": [*procedures]}).all()
    found: dict[int, Papers] = defaultdict(lambda: ([], []))
    for procedure, _position, name, rule in sorted(rows, key=lambda row: row[1]):
        gives, asks = found[procedure]
        if rule is None:
            gives.append(name)
        else:
            asks.append(PaperAsked(name, PaperRule(rule)))
    return found


def holds_on(session: Session, filing_ids: list[int]) -> dict[int, HoldPlaced]:
    """The live holds on some filings, by filing."""
    live = select(Hold.filing_id, Hold.reason, Hold.memo, Hold.placed_at)
    live = live.where(Hold.filing_id.in_(filing_ids), Hold.lifted_at.is_(None))
    found = session.execute(live)
    return {id_: HoldPlaced(reason, memo, placed_at) for id_, reason, memo, placed_at in found}


def _waiting(session: Session, filings: Sequence[Any]) -> tuple[WaitingRow, ...]:
    """The rest of the same bundle: not ready, kept back, or in another window's hands."""
    like = filings[0]
    bundle = {
        "receiver": like.receiver_key,
        "procedure": like.procedure_code,
        "office": like.office_code,
        "in_hand": [filing.id for filing in filings],
    }
    return tuple(
        WaitingRow(FilingNumber(f.number).grouped(), f.plate, f.status.value, _hold(f))
        for f in session.execute(_WAITING, bundle)
    )


def _row(filing: Any, gives: list[str], asks: list[PaperAsked]) -> BasketRow:
    taxed = filing.tax_confirmed
    return BasketRow(
        filing_id=filing.id,
        number=FilingNumber(filing.number).grouped(),
        plate=filing.plate,
        deliverables=tuple(gives),
        papers=tuple(p for p in asks if p.rule is not PaperRule.TAX_UNCONFIRMED or not taxed),
        hold=_hold(filing),
        chassis=filing.chassis,
    )


def _hold(row: _Held) -> HoldPlaced | None:
    return HoldPlaced(row.reason, row.memo, row.placed_at) if row.placed_at else None
