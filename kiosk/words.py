"""Japanese words for coded values, one place for screen, receipt and command line."""

from shared.db.tables import PaperRule
from shared.domain import IdentityPaper, Purpose, Source
from verifier.acts import (
    AlreadyReleased,
    Conflict,
    DeclineReason,
    HandOverClosed,
    HoldReason,
    NoSuchPresentation,
    NothingReleased,
    NotInBasket,
    NotPermitted,
    TypedReason,
)

PURPOSES = {
    Purpose.REGISTRATION: "新規登録用",
    Purpose.AUTHENTICATION: "認証用",
    Purpose.PASSWORD_CHANGE: "パスワード変更用",
    Purpose.INDIVIDUAL: "個別用（受取者認証兼受取車両個別申告用）",
}
HOLD_REASONS = {
    HoldReason.NOT_MADE: "未作成",
    HoldReason.NOT_FOUND: "見当たらない",
    HoldReason.PAPER_MISSING: "書面が足りない",
    HoldReason.DECLINED: "受取者が辞退",
    HoldReason.OTHER: "その他",
}
DECLINE_REASONS = {
    DeclineReason.NO_PAPER: "書面なし",
    DeclineReason.NAME_DIFFERS: "氏名不一致",
    DeclineReason.NUMBER_DIFFERS: "登録番号不一致",
    DeclineReason.UNREADABLE: "判読できない",
    DeclineReason.OTHER: "その他",
}
TYPED_REASONS = {
    TypedReason.DIRTY_SHEET: "用紙の汚れ",
    TypedReason.CAMERA_TROUBLE: "カメラ不調",
    TypedReason.OTHER: "その他",
}
IDENTITY_PAPERS = {
    IdentityPaper.SCRIVENER_CARD: "行政書士証票のコピー",
    IdentityPaper.ORGANISATION_ID: "団体の身分証明書のコピー",
}
PAPER_RULES = {
    PaperRule.ALWAYS: "",
    PaperRule.TAX_UNCONFIRMED: "納税の確認ができないため",
    PaperRule.IF_ANY: "ある場合",
}
SOURCES = {
    Source.CAMERA: "カメラ",
    Source.SCANNER: "スキャナー",
    Source.FOLDER: "フォルダー",
    Source.TYPED: "手入力",
    Source.PICTURE: "画像",
}
STATUSES = {
    "accepted": "受付済",
    "examining": "審査中",
    "correction": "補正待ち",
    "payment": "納付待ち",
    "ready": "交付可",
    "handing": "交付処理中",
    "released": "交付済",
    "withdrawn": "取下げ",
}
BUSY = "受け渡しの確認中です。先に確定か中止をしてください。"
MOVED = "確認の途中で登録の内容が変わりました。もう一度かざしてください。"
_CONFLICTS: tuple[tuple[type[Conflict], str], ...] = (
    (AlreadyReleased, "ほかの窓口で先に受け渡された車両があります。一覧を確かめてください。"),
    (HandOverClosed, "この受け渡しはすでに終わっています。読み取り記録を確かめてください。"),
    (NotInBasket, "一覧の内容が変わりました。もう一度選んでください。"),
    (NothingReleased, "受け渡す車両に印を付けるか、保留の理由を選んでください。"),
    (NoSuchPresentation, "用紙をかざしてから時間がたちました。もう一度かざしてください。"),
    (NotPermitted, "この担当者または端末では、この操作はできません。責任者に確かめてください。"),
)


def sentence_for(conflict: Conflict) -> str:
    """What the clerk reads when somebody was faster or the impossible was asked."""
    for kind, sentence in _CONFLICTS:
        if isinstance(conflict, kind):
            return sentence
    return MOVED
