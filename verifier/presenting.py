"""A sheet is shown: judged, recorded, and its vehicles taken in hand, in one transaction."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shared.db.tables import Kiosk, Presentation, Ticket
from shared.domain import Sheet
from verifier import judging, measures
from verifier.acts import (
    Basket,
    Desk,
    Moved,
    Presented,
)
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Refused
from verifier.installation import Installation
from verifier.judging import Judged, Occasion, Read
from verifier.registry import (
    baskets,
    idempotency,
    journal,
    presentations,
    receivers,
    staff,
    taking,
    tickets,
)
from verifier.registry import evidence as registry
from verifier.registry.journal import Act, Author
from verifier.seeing import COLLECTS, Look, Seen, Shown, see

MOST_LOOKS = 4
"""How often a sheet is looked at again because a password or a filing moved meanwhile."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question what would be judged, as it is known again. Holds nothing of the sheet's text."""

    kiosk: str
    fingerprint: str


def present(installation: Installation, desk: Desk, shown: Shown) -> Presented:
    """Judge a sheet and act on it; see `verifier.counter.Counter.present`."""

    def act(session: Session, look: Look) -> Presented:
        seen = see(session, installation, desk, look)
        return seen if isinstance(seen, Presented) else act_on(session, installation, desk, seen)

    return look_and_act(installation, shown, act)


def look_and_act(
    installation: Installation, shown: Shown, act: Callable[[Session, Look], Presented]
) -> Presented:
    """Read a sheet, then act on it in one transaction; again when something moved meanwhile."""
    for _ in range(MOST_LOOKS):
        began = time.monotonic()
        look = Look(shown, judging.read(installation, shown.text, installation.clock()), began)
        try:
            with measures.part("judge"), installation.sessions.begin() as session:
                presented = act(session, look)
        except Moved:
            continue
        measures.shown(presented.verdict)
        return presented
    raise Moved


def judge_only(installation: Installation, kiosk_code: str, shown: Shown) -> Presented:
    """The verdict on a sheet, releasing nothing; the journal says once that somebody asked."""
    began = time.monotonic()
    read = judging.read(installation, shown.text, installation.clock())
    with installation.sessions.begin() as session:
        now = installation.clock()
        kiosk = staff.require_kiosk(session, kiosk_code)
        sheet = read.sheet
        receiver = registry.receiver_of(session, sheet) if isinstance(sheet, Sheet) else None
        occasion = Occasion(kiosk, shown.intent, now, receiver)
        judged = judging.judge(session, installation, read, occasion)
        seen = Seen(Look(shown, read, began), kiosk, [], None, judged, now)
        asked = _Asked(kiosk_code, read.fingerprint)
        if idempotency.earlier_answer(session, shown.id, asked) is None:
            row = row_of(installation, Desk(kiosk_code, ""), seen)
            body = presentations.journal_body(row)
            idempotency.remember(session, shown.id, asked, asked, now)
            journal.append(session, Act.JUDGED, Author(kiosk_code), body, now)
        return Presented(shown.id, now, judged.verdict, judged.claim, judged.facts)


def act_on(session: Session, installation: Installation, desk: Desk, seen: Seen) -> Presented:
    """Write a showing down, and open its basket when it is accepted."""
    look, judged, now = seen.look, seen.judged, seen.now
    row = presentations.record(
        session,
        desk,
        _record_of(installation, look.shown, look.read),
        judged.subject,
        judged.verdict,
        (now, _since(look.began)),
    )
    _count_wrong_password(session, installation, look.read, judged, now)
    called = _settle(session, seen, row)
    number = called.number if called else None
    basket = take_in_hand(session, row, seen.filing_ids, called)
    note(session, seen.kiosk, row, basket, number)
    return Presented(row.id, now, judged.verdict, judged.claim, judged.facts, basket, called=number)


def row_of(installation: Installation, desk: Desk, seen: Seen) -> Presentation:
    """A showing as it would be written down: for the journal alone."""
    look, judged = seen.look, seen.judged
    record = _record_of(installation, look.shown, look.read)
    row = presentations.row_of(desk, record, judged.subject, judged.verdict)
    row.at, row.elapsed_ms = seen.now, _since(look.began)
    return row


def _settle(session: Session, seen: Seen, row: Presentation) -> Ticket | None:
    """What becomes of the number of this sheet; the number when it is called by this."""
    ticket, verdict = seen.ticket, seen.judged.verdict
    if ticket is None or ticket.state not in tickets.CALLABLE:
        return None
    if seen.collects:
        tickets.call(ticket, seen.kiosk, row.id, seen.now)
    elif seen.look.shown.ticket_id is None:
        return None
    elif isinstance(verdict, Refused) and verdict.reason not in tickets.ABOUT_THE_WINDOW:
        tickets.refuse(ticket, row.id, seen.now)
    session.flush()
    return ticket


def take_in_hand(
    session: Session, row: Presentation, filing_ids: list[int], called: Ticket | None = None
) -> Basket | None:
    """Open the basket of an accepted presentation; None when it is refused or collects nothing."""
    if not row.accepted or row.purpose not in COLLECTS:
        return None
    if not filing_ids:
        raise Moved  # they became ready after they were looked for
    return baskets.basket_of(session, taking.open_basket(session, row, filing_ids, called))


def _count_wrong_password(
    session: Session, installation: Installation, read: Read, judged: Judged, now: datetime
) -> None:
    """A forged, old or misplaced sheet never counts against a receiver; a wrong password does."""
    verdict, receiver_id = judged.verdict, judged.subject.receiver_id
    wrong = isinstance(verdict, Refused) and verdict.reason is Reason.WRONG_PASSWORD
    if wrong and receiver_id is not None and read.tag is not None:
        receivers.count_wrong_tag(
            session, receiver_id, read.tag, installation.opener.lookup_key, now
        )


def note(
    session: Session,
    kiosk: Kiosk,
    row: Presentation,
    basket: Basket | None,
    number: int | None = None,
) -> None:
    """Journal a presentation with what it opened, and lock a kiosk that is abused."""
    author = Author(row.kiosk_code, row.staff_number)
    locked = presentations.lock_if_abused(session, kiosk, row)
    body = presentations.journal_body(row) | {
        "hand_over": basket.hand_over_id if basket else None,
        "in_hand": len(basket.rows) if basket else 0,
    }
    if number is not None:
        body["number"] = number
    journal.append(session, Act.PRESENTED, author, body, row.at)
    if locked:
        journal.append(session, Act.KIOSK_LOCKED, author, {"presentation": row.id}, row.at)


def _record_of(installation: Installation, shown: Shown, read: Read) -> presentations.Shown:
    sheet = judging.genuine(read)
    return presentations.Shown(
        shown.id,
        shown.source,
        read.fingerprint,
        sheet,
        installation.opener.digest(sheet) if sheet else None,
        shown.typed_reason,
    )


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
