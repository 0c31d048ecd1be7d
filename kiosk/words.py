"""The clerk's words: those of the registry for coded values, and those of this screen alone."""

from datetime import datetime, timedelta

from shared.db.tables import Compared, PaperRule
from shared.domain import IdentityPaper
from shared.texts import Text
from verifier.acts import (
    AlreadyReleased,
    Conflict,
    HandOverClosed,
    NoSuchHold,
    NoSuchPresentation,
    NoSuchReceipt,
    NoSuchTicket,
    NothingReleased,
    NotInBasket,
    NotOnPlan,
    NotPermitted,
    NotSeenTo,
    NotUnderstood,
    PlanFull,
    TypedReason,
)
from verifier.words import (
    DECLINE_REASONS,
    HOLD_REASONS,
    HOLDS,
    PURPOSES,
    SOURCES,
    STATUSES,
    TYPED_REASONS,
)

__all__ = ["DECLINE_REASONS", "HOLDS", "HOLD_REASONS", "PURPOSES", "SOURCES", "STATUSES"]
TYPING_REASONS = {
    reason: text for reason, text in TYPED_REASONS.items() if reason is not TypedReason.HOLD_LIST
}
"""What a clerk may choose; the list of holds says so by itself."""
IDENTITY_PAPERS = {
    IdentityPaper.SCRIVENER_CARD: "行政書士証票のコピー",
    IdentityPaper.ORGANISATION_ID: "団体の身分証明書のコピー",
}
PAPER_RULES = {
    PaperRule.ALWAYS: "",
    PaperRule.TAX_UNCONFIRMED: "納税の確認ができないため",
    PaperRule.IF_ANY: "ある場合",
}
COMPARED = {Compared.SCANNED: "読取", Compared.TYPED: "入力", Compared.SEEN: "目視"}
BUSY = "受け渡しの確認中です。先に確定か中止をしてください。"
GENUINE = "本物の用紙です（登録との照合はできません）"
NOT_UNDERSTOOD = "登録簿がこの操作を受け付けませんでした。責任者に知らせてください。"
MOVED = "確認の途中で登録の内容が変わりました。もう一度かざしてください。"
_CONFLICTS: tuple[tuple[type[Conflict], str], ...] = (
    (AlreadyReleased, "ほかの窓口で先に受け渡された車両があります。一覧を確かめてください。"),
    (HandOverClosed, "この受け渡しはすでに終わっています。読み取り記録を確かめてください。"),
    (NotInBasket, "一覧の内容が変わりました。もう一度選んでください。"),
    (NothingReleased, "受け渡す車両に印を付けるか、保留の理由を選んでください。"),
    (NoSuchHold, "この車両は保留ではなくなりました。一覧を確かめてください。"),
    (NotSeenTo, "書面の照合か、受け取る方の確認が済んでいません。一覧で確かめてください。"),
    (NoSuchTicket, "呼べる番号がありません。ほかの窓口が先に呼んだか、待っている方がいません。"),
    (NoSuchReceipt, "この事務所に、その番号の受領書はありません。"),
    (NoSuchPresentation, "用紙をかざしてから時間がたちました。もう一度かざしてください。"),
    (NotOnPlan, "計画ではできない操作です。登録簿との接続が戻ってから行ってください。"),
    (PlanFull, "計画で受け渡せる件数に達しました。登録簿との接続が戻るまで渡せません。"),
    (NotUnderstood, NOT_UNDERSTOOD),
    (NotPermitted, "この担当者または端末では、この操作はできません。責任者に確かめてください。"),
)


def waited(time: timedelta) -> Text:
    """How long somebody has been waiting."""
    hours, minutes = divmod(max(0, int(time.total_seconds() // 60)), 60)
    if hours:
        return Text("%(hours)s時間%(minutes)s分", hours=hours, minutes=minutes)
    return Text("%(minutes)s分", minutes=minutes)


def ago(now: datetime, at: datetime) -> str:
    """How long ago, in the words of somebody at a counter."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "たった今"
    if minutes < 60:
        return Text("%(count)s分前", count=minutes)
    if minutes < 24 * 60:
        return Text("%(count)s時間前", count=minutes // 60)
    return Text("%(count)s日前", count=minutes // (24 * 60))


def sentence_for(conflict: Conflict) -> str:
    """What the clerk reads when somebody was faster or the impossible was asked."""
    for kind, sentence in _CONFLICTS:
        if isinstance(conflict, kind):
            return sentence
    return MOVED
