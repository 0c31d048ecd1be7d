"""What is asked of a Counter and what it answers: plain values, fit to travel over HTTP.

`verifier.counter.Counter` is the real one. Names of people appear in the answers because the
clerk must see them; they never go into logs.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.db.tables import Compared, PaperRule
from shared.domain import IdentityPaper, Purpose, Role, Source
from verifier.decision.reasons import Notice
from verifier.decision.verdict import Verdict
from verifier.queue_acts import QueuedSheet, Rush


@dataclass(frozen=True, slots=True)
class Desk:
    """Who asks: a kiosk and the member of staff signed in at it."""

    kiosk: str
    staff: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person whose number and PIN were right."""

    number: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """One answer for every cause; `locked_until` only after five failures."""

    locked_until: datetime | None = None


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

    id: str
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class TypingKey:
    """A search key as typed by the clerk, with the reason for typing."""

    id: str
    key: str
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


@dataclass(frozen=True, slots=True)
class Presented:
    """The answer to one presentation."""

    presentation_id: str
    at: datetime
    verdict: Verdict
    claim: Claim | None = None
    facts: Facts = field(default_factory=Facts)
    basket: Basket | None = None
    """Set when an authentication or individual sheet was accepted."""
    queued: QueuedSheet | None = None
    """The number it got: its basket is opened when that is called."""
    called: int | None = None
    """The number that was called by this."""


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

    filing_id: int
    reason: HoldReason
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A paper taken in exchange for one vehicle's papers."""

    filing_id: int
    paper: str
    compared: Compared


@dataclass(frozen=True, slots=True)
class Confirming:
    """The clerk's ticks: released rows, rows kept back; every other row returns to ready."""

    hand_over_id: str
    released: tuple[int, ...]
    held: tuple[Holding, ...]
    collector: str | None
    idempotency_key: str
    taken: tuple[Taken, ...] = ()
    """Of released rows only; what names another row is refused."""


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
class Enrolling:
    """A clerk's word that the paper evidence matches the sheet (registration or change)."""

    presentation_id: str
    text: str
    source: Source
    paper: IdentityPaper
    idempotency_key: str


class DeclineReason(StrEnum):
    """Why a registration or change was not accepted at the counter."""

    NO_PAPER = "no_paper"
    NAME_DIFFERS = "name_differs"
    NUMBER_DIFFERS = "number_differs"
    UNREADABLE = "unreadable"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The receiver is registered, or the password replaced."""

    receiver_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Undoing:
    """A supervisor takes back one released filing, with a reason in words."""

    filing_id: int
    reason: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Lifting:
    """A supervisor lifts a hold: any sheet that fits releases the vehicle again."""

    hold_id: int
    reason: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class KioskFacts:
    """The header strip: where we are and how the day goes."""

    kiosk: str
    kiosk_name: str
    office: str
    locked: bool
    presented: int
    released: int
    held: int
    paused: bool = False
    """一時停止: the window is shut until somebody opens it again."""
    rush: Rush | None = None
    """混雑時の受付; None when it is off and nobody waits with a number."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a window is, said by its own device every half minute and when something changes."""

    clock: datetime
    """The device's own time: it is compared with the registry's."""
    faults: frozenset[str] = frozenset()
    """Codes of what is wrong, as the window shows them: ``ERR-CAM-FROZEN``."""


class Conflict(Exception):
    """Somebody was faster, or the impossible was asked; nothing was changed."""


class NotPermitted(Conflict):
    """This person or kiosk may not do this: disabled, revoked, or without the role."""


class HandOverOpen(Conflict):
    """This kiosk still has a basket in hand: confirm it or give it up first."""


class NoSuchPresentation(Conflict):
    """The act refers to a presentation that this kiosk did not make or that was refused."""


class HandOverClosed(Conflict):
    """The basket was already confirmed or given up."""


class NotInBasket(Conflict):
    """A ticked filing is not, or no longer, in this basket."""


class NothingReleased(Conflict):
    """A confirmation needs at least one ticked or held row."""


class IdempotencyMismatch(Conflict):
    """The same idempotency key came with another request."""


class AlreadyReleased(Conflict):
    """Somebody handed these filings over first."""


class NotHeld(Conflict):
    """The hold was lifted already."""


class NotReleased(Conflict):
    """Only a released filing can be undone."""


class NoSuchHold(Conflict):
    """The vehicle is not kept back at this office, or not any more."""


class NoSuchTicket(Conflict):
    """Nobody waits with that number, or another window was faster."""


class NoSuchReceipt(Conflict):
    """No hand-over of this office has that receipt number."""
