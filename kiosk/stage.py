"""What a snapshot looks like: its template, family, title, and what is read aloud."""

from dataclasses import dataclass

from kiosk import enrolling, handing, words
from kiosk.scene import Snapshot
from kiosk.state import (
    OPEN,
    Confirming,
    Done,
    Enrolling,
    Idle,
    InHand,
    Judging,
    OutOfOrder,
    Refused,
)
from shared.domain import Purpose
from verifier.decision.catalogue import Explanation, Family, explain
from verifier.decision.reasons import Notice
from verifier.decision.verdict import Refused as No


@dataclass(frozen=True, slots=True)
class Stage:
    """One screen of the counter."""

    name: str
    """Template, and the value of ``state`` in /api/state."""
    title: str
    family: Family | None = None
    reason: str | None = None
    """Reason code of a refusal."""
    sound_id: str | None = None
    """A verdict sounds once, however often its screen is drawn."""


def stage_of(now: Snapshot) -> Stage:
    """Which screen a snapshot is."""
    state = now.state
    if isinstance(state, OPEN) and state.hidden:
        return Stage("hidden", "操作がないため隠しています")
    match state:
        case InHand():
            return _basket(state)
        case Confirming():
            return Stage("confirm", f"{len(state.before.choice.released)}件を受け渡しますか")
        case Enrolling():
            return _enrolment(state)
        case Refused():
            return _refusal(state)
        case Done():
            return Stage("done", _done_title(state), Family.OK)
        case OutOfOrder():
            return Stage("out_of_order", "端末を使えません", Family.STOP, sound_id="out_of_order")
        case Judging():
            return Stage("judging", "照合しています")
        case Idle():
            return Stage("idle", "二次元コードをかざしてください")
        case _:
            return Stage("signed_out", "担当者サインイン")


def context(now: Snapshot) -> dict[str, object]:
    """What the templates of the stage ask for."""
    return {
        "now": now,
        "state": now.state,
        "stage": stage_of(now),
        "words": words,
        "explanation": _explanation(now),
        "notices": _notices(now),
        "checks": _checks(now),
    }


def _basket(state: InHand) -> Stage:
    showing = state.showing
    sound = showing.answer.presentation_id if showing else state.basket.hand_over_id
    return Stage("basket", "受け渡しできます", Family.OK, sound_id=sound)


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
        return f"受け渡しを記録しました　{count}件" if count else "保留を記録しました"
    if state.purpose is Purpose.PASSWORD_CHANGE:
        return "新しいパスワードに変更しました"
    return "登録しました"


def _explanation(now: Snapshot) -> Explanation | None:
    if not isinstance(now.state, Refused):
        return None
    verdict = now.state.showing.answer.verdict
    return explain(verdict.reason) if isinstance(verdict, No) else None


def _notices(now: Snapshot) -> list[tuple[Notice, Explanation]]:
    showing = getattr(now.state, "showing", None)
    return [(notice, explain(notice)) for notice in handing.notices(showing)]


def _checks(now: Snapshot) -> tuple[tuple[str, str], ...]:
    if isinstance(now.state, InHand):
        return handing.checks(now.state)
    return enrolling.checks(now.state.claim) if isinstance(now.state, Enrolling) else ()
