"""整理番号: a sheet is judged at arrival and gets a number; called, it is judged again."""

from dataclasses import replace

from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import Kiosk, Presentation, Ticket, TicketState
from verifier import answered, presenting
from verifier.acts import Desk, NoSuchTicket, Presented, TypedReason
from verifier.acts.queueing import Calling
from verifier.installation import Installation
from verifier.registry import handovers, journal, presentations, queued, staff, tickets
from verifier.registry.journal import Act, Author
from verifier.seeing import Look, Seen, Shown, see


def queue_up(installation: Installation, desk: Desk, shown: Shown) -> Presented:
    """Judge a sheet at arrival; see `verifier.counter.Counter.queue_up`."""

    def act(session: Session, look: Look) -> Presented:
        seen = see(session, installation, desk, look)
        if isinstance(seen, Presented):
            return seen
        if seen.collects:
            return _queued(session, installation, desk, seen)
        return presenting.act_on(session, installation, desk, seen)

    return presenting.look_and_act(installation, shown, act)


def call(installation: Installation, desk: Desk, calling: Calling) -> Presented:
    """Judge the sheet of a number anew; see `verifier.counter.Counter.call`."""
    with reading(installation.sessions) as session:
        kiosk = staff.require_to_read(session, desk, staff.COUNTER_ROLES)
        again = presentations.of_kiosk(session, desk, calling.id)
        if again is not None:
            return answered.answer_of(session, again)
        ticket = _wanted(session, installation, kiosk, calling)
        reason = TypedReason(ticket.typed_reason) if ticket.typed_reason else None
        shown = Shown(
            calling.id, ticket.sheet_text, ticket.source, typed_reason=reason, ticket_id=ticket.id
        )
    return presenting.present(installation, desk, shown)


def call_again(installation: Installation, desk: Desk, hand_over_id: str) -> None:
    """Let the displays call once more; see `verifier.counter.Counter.call_again`."""
    with installation.sessions.begin() as session:
        staff.require(session, desk, staff.COUNTER_ROLES)
        now = installation.clock()
        hand_over = handovers.open_at(session, desk, hand_over_id)
        ticket = hand_over.ticket
        if ticket is None:
            raise NoSuchTicket
        ticket.calls += 1
        tickets.note(session, ticket, Act.CALLED, Author(desk.kiosk, desk.staff), now)


def _queued(session: Session, installation: Installation, desk: Desk, seen: Seen) -> Presented:
    """The same sheet keeps its number; who was absent and shows it again waits again."""
    row = presenting.row_of(installation, desk, seen)
    ticket = seen.ticket
    if ticket is None:
        ticket = tickets.draw(session, _ticket_of(seen, row), seen.now)
    else:
        ticket.state = TicketState.WAITING
    body = presentations.journal_body(row) | {"number": ticket.number}
    journal.append(session, Act.QUEUED, Author(desk.kiosk, desk.staff), body, seen.now)
    every = tickets.live(session, ticket.office_code, seen.now)
    (place,) = (q for q in queued.views(session, every, seen.now) if q.number == ticket.number)
    place = replace(place, read_before=seen.ticket is not None)
    judged = seen.judged
    return Presented(row.id, seen.now, judged.verdict, judged.claim, judged.facts, queued=place)


def _ticket_of(seen: Seen, row: Presentation) -> Ticket:
    return Ticket(
        office_code=seen.kiosk.office_code,
        presentation_id=row.id,
        fingerprint=row.fingerprint,
        sheet_text=seen.look.read.text,
        source=row.source,
        typed_reason=row.typed_reason,
        purpose=row.purpose,
        procedure_code=row.procedure_code,
        receiver_id=row.receiver_id,
        filing_id=row.filing_id,
        kiosk_code=row.kiosk_code,
    )


def _wanted(session: Session, installation: Installation, kiosk: Kiosk, calling: Calling) -> Ticket:
    """Whose turn it is, or the number that was asked for. Raises NoSuchTicket."""
    now = installation.clock()
    if calling.ticket_id is None:
        ticket = tickets.first(session, kiosk.office_code, now)
    else:
        ticket = tickets.callable_(session, kiosk.office_code, calling.ticket_id, now)
    if ticket is None:
        raise NoSuchTicket
    return ticket
