"""A plan comes back that this registry made and no longer knows: it was restored since, or waited
so long that the plan was forgotten.

The window shows the registry's own signature. What the plan held is not known any more, so a
release on it is set against how the filing stands now, and not against what was dealt.
"""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import DayPlan, Kiosk, PlanEntry, Staff
from verifier.acts import NoSuchPlan, PlanBroken
from verifier.dayplan.envelope import InvalidPlan, Stamp, check_stamp
from verifier.installation import Installation
from verifier.registry.journal import Act

_log = logging.getLogger(__name__)


def adopt(session: Session, house: Installation, kiosk: Kiosk, stamp: Stamp) -> DayPlan:
    """Know a plan again that was made here for this window's device. Raises NoSuchPlan."""
    try:
        check_stamp(stamp, house.keys.checkpoint_publics)
    except InvalidPlan as error:
        _log.warning("a plan of window %s is not taken up: %s", kiosk.code, error)
        raise NoSuchPlan from error
    head = stamp.head
    asked = (kiosk.code, kiosk.office_code, kiosk.credential_digest)
    if (head.kiosk, stamp.office, stamp.device) != asked or _is_given(session, kiosk, head.number):
        raise NoSuchPlan
    plan = DayPlan(
        id=head.id,
        kiosk_code=head.kiosk,
        number=head.number,
        office_code=stamp.office,
        made_at=head.made_at,
        expires_at=head.expires_at,
        most=head.most,
        is_drill=head.is_drill,
        filings=stamp.filings,
        reconciled=0,
        released=0,
        device=stamp.device,
        adopted_at=house.clock(),
    )
    session.add(plan)
    session.flush()
    _log.warning("window %s returns plan %d, which was not known any more", kiosk.code, head.number)
    return plan


def require_people(session: Session, plan: DayPlan) -> None:
    """Who handed over on the plan is known here. Raises PlanBroken: add whoever is not first."""
    known = select(Staff.number)
    unknown = (
        select(PlanEntry.staff_number)
        .where(
            PlanEntry.plan_id == plan.id,
            PlanEntry.act.in_((Act.PRESENTED, Act.CONFIRMED)),
            PlanEntry.staff_number.not_in(known),
        )
        .distinct()
    )
    if numbers := session.scalars(unknown).all():
        _log.error("plan %d waits: add staff %s first", plan.number, ", ".join(map(str, numbers)))
        raise PlanBroken


def _is_given(session: Session, kiosk: Kiosk, number: int) -> bool:
    taken = select(DayPlan.id).where(DayPlan.kiosk_code == kiosk.code, DayPlan.number == number)
    return session.scalar(taken) is not None
