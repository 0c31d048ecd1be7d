"""What can go wrong between a kiosk and its registry, beside what every API of ours tells."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolIsFull

from shared.web import problems
from shared.web.errors import report
from shared.web.problems import Kind, Problems
from verifier import acts
from verifier.administration.windows import EnrolmentRefused

RETRY_AFTER = 1
"""Seconds."""
REGISTRY_AWAY = Kind(
    "registry-away", HTTPStatus.SERVICE_UNAVAILABLE, "登録簿のデータベースが応答しません",
    "同じ内容を、同じIdempotency-Keyで、もう一度送信してください。",
)  # fmt: skip
_CONFLICT = HTTPStatus.CONFLICT
CONFLICTS: dict[type[Exception], Kind] = {
    acts.NotPermitted: Kind(
        "not-permitted", HTTPStatus.FORBIDDEN, "この担当者または端末では、この操作はできません",
        "責任者に確かめてください。"),
    acts.HandOverOpen: Kind(
        "hand-over-open", _CONFLICT, "この端末に、途中の受け渡しがあります",
        "先に確定か中止をしてください。"),
    acts.SheetInHand: Kind(
        "sheet-in-hand", _CONFLICT, "途中の受け渡しの用紙です", "そのまま続けてください。"),
    acts.NoSuchPresentation: Kind(
        "no-such-presentation", _CONFLICT, "この端末で、いま受け付けている用紙ではありません",
        "用紙をもう一度かざしてください。"),
    acts.HandOverClosed: Kind(
        "hand-over-closed", _CONFLICT, "この受け渡しはすでに終わっています",
        "読み取り記録を確かめてください。"),
    acts.NotInBasket: Kind(
        "not-in-basket", _CONFLICT, "この受け渡しにない車両です", "一覧を確かめてください。"),
    acts.NothingReleased: Kind(
        "nothing-released", _CONFLICT, "受け渡す車両がありません",
        "受け渡す車両か、保留する車両を指定してください。"),
    acts.IdempotencyMismatch: problems.KEY_REUSED,
    acts.AlreadyReleased: Kind(
        "already-released", _CONFLICT, "ほかの窓口で先に受け渡された車両があります",
        "一覧を確かめてください。"),
    acts.NotHeld: Kind("not-held", _CONFLICT, "保留ではありません", "一覧を確かめてください。"),
    acts.NotReleased: Kind(
        "not-released", _CONFLICT, "受け渡し済みではありません", "一覧を確かめてください。"),
    acts.NoSuchHold: Kind(
        "no-such-hold", _CONFLICT, "この車両は保留ではなくなりました", "一覧を確かめてください。"),
    acts.NoSuchTicket: Kind(
        "no-such-ticket", _CONFLICT, "呼べる番号がありません",
        "順番待ちの一覧を確かめてください。"),
    acts.NotSeenTo: Kind(
        "not-seen-to", _CONFLICT, "書面の照合か、受け取る方の確認が済んでいません",
        "引き換える書面と確認したことを、すべて送信してください。"),
    acts.NoSuchReceipt: Kind(
        "no-such-receipt", HTTPStatus.NOT_FOUND, "この事務所に、その番号の受領書はありません",
        "番号を確かめてください。"),
    acts.Moved: Kind(
        "moved", _CONFLICT, "確認の途中で登録の内容が変わりました", "もう一度かざしてください。"),
    acts.NotOnPlan: Kind(
        "not-on-plan", _CONFLICT, "計画ではできない操作です",
        "登録簿との接続が戻ってから行ってください。"),
    acts.PlanFull: Kind(
        "plan-full", _CONFLICT, "計画で受け渡せる件数に達しました",
        "登録簿との接続が戻るまで待ってください。"),
    acts.NoSuchPlan: Kind(
        "no-such-plan", HTTPStatus.NOT_FOUND, "この窓口に渡した計画ではありません",
        "計画の番号を確かめてください。"),
    acts.PlanBroken: Kind(
        "plan-broken", _CONFLICT, "計画の記録のつながりが確かめられません",
        "端末の記録を消さずに、管理者に知らせてください。"),
    EnrolmentRefused: Kind(
        "enrolment-refused", HTTPStatus.FORBIDDEN, "この登録コードは使えません",
        "責任者画面で新しい登録コードを発行してください。"),
}  # fmt: skip
KINDS = (
    problems.INVALID_JSON,
    problems.BAD_REQUEST,
    Kind("device-unknown", HTTPStatus.UNAUTHORIZED, "登録されていない端末です",
         "責任者画面で端末の登録を確かめ、kiosk enrol で登録し直してください。"),
    Kind("not-signed-in", HTTPStatus.UNAUTHORIZED, "この端末でサインインした担当者ではありません",
         "サインインし直してください。"),
    Kind("sender-unknown", HTTPStatus.UNAUTHORIZED, "申請を送信できる相手ではありません",
         "登録簿の鍵フォルダーの push.key を Authorization: Bearer で示してください。"),
    problems.NOT_FOUND,
    problems.METHOD_NOT_ALLOWED,
    problems.too_large("64 KiB"),
    problems.UNSUPPORTED,
    problems.INVALID_FIELDS,
    *CONFLICTS.values(),
    problems.INTERNAL,
    problems.BUSY,
    REGISTRY_AWAY,
)  # fmt: skip
PROBLEMS = Problems(KINDS)
ERRORS = {kind.code: error for error, kind in CONFLICTS.items()} | {
    "device-unknown": acts.NotPermitted,
    "not-signed-in": acts.NotPermitted,
}
"""What a client raises for a code."""


def tell_on(bp: Blueprint) -> None:
    """Answer conflicts, a database that is away, and every other error with a problem."""
    PROBLEMS.tell_on(bp)
    for error in CONFLICTS:
        bp.register_error_handler(error, _conflict)
    for error in (OperationalError, InterfaceError, DBAPIError):
        bp.register_error_handler(error, _database)
    bp.register_error_handler(PoolIsFull, _full)


def _conflict(error: Exception) -> Response:
    kind = next(CONFLICTS[cls] for cls in type(error).__mro__ if cls in CONFLICTS)
    return PROBLEMS.response(kind)


def _database(error: DBAPIError) -> Response:
    """A database that is away, slow or going down; anything else it says is our bug."""
    gone = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    if not gone:
        return PROBLEMS.bug(error)
    report(error, "registry")
    return _come_again(REGISTRY_AWAY)


def _full(_error: PoolIsFull) -> Response:
    return _come_again(problems.BUSY)


def _come_again(kind: Kind) -> Response:
    response = PROBLEMS.response(kind)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
