"""The two answers to a sheet: values, so that they can be stored, shown and compared."""

from dataclasses import dataclass

from verifier.decision.reasons import Notice, Reason


@dataclass(frozen=True, slots=True)
class Accepted:
    """Every question was answered well; the clerk may go on. Releases nothing by itself."""

    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """At least one question was answered "no"; the first reason is shown, all are recorded."""

    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError("a refusal has a reason")

    @property
    def reason(self) -> Reason:
        """The first "no": what the screen shows."""
        return self.reasons[0]


Verdict = Accepted | Refused
