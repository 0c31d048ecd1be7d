"""Set what was done on a plan against what the registry knows: one transaction a hand-over.

A receipt stands for a whole hand-over, so no half of one is ever in the registry. The papers are
gone: a release of a filing that is still ready here is recorded, whatever else has changed, and
what has changed goes into the list of conflicts. A filing that is not ready any more is not
released a second time: it stands in that list alone.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.db.tables import (
    Compared,
    ConflictKind,
    DayPlan,
    Filing,
    HandOver,
    HandOverItem,
    HandOverState,
    ItemState,
    PaperTaken,
    PlanConflict,
    PlanEntry,
    PlanHandOver,
    PlannedFiling,
    Presentation,
    Receiver,
    TicketState,
)
from shared.domain import FilingStatus, PickupMethod, Purpose, Source
from verifier.dayplan.envelope import CLOCKS_DIFFER
from verifier.installation import Installation
from verifier.registry import handovers, journal, tickets
from verifier.registry.baskets import holds_on
from verifier.registry.journal import Act, Author, Json

_PLAN = "plan"
"""Why a basket that was open was given up."""
_NOT_HERE = {
    FilingStatus.RELEASED: ConflictKind.ALREADY_RELEASED,
    FilingStatus.HANDING: ConflictKind.IN_HAND,
}


@dataclass(frozen=True, slots=True)
class _Done:
    """One hand-over of a plan, as its journal says."""

    plan: DayPlan
    entry: PlanEntry
    body: dict[str, Json]
    shown: PlanEntry | None
    """The entry of the presentation that opened it."""

    @property
    def showing(self) -> dict[str, Json]:
        """What that entry says."""
        return json.loads(self.shown.body) if self.shown else {}

    @property
    def released(self) -> list[str]:
        """受付番号, each once."""
        numbers = self.body.get("released")
        return sorted({str(n) for n in numbers}) if isinstance(numbers, list) else []


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
        tickets.after_basket(session, open_.presentation_id, TicketState.WAITING)
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
        _bring_in(session, _done(session, plan, entry), house.clock())
        plan.reconciled, entry.collector = entry.seq, None
        return True


def _done(session: Session, plan: DayPlan, entry: PlanEntry) -> _Done:
    body = json.loads(entry.body)
    before = session.scalars(
        select(PlanEntry).where(
            PlanEntry.plan_id == plan.id,
            PlanEntry.seq < entry.seq,
            PlanEntry.act == Act.PRESENTED,
        )
    )
    shown = (e for e in before if json.loads(e.body).get("presentation") == body["presentation"])
    return _Done(plan, entry, body, next(shown, None))


def _bring_in(session: Session, done: _Done, now: datetime) -> None:
    found: list[tuple[str, ConflictKind, bool]] = []
    to_record: list[Filing] = []
    for i, number in enumerate(done.released):
        filing = _locked(session, number)
        kinds = list(_conflicts(session, done, filing, i))
        stays = filing is None or filing.status is not FilingStatus.READY
        stays = stays or ConflictKind.OTHER_OFFICE in kinds or ConflictKind.NOT_PLANNED in kinds
        if filing is not None and not stays:
            to_record.append(filing)
        found += [(number, kind, not stays) for kind in kinds]
    if done.plan.is_drill:
        to_record = []
        found = [(number, kind, False) for number, kind, _ in found]
    if to_record:
        _record(session, done, to_record, now)
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


def _locked(session: Session, number: str) -> Filing | None:
    return session.scalar(select(Filing).where(Filing.number == number).with_for_update(of=Filing))


def _conflicts(
    session: Session, done: _Done, filing: Filing | None, nth: int
) -> Iterable[ConflictKind]:
    """What the registry says against one release, the gravest first."""
    plan = done.plan
    if filing is None:
        yield ConflictKind.UNKNOWN_FILING
        return
    deal = session.get(PlannedFiling, filing.id)
    if deal is None or deal.kiosk_code != plan.kiosk_code:
        yield ConflictKind.NOT_PLANNED
    if filing.office_code != plan.office_code:
        yield ConflictKind.OTHER_OFFICE
    if filing.status is not FilingStatus.READY:
        yield _NOT_HERE.get(filing.status, ConflictKind.STATUS_CHANGED)
    switched = filing.pickup_method is PickupMethod.INDIVIDUAL
    if switched and done.showing.get("purpose") == Purpose.AUTHENTICATION:
        yield ConflictKind.METHOD_CHANGED
    if holds_on(session, [filing.id]):
        yield ConflictKind.HELD
    yield from _about_the_receiver(session, done)
    if plan.released + nth >= plan.most:
        yield ConflictKind.OVER_LIMIT
    if not plan.made_at - CLOCKS_DIFFER <= done.entry.at < plan.expires_at:
        yield ConflictKind.OUT_OF_TIME


def _about_the_receiver(session: Session, done: _Done) -> Iterable[ConflictKind]:
    receiver_id = done.showing.get("receiver")
    receiver = session.get(Receiver, receiver_id) if isinstance(receiver_id, int) else None
    if receiver is None:
        return
    if (
        receiver.password_changed_at is not None
        and receiver.password_changed_at > done.plan.made_at
    ):
        yield ConflictKind.PASSWORD_CHANGED
    if receiver.suspended_at is not None:
        yield ConflictKind.SUSPENDED


def _record(session: Session, done: _Done, filings: list[Filing], now: datetime) -> None:
    """The hand-over as if it had been done here, at its own time, with the mark of its plan."""
    entry, body = done.entry, done.body
    shown = _presentation(done)
    session.add(shown)
    session.flush()
    hand_over = HandOver(
        id=str(body["hand_over"]),
        presentation_id=shown.id,
        kiosk_code=done.plan.kiosk_code,
        staff_number=entry.staff_number or "",
        state=HandOverState.CONFIRMED,
        opened_at=shown.at,
        closed_at=entry.at,
        collector=entry.collector,
        receipt_number=str(body["receipt"]),
        items=[
            HandOverItem(filing_id=f.id, state=ItemState.RELEASED, settled_at=entry.at)
            for f in filings
        ],
    )
    session.add(hand_over)
    session.flush()
    session.add(PlanHandOver(hand_over_id=hand_over.id, plan_id=done.plan.id, entry=entry.hash))
    _papers(session, hand_over, body, {f.number: f.id for f in filings})
    session.execute(
        update(Filing)
        .where(Filing.id.in_([f.id for f in filings]), Filing.status == FilingStatus.READY)
        .values(status=FilingStatus.RELEASED, updated_at=now)
    )


def _papers(
    session: Session, hand_over: HandOver, body: dict[str, Json], ids: dict[str, int]
) -> None:
    """What was taken in exchange."""
    taken = body.get("taken")
    items = {item.filing_id: item.id for item in hand_over.items}
    for paper in taken if isinstance(taken, list) else ():
        if isinstance(paper, dict) and paper.get("filing") in ids:
            session.add(
                PaperTaken(
                    item_id=items[ids[str(paper["filing"])]],
                    name=str(paper["paper"]),
                    compared=Compared(str(paper["compared"])),
                )
            )


def _presentation(done: _Done) -> Presentation:
    """The showing that opened it; its fingerprint is under the plan's own key."""
    said, shown = done.showing, done.shown or done.entry
    purpose, receiver, filing = said.get("purpose"), said.get("receiver"), said.get("filing")
    procedure, tail, elapsed = said.get("procedure"), said.get("key_tail"), said.get("ms")
    reasons = said.get("reasons")
    return Presentation(
        id=str(done.body["presentation"]),
        at=shown.at,
        kiosk_code=done.plan.kiosk_code,
        staff_number=shown.staff_number or "",
        source=Source(str(said.get("source", Source.CAMERA.value))),
        purpose=Purpose(str(purpose)) if purpose else None,
        procedure_code=procedure if isinstance(procedure, int) else None,
        receiver_id=receiver if isinstance(receiver, int) else None,
        filing_id=filing if isinstance(filing, int) else None,
        key_tail=str(tail) if tail else None,
        fingerprint=shown.fingerprint or "0" * 64,
        accepted=True,
        reasons=" ".join(map(str, reasons)) if isinstance(reasons, list) else "",
        elapsed_ms=elapsed if isinstance(elapsed, int) else 0,
    )


def _note(
    session: Session,
    done: _Done,
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
