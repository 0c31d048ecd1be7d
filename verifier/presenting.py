"""A sheet is shown: judged, recorded, and its vehicles taken in hand, in one transaction."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shared.db.tables import Kiosk, Presentation, Receiver, Ticket
from shared.domain import Purpose, Sheet, Source
from verifier import answered, judging, measures
from verifier.acts import (
    Basket,
    Desk,
    HandOverOpen,
    Moved,
    Presented,
    TypedReason,
)
from verifier.decision.evidence import Intent
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Accepted, Refused, Verdict
from verifier.installation import Installation
from verifier.judging import Judged, Occasion, Read
from verifier.registry import (
    baskets,
    handovers,
    idempotency,
    journal,
    presentations,
    receivers,
    staff,
    tickets,
)
from verifier.registry import evidence as registry
from verifier.registry.journal import Act, Author

MOST_LOOKS = 4
"""How often a sheet is looked at again because a password or a filing moved meanwhile."""
_COLLECTS = frozenset({Purpose.AUTHENTICATION, Purpose.INDIVIDUAL})


@dataclass(frozen=True, slots=True)
class Shown:
    """One showing of a sheet, as it reached the window."""

    id: str
    text: str
    source: Source
    intent: Intent = Intent.COLLECT
    typed_reason: TypedReason | None = None
    ticket_id: int | None = None
    """Nothing was shown now: the number of a sheet that was read at arrival is called."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question what would be judged, as it is known again. Holds nothing of the sheet's text."""

    kiosk: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a showing before its transaction begins."""

    shown: Shown
    read: Read
    began: float
    """Monotonic seconds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A showing that was judged, inside its transaction; nothing is written yet."""

    look: Look
    kiosk: Kiosk
    filing_ids: list[int]
    """What the sheet could release here, locked."""
    ticket: Ticket | None
    """The live number of this very sheet, locked."""
    judged: Judged
    now: datetime

    @property
    def collects(self) -> bool:
        """It is accepted and opens a basket."""
        sheet = self.look.read.sheet
        accepted = isinstance(self.judged.verdict, Accepted)
        return accepted and isinstance(sheet, Sheet) and sheet.purpose in _COLLECTS


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


def see(session: Session, installation: Installation, desk: Desk, look: Look) -> Seen | Presented:
    """Judge a showing on rows that cannot move; Presented when it was answered before.

    Raises HandOverOpen, NotPermitted, NoSuchTicket.
    """
    now = installation.clock()
    kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
    is_answered, is_open = presentations.standing(session, kiosk, look.shown.id)
    if is_answered:
        return answered.again(session, session.get_one(Presentation, look.shown.id), look.read)
    if is_open:
        raise HandOverOpen
    sheet = look.read.sheet
    receiver = _named(session, sheet) if isinstance(sheet, Sheet) else None
    filing_ids = _lock_collected(session, look, kiosk)
    ticket = tickets.of_sheet(session, kiosk.office_code, look.read.fingerprint, now)
    tickets.require_turn(look.shown.ticket_id, ticket)
    occasion = Occasion(kiosk, look.shown.intent, now, receiver)
    judged = _judge(session, installation, look, occasion)
    return Seen(look, kiosk, filing_ids, ticket, judged, now)


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
    number = _settle(session, seen, row)
    basket = take_in_hand(session, row, judged.verdict, seen.filing_ids)
    note(session, seen.kiosk, row, basket, number)
    return Presented(row.id, now, judged.verdict, judged.claim, judged.facts, basket, called=number)


def row_of(installation: Installation, desk: Desk, seen: Seen) -> Presentation:
    """A showing as it would be written down: for the journal alone."""
    look, judged = seen.look, seen.judged
    record = _record_of(installation, look.shown, look.read)
    row = presentations.row_of(desk, record, judged.subject, judged.verdict)
    row.at, row.elapsed_ms = seen.now, _since(look.began)
    return row


def _settle(session: Session, seen: Seen, row: Presentation) -> int | None:
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
    return ticket.number


def _judge(session: Session, installation: Installation, look: Look, occasion: Occasion) -> Judged:
    """A kiosk that guessed search keys too often gets no answer to another one."""
    typed = look.shown.source is Source.TYPED and look.shown.ticket_id is None
    if typed and presentations.typing_is_locked(session, occasion.kiosk.code, occasion.now):
        return Judged(Refused((Reason.TYPING_LOCKED,)))
    return judging.judge(session, installation, look.read, occasion)


def _named(session: Session, sheet: Sheet) -> Receiver | None:
    """Whom a sheet names; locked when it collects.

    Two windows count wrong passwords one after the other, and none beyond the last that is allowed.
    """
    find = receivers.lock if sheet.purpose in _COLLECTS else registry.receiver_of
    return find(session, sheet)


def _lock_collected(session: Session, look: Look, kiosk: Kiosk) -> list[int]:
    """Lock what the sheet could release before anything is judged on it."""
    sheet = look.read.sheet
    if not isinstance(sheet, Sheet) or sheet.purpose not in _COLLECTS:
        return []
    return handovers.lock_ready(session, registry.collected_by(sheet, kiosk, look.shown.intent))


def take_in_hand(
    session: Session, row: Presentation, verdict: Verdict, filing_ids: list[int]
) -> Basket | None:
    """Open the basket of an accepted presentation; None when it is refused or collects nothing."""
    if not isinstance(verdict, Accepted) or row.purpose not in _COLLECTS:
        return None
    if not filing_ids:
        raise Moved  # they became ready after they were looked for
    handovers.take_in_hand(session, filing_ids, row.at)
    return baskets.basket_of(session, handovers.open_basket(session, row, filing_ids))


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
