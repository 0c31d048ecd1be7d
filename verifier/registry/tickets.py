"""整理番号: numbers drawn at arrival, one queue an office, anew every day in Tokyo.

A number is never an authority: when it is called, its sheet is judged again like any other.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from shared.db.tables import HandOver, Kiosk, Ticket, TicketState
from verifier.acts import NoSuchTicket
from verifier.days import day_of
from verifier.decision.reasons import Reason
from verifier.registry import journal
from verifier.registry.journal import Act, Author

LIVE = (TicketState.WAITING, TicketState.CALLED, TicketState.ABSENT)
CALLABLE = (TicketState.WAITING, TicketState.ABSENT)
ABOUT_THE_WINDOW = frozenset(
    {Reason.KIOSK_LOCKED, Reason.WRONG_WINDOW, Reason.BEING_HANDED_OVER, Reason.TYPING_LOCKED}
)
"""Refusals that say nothing against the sheet: its number keeps its place."""


def draw(session: Session, ticket: Ticket, now: datetime) -> Ticket:
    """Give a sheet the next number of its office's day; what earlier days left is struck."""
    journal.take_turn(session)  # one number at a time
    strike_earlier_days(session, now, Ticket.office_code == ticket.office_code)
    ticket.day, ticket.state = day_of(now), TicketState.WAITING
    ticket.drawn_at, ticket.calls = now, 0
    today = (Ticket.office_code == ticket.office_code, Ticket.day == ticket.day)
    ticket.number = 1 + (session.scalar(select(func.max(Ticket.number)).where(*today)) or 0)
    session.add(ticket)
    session.flush()
    return ticket


def lock(session: Session, ticket_id: int) -> Ticket | None:
    """A number, locked, while it is live."""
    live_ = select(Ticket).where(Ticket.id == ticket_id, Ticket.state.in_(LIVE))
    return session.scalar(live_.with_for_update())


def require_turn(called: int | None, ticket: Ticket | None) -> None:
    """Raise NoSuchTicket unless the called number is this one and still to be called.

    Another window may have been faster. None: no number was called.
    """
    if called is None:
        return
    if ticket is None or ticket.id != called or ticket.state not in CALLABLE:
        raise NoSuchTicket


def of_call(session: Session, presentation_id: str) -> Ticket | None:
    """The number whose call made this presentation."""
    return session.scalar(select(Ticket).where(Ticket.call_id == presentation_id))


def live(session: Session, office: str, now: datetime) -> Sequence[Ticket]:
    """The numbers of today that are not over, in their order."""
    every = select(Ticket).where(*_today(office, now), Ticket.state.in_(LIVE))
    return session.scalars(every.order_by(Ticket.number)).all()


def first(session: Session, office: str, now: datetime) -> Ticket | None:
    """Whose turn it is."""
    waiting = select(Ticket).where(*_today(office, now), Ticket.state == TicketState.WAITING)
    return session.scalar(waiting.order_by(Ticket.number).limit(1))


def callable_(session: Session, office: str, ticket_id: int, now: datetime) -> Ticket | None:
    """A number of today that may be called."""
    return session.scalar(select(Ticket).where(*_callable(office, ticket_id, now)))


def require(session: Session, office: str, ticket_id: int, now: datetime) -> Ticket:
    """A number of today that may be called or struck, locked. Raises NoSuchTicket."""
    wanted = select(Ticket).where(*_callable(office, ticket_id, now)).with_for_update()
    found = session.scalar(wanted)
    if found is None:
        raise NoSuchTicket
    return found


def call(ticket: Ticket, kiosk: Kiosk, call_id: str, now: datetime) -> None:
    """A window has its basket in hand and the display calls it."""
    ticket.state, ticket.kiosk_code = TicketState.CALLED, kiosk.code
    ticket.call_id, ticket.called_at = call_id, now
    ticket.calls += 1


def refuse(ticket: Ticket, call_id: str, now: datetime) -> None:
    """It was judged again and refused; the sheet may be read in anew for another number."""
    ticket.call_id, ticket.called_at = call_id, now
    ticket.calls += 1
    end(ticket, TicketState.REFUSED)


def end(ticket: Ticket, state: TicketState) -> None:
    """Nobody waits for it any more, and nothing of its sheet is kept."""
    ticket.state, ticket.sheet_text = state, ""


def after_basket(hand_over: HandOver, state: TicketState) -> None:
    """A basket is closed: the number whose call opened it is served, waits again, or is absent."""
    ticket = hand_over.ticket
    if ticket is None or ticket.state is not TicketState.CALLED:
        return
    if state is TicketState.SERVED:
        end(ticket, state)
    else:
        ticket.state = state


def note(session: Session, ticket: Ticket, act: Act, author: Author, now: datetime) -> journal.Head:
    """Journal what became of a number."""
    body: dict[str, journal.Json] = {
        "number": ticket.number,
        "presentation": ticket.call_id or ticket.presentation_id,
        "ticket": ticket.state.value,
        "calls": ticket.calls,
    }
    return journal.append(session, act, author, body, now)


def strike_earlier_days(session: Session, now: datetime, *which: ColumnElement[bool]) -> None:
    """What nobody called on the days before; nothing of those sheets is kept."""
    session.execute(
        update(Ticket)
        .where(Ticket.day < day_of(now), Ticket.state.in_(CALLABLE), *which)
        .values(state=TicketState.STRUCK, sheet_text="")
    )


def _callable(office: str, ticket_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (*_today(office, now), Ticket.id == ticket_id, Ticket.state.in_(CALLABLE))


def _today(office: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Ticket.office_code == office, Ticket.day == day_of(now)
