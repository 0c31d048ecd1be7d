"""What a snapshot looks like: its template, family, title, and what is read aloud."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from kiosk import enrolling, hearing, obligations, words
from kiosk.exchange import Comparison
from kiosk.scene import Snapshot
from kiosk.state import (
    CheckingUp,
    Closed,
    Closing,
    Confirming,
    Done,
    Enrolling,
    Hidden,
    HoldList,
    Idle,
    InHand,
    Judging,
    Numbered,
    OutOfOrder,
    Paused,
    QueueList,
    Refused,
    State,
    TakingOver,
    TypingKey,
)
from kiosk.troubles import TROUBLES
from shared.db.tables import Compared
from shared.domain import Purpose
from shared.texts import Text
from verifier.acts import Claim, Holding
from verifier.decision.catalogue import Explanation, Family, explain
from verifier.decision.english import ENGLISH
from verifier.decision.reasons import Notice
from verifier.decision.verdict import Refused as No

_OfFiling = TypeVar("_OfFiling", Comparison, Holding)


@dataclass(frozen=True, slots=True)
class Stage:
    """One screen of the counter."""

    name: str
    """Template, and the value of ``state`` in /api/state."""
    title: str
    family: Family | None = None
    reason: str | None = None
    """Reason code of a refusal, or the code of a trouble."""
    sound_id: str | None = None
    """A verdict sounds once, however often its screen is drawn."""


_PLAIN: dict[type[State], tuple[str, str]] = {
    CheckingUp: ("checking_up", "起動点検"),
    Idle: ("idle", "二次元コードをかざしてください"),
    TypingKey: ("typing", "検索キー入力"),
    Judging: ("judging", "照合しています"),
    HoldList: ("hold_list", "保留一覧"),
    QueueList: ("queue_list", "順番待ち"),
    TakingOver: ("taking_over", "引継ぎ"),
    Paused: ("paused", "この窓口は休止中です"),
    Closing: ("closing", "業務終了"),
    Closed: ("closed", "本日の業務を終了しました"),
    Hidden: ("hidden", "画面を隠しています"),
}


def stage_of(now: Snapshot) -> Stage:
    """Which screen a snapshot is."""
    state = now.state
    match state:
        case InHand():
            return _basket(state)
        case Confirming():
            return Stage("confirm", _question(state))
        case Enrolling():
            return _enrolment(state)
        case Refused():
            return _refusal(state)
        case Numbered():
            title = Text("番号 %(number)s番", number=state.queued.number)
            return Stage("numbered", title, Family.ACT, sound_id=state.presentation_id)
        case Done():
            return Stage("done", _done_title(state), Family.OK)
        case OutOfOrder():
            code = state.trouble.value
            return Stage("out_of_order", "端末を使えません", Family.STOP, code, "out_of_order")
        case _:
            return Stage(*_PLAIN.get(type(state), ("signed_out", "担当者サインイン")))


def context(now: Snapshot) -> dict[str, object]:
    """What the templates of the stage ask for."""
    state = now.state
    return {
        "now": now,
        "state": state,
        "stage": stage_of(now),
        "words": words,
        "explanation": _explanation(now),
        "notices": _notices(state),
        "checks": _checks(state),
        "trouble": TROUBLES[state.trouble] if isinstance(state, OutOfOrder) else None,
        "seal": _seal(state),
        "comparisons": _comparisons(state),
        "by_filing": _by_filing,
        "ago": words.ago,
        "waited": words.waited,
        "english": ENGLISH,
        "heard": hearing.words_of(state) if isinstance(state, InHand) else None,
    }


def _basket(state: InHand) -> Stage:
    showing = state.showing
    sound = showing.answer.presentation_id if showing else state.basket.hand_over_id
    return Stage("basket", "受け渡しできます", Family.OK, sound_id=sound)


def _question(state: Confirming) -> Text:
    return Text("%(count)s件を受け渡しますか", count=len(state.before.choice.released))


def _enrolment(state: Enrolling) -> Stage:
    changing = state.claim.purpose is Purpose.PASSWORD_CHANGE
    title = "パスワード変更の受付" if changing else "新規登録の受付"
    return Stage("enrol", title, Family.ACT, sound_id=state.showing.answer.presentation_id)


def _refusal(state: Refused) -> Stage:
    verdict = state.showing.answer.verdict
    if not isinstance(verdict, No):
        raise TypeError("a refusal screen shows a refusal")
    words_of = explain(verdict.reason)
    title = "確認が必要です" if words_of.family is Family.WARN else "受け渡しできません"
    if state.showing.answer.claim and state.showing.answer.claim.purpose in _PAPERWORK:
        title = "受け付けできません"
    presentation = state.showing.answer.presentation_id
    return Stage("refused", title, words_of.family, verdict.reason.value, presentation)


_PAPERWORK = (Purpose.REGISTRATION, Purpose.PASSWORD_CHANGE)


def _done_title(state: Done) -> str:
    if state.handed is not None:
        count = state.handed.receipt.released
        return (
            Text("受け渡しを記録しました　%(count)s件", count=count)
            if count
            else "保留を記録しました"
        )
    if state.purpose is Purpose.PASSWORD_CHANGE:
        return "新しいパスワードに変更しました"
    return "登録しました"


def _explanation(now: Snapshot) -> Explanation | None:
    if not isinstance(now.state, Refused):
        return None
    verdict = now.state.showing.answer.verdict
    return explain(verdict.reason) if isinstance(verdict, No) else None


def _notices(state: State) -> list[tuple[Notice, Explanation]]:
    """What is said beside an accepted sheet; a basket found open again keeps its own."""
    if isinstance(state, InHand):
        found = state.basket.notices
    else:
        verdict = state.showing.answer.verdict if isinstance(state, Enrolling) else None
        found = getattr(verdict, "notices", ())
    return [(notice, explain(notice)) for notice in found]


def _checks(state: State) -> tuple[tuple[str, str], ...]:
    if isinstance(state, InHand):
        return obligations.checks(state)
    return enrolling.checks(state.claim) if isinstance(state, Enrolling) else ()


def _seal(state: State) -> tuple[str, Claim | None] | None:
    """Of a sheet shown while the registry is lost: what its seal says in words, and its claim."""
    seen = state.seal if isinstance(state, OutOfOrder) else None
    if seen is None:
        return None
    return words.GENUINE if seen.reason is None else explain(seen.reason).title, seen.claim


def _by_filing(rows: Iterable[_OfFiling]) -> dict[int, _OfFiling]:
    return {row.filing_id: row for row in rows}


def _comparisons(state: State) -> dict[Compared, int]:
    return obligations.comparisons(state.before) if isinstance(state, Confirming) else {}
