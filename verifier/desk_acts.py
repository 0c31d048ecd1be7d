"""What a window is asked besides the hand-over itself: holds, pauses, receipts, the end of the day.

Plain values like those of `verifier.acts`, fit to travel over HTTP.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.db.tables import Compared
from shared.domain import Purpose
from verifier.acts import HoldPlaced
from verifier.bounds import Identifier, Line, RowNumber


@dataclass(frozen=True, slots=True)
class HeldFiling:
    """One vehicle kept back at an office 保留."""

    filing_id: int
    number: str
    """受付番号 in fours."""
    plate: str | None
    purpose: Purpose
    """Of the sheet it was shown under."""
    receiver_name: str | None
    procedure: str
    papers: tuple[str, ...]
    """What is handed in for it: the slip reminds the visitor."""
    hold: HoldPlaced
    kiosk_name: str
    clerk: str
    """Name of the person who kept it back."""


@dataclass(frozen=True, slots=True)
class TakingUp:
    """Take up the bundle of one held vehicle. The kiosk draws the id of this presentation."""

    id: Identifier
    filing_id: RowNumber


@dataclass(frozen=True, slots=True)
class DayReport:
    """A window's day in numbers, and the journal's head that stands for all of it."""

    day: date
    """In Tokyo."""
    at: datetime
    office: str
    kiosk_name: str
    presented: int
    accepted: int
    released: int
    held: int
    """Kept back at this window today."""
    given_up: int
    enrolled: int
    changed: int
    declined: int
    typed: int
    """Presentations without a scan."""
    still_held: int
    """At the whole office, from whatever day."""
    still_waiting: int
    """Numbers 整理番号 of the office that are not over."""
    journal_entries: int
    journal_head: str
    """All 64 hex digits."""


class PlanMark(StrEnum):
    """What kind of day plan a hand-over was done on."""

    PLAN = "plan"
    DRILL = "drill"


class Layout(StrEnum):
    """The paper a receipt is printed on."""

    A4 = "a4"
    ROLL = "80mm"


@dataclass(frozen=True, slots=True)
class Printing:
    """Print a receipt, or print it again."""

    number: Line
    layout: Layout
    idempotency_key: Identifier


@dataclass(frozen=True, slots=True)
class PaperGiven:
    """A paper taken in exchange, as the receipt lists it."""

    name: str
    compared: Compared


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One vehicle on a receipt."""

    number: str
    """受付番号 in fours."""
    plate: str | None
    deliverables: tuple[str, ...]
    taken: tuple[PaperGiven, ...]
    undone: bool
    """A supervisor took this release back later."""


@dataclass(frozen=True, slots=True)
class ReceiptCopy:
    """受領書 of one hand-over, as the registry keeps it."""

    number: str
    at: datetime
    office: str
    kiosk_name: str
    clerk: str
    procedure: str
    then: str | None
    receiver_name: str | None
    collector: str | None
    rows: tuple[ReceiptRow, ...]
    """The vehicles that were handed over."""
    held: int
    returned: int
    journal_head: str
    """First 12 hex digits of the entry of this hand-over."""
    prints: int
    """How often it was printed up to now."""
    on_plan: PlanMark | None = None
    """Handed over while the registry was away."""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One of a window's latest receipts."""

    number: str
    at: datetime
    released: int
    receiver_name: str | None
