"""Ready filings are taken in hand: moved with a guard, and recorded as a window's basket."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Table, bindparam, insert, literal, select, text
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from shared.db.tables import (
    Filing,
    HandOver,
    HandOverItem,
    HandOverState,
    ItemState,
    Presentation,
    Ticket,
)
from shared.domain import FilingStatus
from verifier.acts import AlreadyReleased
from verifier.registry.handovers import move


def take_in_hand(session: Session, filing_ids: Collection[int], now: datetime) -> None:
    """Move ready filings into somebody's hands. Raises AlreadyReleased unless all could be."""
    moved = move(session, filing_ids, FilingStatus.READY, FilingStatus.HANDING, now)
    if len(moved) != len(filing_ids):
        raise AlreadyReleased


def open_basket(
    session: Session, showing: Presentation, filing_ids: Collection[int], called: Ticket | None
) -> HandOver:
    """Take ready filings in hand at the window of a presentation; the basket they lie in.

    `called`: the number whose call opens it. Raises AlreadyReleased unless all could be taken.
    """
    columns = {
        "id": str(uuid.uuid4()),
        "presentation_id": showing.id,
        "kiosk_code": showing.kiosk_code,
        "staff_number": showing.staff_number,
        "state": HandOverState.OPEN,
        "opened_at": showing.at,
        "receipt_prints": 0,
    }
    if session.get_bind().dialect.name == "postgresql":
        _open_at_once(session, columns, filing_ids)
    else:
        take_in_hand(session, filing_ids, showing.at)
        session.execute(insert(_HAND_OVERS), columns)
        session.execute(_ITEMS, {"hand_over": columns["id"], "ids": [*filing_ids]})
    hand_over = HandOver(**columns)
    make_transient_to_detached(hand_over)
    session.add(hand_over)
    set_committed_value(hand_over, "presentation", showing)
    set_committed_value(hand_over, "ticket", called)
    return hand_over


def _open_at_once(session: Session, columns: dict[str, Any], filing_ids: Collection[int]) -> None:
    """PostgreSQL does all three in one round: a window opens a basket at every sheet."""
    done = session.execute(_AT_ONCE, columns | {"ids": [*filing_ids]})
    if cast(CursorResult[Any], done).rowcount != len(filing_ids):
        raise AlreadyReleased


_FILINGS, _HAND_OVERS, _OF_BASKETS = (
    cast(Table, kind.__table__) for kind in (Filing, HandOver, HandOverItem)
)
_ITEMS = insert(_OF_BASKETS).from_select(
    ["hand_over_id", "filing_id", "state"],
    select(
        bindparam("hand_over"), _FILINGS.c.id, literal(ItemState.HANDING, _OF_BASKETS.c.state.type)
    )
    .where(_FILINGS.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_FILINGS.c.id),
)
_AT_ONCE = text(
    """
    WITH moved AS (
        UPDATE filings SET status = 'handing', updated_at = :opened_at
        WHERE id = ANY(CAST(:ids AS bigint[])) AND status = 'ready'
        RETURNING id
    ), opened AS (
        INSERT INTO hand_overs
            (id, presentation_id, kiosk_code, staff_number, state, opened_at, receipt_prints)
        VALUES
            (:id, :presentation_id, :kiosk_code, :staff_number, :state, :opened_at, :receipt_prints)
    )
    INSERT INTO hand_over_items (hand_over_id, filing_id, state)
    SELECT :id, id, 'handing' FROM moved ORDER BY id
    """
)
