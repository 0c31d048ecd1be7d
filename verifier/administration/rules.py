"""Settings that the registry keeps, changed by an administrator."""

from dataclasses import dataclass
from typing import ClassVar

from shared.domain import Role
from verifier.administration.orders import Acting
from verifier.administration.why import NotDone, Why
from verifier.registry.house_rules import BOUNDS, HouseRule, change, value_of
from verifier.registry.journal import Act, Json


@dataclass(frozen=True, slots=True)
class ChangeHouseRule:
    """Let a setting of the registry be another one from now on."""

    roles: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR})
    rule: HouseRule
    value: int

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: BAD_SETTING, NOTHING_TO_DO."""
        bounds = BOUNDS[self.rule]
        if not bounds.least <= self.value <= bounds.most:
            raise NotDone(Why.BAD_SETTING)
        before = value_of(acting.session, self.rule)
        if before == self.value:
            raise NotDone(Why.NOTHING_TO_DO)
        change(acting.session, self.rule, self.value, acting.person.number, acting.now)
        body: dict[str, Json] = {"setting": self.rule.value, "value": self.value, "before": before}
        acting.note(Act.SETTING_CHANGED, body)
