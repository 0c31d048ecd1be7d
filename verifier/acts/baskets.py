"""What an accepted sheet opened: the vehicles whose papers may be handed over."""

from dataclasses import dataclass
from datetime import datetime

from shared.db.tables import PaperRule
from shared.domain import Purpose
from verifier.decision.reasons import Notice


@dataclass(frozen=True, slots=True)
class PaperAsked:
    """A paper to be handed in, and when it is asked for."""

    name: str
    rule: PaperRule


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """A live hold on a vehicle: what was missing when it was kept back."""

    reason: str
    memo: str | None
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class BasketRow:
    """One vehicle in the basket."""

    filing_id: int
    number: str
    """受付番号 in fours."""
    plate: str | None
    deliverables: tuple[str, ...]
    papers: tuple[PaperAsked, ...]
    hold: HoldPlaced | None
    chassis: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A vehicle of the same bundle that cannot be handed over now, and why."""

    number: str
    """受付番号 in fours."""
    plate: str | None
    status: str
    """FilingStatus: not ready yet, or in another window's hands."""
    hold: HoldPlaced | None
    """Set when it is ready but kept back."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What an accepted sheet opened; nothing in it is released until it is confirmed."""

    hand_over_id: str
    purpose: Purpose
    receiver_name: str | None
    procedure: str
    then: str | None
    """Where the visitor goes next."""
    opened_at: datetime
    rows: tuple[BasketRow, ...]
    waiting: tuple[WaitingRow, ...] = ()
    """The rest of this receiver's bundle at this office, for the eye only."""
    notices: tuple[Notice, ...] = ()
    """What was said beside the accepted sheet: still to be seen to after a restart."""
    from_hold_list: bool = False
    """No sheet was shown: the clerk makes sure who stands there."""
    number: int | None = None
    """整理番号 that was called for it: the sheet was read at arrival."""
    calls: int = 0
    """How often that number was called."""
