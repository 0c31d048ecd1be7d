"""Set what was done on a plan against what the registry knows: one transaction a hand-over.

A receipt stands for a whole hand-over, so no half of one is ever in the registry. The papers are
gone: a release of a filing that is still ready here is recorded, whatever else has changed, and
what has changed goes into the list of conflicts. A filing that is not ready any more is not
released a second time: it stands in that list alone.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import (
    ConflictKind,
    DayPlan,
    Filing,
    HandOverState,
    PlanConflict,
    PlanEntry,
    TicketState,
)
from shared.domain import FilingStatus
from verifier.dayplan.conflicting import conflicts_of
from verifier.dayplan.done import Done, done_by
from verifier.dayplan.recording import record
from verifier.installation import Installation
from verifier.registry import handovers, journal, tickets
from verifier.registry.journal import Act, Author, Json

_PLAN = "plan"
"""Why a basket that was open was given up."""


def reconcile(house: Installation, plan_id: str) -> None:
    """Bring every hand-over in that is not in yet. Done again, nothing changes."""
    _let_go(house, plan_id)
    while _next(house, plan_id):
        pass


def _let_go(house: Installation, plan_id: str) -> None:
    """What this window had in hand when the registry was lost goes back before its plan comes in.

    Its vehicles were called up again on the plan, or not at all.
    """
    with house.sessions.begin() as session:
        plan = session.get_one(DayPlan, plan_id, with_for_update=True)
        open_ = handovers.unfinished(session, plan.kiosk_code)
        if open_ is None or plan.reconciled or not _is_begun(session, plan):
            return
        now = house.clock()
        returned = handovers.give_back(session, open_, _PLAN, now)
        handovers.close(open_, HandOverState.GIVEN_UP, now)
        tickets.after_basket(open_, TicketState.WAITING)
        body: dict[str, Json] = {"hand_over": open_.id, "reason": _PLAN, "returned": returned}
        journal.append(session, Act.GIVEN_UP, Author(plan.kiosk_code), body, now)


def _is_begun(session: Session, plan: DayPlan) -> bool:
    begun = select(PlanEntry.seq).where(
        PlanEntry.plan_id == plan.id, PlanEntry.act == Act.PLAN_BEGUN
    )
    return session.scalar(begun) is not None


def _next(house: Installation, plan_id: str) -> bool:
    with house.sessions.begin() as session:
        plan = session.get_one(DayPlan, plan_id, with_for_update=True)
        entry = session.scalar(
            select(PlanEntry)
            .where(
                PlanEntry.plan_id == plan_id,
                PlanEntry.seq > plan.reconciled,
                PlanEntry.act == Act.CONFIRMED,
            )
            .order_by(PlanEntry.seq)
            .limit(1)
        )
        if entry is None:
            return False
        _bring_in(session, done_by(session, plan, entry), house.clock())
        plan.reconciled, entry.collector = entry.seq, None
        return True


def _bring_in(session: Session, done: Done, now: datetime) -> None:
    found: list[tuple[str, ConflictKind, bool]] = []
    to_record: list[Filing] = []
    for i, number in enumerate(done.released):
        filing = _locked(session, number)
        kinds = list(conflicts_of(session, done, filing, i))
        stays = filing is None or filing.status is not FilingStatus.READY
        stays = stays or ConflictKind.OTHER_OFFICE in kinds or _is_strange(done, kinds)
        if filing is not None and not stays:
            to_record.append(filing)
        found += [(number, kind, not stays) for kind in kinds]
    if done.plan.is_drill:
        to_record = []
        found = [(number, kind, False) for number, kind, _ in found]
    if to_record:
        record(session, done, to_record, now)
    done.plan.released += len(to_record)
    session.add_all(
        PlanConflict(
            plan_id=done.plan.id,
            seq=done.entry.seq,
            filing_number=number,
            kind=kind,
            is_recorded=recorded,
            found_at=now,
        )
        for number, kind, recorded in found
    )
    session.flush()
    _note(session, done, to_record, found, now)


def _is_strange(done: Done, kinds: list[ConflictKind]) -> bool:
    """The plan never held it. Of one that was taken up again nobody knows: the papers are gone."""
    return ConflictKind.NOT_PLANNED in kinds and done.plan.adopted_at is None


def _locked(session: Session, number: str) -> Filing | None:
    return session.scalar(select(Filing).where(Filing.number == number).with_for_update(of=Filing))


def _note(
    session: Session,
    done: Done,
    recorded: list[Filing],
    found: list[tuple[str, ConflictKind, bool]],
    now: datetime,
) -> None:
    body: dict[str, Json] = {
        "plan": done.plan.id,
        "number": done.plan.number,
        "entry": done.entry.hash,
        "at": done.entry.at.isoformat(),
        "hand_over": done.body["hand_over"],
        "presentation": done.body["presentation"],
        "receipt": done.body["receipt"],
        "released": [f.number for f in recorded],
        "held": [],
        "returned": 0,
        "conflicts": [{"filing": number, "kind": kind.value} for number, kind, _ in found],
        "drill": done.plan.is_drill,
    }
    author = Author(done.plan.kiosk_code, done.entry.staff_number)
    journal.append(session, Act.PLAN_RELEASED, author, body, now)
