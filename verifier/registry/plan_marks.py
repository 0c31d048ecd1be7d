"""What is different about a hand-over that is done on a day plan: counted, and marked."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.tables import DayPlan, HandOver, HandOverItem, ItemState, Kiosk, PlanHandOver
from verifier.acts import PlanFull
from verifier.installation import OnPlan


def require_room(session: Session, plan: OnPlan | None, more: int) -> None:
    """Raise PlanFull when so many more releases would be too many for this plan."""
    if plan is not None and released_on(session, plan.id) + more > plan.most:
        raise PlanFull


def released_on(session: Session, plan_id: str) -> int:
    """How many filings were released on a plan, as far as this registry knows."""
    rows = (
        select(func.count())
        .select_from(HandOverItem)
        .join(PlanHandOver, PlanHandOver.hand_over_id == HandOverItem.hand_over_id)
        .where(PlanHandOver.plan_id == plan_id, HandOverItem.state == ItemState.RELEASED)
    )
    return session.scalar(rows) or 0


def receipt_number(kiosk: Kiosk, plan: OnPlan | None) -> str:
    """The next receipt's number; on a plan it names the plan, and a drill says so."""
    if plan is None:
        return f"{kiosk.code}-{kiosk.entries + 1:06d}"
    return f"{kiosk.code}-{'T' if plan.is_drill else 'P'}{plan.number}-{kiosk.entries + 1:04d}"


def mark(session: Session, hand_over: HandOver, plan: OnPlan | None) -> None:
    """Tell a hand-over on a plan from others; done on the registry itself it has no mark."""
    if plan is not None:
        session.add(PlanHandOver(hand_over_id=hand_over.id, plan_id=plan.id))


def entry_of(session: Session, hand_over: HandOver) -> str:
    """The first 12 digits of the plan's own entry, as they stand on the printed receipt."""
    marked = session.get(PlanHandOver, hand_over.id)
    return (marked.entry or "")[:12] if marked else ""


def plan_of(session: Session, hand_over: HandOver) -> DayPlan | None:
    """The plan that a hand-over was done on."""
    return session.scalar(
        select(DayPlan)
        .join(PlanHandOver, PlanHandOver.plan_id == DayPlan.id)
        .where(PlanHandOver.hand_over_id == hand_over.id)
    )
