"""通知の確認: somebody has seen an alert and looks after it."""

from dataclasses import dataclass
from typing import ClassVar

from shared.db.tables import Alert
from shared.domain import Role
from verifier.administration.orders import Acting
from verifier.administration.why import NotDone, Why
from verifier.registry.journal import Act
from verifier.registry.staff import SUPERVISING_ROLES


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Take an alert from the list of those that wait, in one's own name."""

    roles: ClassVar[frozenset[Role]] = SUPERVISING_ROLES
    alert_id: int

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, STALE when somebody else was faster."""
        alert = acting.session.get(Alert, self.alert_id, with_for_update=True)
        if alert is None:
            raise NotDone(Why.MISSING)
        if alert.acknowledged_at is not None:
            raise NotDone(Why.STALE)
        alert.acknowledged_at, alert.acknowledged_by = acting.now, acting.person.number
        body = {"alert": alert.id, "kind": alert.kind.value, "subject": alert.subject}
        acting.note(Act.ALERT_ACKNOWLEDGED, body)
