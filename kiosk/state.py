"""What a counter is doing: one of these at a time, all of it on the server.

Texts of sheets are kept out of every repr: they must not reach a log.
"""

from dataclasses import dataclass, field
from datetime import datetime

from shared.domain import Purpose, Source
from verifier.acts import Basket, BasketRow, Claim, Enrolled, Holding, Presented, Receipt


@dataclass(frozen=True, slots=True)
class Showing:
    """A sheet on the counter: needed again when it is enrolled or taken up."""

    text: str = field(repr=False)
    source: Source
    answer: Presented


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Nobody works here: codes are not looked at."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Waiting for a sheet."""

    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Judging:
    """A code was read; its verdict is under way."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the clerk has ticked so far. Nothing on arrival."""

    released: frozenset[int] = frozenset()
    held: tuple[Holding, ...] = ()
    checked: frozenset[str] = frozenset()
    """Things to be looked at before the hand-over, by name."""
    collector: str = ""


@dataclass(frozen=True, slots=True)
class InHand:
    """A basket: papers are being laid down."""

    basket: Basket
    showing: Showing | None
    """None when the basket was found open, as after a power cut."""
    choice: Choice = Choice()
    problems: tuple[str, ...] = ()
    notice: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Confirming:
    """The second look before the hand-over is recorded."""

    before: InHand
    idempotency_key: str
    opened: float
    """Monotonic: a burst of keys that opened this must not confirm it."""
    notice: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Enrolling:
    """A registration or password change: the paper evidence is compared with the sheet."""

    showing: Showing
    claim: Claim
    idempotency_key: str
    entered: dict[str, str] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()
    """(field, sentence)."""
    notice: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a receipt says."""

    receipt: Receipt
    hand_over_id: str
    rows: tuple[BasketRow, ...]
    receiver_name: str | None
    procedure: str
    then: str | None
    collector: str | None
    clerk: str


@dataclass(frozen=True, slots=True)
class Done:
    """It is recorded."""

    at: datetime
    handed: HandedOver | None = None
    enrolled: Enrolled | None = None
    purpose: Purpose = Purpose.AUTHENTICATION


@dataclass(frozen=True, slots=True)
class Refused:
    """No, and why."""

    showing: Showing


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """The registry does not answer; nothing can be released offline."""

    revoked: bool = False
    """It answers, but does not (or no longer) know this counter."""


State = SignedOut | Idle | Judging | InHand | Confirming | Enrolling | Done | Refused | OutOfOrder
OPEN = (InHand, Confirming, Enrolling)
"""While one of these is shown, other codes are refused."""
