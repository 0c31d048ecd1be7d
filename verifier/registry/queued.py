"""Numbers 整理番号 as a clerk sees them: with the name or filing that their sheet says."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Filing, Kiosk, Procedure, Receiver, Ticket, TicketState
from shared.domain import FilingNumber
from verifier.acts.queueing import QueuedSheet


def views(session: Session, every: Sequence[Ticket], now: datetime) -> tuple[QueuedSheet, ...]:
    """Some numbers of one office, in the order given."""
    named = select(Receiver.id, Receiver.name).where(
        Receiver.id.in_({t.receiver_id for t in every if t.receiver_id})
    )
    alone = select(Filing.id, Filing.number).where(
        Filing.id.in_({t.filing_id for t in every if t.filing_id})
    )
    receivers = {id_: value for id_, value in session.execute(named)}
    filings = {id_: value for id_, value in session.execute(alone)}
    procedures = {
        code: name for code, name in session.execute(select(Procedure.code, Procedure.name))
    }
    kiosks = {code: name for code, name in session.execute(select(Kiosk.code, Kiosk.name))}
    waiting = [t.number for t in every if t.state is TicketState.WAITING]
    return tuple(
        QueuedSheet(
            ticket_id=ticket.id,
            number=ticket.number,
            state=ticket.state,
            drawn_at=ticket.drawn_at,
            waited=now - ticket.drawn_at,
            purpose=ticket.purpose,
            procedure=procedures[ticket.procedure_code],
            receiver_name=receivers.get(ticket.receiver_id or 0),
            filing_number=_grouped(filings.get(ticket.filing_id or 0)),
            kiosk_name=kiosks[ticket.kiosk_code],
            ahead=sum(number < ticket.number for number in waiting),
        )
        for ticket in every
    )


def _grouped(number: str | None) -> str | None:
    return FilingNumber(number).grouped() if number else None
