"""混雑時の受付: what a window is asked and told about numbers 整理番号.

Plain values like those of `verifier.acts`, fit to travel over HTTP.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.db.tables import TicketState
from shared.domain import Purpose
from verifier.bounds import Identifier, RowNumber


@dataclass(frozen=True, slots=True)
class QueuedSheet:
    """One number, with what a clerk finds its holder by."""

    ticket_id: int
    number: int
    state: TicketState
    drawn_at: datetime
    waited: timedelta
    """Until the list was asked for, by the registry's clock."""
    purpose: Purpose
    procedure: str
    receiver_name: str | None
    filing_number: str | None
    """In fours; of an individual sheet."""
    kiosk_name: str
    """Where it was read at arrival, or called since."""
    ahead: int = 0
    """Numbers that come before it."""
    read_before: bool = False
    """The sheet had this number already when it was read."""


@dataclass(frozen=True, slots=True)
class Calling:
    """Call a number. The kiosk draws the id of this presentation."""

    id: Identifier
    ticket_id: RowNumber | None = None
    """None: whose turn it is."""


@dataclass(frozen=True, slots=True)
class CalledNumber:
    """What a display calls: the number, and where to go."""

    number: int
    kiosk_name: str


@dataclass(frozen=True, slots=True)
class Rush:
    """How an office's queue stands."""

    is_on: bool
    """Sheets get a number when they are read; off: only the numbers drawn before are left."""
    waiting: int
    absent: int
    longest_since: datetime | None
    """When the one who waits longest came."""
    called: tuple[CalledNumber, ...]
