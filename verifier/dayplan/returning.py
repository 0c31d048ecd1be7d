"""計画の返却: the journal of a plan comes back, part by part, and is believed only as a whole.

A part that was here already changes nothing. A chain that does not hold is not taken, and not
reconciled: the window keeps it.
"""

import json
from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import DayPlan, Kiosk, PlanConflict, PlanEntry
from verifier.acts import NoSuchPlan, PlanBroken
from verifier.dayplan import dealing
from verifier.dayplan.adopting import adopt, require_people
from verifier.dayplan.envelope import Stamp
from verifier.dayplan.ledger import PlanReturn, PlanReturned, SentEntry
from verifier.dayplan.reconciling import reconcile
from verifier.installation import Installation
from verifier.registry import journal, staff
from verifier.registry.journal import GENESIS, Act, Author, Head, Json, hash_of


def take(house: Installation, kiosk_code: str, part: PlanReturn) -> PlanReturned:
    """Keep a part of a plan's journal; with the last one all of it is reconciled.

    Raises NoSuchPlan, PlanBroken, NotPermitted.
    """
    with house.sessions.begin() as session:
        kiosk = staff.require_kiosk(session, kiosk_code)
        if part.stamp is not None and part.stamp.head.id == part.plan:
            _require_known(session, house, kiosk, part.stamp)
        plan = _plan(session, kiosk_code, part.plan)
        _keep(session, plan, part)
        if plan.returned_at is not None or not part.is_last:
            return _told(session, plan)
    with reading(house.sessions) as session:
        require_people(session, _plan(session, kiosk_code, part.plan))
    reconcile(house, part.plan)
    with house.sessions.begin() as session:
        staff.require_kiosk(session, kiosk_code)
        plan = _plan(session, kiosk_code, part.plan)
        if plan.returned_at is None:
            _close(session, house, plan)
        return _told(session, plan)


def _require_known(session: Session, house: Installation, kiosk: Kiosk, stamp: Stamp) -> None:
    if session.get(DayPlan, stamp.head.id) is None:
        adopt(session, house, kiosk, stamp)


def _plan(session: Session, kiosk_code: str, plan_id: str) -> DayPlan:
    plan = session.get(DayPlan, plan_id, with_for_update=True)
    if plan is None or plan.kiosk_code != kiosk_code:
        raise NoSuchPlan
    return plan


def _keep(session: Session, plan: DayPlan, part: PlanReturn) -> None:
    """Chain what is new to what is here. Raises PlanBroken."""
    last = _head(session, plan)
    for entry in part.entries:
        if entry.seq <= last.seq:
            _require_same(session, plan, entry)
            continue
        if plan.returned_at is not None or not _follows(entry, last, plan):
            raise PlanBroken
        session.add(PlanEntry(plan_id=plan.id, **asdict(entry)))
        last = Head(entry.seq, entry.hash)
    session.flush()


def _head(session: Session, plan: DayPlan) -> Head:
    newest = session.execute(
        select(PlanEntry.seq, PlanEntry.hash)
        .where(PlanEntry.plan_id == plan.id)
        .order_by(PlanEntry.seq.desc())
        .limit(1)
    ).first()
    return Head(newest.seq, newest.hash) if newest else Head(0, GENESIS)


def _require_same(session: Session, plan: DayPlan, entry: SentEntry) -> None:
    stored = session.get(PlanEntry, (plan.id, entry.seq))
    if stored is None or stored.hash != entry.hash or hash_of(entry.link) != entry.hash:
        raise PlanBroken


def _follows(entry: SentEntry, last: Head, plan: DayPlan) -> bool:
    linked = (entry.seq, entry.prev) == (last.seq + 1, last.hash)
    own = entry.kiosk_code in (None, plan.kiosk_code)
    return linked and own and hash_of(entry.link) == entry.hash and _names(entry, plan)


def _names(entry: SentEntry, plan: DayPlan) -> bool:
    """A journal says which plan it is of, and an act of ours is in its form."""
    try:
        body = json.loads(entry.body)
    except ValueError:
        return False
    if not isinstance(body, dict):
        return False
    return entry.act != Act.PLAN_BEGUN or body.get("plan") == plan.id


def _close(session: Session, house: Installation, plan: DayPlan) -> None:
    plan.returned_at = house.clock()
    dealing.free(session, plan)
    last = _head(session, plan)
    body: dict[str, Json] = {
        "plan": plan.id,
        "number": plan.number,
        "entries": last.seq,
        "head": last.hash,
        "count": plan.released,
        "conflicts": _conflicts(session, plan),
        "drill": plan.is_drill,
    }
    if plan.adopted_at is not None:
        body["adopted"] = True
    author = Author(plan.kiosk_code)
    journal.append(session, Act.PLAN_RETURNED, author, body, plan.returned_at)


def _told(session: Session, plan: DayPlan) -> PlanReturned:
    return PlanReturned(
        entries=_head(session, plan).seq,
        is_done=plan.returned_at is not None,
        released=plan.released,
        conflicts=_conflicts(session, plan),
    )


def _conflicts(session: Session, plan: DayPlan) -> int:
    rows = select(func.count()).where(PlanConflict.plan_id == plan.id)
    return session.scalar(rows) or 0
