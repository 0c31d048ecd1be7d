"""What a bare "no" would hide: gathered for the clerk once the verdict is known."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import (
    Filing,
    HandOver,
    HandOverItem,
    ItemState,
    Kiosk,
    Presentation,
    Staff,
)
from shared.domain import FilingStatus, PickupMethod, Sheet
from verifier.acts import EarlierAct, Facts
from verifier.decision.evidence import Evidence, Tally
from verifier.decision.reasons import Notice, Reason
from verifier.decision.verdict import Accepted, Refused, Verdict
from verifier.registry import evidence as registry
from verifier.registry import near_misses
from verifier.registry.collected import candidates, told_by

_SAYS_NOTHING_OF_PAPERS = frozenset(Reason) - {
    Reason.PROCEDURE_CLOSED,
    Reason.OTHER_OFFICE,
    Reason.INDIVIDUAL_ONLY,
    Reason.NOTHING_TO_COLLECT,
    Reason.NOT_READY,
    Reason.BEING_HANDED_OVER,
    Reason.ALREADY_RELEASED,
    Reason.ON_HOLD,
}
"""Refusals before the papers were reached: who may not collect is not told what there is."""
_PENDING = {
    FilingStatus.ACCEPTED,
    FilingStatus.EXAMINING,
    FilingStatus.CORRECTION,
    FilingStatus.PAYMENT,
}


def gather(
    session: Session, showing: registry.Showing, evidence: Evidence, verdict: Verdict
) -> Facts:
    """The facts that belong to a verdict; those about papers only when the sheet got that far."""
    receiver = showing.receiver
    before = registry.shown_before(session, showing.fingerprint) if evidence.shown_before else None
    person = Facts(
        near_misses=near_misses.of(session, showing.sheet) if _looks_like(verdict) else (),
        read_before=_act(session, before) if before else None,
        registered_at=receiver.registered_at if receiver else None,
        changed_at=receiver.password_changed_at if receiver else None,
        distinct_failures=evidence.receiver.failures_today if evidence.receiver else 0,
    )
    if isinstance(verdict, Refused) and verdict.reason in _SAYS_NOTHING_OF_PAPERS:
        return person
    papers = _with_papers(session, person, showing.sheet, evidence)
    if isinstance(verdict, Accepted):
        return papers
    return replace(
        papers,
        released=_last_act(session, showing.sheet, evidence, ItemState.RELEASED),
        being_handed=_last_act(session, showing.sheet, evidence, ItemState.HANDING),
    )


def _looks_like(verdict: Verdict) -> bool:
    """Somebody may have meant another name: dear to look for, and of no use to who was found."""
    return isinstance(verdict, Refused) or Notice.NEAR_MISS in verdict.notices


def _with_papers(session: Session, person: Facts, sheet: Sheet, evidence: Evidence) -> Facts:
    here = evidence.here(sheet.procedure)
    own = [t for t in here if t.method is PickupMethod.AUTHENTICATION]
    filing = registry.filing_of(session, sheet)
    return replace(
        person,
        ready=_ready(t for t in here if not t.held),
        held=_ready(t for t in here if t.held),
        individual=0 if filing else _ready(here) - _ready(own),
        waiting=_count(here, _PENDING),
        other_procedures=_other_procedures(sheet, evidence),
        other_offices=_other_offices(sheet, evidence),
        status=filing.status.value if filing else None,
    )


def _count(tallies: Iterable[Tally], statuses: set[FilingStatus]) -> int:
    return sum(t.count for t in tallies if t.status in statuses)


def _ready(tallies: Iterable[Tally]) -> int:
    return _count(tallies, {FilingStatus.READY})


def _other_procedures(sheet: Sheet, evidence: Evidence) -> tuple[tuple[str, int], ...]:
    """Ready here, but under a procedure that needs a sheet of its own."""
    others = {t.procedure: t.procedure_name for t in evidence.tallies}
    others.pop(sheet.procedure, None)
    ready = ((name, _ready(evidence.here(code))) for code, name in others.items())
    return tuple((name, count) for name, count in ready if count)


def _other_offices(sheet: Sheet, evidence: Evidence) -> tuple[tuple[str, int], ...]:
    """There under this procedure, at another office (an individual sheet: in any status)."""
    there: dict[str, int] = {}
    names = {tally.office: tally.office_name for tally in evidence.tallies}
    for tally in evidence.tallies:
        counts = tally.status is FilingStatus.READY or evidence.filing is not None
        if tally.procedure == sheet.procedure and tally.office != evidence.desk.office and counts:
            there[tally.office] = there.get(tally.office, 0) + tally.count
    return tuple((names[office], count) for office, count in there.items())


def _act(session: Session, showing: Presentation) -> EarlierAct:
    kiosk = session.get_one(Kiosk, showing.kiosk_code)
    staff = session.get_one(Staff, showing.staff_number)
    return EarlierAct(showing.at, kiosk.name, staff.name)


def _last_act(
    session: Session, sheet: Sheet, evidence: Evidence, state: ItemState
) -> EarlierAct | None:
    """Who last released, or now holds in hand, one of the filings the sheet speaks of here.

    In the order of the filings, which the index gives: years of hand-overs are not looked through.
    """
    row = session.execute(
        select(HandOver, HandOverItem.settled_at, Kiosk.name, Staff.name)
        .join(HandOverItem, HandOverItem.hand_over_id == HandOver.id)
        .join(Filing, Filing.id == HandOverItem.filing_id)
        .join(Kiosk, Kiosk.code == HandOver.kiosk_code)
        .join(Staff, Staff.number == HandOver.staff_number)
        .where(
            candidates(sheet),
            Filing.procedure_code == sheet.procedure,
            Filing.office_code == evidence.desk.office,
            Filing.status == state.value,
            HandOverItem.state == state,
        )
        .order_by(Filing.updated_at.desc())
        .limit(1),
        told_by(sheet),
    ).first()
    if row is None:
        return None
    hand_over, settled_at, kiosk, staff = row
    return EarlierAct(settled_at or hand_over.opened_at, kiosk, staff, hand_over.collector)
