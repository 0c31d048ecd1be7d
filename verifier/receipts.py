"""受領書: what a hand-over's receipt says, and who printed it how often."""

import json
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import (
    Filing,
    HandOver,
    HandOverItem,
    ItemState,
    JournalEntry,
    Kiosk,
    Office,
    Presentation,
    Staff,
)
from shared.domain import FilingNumber, Purpose
from verifier.acts import Desk, NoSuchReceipt
from verifier.desk_acts import (
    PaperGiven,
    PlanMark,
    Printing,
    ReceiptCopy,
    ReceiptLine,
    ReceiptRow,
)
from verifier.installation import Installation
from verifier.registry import idempotency, journal, plan_marks, staff
from verifier.registry.journal import Act, Author, Json

LATEST = 20
_LEFT = frozenset({ItemState.RELEASED, ItemState.UNDONE})


def receipt(installation: Installation, desk: Desk, number: str) -> ReceiptCopy:
    """One receipt of this office. Raises NoSuchReceipt."""
    with reading(installation.sessions) as session:
        kiosk = staff.require_to_read(session, desk, staff.COUNTER_ROLES)
        return _copy(session, _numbered(session, kiosk, number))


def receipts(installation: Installation, desk: Desk) -> tuple[ReceiptLine, ...]:
    """The latest receipts of this window, the newest first."""
    with reading(installation.sessions) as session:
        staff.require_to_read(session, desk, staff.COUNTER_ROLES)
        released = func.count(HandOverItem.id)
        rows = session.execute(
            select(
                HandOver.receipt_number,
                HandOver.closed_at,
                released,
                func.max(Filing.receiver_name),
            )
            .join(HandOverItem, HandOverItem.hand_over_id == HandOver.id)
            .join(Filing, Filing.id == HandOverItem.filing_id)
            .where(HandOver.kiosk_code == desk.kiosk, HandOverItem.state.in_(_LEFT))
            .group_by(HandOver.id, HandOver.receipt_number, HandOver.closed_at)
            .order_by(HandOver.closed_at.desc())
            .limit(LATEST)
        )
        return tuple(
            ReceiptLine(number or "", at or installation.clock(), released, name)
            for number, at, released, name in rows
        )


def print_receipt(installation: Installation, desk: Desk, printing: Printing) -> ReceiptCopy:
    """Count and journal a print of a receipt; the copy to print. Raises NoSuchReceipt."""
    with installation.sessions.begin() as session:
        kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
        hand_over = _numbered(session, kiosk, printing.number)
        if idempotency.earlier_answer(session, printing.idempotency_key, printing) is None:
            now = installation.clock()
            hand_over.receipt_prints += 1
            body: dict[str, Json] = {
                "hand_over": hand_over.id,
                "receipt": printing.number,
                "print": hand_over.receipt_prints,
                "layout": printing.layout.value,
            }
            author = Author(desk.kiosk, desk.staff)
            journal.append(session, Act.RECEIPT_PRINTED, author, body, now)
            idempotency.remember(session, printing.idempotency_key, printing, printing, now)
        return _copy(session, hand_over)


def _numbered(session: Session, kiosk: Kiosk, number: str) -> HandOver:
    hand_over = session.scalar(
        select(HandOver)
        .join(Kiosk, Kiosk.code == HandOver.kiosk_code)
        .where(HandOver.receipt_number == number, Kiosk.office_code == kiosk.office_code)
    )
    if hand_over is None:
        raise NoSuchReceipt
    return hand_over


def _copy(session: Session, hand_over: HandOver) -> ReceiptCopy:
    kiosk = session.get_one(Kiosk, hand_over.kiosk_code)
    closed_at = hand_over.closed_at or hand_over.opened_at
    items = [item for item in hand_over.items if item.state in _LEFT]
    filing = hand_over.items[0].filing
    showing = session.get_one(Presentation, hand_over.presentation_id)
    bulk = showing.purpose is Purpose.AUTHENTICATION
    states = [item.state for item in hand_over.items]
    return ReceiptCopy(
        number=hand_over.receipt_number or "",
        at=closed_at,
        office=session.get_one(Office, kiosk.office_code).name,
        kiosk_name=kiosk.name,
        clerk=session.get_one(Staff, hand_over.staff_number).name,
        procedure=filing.procedure.name,
        then=filing.procedure.then,
        receiver_name=filing.receiver_name if bulk else None,
        collector=hand_over.collector,
        rows=tuple(_row(item) for item in items),
        held=states.count(ItemState.HELD),
        returned=states.count(ItemState.RETURNED),
        journal_head=plan_marks.entry_of(session, hand_over)
        or _head(session, hand_over.id, closed_at),
        prints=hand_over.receipt_prints,
        on_plan=_mark(session, hand_over),
    )


def _mark(session: Session, hand_over: HandOver) -> PlanMark | None:
    plan = plan_marks.plan_of(session, hand_over)
    if plan is None:
        return None
    return PlanMark.DRILL if plan.is_drill else PlanMark.PLAN


def _row(item: HandOverItem) -> ReceiptRow:
    filing = item.filing
    return ReceiptRow(
        number=FilingNumber(filing.number).grouped(),
        plate=filing.plate,
        deliverables=tuple(d.name for d in filing.procedure.deliverables),
        taken=tuple(PaperGiven(p.name, p.compared) for p in item.papers_taken),
        undone=item.state is ItemState.UNDONE,
    )


def _head(session: Session, hand_over_id: str, at: datetime) -> str:
    """The first 12 digits of the entry that recorded a hand-over, found by its moment."""
    entries = session.execute(
        select(JournalEntry.body, JournalEntry.hash).where(
            JournalEntry.at == at, JournalEntry.act == Act.CONFIRMED
        )
    )
    for body, digest in entries:
        if json.loads(body).get("hand_over") == hand_over_id:
            return str(digest)[:12]
    return ""
