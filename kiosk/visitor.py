"""What the visitor reads on the display turned to them: counts and plain words, and nothing else.

Only counts, reasons and the next window are taken from a state here: no name, number, plate or key.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.state import (
    CheckingUp,
    Closed,
    Confirming,
    Done,
    Enrolling,
    HandedOver,
    Idle,
    InHand,
    Judging,
    Numbered,
    OutOfOrder,
    Paused,
    Refused,
    SignedOut,
    State,
    basket_in,
)
from shared.db.tables import PaperRule
from shared.domain import Purpose
from verifier.acts import KioskFacts
from verifier.acts.queueing import QueuedSheet, Rush
from verifier.decision.catalogue import explain
from verifier.decision.english import ENGLISH
from verifier.decision.reasons import Notice, Reason
from verifier.decision.verdict import Accepted
from verifier.decision.verdict import Refused as No

_LONG = 26
"""Japanese characters that no longer fit in the largest letters."""


class Mood(StrEnum):
    """How the page looks; the words say it first."""

    YES = "yes"
    LOOK = "look"
    """Something is asked of the visitor."""
    WAIT = "wait"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Sentence:
    """The same in both languages."""

    japanese: str
    english: str


@dataclass(frozen=True, slots=True)
class Words:
    """Everything on the page; the first sentence is the largest."""

    mood: Mood
    sentences: tuple[Sentence, ...]

    @property
    def is_long(self) -> bool:
        """Whether the letters must be smaller to fit."""
        most = max(len(sentence.japanese) for sentence in self.sentences)
        return most > _LONG or len(self.sentences) > 2


def _plain(mood: Mood, *pairs: tuple[str, str]) -> Words:
    return Words(mood, tuple(Sentence(*pair) for pair in pairs))


WAIT = _plain(Mood.WAIT, ("少々お待ちください。", "One moment, please."))
_NOT_YET = _plain(
    Mood.CLOSED, ("この窓口は準備中です。", "This window is not open yet."),
    ("ほかの窓口をご利用ください。", "Please use another window."),
)  # fmt: skip
_PLAIN: dict[type[State], Words] = {
    CheckingUp: _NOT_YET,
    SignedOut: _NOT_YET,
    Idle: _plain(
        Mood.WAIT,
        ("受取用の用紙を係の者にお渡しください。", "Please hand your sheet to our staff."),
    ),
    Judging: _plain(
        Mood.WAIT, ("確認しています。", "We are checking your sheet."),
        ("少々お待ちください。", "One moment, please."),
    ),
    Paused: _plain(
        Mood.CLOSED, ("この窓口は休止中です。", "This window is closed for the moment."),
        ("ほかの窓口をご利用ください。", "Please use another window."),
    ),
    Closed: _plain(
        Mood.CLOSED, ("本日の受付は終了しました。", "This window is closed for today.")
    ),
    OutOfOrder: _plain(
        Mood.CLOSED, ("ただいま確認ができません。", "We cannot check sheets at the moment."),
        ("係の者がご案内します。", "Our staff will help you."),
    ),
}  # fmt: skip


def words_for(state: State, facts: KioskFacts | None = None) -> Words:
    """The words of a screen; one that is the clerk's own business, or covered, asks to wait.

    A number 整理番号 that this window called stands first, and in rush mode those of all windows.
    """
    window = facts.kiosk_name if facts else ""
    number = _called(state)
    words = _of(state, facts.rush if facts else None)
    if number is None:
        return words
    return replace(words, sentences=(_please_come(number, window), *words.sentences))


def _called(state: State) -> int | None:
    held = None if isinstance(state, OutOfOrder) else basket_in(state)
    if held is not None:
        return held.basket.number
    return state.showing.answer.called if isinstance(state, Refused) else None


def _please_come(number: int, window: str) -> Sentence:
    japanese = f"{number}番の方、{window}へお越しください。"
    return Sentence(japanese, f"Number {number}, please come to this window.")


def _of(state: State, rush: Rush | None) -> Words:
    match state:
        case Idle() if rush is not None and rush.is_on:
            return _rush_idle(rush)
        case Numbered():
            return _numbered(state.queued)
        case InHand():
            return _basket(state)
        case Confirming():
            return _second_look(state)
        case Enrolling():
            return _enrolment(state)
        case Done():
            return _done(state)
        case Refused():
            return _refusal(state)
        case _:
            return _PLAIN.get(type(state), WAIT)


def _rush_idle(rush: Rush) -> Words:
    said = [
        Sentence(
            "用紙を係の者にお渡しください。番号でお呼びします。",
            "Please hand your sheet to our staff. We will call your number.",
        )
    ]
    if rush.called:
        calls = "、".join(f"{call.number}番（{call.kiosk_name}）" for call in rush.called)
        numbers = ", ".join(str(call.number) for call in rush.called)
        said.append(Sentence(f"お呼び出し中：{calls}", f"Now calling: {numbers}"))
    said.append(Sentence(f"{rush.waiting}組お待ちです。", f"Waiting: {rush.waiting}"))
    return Words(Mood.WAIT, tuple(said))


def _numbered(queued: QueuedSheet) -> Words:
    number = queued.number
    ahead = (
        f"前に{queued.ahead}組お待ちです。番号でお呼びします。",
        f"{queued.ahead} before you. We will call your number.",
    )
    soon = ("次にお呼びします。", "You are next.")
    return _plain(
        Mood.YES,
        (f"番号は {number}番 です。", f"Your number is {number}."),
        ahead if queued.ahead else soon,
    )


def _basket(state: InHand) -> Words:
    rows, waiting = state.basket.rows, len(state.basket.waiting)
    unpaid = sum(
        any(paper.rule is PaperRule.TAX_UNCONFIRMED for paper in row.papers) for row in rows
    )
    said = [Sentence(f"{len(rows)}台お渡しできます。", f"{_vehicles(len(rows))} ready for you.")]
    if unpaid:
        # 「うち」, for the visitor must not add the two up.
        part = f"うち{unpaid}台は" if unpaid < len(rows) else ""
        which = f"{unpaid} of them" if part else "For this,"
        asked = "needs a tax certificate." if unpaid == 1 else "need a tax certificate."
        english = f"{which} {asked}" if part else "We need to see the tax certificate."
        said.append(Sentence(f"{part}納税証明書の確認が必要です。", english))
    if waiting:
        said.append(
            Sentence(
                f"ほかの{waiting}台は、まだお渡しできません。", f"{waiting} more not ready yet."
            )
        )
    said += [_spoken(notice) for notice in state.basket.notices]
    asks = bool(unpaid or state.basket.notices)
    return Words(Mood.LOOK if asks else Mood.YES, tuple(said))


def _second_look(state: Confirming) -> Words:
    choice = state.before.choice
    if not choice.released:
        return _plain(Mood.LOOK, _kept(len(choice.held)))
    count = len(choice.released)
    return _plain(
        Mood.YES,
        (f"{count}台分の書類をお渡しします。", f"Here are the papers for {_cars(count)}."),
        ("その場でお確かめください。", "Please check them before you leave."),
    )


def _enrolment(state: Enrolling) -> Words:
    if state.claim.purpose is Purpose.PASSWORD_CHANGE:
        first = Sentence("パスワードの変更を承ります。", "We are changing your password.")
    else:
        first = Sentence("新規登録を承ります。", "We are registering you.")
    papers = Sentence("書面を確認しています。", "We are checking your documents.")
    verdict = state.showing.answer.verdict
    notices = verdict.notices if isinstance(verdict, Accepted) else ()
    return Words(Mood.WAIT, (first, papers, *map(_spoken, notices)))


def _done(state: Done) -> Words:
    if state.handed is not None:
        return _handed(state.handed)
    if state.purpose is Purpose.PASSWORD_CHANGE:
        return _plain(Mood.YES, ("パスワードを変更しました。", "Your password is changed."))
    return _plain(Mood.YES, ("登録が終わりました。", "You are registered."))


def _handed(handed: HandedOver) -> Words:
    said, receipt = [], handed.receipt
    if receipt.released:
        english = f"You have the papers for {_cars(receipt.released)}."
        said.append((f"{receipt.released}台分をお渡ししました。", english))
    if receipt.held:
        said.append(_kept(receipt.held))
    if handed.then:
        said.append((f"次のご案内：{handed.then}", "Our staff will show you where to go next."))
    return _plain(Mood.LOOK if receipt.held else Mood.YES, *said)


def _kept(count: int) -> tuple[str, str]:
    return (
        f"{count}台は保留です。保留票をお受け取りください。",
        f"{_vehicles(count)} on hold. Please take the slip.",
    )


def _refusal(state: Refused) -> Words:
    verdict = state.showing.answer.verdict
    return Words(Mood.LOOK, (_spoken(verdict.reason),)) if isinstance(verdict, No) else WAIT


def _spoken(reason: Reason | Notice) -> Sentence:
    return Sentence(explain(reason).visitor, ENGLISH[reason])


def _cars(count: int) -> str:
    return "1 vehicle" if count == 1 else f"{count} vehicles"


def _vehicles(count: int) -> str:
    return f"{_cars(count)} {'is' if count == 1 else 'are'}"
