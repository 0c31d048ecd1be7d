"""What a counter is doing: one of these at a time, all of it on the server.

Texts of sheets are kept out of every repr: they must not reach a log. Which of these may follow
which stands in `kiosk.edges`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.exchange import Comparison, Heard
from shared.domain import Purpose, Source
from verifier.acts import Basket, BasketRow, Claim, Enrolled, Holding, Presented, Receipt
from verifier.acts.queueing import QueuedSheet
from verifier.desk_acts import DayReport, HeldFiling
from verifier.seals import SealSeen


@dataclass(frozen=True, slots=True)
class Showing:
    """A sheet on the counter: needed again when it is enrolled or taken up."""

    text: str = field(repr=False)
    """Empty when no sheet was shown: a hold was taken up, or a number called."""
    source: Source
    answer: Presented

    @property
    def can_resume(self) -> bool:
        """Vehicles are kept back under this sheet, and it is here to be judged for them."""
        return bool(self.text) and self.answer.facts.held > 0


class Outcome(StrEnum):
    """How one point of the morning check stands."""

    WELL = "well"
    WAITING = "waiting"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Check:
    """One point of the morning check."""

    name: str
    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class CheckingUp:
    """起動点検: what belongs to this window is looked for, before anybody signs in."""

    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Nobody works here: codes are not looked at."""

    notice: str | None = None


@dataclass(frozen=True, slots=True)
class TakingOver:
    """交代: the person who came sees what is kept back."""

    held: tuple[HeldFiling, ...]


@dataclass(frozen=True, slots=True)
class Idle:
    """Waiting for a sheet."""

    notice: str | None = None


@dataclass(frozen=True, slots=True)
class TypingKey:
    """検索キー入力: the sheet cannot be read."""

    key: str = field(default="", repr=False)
    reason: str = ""
    problems: tuple[tuple[str, str], ...] = ()
    """(field, sentence)."""
    offered: str = field(default="", repr=False)
    """The key as it was read off the paper; empty when the clerk types all of it."""


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
    taken: frozenset[tuple[int, int]] = frozenset()
    """(filing, place of the paper in its row) of papers the clerk took."""
    compared: tuple[Comparison, ...] = ()
    """Vehicles whose old certificate was scanned or typed, in that order."""


@dataclass(frozen=True, slots=True)
class InHand:
    """A basket: papers are being laid down."""

    basket: Basket
    showing: Showing | None
    """None when the basket was found open, as after a power cut."""
    choice: Choice = Choice()
    problems: tuple[str, ...] = ()
    notice: str | None = None
    heard: Heard | None = None
    """What the last paper offered in exchange turned out to be."""
    papers_heard: int = 0


@dataclass(frozen=True, slots=True)
class Confirming:
    """The second look before the hand-over is recorded."""

    before: InHand
    idempotency_key: str
    opened: float
    """Monotonic: a burst of keys that opened this must not confirm it."""
    notice: str | None = None


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


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was just handed over, for the screen that says so."""

    receipt: Receipt
    hand_over_id: str
    rows: tuple[BasketRow, ...]
    held: tuple[int, ...]
    receiver_name: str | None
    procedure: str
    then: str | None


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
class Numbered:
    """番号をお渡しする: a sheet was read at arrival; its basket is opened when it is called."""

    queued: QueuedSheet
    presentation_id: str


@dataclass(frozen=True, slots=True)
class QueueList:
    """順番待ち: the numbers of this office that are not over."""

    queue: tuple[QueuedSheet, ...]
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class HoldList:
    """保留一覧 of this office."""

    held: tuple[HeldFiling, ...]
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Paused:
    """一時停止: the window is shut; the registry remembers it."""


@dataclass(frozen=True, slots=True)
class Closing:
    """業務終了: the day in numbers, before it is closed."""

    report: DayReport
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The day is closed; its report can be printed."""

    report: DayReport


class Trouble(StrEnum):
    """What stops a whole window; the words stand in `kiosk.troubles`. Never renamed."""

    REGISTRY = "ERR-REGISTRY"
    REVOKED = "ERR-KIOSK"
    PLAN = "ERR-PLAN"
    """The registry does not take back what was done on a plan."""


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """Nothing can be released here; what was in hand stays in hand."""

    trouble: Trouble = Trouble.REGISTRY
    before: InHand | None = None
    asked: Confirming | None = None
    """What the clerk was about to confirm, or had confirmed without getting an answer."""
    seal: SealSeen | None = None
    """The sheet that is shown meanwhile, as far as it can be judged without the registry."""


Coverable = (
    InHand | Confirming | Enrolling | Idle | TypingKey | Refused | Done | Numbered | QueueList
    | HoldList | TakingOver
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hidden:
    """画面を隠す: names are covered, by F10 or because nobody was at it."""

    before: Coverable


State = (
    CheckingUp | SignedOut | TakingOver | Idle | TypingKey | Judging | InHand | Confirming
    | Enrolling | Done | Refused | Numbered | QueueList | HoldList | Paused | Closing | Closed
    | Hidden | OutOfOrder
)  # fmt: skip
OPEN = (InHand, Confirming, Enrolling)
"""While one of these is shown, other codes are refused."""
RESTING = (Idle, Refused, Done, Numbered)
"""Nothing is under way: the clerk may turn to something else."""
COVERABLE = (*OPEN, *RESTING, TypingKey, HoldList, QueueList, TakingOver)
"""Screens with names on them, or about to have some."""


def under(state: State) -> State:
    """What is being done, covered or not."""
    return state.before if isinstance(state, Hidden) else state


def is_open(state: State) -> bool:
    """Something was begun here that is not ended yet."""
    return isinstance(under(state), OPEN)


def basket_in(state: State) -> InHand | None:
    """The basket that lies on the counter, on whatever screen."""
    shown = under(state)
    if isinstance(shown, Confirming | OutOfOrder):
        return shown.before
    return shown if isinstance(shown, InHand) else None
