"""混雑時の受付: whether an office draws numbers at arrival, and how its queue stands."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import Kiosk, Office, TicketState
from verifier.acts import Desk
from verifier.acts.queueing import CalledNumber, QueuedSheet, Rush
from verifier.installation import Installation
from verifier.registry import journal, queued, staff, tickets
from verifier.registry.journal import Act, Author, Json


def begin(installation: Installation, desk: Desk) -> None:
    """From now on sheets get a number; see `verifier.counter.Counter.begin_rush`."""
    now = installation.clock()
    _switch(installation, desk, (now, now))


def end(installation: Installation, desk: Desk) -> None:
    """Sheets open their basket again; who has a number is still called."""
    _switch(installation, desk, (None, installation.clock()))


def put_back(installation: Installation, desk: Desk, ticket_id: int) -> None:
    """Who was absent is here: the number has its old place again. Raises NoSuchTicket."""
    _move(installation, desk, ticket_id, TicketState.WAITING)


def strike(installation: Installation, desk: Desk, ticket_id: int) -> None:
    """Who waited has left. Raises NoSuchTicket."""
    _move(installation, desk, ticket_id, TicketState.STRUCK)


def queue(installation: Installation, desk: Desk) -> tuple[QueuedSheet, ...]:
    """The numbers of today that are not over, at the office of this window, in their order."""
    with reading(installation.sessions) as session:
        kiosk = staff.require_to_read(session, desk, staff.COUNTER_ROLES)
        now = installation.clock()
        return queued.views(session, tickets.live(session, kiosk.office_code, now), now)


def rush_at(session: Session, office: Office, now: datetime) -> Rush | None:
    """How an office's queue stands; None when it is off and nobody waits."""
    every = tickets.live(session, office.code, now)
    if office.rush_since is None and not every:
        return None
    waiting = [ticket for ticket in every if ticket.state is TicketState.WAITING]
    return Rush(
        is_on=office.rush_since is not None,
        waiting=len(waiting),
        absent=sum(ticket.state is TicketState.ABSENT for ticket in every),
        longest_since=waiting[0].drawn_at if waiting else None,
        called=tuple(
            CalledNumber(ticket.number, session.get_one(Kiosk, ticket.kiosk_code).name)
            for ticket in every
            if ticket.state is TicketState.CALLED
        ),
    )


def _switch(installation: Installation, desk: Desk, at: tuple[datetime | None, datetime]) -> None:
    """`at` is (since when sheets get numbers, now); None for the first ends it."""
    since, now = at
    with installation.sessions.begin() as session:
        kiosk = staff.require(session, desk, staff.SUPERVISING_ROLES)
        office = session.get_one(Office, kiosk.office_code, with_for_update=True)
        if (office.rush_since is None) is (since is None):
            return  # pressed twice, or at two windows
        office.rush_since = since
        session.flush()
        body: dict[str, Json] = {"office": office.code, "on": since is not None}
        journal.append(session, Act.RUSH_SWITCHED, Author(desk.kiosk, desk.staff), body, now)


def _move(installation: Installation, desk: Desk, ticket_id: int, state: TicketState) -> None:
    with installation.sessions.begin() as session:
        kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
        now = installation.clock()
        ticket = tickets.require(session, kiosk.office_code, ticket_id, now)
        if state is ticket.state:
            return  # pressed twice
        if state is TicketState.STRUCK:
            tickets.end(ticket, state)
        else:
            ticket.state = state
        tickets.note(session, ticket, Act.TICKET_MOVED, Author(desk.kiosk, desk.staff), now)
