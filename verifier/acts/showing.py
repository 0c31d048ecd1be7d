"""A sheet is shown: what was read, and what the counter answers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Discriminator, Tag

from shared.domain import Purpose, Source
from verifier.acts.baskets import Basket
from verifier.acts.queueing import QueuedSheet
from verifier.bounds import Identifier, Line, SheetText
from verifier.decision.verdict import Accepted, Refused


class TypedReason(StrEnum):
    """Why a search key was typed instead of scanned."""

    DIRTY_SHEET = "dirty_sheet"
    CAMERA_TROUBLE = "camera_trouble"
    READ_FROM_PRINT = "read_from_print"
    """A camera read the key off the paper, and the clerk compared the two."""
    OTHER = "other"
    HOLD_LIST = "hold_list"
    """Nothing was typed: vehicles were taken up from the list of holds."""


@dataclass(frozen=True, slots=True)
class Presenting:
    """A sheet's text as read. The kiosk draws the id, so that a retry is not a second showing."""

    id: Identifier
    text: SheetText
    source: Source


@dataclass(frozen=True, slots=True)
class TypingKey:
    """A search key as typed by the clerk, with the reason for typing."""

    id: Identifier
    key: Line
    reason: TypedReason


@dataclass(frozen=True, slots=True)
class Claim:
    """What the sheet says of itself. Filled only when its signature holds."""

    purpose: Purpose
    issued_at: datetime
    key_tail: str
    """The last four characters of the search key."""
    receiver_name: str | None
    procedure: str | None
    filing_number: str | None
    """In fours."""
    expires_at: datetime | None = None
    """None: until used."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A registered name that differs a little from the one on the sheet (staff only)."""

    name: str
    differences: tuple[tuple[str, str, str], ...]
    """(kind, on the sheet, registered) runs as `shared.names.differences` gives them."""


@dataclass(frozen=True, slots=True)
class EarlierAct:
    """Something that already happened: where, when, by whom."""

    at: datetime
    kiosk: str
    staff: str
    collector: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a bare "no" would hide: shown to staff beside the reason."""

    ready: int = 0
    individual: int = 0
    """Filings of this name and procedure here that only their individual sheet releases."""
    held: int = 0
    """Vehicles kept back here: a refusal with held > 0 offers `Counter.resume`."""
    waiting: int = 0
    """Filings of this name and procedure here that are not ready yet."""
    other_procedures: tuple[tuple[str, int], ...] = ()
    """(procedure, ready here under it)."""
    other_offices: tuple[tuple[str, int], ...] = ()
    """(office, ready there under this procedure)."""
    near_misses: tuple[NearMiss, ...] = ()
    read_before: EarlierAct | None = None
    released: EarlierAct | None = None
    being_handed: EarlierAct | None = None
    registered_at: datetime | None = None
    changed_at: datetime | None = None
    distinct_failures: int = 0
    """Distinct wrong passwords in this receiver's name in the last 24 hours."""
    status: str | None = None
    """FilingStatus of the one filing an individual sheet names."""


def _which(verdict: object) -> str | None:
    """What a verdict on its way is, by its one field: never accepted because of a field unknown."""
    if isinstance(verdict, dict):
        fields = verdict.keys() & {"notices", "reasons"}
        return str(*fields) if len(fields) == 1 else None
    return "reasons" if isinstance(verdict, Refused) else "notices"


ToldVerdict: TypeAlias = Annotated[
    Annotated[Accepted, Tag("notices")] | Annotated[Refused, Tag("reasons")],
    Discriminator(_which),
]
"""A verdict that can travel."""


@dataclass(frozen=True, slots=True)
class Presented:
    """The answer to one presentation."""

    presentation_id: str
    at: datetime
    verdict: ToldVerdict
    claim: Claim | None = None
    facts: Facts = field(default_factory=Facts)
    basket: Basket | None = None
    """Set when an authentication or individual sheet was accepted."""
    queued: QueuedSheet | None = None
    """The number it got: its basket is opened when that is called."""
    called: int | None = None
    """The number that was called by this."""
