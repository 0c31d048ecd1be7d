"""How a window stands to a sheet that arrives there: asked in one round, at every sheet."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Row, bindparam, exists, select
from sqlalchemy.orm import Session

from shared.db.tables import HandOver, HandOverState, Presentation, Ticket
from verifier.registry.tickets import LIVE


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sheet that is shown at a window."""

    kiosk: str
    office: str
    day: date
    """Numbers are drawn anew every day."""
    presentation: str
    """The id that the window drew for this showing."""
    fingerprint: str
    """Of the sheet."""


def standing(session: Session, arrival: Arrival) -> Row[bool, bool, int | None]:
    """Whether the window made this presentation before, whether it has a basket in hand, and the
    id of the sheet's live number.
    """
    return session.execute(_STANDING, asdict(arrival)).one()


_STANDING = select(
    exists().where(
        Presentation.id == bindparam("presentation"), Presentation.kiosk_code == bindparam("kiosk")
    ),
    exists().where(HandOver.kiosk_code == bindparam("kiosk"), HandOver.state == HandOverState.OPEN),
    select(Ticket.id)
    .where(
        Ticket.office_code == bindparam("office"),
        Ticket.day == bindparam("day"),
        Ticket.fingerprint == bindparam("fingerprint"),
        Ticket.state.in_(LIVE),
    )
    .order_by(Ticket.id)
    .limit(1)
    .scalar_subquery(),
)
