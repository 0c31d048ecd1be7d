"""One hand-over of a plan, as the journal that came back says."""

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import DayPlan, PlanEntry, Receiver
from verifier.registry.journal import Act, Json


@dataclass(frozen=True, slots=True)
class Done:
    """An entry that releases, with the one that opened its basket."""

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


def done_by(session: Session, plan: DayPlan, entry: PlanEntry) -> Done:
    """What an entry of a plan that releases stands for."""
    body = json.loads(entry.body)
    opened_it = str(body["presentation"])
    named = session.scalars(
        select(PlanEntry).where(
            PlanEntry.plan_id == plan.id,
            PlanEntry.seq < entry.seq,
            PlanEntry.act == Act.PRESENTED,
            PlanEntry.body.contains(opened_it, autoescape=True),
        )
    )
    shown = (one for one in named if json.loads(one.body).get("presentation") == opened_it)
    return Done(plan, entry, body, next(shown, None))


def receiver_of(session: Session, done: Done) -> Receiver | None:
    """Whose sheet was shown. An id that was lost with a database may be another's by now: whoever
    was registered after the plan was made is not meant."""
    said = done.showing.get("receiver")
    receiver = session.get(Receiver, said) if isinstance(said, int) else None
    if receiver is None or receiver.registered_at > done.plan.made_at:
        return None
    return receiver
