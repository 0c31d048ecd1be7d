"""What the registry says against a release that was done on a plan."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from shared.db.tables import ConflictKind, DayPlan, Filing, PlannedFiling
from shared.domain import FilingStatus, PickupMethod, Purpose
from verifier.dayplan.done import Done, receiver_of
from verifier.dayplan.envelope import CLOCKS_DIFFER
from verifier.registry.baskets import holds_on

_NOT_HERE = {
    FilingStatus.RELEASED: ConflictKind.ALREADY_RELEASED,
    FilingStatus.HANDING: ConflictKind.IN_HAND,
}


def conflicts_of(
    session: Session, done: Done, filing: Filing | None, nth: int
) -> Iterable[ConflictKind]:
    """What the registry says against one release, the gravest first."""
    plan = done.plan
    if filing is None:
        yield ConflictKind.UNKNOWN_FILING
        return
    if not _is_dealt(session.get(PlannedFiling, filing.id), plan):
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


def _is_dealt(deal: PlannedFiling | None, plan: DayPlan) -> bool:
    """As far as that is known: what a plan held that was taken up again is not."""
    if deal is None:
        return plan.adopted_at is not None
    return deal.kiosk_code == plan.kiosk_code


def _about_the_receiver(session: Session, done: Done) -> Iterable[ConflictKind]:
    receiver = receiver_of(session, done)
    if receiver is None:
        return
    if (
        receiver.password_changed_at is not None
        and receiver.password_changed_at > done.plan.made_at
    ):
        yield ConflictKind.PASSWORD_CHANGED
    if receiver.suspended_at is not None:
        yield ConflictKind.SUSPENDED
