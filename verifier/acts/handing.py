"""What a clerk does with a basket, and what a supervisor takes back of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from shared.db.tables import Compared
from verifier.bounds import SEVERAL, Identifier, Line, PersonName, RowNumber


class HoldReason(StrEnum):
    """Why a vehicle is kept back."""

    NOT_MADE = "not_made"
    NOT_FOUND = "not_found"
    PAPER_MISSING = "paper_missing"
    DECLINED = "declined"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Holding:
    """Keep this vehicle back."""

    filing_id: RowNumber
    reason: HoldReason
    memo: Line | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A paper taken in exchange for one vehicle's papers."""

    filing_id: RowNumber
    paper: PersonName
    compared: Compared


class Check(StrEnum):
    """What the clerk vouches for before papers leave. Stored: never renamed."""

    BY_EYE = "by-eye"
    """The numbers on a paper in exchange that no machine compared."""
    IDENTITY = "identity"
    SLIP = "slip"
    """Who stands there: vehicles were taken up without their sheet."""
    NUMBER = "number"
    """Who stands there: a number was called."""


@dataclass(frozen=True, slots=True)
class Confirming:
    """The clerk's ticks: released rows, rows kept back; every other row returns to ready."""

    hand_over_id: Identifier
    released: Annotated[tuple[RowNumber, ...], SEVERAL]
    held: Annotated[tuple[Holding, ...], SEVERAL]
    collector: PersonName | None
    idempotency_key: Identifier
    taken: Annotated[tuple[Taken, ...], SEVERAL] = ()
    """Of released rows only; what names another row is refused."""
    checked: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a confirmation left behind."""

    number: str
    at: datetime
    released: int
    held: int
    returned: int
    journal_head: str
    """First 12 hex digits of the journal's head: every receipt witnesses the journal."""


class GiveUpReason(StrEnum):
    """Why a basket was closed without handing anything over."""

    CLERK = "clerk"
    TIMEOUT = "timeout"
    ABSENT = "absent"
    """The number was called and nobody came."""
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True, slots=True)
class Undoing:
    """A supervisor takes back one released filing, with a reason in words."""

    filing_id: RowNumber
    reason: Line
    idempotency_key: Identifier


@dataclass(frozen=True, slots=True)
class Lifting:
    """A supervisor lifts a hold: any sheet that fits releases the vehicle again."""

    hold_id: RowNumber
    reason: Line
    idempotency_key: Identifier
