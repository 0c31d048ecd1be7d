"""計画: where windows may go on without the registry, what they did, and what does not agree."""

from flask import render_template, url_for
from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import (
    DayPlan,
    Kiosk,
    Office,
    PlanConflict,
    PlanHandOver,
    PlanRule,
    Staff,
)
from verifier.administration.plans import (
    MOST_HOURS,
    MOST_RELEASES,
    AllowPlans,
    ForbidPlans,
    SettleConflict,
)
from verifier.console import words
from verifier.console.access import ADMINISTERING_ROLES, fresh, only
from verifier.console.house import installation
from verifier.console.ordering import Form, answer, give, number, typed
from verifier.dayplan.restored import deals_nothing_before
from verifier.registry.staff import SUPERVISING_ROLES

RETURNED, SETTLED = 100, 100
"""How many of those that are over are listed."""


def plans() -> str:
    """Offices with what is allowed, the windows' plans, and the conflicts, open ones first."""
    return _page(Form())


@only(ADMINISTERING_ROLES)
@fresh
def allow_plans(office: str) -> Response | tuple[str, int]:
    """Let the windows of an office keep plans."""
    form = give(
        office,
        lambda: AllowPlans(
            office, number(typed("hours")), number(typed("most")), typed("drill") == "yes"
        ),
    )
    return answer(form, _page, "計画を使うようにしました。", url_for("console.plans"))


@only(ADMINISTERING_ROLES)
@fresh
def forbid_plans(office: str) -> Response | tuple[str, int]:
    """Make no more plans for an office."""
    form = give(office, lambda: ForbidPlans(office))
    return answer(form, _page, "計画を使わないようにしました。", url_for("console.plans"))


@only(SUPERVISING_ROLES)
def settle_conflict(conflict_id: int) -> Response | tuple[str, int]:
    """Say what became of a filing that two places speak of differently."""
    form = give(f"conflict-{conflict_id}", lambda: SettleConflict(conflict_id, typed("reason")))
    return answer(form, _page, "食い違いを処理済みにしました。", url_for("console.plans"))


def _page(form: Form) -> str:
    open_ = select(PlanConflict).where(PlanConflict.settled_at.is_(None))
    settled = select(PlanConflict).where(PlanConflict.settled_at.is_not(None))
    with reading(installation().sessions) as session:
        return render_template(
            "console/plans.html",
            form=form,
            offices=session.scalars(select(Office).order_by(Office.code)).all(),
            rules={rule.office_code: rule for rule in session.scalars(select(PlanRule))},
            newest=_newest(session),
            returned=_returned(session),
            hand_overs=_hand_overs(session),
            waiting=session.scalars(open_.order_by(PlanConflict.id)).all(),
            settled=session.scalars(
                settled.order_by(PlanConflict.settled_at.desc()).limit(SETTLED)
            ).all(),
            plans={plan.id: plan for plan in session.scalars(_of_conflicts())},
            windows={k.code: k.name for k in session.scalars(select(Kiosk))},
            names={n: name for n, name in session.execute(select(Staff.number, Staff.name))},
            kinds=words.PLAN_CONFLICTS,
            now=installation().clock(),
            waits=deals_nothing_before(session),
            most_hours=MOST_HOURS,
            most_releases=MOST_RELEASES,
        )


def _newest(session: Session) -> list[DayPlan]:
    """The last plan of every window that was given one."""
    last = (
        select(DayPlan.kiosk_code, func.max(DayPlan.number).label("number"))
        .group_by(DayPlan.kiosk_code)
        .subquery()
    )
    newest = and_(DayPlan.kiosk_code == last.c.kiosk_code, DayPlan.number == last.c.number)
    found = select(DayPlan).join(last, newest).order_by(DayPlan.kiosk_code)
    return list(session.scalars(found))


def _returned(session: Session) -> list[DayPlan]:
    over = select(DayPlan).where(DayPlan.returned_at.is_not(None))
    return list(session.scalars(over.order_by(DayPlan.returned_at.desc()).limit(RETURNED)))


def _hand_overs(session: Session) -> dict[str, int]:
    counted = select(PlanHandOver.plan_id, func.count()).group_by(PlanHandOver.plan_id)
    return {plan: count for plan, count in session.execute(counted)}


def _of_conflicts() -> Select[DayPlan]:
    return select(DayPlan).where(DayPlan.id.in_(select(PlanConflict.plan_id)))
