"""What each filter can be set to, with the words people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Kiosk, Procedure, Staff
from verifier.console import words
from verifier.decision.catalogue import explain
from verifier.decision.reasons import Reason
from verifier.registry.journal import Act

LABELS = {
    "act": "できごと",
    "outcome": "結果",
    "reason": "理由",
    "purpose": "コード種別",
    "procedure": "手続種別",
    "source": "読み取り方",
    "kiosk": "窓口",
    "staff": "担当",
}
OUTCOMES = {"accepted": "○ 受け付けた", "refused": "× 断った"}


@dataclass(frozen=True, slots=True)
class Choices:
    """The values of every filter that is chosen from a list."""

    by_filter: Mapping[str, Sequence[tuple[str, str]]]

    @classmethod
    def of(cls, session: Session) -> "Choices":
        """With this registry's windows, people and procedures."""
        kiosks = session.execute(select(Kiosk.code, Kiosk.name).order_by(Kiosk.code))
        people = session.execute(select(Staff.number, Staff.name).order_by(Staff.number))
        procedures = session.execute(
            select(Procedure.code, Procedure.name).order_by(Procedure.code)
        )
        return cls(
            {
                "act": [(act.value, words.act(act.value)) for act in Act],
                "outcome": list(OUTCOMES.items()),
                "reason": [(r.value, f"{r.value} {explain(r).title}") for r in Reason],
                "purpose": [(purpose.value, text) for purpose, text in words.PURPOSES.items()],
                "procedure": [(str(code), name) for code, name in procedures],
                "source": [(source.value, text) for source, text in words.SOURCES.items()],
                "kiosk": [(code, name) for code, name in kiosks],
                "staff": [(number, f"{number} {name}") for number, name in people],
            }
        )

    def word(self, name: str, value: str) -> str:
        """The words for a value; the value itself when nobody knows it any more."""
        return dict(self.by_filter[name]).get(value, value)
