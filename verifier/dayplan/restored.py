"""After a restore from a backup: plans may be out that this registry does not know.

What they hold may be handed over by their windows, so nothing is dealt until all of them are over.
The journal says when the registry was restored, and no later backup loses that.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.tables import DayPlan, Kiosk, LogLine
from verifier.administration.plans import MOST_HOURS
from verifier.dayplan.envelope import CLOCKS_DIFFER
from verifier.registry.journal import Act

_LONGEST = timedelta(hours=MOST_HOURS)
_LEAP = 10_000
"""More plans than a window can have been given since a backup that anybody restores."""


def deals_nothing_before(session: Session) -> datetime | None:
    """When every plan made before the last restore is over; None: it was never restored."""
    at = _restored_at(session)
    return at + _LONGEST + CLOCKS_DIFFER if at else None


def next_number(session: Session, kiosk: Kiosk) -> int:
    """The window's next plan number: above all that it has seen, also before a restore."""
    newest = session.scalar(
        select(DayPlan)
        .where(DayPlan.kiosk_code == kiosk.code)
        .order_by(DayPlan.number.desc())
        .limit(1)
    )
    number, at = newest.number if newest else 0, _restored_at(session)
    if at is not None and (newest is None or newest.made_at < at):
        number += _LEAP
    return number + 1


def _restored_at(session: Session) -> datetime | None:
    return session.scalar(select(func.max(LogLine.at)).where(LogLine.act == Act.RESTORED))
