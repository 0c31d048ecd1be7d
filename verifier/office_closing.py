"""業務終了: one office's day, closed by a supervisor, compared with the forms used, and signed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.tables import DayClose, Deliverable, Office
from shared.domain import Role
from verifier import notary
from verifier.administration.orders import Acting, reason_of
from verifier.administration.why import NotDone, Why
from verifier.days import day_of
from verifier.installation import Installation
from verifier.office_figures import Figures, figures_of
from verifier.registry import journal
from verifier.registry.journal import Act, Json
from verifier.registry.staff import SUPERVISING_ROLES

MOST_FORMS = 100_000


@dataclass(frozen=True, slots=True)
class CloseDay:
    """Close an office's day: figures, forms used, and a signed checkpoint of the journal.

    Closing again, because a number was mistyped, adds a version; the earlier one stays.
    """

    roles: ClassVar[frozenset[Role]] = SUPERVISING_ROLES
    installation: Installation = field(repr=False)
    office: str
    day: date
    forms: Mapping[str, int]
    """How many forms were used of each deliverable."""
    remark: str
    """Why forms used and papers handed over differ; asked for only then."""

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, BAD_SETTING for a number out of range, or for the remark."""
        session = acting.session
        if session.get(Office, self.office) is None or self.day > day_of(acting.now):
            raise NotDone(Why.MISSING)
        figures = figures_of(session, self.office, self.day)
        rows = compared(figures, self.forms)
        differs = any(row["difference"] for row in rows)
        remark = reason_of(self.remark) if differs else self.remark.strip()[:200]
        version = 1 + (_newest_version(session, self.office, self.day) or 0)
        body: dict[str, Json] = {
            "office": self.office,
            "day": self.day.isoformat(),
            "version": version,
            "given_out": figures.given_out,
            "undone": figures.undone,
            "still_held": figures.still_held,
            "forms": [[row["name"], row["handed_over"], row["used"]] for row in rows],
        }
        acting.note(Act.OFFICE_CLOSED, body)
        checkpoint = _sign(session, self.installation)
        report = asdict(figures) | {"forms": rows, "remark": remark, "checkpoint": checkpoint}
        session.add(
            DayClose(
                office_code=self.office,
                day=self.day,
                version=version,
                report=json.dumps(report, ensure_ascii=False),
                closed_by=acting.person.number,
                closed_at=acting.now,
            )
        )


def compared(figures: Figures, forms: Mapping[str, int]) -> list[dict[str, Any]]:
    """Each deliverable with what was handed over, what was used, and the difference.

    Raises NotDone for a number out of range.
    """
    handed = dict(figures.deliverables)
    rows = []
    for name in sorted({*handed, *forms}):
        used = forms.get(name, 0)
        if not 0 <= used <= MOST_FORMS:
            raise NotDone(Why.BAD_SETTING)
        given = handed.get(name, 0)
        rows.append({"name": name, "handed_over": given, "used": used, "difference": used - given})
    return rows


def versions(session: Session, office: str, day: date) -> list[DayClose]:
    """Every time a day was closed, newest first."""
    every = select(DayClose).where(DayClose.office_code == office, DayClose.day == day)
    return list(session.scalars(every.order_by(DayClose.version.desc())))


def all_deliverables(session: Session) -> list[str]:
    """What can be handed over at all, by name."""
    return list(session.scalars(select(Deliverable.name).distinct().order_by(Deliverable.name)))


def _newest_version(session: Session, office: str, day: date) -> int | None:
    mine = (DayClose.office_code == office, DayClose.day == day)
    return session.scalar(select(func.max(DayClose.version)).where(*mine))


def _sign(session: Session, installation: Installation) -> dict[str, Any] | None:
    """A checkpoint over everything up to now; None when the chain does not hold."""
    signed = notary.sign_at(session, installation, journal.head(session).seq)
    if signed is None:
        return None
    return {"size": signed.size, "head": signed.head, "signature": signed.signature}
