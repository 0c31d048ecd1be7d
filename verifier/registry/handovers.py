"""交付: what a window has in hand is released, kept back or returned. Each exactly once.

Every change of a filing's status is a guarded UPDATE (``WHERE status = the one expected``) whose
row count is looked at: a read and a later write would hand papers over twice.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Select, Table, bindparam, select, update
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from shared.db.tables import (
    Filing,
    HandOver,
    HandOverItem,
    HandOverState,
    Hold,
    ItemState,
    PaperTaken,
)
from shared.domain import FilingStatus
from verifier.acts import (
    AlreadyReleased,
    Confirming,
    Desk,
    HandOverClosed,
    HandOverOpen,
    Holding,
    NotHeld,
    NotInBasket,
    NotReleased,
    Taken,
)


def lock_ready(session: Session, which: ColumnElement[bool]) -> list[int]:
    """Lock the ready filings of a condition until the transaction ends; their ids.

    Always in the order of the ids, so that two windows cannot wait for each other.
    """
    return list(session.scalars(locking(which)))


def locking(which: ColumnElement[bool]) -> Select[int]:
    """The statement of `lock_ready`, to be put together once."""
    return select(Filing.id).where(which).order_by(Filing.id).with_for_update()


def require_empty_hands(session: Session, kiosk: str) -> None:
    """Raise HandOverOpen while this kiosk still has a basket in hand."""
    if unfinished(session, kiosk) is not None:
        raise HandOverOpen


def opened_by(session: Session, presentation_id: str) -> HandOver | None:
    """The basket that a presentation opened, while it is open."""
    return session.scalar(
        select(HandOver)
        .where(HandOver.presentation_id == presentation_id, HandOver.state == HandOverState.OPEN)
        .options(*_WHAT_OPENED_IT)
    )


def unfinished(session: Session, kiosk: str) -> HandOver | None:
    """What this kiosk has in hand: after a power cut the day goes on from here."""
    return session.scalar(_UNFINISHED, {"kiosk": kiosk})


def open_at(session: Session, desk: Desk, hand_over_id: str) -> HandOver:
    """The open basket of this kiosk, locked. Raises HandOverClosed for any other."""
    found = session.scalars(_OPEN_AT, {"id": hand_over_id, "kiosk": desk.kiosk})
    hand_over = found.unique().one_or_none()
    if hand_over is None:
        raise HandOverClosed
    return hand_over


def release(
    session: Session,
    hand_over: HandOver,
    filing_ids: Collection[int],
    held: Collection[int],
    now: datetime,
) -> list[str]:
    """Hand these filings over; all or none. Gives their numbers; lifts the holds on `held`.

    `held`: every filing that may lie under a hold; of those in hand only their window places one.
    """
    items = _items_in_hand(hand_over, filing_ids)
    moved = move(session, filing_ids, FilingStatus.HANDING, FilingStatus.RELEASED, now)
    if len(moved) != len(items):
        raise AlreadyReleased
    _settle(session, items, ItemState.RELEASED, now)
    if lifted := [*set(held) & set(filing_ids)]:
        session.execute(_LIFT, {"ids": lifted, "now": now, "by": hand_over.staff_number})
    return [item.filing.number for item in items]


def note_papers(session: Session, hand_over: HandOver, taken: Iterable[Taken]) -> None:
    """Write down what was taken in exchange for the vehicles that were released."""
    items = {i.filing_id: i.id for i in hand_over.items}
    session.add_all(
        PaperTaken(item_id=items[paper.filing_id], name=paper.paper, compared=paper.compared)
        for paper in taken
    )


def keep_back(
    session: Session, hand_over: HandOver, holding: Holding, desk: Desk, now: datetime
) -> str:
    """保留: put one filing back on the shelf with a coded reason; gives its number."""
    (item,) = _items_in_hand(hand_over, [holding.filing_id])
    move(session, [holding.filing_id], FilingStatus.HANDING, FilingStatus.READY, now)
    session.expire(item.filing, ["status"])  # the basket that is left says how it stands now
    _settle(session, [item], ItemState.HELD, now, holding.reason.value)
    session.execute(_LIFT, {"ids": [holding.filing_id], "now": now, "by": desk.staff})
    session.add(
        Hold(
            filing_id=holding.filing_id,
            hand_over_id=hand_over.id,
            reason=holding.reason.value,
            memo=holding.memo,
            staff_number=desk.staff,
            placed_at=now,
        )
    )
    return item.filing.number


def give_back(session: Session, hand_over: HandOver, reason: str, now: datetime) -> int:
    """Return every row still in hand to ready; how many there were."""
    left = [item for item in hand_over.items if item.state is ItemState.HANDING]
    if not left:
        return 0
    move(session, [i.filing_id for i in left], FilingStatus.HANDING, FilingStatus.READY, now)
    _settle(session, left, ItemState.RETURNED, now, reason)
    return len(left)


def close(hand_over: HandOver, state: HandOverState, now: datetime) -> None:
    """End a basket; it never opens again."""
    hand_over.state = state
    hand_over.closed_at = now


def take_back(session: Session, filing_id: int, reason: str, now: datetime) -> HandOverItem:
    """Undo the release of one filing: it is ready again, and its row says why."""
    item = session.scalar(
        select(HandOverItem)
        .where(HandOverItem.filing_id == filing_id, HandOverItem.state == ItemState.RELEASED)
        .with_for_update()
    )
    if item is None or not move(
        session, [filing_id], FilingStatus.RELEASED, FilingStatus.READY, now
    ):
        raise NotReleased
    _settle(session, [item], ItemState.UNDONE, now, reason)
    return item


def lift(session: Session, hold_id: int, by: str, now: datetime) -> Hold:
    """End a live hold without handing anything over. Raises NotHeld."""
    lifted: Hold | None = session.scalar(
        update(Hold)
        .where(Hold.id == hold_id, Hold.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by)
        .returning(Hold)
    )
    if lifted is None:
        raise NotHeld
    return lifted


def check_ticks(hand_over: HandOver, confirming: Confirming) -> None:
    """Raise NotInBasket unless every tick, hold and paper names its own row in this basket."""
    named = [*confirming.released, *(h.filing_id for h in confirming.held)]
    if len(set(named)) != len(named):
        raise NotInBasket
    if not {t.filing_id for t in confirming.taken} <= set(confirming.released):
        raise NotInBasket
    _items_in_hand(hand_over, named)


def _items_in_hand(hand_over: HandOver, filing_ids: Collection[int]) -> list[HandOverItem]:
    in_hand = {i.filing_id: i for i in hand_over.items if i.state is ItemState.HANDING}
    if not set(filing_ids) <= in_hand.keys():
        raise NotInBasket
    return [in_hand[filing_id] for filing_id in sorted(filing_ids)]


def move(
    session: Session,
    filing_ids: Collection[int],
    expected: FilingStatus,
    status: FilingStatus,
    now: datetime,
) -> list[int]:
    """The guarded update; the ids that really were in the expected status."""
    told = {"ids": [*filing_ids], "expected": expected, "becomes": status, "now": now}
    return list(session.scalars(_MOVE, told))


def _settle(
    session: Session,
    items: Collection[HandOverItem],
    state: ItemState,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Write what became of rows, all in one statement."""
    session.flush()  # so that each has its id
    told = {"ids": [item.id for item in items], "becomes": state, "why": reason, "now": now}
    session.execute(_SETTLE, told)
    for item in items:
        for column, value in (("state", state), ("reason", reason), ("settled_at", now)):
            set_committed_value(item, column, value)


_WHAT_OPENED_IT = (joinedload(HandOver.presentation), joinedload(HandOver.ticket))
_UNFINISHED = (
    select(HandOver)
    .where(HandOver.kiosk_code == bindparam("kiosk"), HandOver.state == HandOverState.OPEN)
    .options(*_WHAT_OPENED_IT)
)
_OPEN_AT = (
    _UNFINISHED.where(HandOver.id == bindparam("id"))
    .options(joinedload(HandOver.items).joinedload(HandOverItem.filing))
    .with_for_update(of=HandOver)
)
_FILINGS, _ITEMS, _HOLDS = (cast(Table, kind.__table__) for kind in (Filing, HandOverItem, Hold))
_MOVE = (
    update(_FILINGS)
    .where(
        _FILINGS.c.id.in_(bindparam("ids", expanding=True)),
        _FILINGS.c.status == bindparam("expected"),
    )
    .values(status=bindparam("becomes"), updated_at=bindparam("now"))
    .returning(_FILINGS.c.id)
)
_SETTLE = (
    update(_ITEMS)
    .where(_ITEMS.c.id.in_(bindparam("ids", expanding=True)))
    .values(state=bindparam("becomes"), reason=bindparam("why"), settled_at=bindparam("now"))
)
_LIFT = (
    update(_HOLDS)
    .where(_HOLDS.c.filing_id.in_(bindparam("ids", expanding=True)), _HOLDS.c.lifted_at.is_(None))
    .values(lifted_at=bindparam("now"), lifted_by=bindparam("by"))
)
"""On tables and not on their classes: no session looks at these rows again."""
