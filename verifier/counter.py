"""The verbs of a counter: look up, decide, write; one transaction each.

A refusal is a value: an exception would roll back the journal entry and the count of wrong
passwords with it. Exceptions are `verifier.acts.Conflict` only, and leave nothing changed.
"""

from datetime import datetime
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from shared.db.tables import Compared
from shared.domain import Purpose, Source
from verifier import (
    day,
    desk_facts,
    enrolment,
    handing_over,
    holding,
    presenting,
    queueing,
    receipts,
    registry_clock,
    reporting,
    rush,
    sign_in,
)
from verifier.acts import (
    Basket,
    Confirming,
    DeclineReason,
    Desk,
    Enrolled,
    Enrolling,
    GiveUpReason,
    Holding,
    KioskFacts,
    Lifting,
    Presented,
    Presenting,
    Receipt,
    RegistryLost,
    Report,
    SignedIn,
    SignInRefused,
    TypingKey,
    Undoing,
)
from verifier.acts.queueing import Calling, QueuedSheet
from verifier.bounds import Identifier, Line, RowNumber, SheetText
from verifier.decision.evidence import Intent
from verifier.desk_acts import (
    DayReport,
    HeldFiling,
    Printing,
    ReceiptCopy,
    ReceiptLine,
    TakingUp,
)
from verifier.installation import Installation
from verifier.registry import staff
from verifier.registry.journal import Author
from verifier.seeing import Shown

LOST = (RegistryLost, SQLAlchemyError)
"""What a verb raises when the registry does not answer, in this process or elsewhere."""


class Counter:
    """One registry as the windows see it. Safe to share between threads."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def sign_in(
        self, kiosk: str, number: Line, pin: Line, idempotency_key: Identifier | None = None
    ) -> SignedIn | SignInRefused:
        """Check a staff number and PIN; five wrong ones lock the person for fifteen minutes.

        The same key again counts and records nothing. A window of an earlier version sends none:
        each of its tries counts. Raises IdempotencyMismatch.
        """
        asked = sign_in.SigningIn(number, pin, idempotency_key or uuid4().hex)
        at = Author(kiosk=kiosk)
        return sign_in.sign_in(self._installation, asked, at, staff.COUNTER_ROLES)

    def present(self, desk: Desk, presenting_: Presenting) -> Presented:
        """Judge what was read; an accepted sheet opens its basket and takes it in hand.

        The same presentation id again gives the same answer. Raises HandOverOpen, NotPermitted.
        """
        return presenting.present(self._installation, desk, _shown(presenting_))

    def present_typed_key(self, desk: Desk, typing: TypingKey) -> Presented:
        """Judge the sheet a typed search key stands for; the same checks, marked 手入力."""
        return presenting.present(self._installation, desk, _shown(typing))

    def queue_up(self, desk: Desk, shown: Presenting | TypingKey) -> Presented:
        """混雑時の受付: judge a sheet at arrival; what would open a basket gets a number instead.

        The same sheet keeps its number of the day. Refusals, registrations and changes are
        answered as by `present`.
        """
        return queueing.queue_up(self._installation, desk, _shown(shown))

    def queue(self, desk: Desk) -> tuple[QueuedSheet, ...]:
        """The numbers of today that are not over, at the office of this window."""
        return rush.queue(self._installation, desk)

    def call(self, desk: Desk, calling: Calling) -> Presented:
        """Call a number: its sheet is judged again, as if it were shown now, and opened.

        The same id again gives the same answer. Raises HandOverOpen, NoSuchTicket.
        """
        return queueing.call(self._installation, desk, calling)

    def call_again(self, desk: Desk, hand_over_id: Identifier) -> None:
        """Call the number of an open basket once more. Raises HandOverClosed, NoSuchTicket."""
        queueing.call_again(self._installation, desk, hand_over_id)

    def put_back(self, desk: Desk, ticket_id: RowNumber) -> None:
        """Give a number whose holder was absent its old place again. Raises NoSuchTicket."""
        rush.put_back(self._installation, desk, ticket_id)

    def strike(self, desk: Desk, ticket_id: RowNumber) -> None:
        """End a number whose holder has left. Raises NoSuchTicket."""
        rush.strike(self._installation, desk, ticket_id)

    def begin_rush(self, desk: Desk) -> None:
        """From now on the windows of this office draw numbers. Raises NotPermitted."""
        rush.begin(self._installation, desk)

    def end_rush(self, desk: Desk) -> None:
        """Sheets open their basket again; numbers drawn stay callable. Raises NotPermitted."""
        rush.end(self._installation, desk)

    def resume(self, desk: Desk, presenting_: Presenting) -> Presented:
        """Judge a sheet again for the vehicles that were kept back 保留, these included."""
        shown = Shown(presenting_.id, presenting_.text, presenting_.source, Intent.RESUME)
        return presenting.present(self._installation, desk, shown)

    def judge(self, kiosk: str, presenting_: Presenting) -> Presented:
        """The verdict on a text, releasing nothing; for a command line and for questions.

        The same id again is recorded once. Raises IdempotencyMismatch.
        """
        return presenting.judge_only(self._installation, kiosk, _shown(presenting_))

    def confirm(self, desk: Desk, confirming: Confirming) -> Receipt:
        """Release the ticked rows, keep back the held ones, return the rest; all or nothing.

        Raises HandOverClosed, NotInBasket, NothingReleased, NotSeenTo, AlreadyReleased,
        IdempotencyMismatch.
        """
        return handing_over.confirm(self._installation, desk, confirming)

    def hold(self, desk: Desk, hand_over_id: Identifier, holding: Holding) -> Basket:
        """保留: keep one vehicle back; the basket that is left."""
        return handing_over.hold(self._installation, desk, hand_over_id, holding)

    def holds(self, desk: Desk) -> tuple[HeldFiling, ...]:
        """What is kept back at the office of this window, the newest first."""
        return holding.holds(self._installation, desk)

    def take_up(self, desk: Desk, taking: TakingUp) -> Presented:
        """Open the basket of a held bundle without its sheet, unless something came between.

        The same id again gives the same answer. Raises HandOverOpen, NoSuchHold.
        """
        return holding.take_up(self._installation, desk, taking)

    def take_over(self, desk: Desk) -> None:
        """引継ぎ: record that this person has seen what is kept back."""
        holding.take_over(self._installation, desk)

    def differed(self, desk: Desk, hand_over_id: Identifier, compared: Compared) -> None:
        """Record that a paper offered in exchange belongs to no vehicle of the open basket."""
        handing_over.differed(self._installation, desk, hand_over_id, compared)

    def give_up(self, desk: Desk, hand_over_id: Identifier, reason: GiveUpReason) -> None:
        """Close a basket without handing anything over. Raises HandOverClosed."""
        handing_over.give_up(self._installation, desk, hand_over_id, reason)

    def undo(self, desk: Desk, undoing: Undoing) -> None:
        """Take a release back: a supervisor, not the person who released. Adds to the journal.

        Raises NotPermitted, NotReleased.
        """
        handing_over.undo(self._installation, desk, undoing)

    def lift(self, desk: Desk, lifting: Lifting) -> None:
        """End a hold 保留 without a hand-over: a supervisor. Adds to the journal.

        Raises NotPermitted, NotHeld.
        """
        handing_over.lift(self._installation, desk, lifting)

    def enrol(self, desk: Desk, enrolling: Enrolling) -> Enrolled | Presented:
        """Register the receiver of a sheet shown here; Presented when it is refused by now."""
        return enrolment.enrol(self._installation, desk, enrolling, Purpose.REGISTRATION)

    def change_password(self, desk: Desk, enrolling: Enrolling) -> Enrolled | Presented:
        """Replace the password by that of a sheet shown here."""
        return enrolment.enrol(self._installation, desk, enrolling, Purpose.PASSWORD_CHANGE)

    def decline(self, desk: Desk, presentation_id: Identifier, reason: DeclineReason) -> None:
        """Record that the evidence for a registration or change did not convince."""
        enrolment.decline(self._installation, desk, presentation_id, reason)

    def refuse_while_open(self, desk: Desk, text: SheetText, source: Source) -> None:
        """Record that another code came while a basket was open.

        Raises SheetInHand, and records nothing, when it is the basket's own sheet.
        """
        desk_facts.refuse_while_open(self._installation, desk, text, source)

    def unfinished(self, desk: Desk) -> Basket | None:
        """What this kiosk still has in hand: the day goes on from here after a power cut."""
        return desk_facts.unfinished(self._installation, desk)

    def kiosk_facts(self, kiosk: str) -> KioskFacts:
        """Where this kiosk is and how its day goes. Raises NotPermitted for an unknown kiosk."""
        return desk_facts.kiosk_facts(self._installation, kiosk)

    def registry_time(self) -> datetime:
        """The registry's time: what a kiosk's own clock is compared with."""
        return registry_clock.registry_time(self._installation)

    def report(self, kiosk: str, report: Report) -> None:
        """Take down how a window is; somebody is called for what a person must mend.

        Raises NotPermitted for an unknown or revoked kiosk.
        """
        reporting.take(self._installation, kiosk, report)

    def unlock(self, desk: Desk, kiosk: Identifier, reason: Line) -> None:
        """A supervisor has looked: a locked kiosk judges again."""
        desk_facts.unlock(self._installation, desk, kiosk, reason)

    def pause(self, desk: Desk) -> None:
        """一時停止: the window is shut until it is opened again. Raises HandOverOpen."""
        day.pause(self._installation, desk)

    def reopen(self, desk: Desk) -> None:
        """Open a paused window."""
        day.reopen(self._installation, desk)

    def day(self, desk: Desk) -> DayReport:
        """This window's day in numbers, so far."""
        return day.day(self._installation, desk)

    def close_day(self, desk: Desk, idempotency_key: Identifier) -> DayReport:
        """業務終了: journal the day's numbers; gives the head after them. Raises HandOverOpen."""
        return day.close_day(self._installation, desk, idempotency_key)

    def receipt(self, desk: Desk, number: Line) -> ReceiptCopy:
        """受領書 of a hand-over at this office. Raises NoSuchReceipt."""
        return receipts.receipt(self._installation, desk, number)

    def receipts(self, desk: Desk) -> tuple[ReceiptLine, ...]:
        """The latest receipts of this window, the newest first."""
        return receipts.receipts(self._installation, desk)

    def print_receipt(self, desk: Desk, printing: Printing) -> ReceiptCopy:
        """Journal that a receipt is printed, the first time or again. Raises NoSuchReceipt."""
        return receipts.print_receipt(self._installation, desk, printing)


def _shown(asked: Presenting | TypingKey) -> Shown:
    if isinstance(asked, TypingKey):
        return Shown(asked.id, asked.key, Source.TYPED, typed_reason=asked.reason)
    return Shown(asked.id, asked.text, asked.source)
