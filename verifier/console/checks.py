"""The questions the counter asked about a showing, each with yes, no, or not asked.

Never what was expected or found: the log says that a password differed, not which one it was.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from shared.domain import Purpose
from verifier.decision.reasons import Reason


class Answer(StrEnum):
    """How a question was answered."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Check:
    """One question with its answer."""

    question: str
    answer: Answer
    reasons: tuple[str, ...]
    """Codes of the "no"."""


_TEXT = (
    ("このシステムのコードである", (Reason.NOT_OURS, Reason.NEWER_VERSION)),
    ("正しく読み取れた", (Reason.MISREAD,)),
    ("発行元の署名が正しい", (Reason.UNKNOWN_KEY, Reason.TEST_KEY, Reason.REAL_KEY, Reason.FORGED)),
    ("内容が様式に合っている", (Reason.MALFORMED,)),
    ("期限の中にある", (Reason.NOT_YET_VALID, Reason.EXPIRED)),
)
_COUNTER = (
    ("端末が停止されていない", (Reason.KIOSK_LOCKED,)),
    ("検索キーの用紙がある", (Reason.UNKNOWN_SEARCH_KEY, Reason.TYPING_LOCKED)),
    ("この窓口で扱う種別である", (Reason.WRONG_WINDOW,)),
    ("この端末の計画にある", (Reason.NOT_ON_PLAN,)),
)
_NAMED = (
    ("受取者または申請が登録簿にある", (Reason.NOT_REGISTERED, Reason.NO_SUCH_FILING)),
    ("まだ登録されていない名前である", (Reason.ALREADY_REGISTERED,)),
)
_CREDENTIAL = (
    ("利用を停止されていない", (Reason.SUSPENDED,)),
    (
        "パスワードが登録と一致する",
        (Reason.CANNOT_OPEN, Reason.PASSWORD_LOCKED, Reason.WRONG_PASSWORD, Reason.FORMER_PASSWORD),
    ),
    (
        "今も使える用紙である",
        (Reason.NOT_BEFORE, Reason.OLDER_THAN_CREDENTIAL, Reason.SUPERSEDED, Reason.SHOWN_BEFORE),
    ),
    ("新しいパスワードが前と違う", (Reason.REUSED_PASSWORD,)),
)
_PAPERS = (
    ("手続種別を受け付けている", (Reason.PROCEDURE_CLOSED,)),
    ("申請先の事務所である", (Reason.OTHER_OFFICE,)),
    ("この種別の用紙で渡せる申請である", (Reason.INDIVIDUAL_ONLY,)),
    ("渡せる交付物がある", (Reason.NOTHING_TO_COLLECT, Reason.NOT_READY)),
    ("ほかの窓口が受け渡し中でない", (Reason.BEING_HANDED_OVER,)),
    ("受け渡し済みでない", (Reason.ALREADY_RELEASED,)),
    ("保留されていない", (Reason.ON_HOLD,)),
)
_ASKED_OF: dict[Reason, set[Purpose | None]] = {
    Reason.KIOSK_LOCKED: {*Purpose, None},
    Reason.ALREADY_REGISTERED: {Purpose.REGISTRATION},
    Reason.REUSED_PASSWORD: {Purpose.PASSWORD_CHANGE},
    Reason.CANNOT_OPEN: {Purpose.AUTHENTICATION, Purpose.PASSWORD_CHANGE},
    Reason.NOT_REGISTERED: {Purpose.AUTHENTICATION, Purpose.PASSWORD_CHANGE, Purpose.INDIVIDUAL},
    Reason.UNKNOWN_SEARCH_KEY: set(),
    Reason.NOT_ON_PLAN: set(),
}
"""By a question's first reason; others are asked of every kind. None: a text that is no sheet."""
_EVERY_KIND: set[Purpose | None] = {*Purpose}
_COLLECTS = {Purpose.AUTHENTICATION, Purpose.INDIVIDUAL}
Questions = tuple[tuple[str, tuple[Reason, ...]], ...]


def checks_of(purpose: Purpose | None, refusals: Collection[str]) -> list[Check]:
    """Every question about a showing in the counter's order; `refusals` are all its "no"."""
    unreadable = _first_no(_TEXT, refusals)
    text = _answered(_TEXT if unreadable is None else _TEXT[: unreadable + 1], refusals)
    if unreadable is not None:
        text += _not_asked(_TEXT[unreadable + 1 :])
    silent = unreadable is not None or purpose is None
    if purpose is None and unreadable is None:
        text = _not_asked(_TEXT)
    named = _of_kind(_NAMED, purpose, refusals)
    unknown = silent or _first_no(named, refusals) is not None
    counter = _of_kind(_COUNTER, purpose, refusals)
    papers = _PAPERS if purpose in _COLLECTS else ()
    return [
        *text,
        *_answered(counter, refusals),
        *(_not_asked(named) if silent else _answered(named, refusals)),
        *_later(_of_kind(_CREDENTIAL, purpose, refusals), refusals, unasked=unknown),
        *_later(papers, refusals, unasked=unknown),
    ]


def _of_kind(questions: Questions, purpose: Purpose | None, refusals: Collection[str]) -> Questions:
    return tuple(
        (question, reasons)
        for question, reasons in questions
        if purpose in _ASKED_OF.get(reasons[0], _EVERY_KIND) or _said(reasons, refusals)
    )


def _later(questions: Questions, refusals: Collection[str], *, unasked: bool) -> list[Check]:
    """Questions that need to know whom the sheet is about."""
    if not unasked:
        return _answered(questions, refusals)
    return [
        check if check.answer is Answer.NO else Check(check.question, Answer.NOT_ASKED, ())
        for check in _answered(questions, refusals)
    ]


def _answered(questions: Questions, refusals: Collection[str]) -> list[Check]:
    answered = []
    for question, reasons in questions:
        said = _said(reasons, refusals)
        answered.append(Check(question, Answer.NO if said else Answer.YES, said))
    return answered


def _not_asked(questions: Questions) -> list[Check]:
    return [Check(question, Answer.NOT_ASKED, ()) for question, _ in questions]


def _first_no(questions: Questions, refusals: Collection[str]) -> int | None:
    return next((i for i, (_, reasons) in enumerate(questions) if _said(reasons, refusals)), None)


def _said(reasons: tuple[Reason, ...], refusals: Collection[str]) -> tuple[str, ...]:
    return tuple(reason.value for reason in reasons if reason.value in refusals)
