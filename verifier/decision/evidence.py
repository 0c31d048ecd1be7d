"""What the judgement needs to know of the registry: facts asked for, one frozen object.

`verifier.registry.evidence` fills it; a rule that needs another fact adds a field here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain import FilingStatus, PickupMethod, Purpose

DAILY_FAILURES_BEFORE_STEP_UP = 5
"""Distinct wrong passwords in 24 h after which the right one asks for an identity card."""
FAILURES_BEFORE_PASSWORD_LOCK = 100
"""Distinct wrong passwords that suspend a password; the change sheet is the way out."""


class PasswordMatch(StrEnum):
    """How the sealed tag compares with what the registry stores."""

    MATCHES = "matches"
    FORMER = "former"
    """It is one of the last three passwords that were replaced."""
    WRONG = "wrong"
    SHUT = "shut"
    """The seal does not open: the key it was made for is gone, or the seal is from elsewhere."""


@dataclass(frozen=True, slots=True)
class DeskRecord:
    """The window that asks."""

    office: str
    purposes: frozenset[Purpose]
    locked: bool = False


@dataclass(frozen=True, slots=True)
class ReceiverRecord:
    """A registered receiver, as far as rules ask."""

    id: int
    credential_issued_at: datetime
    suspended: bool = False
    not_before: datetime | None = None
    failures_today: int = 0
    """Distinct wrong passwords in the last 24 hours."""
    failures: int = 0
    """Distinct wrong passwords since the password was set."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many filings of the sheet's receiver stand at one place in one status."""

    procedure: int
    office: str
    method: PickupMethod
    status: FilingStatus
    count: int
    held: bool = False
    procedure_name: str = ""
    office_name: str = ""


@dataclass(frozen=True, slots=True)
class FilingRecord:
    """The one filing an individual sheet names."""

    id: int
    is_latest_sheet: bool
    """The sheet is the last individual code issued for it."""


class Intent(StrEnum):
    """What the clerk wants with the sheet."""

    COLLECT = "collect"
    RESUME = "resume"
    """Take up vehicles that were kept back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything the rules may look at besides the sheet and the time."""

    desk: DeskRecord
    intent: Intent = Intent.COLLECT
    receiver: ReceiverRecord | None = None
    password: PasswordMatch | None = None
    filing: FilingRecord | None = None
    procedure_open: bool = True
    tallies: tuple[Tally, ...] = ()
    """Of the receiver under every procedure and office, or of the one filing."""
    shown_before: bool = False
    """The same sheet was accepted earlier."""
    single_use: bool = False
    """The installation accepts an authentication sheet once only."""
    near_miss: bool = False
    """A registered name looks like the one on the sheet."""
    is_extract: bool = False
    """The registry asked is the extract of a day plan: who is not in it may be registered."""

    def here(self, procedure: int) -> tuple[Tally, ...]:
        """The tallies of a procedure at this office."""
        return tuple(
            t for t in self.tallies if t.procedure == procedure and t.office == self.desk.office
        )
