"""計画: switched on and off for an office, and conflicts that somebody has settled."""

from dataclasses import dataclass
from typing import ClassVar

from shared.db.tables import Office, PlanConflict, PlanRule
from shared.domain import Role
from verifier.administration.orders import Acting, reason_of
from verifier.administration.why import NotDone, Why
from verifier.registry.journal import Act, Json
from verifier.registry.staff import SUPERVISING_ROLES

_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
MOST_HOURS = 24
MOST_RELEASES = 5000


@dataclass(frozen=True, slots=True)
class AllowPlans:
    """Let the windows of an office keep a plan from now on, or change what it allows."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    office: str
    hours: int
    most: int
    is_drill: bool

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: NO_OFFICE, BAD_SETTING."""
        if acting.session.get(Office, self.office, with_for_update=True) is None:
            raise NotDone(Why.NO_OFFICE)
        if not 1 <= self.hours <= MOST_HOURS or not 1 <= self.most <= MOST_RELEASES:
            raise NotDone(Why.BAD_SETTING)
        rule = PlanRule(
            office_code=self.office, hours=self.hours, most=self.most, is_drill=self.is_drill
        )
        acting.session.merge(rule)
        body: dict[str, Json] = {
            "office": self.office,
            "hours": self.hours,
            "most": self.most,
            "drill": self.is_drill,
        }
        acting.note(Act.PLAN_SWITCHED, body)


@dataclass(frozen=True, slots=True)
class ForbidPlans:
    """No plan is made for an office any more; one that is at a window ends with its time."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    office: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: NOTHING_TO_DO."""
        rule = acting.session.get(PlanRule, self.office, with_for_update=True)
        if rule is None:
            raise NotDone(Why.NOTHING_TO_DO)
        acting.session.delete(rule)
        acting.note(Act.PLAN_SWITCHED, {"office": self.office, "hours": None})


@dataclass(frozen=True, slots=True)
class SettleConflict:
    """Somebody has found out what became of a filing, and says so."""

    roles: ClassVar[frozenset[Role]] = SUPERVISING_ROLES
    conflict_id: int
    reason: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, STALE when somebody else was faster, or for the reason."""
        reason = reason_of(self.reason)
        conflict = acting.session.get(PlanConflict, self.conflict_id, with_for_update=True)
        if conflict is None:
            raise NotDone(Why.MISSING)
        if conflict.settled_at is not None:
            raise NotDone(Why.STALE)
        conflict.settled_at, conflict.settled_by = acting.now, acting.person.number
        conflict.reason = reason
        body: dict[str, Json] = {
            "plan": conflict.plan_id,
            "filing": conflict.filing_number,
            "kind": conflict.kind.value,
            "reason": reason,
        }
        acting.note(Act.PLAN_SETTLED, body)
