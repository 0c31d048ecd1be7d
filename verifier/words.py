"""The Japanese words for coded values: one place for window, console, receipt and export.

Why a sheet is refused is explained in `verifier.decision.catalogue`.
"""

from dataclasses import dataclass

from shared.domain import Purpose, Source
from shared.words import STATUSES
from verifier.acts import DeclineReason, GiveUpReason, HoldReason, TypedReason

__all__ = ["STATUSES"]
PURPOSES = {
    Purpose.REGISTRATION: "新規登録用",
    Purpose.AUTHENTICATION: "認証用",
    Purpose.PASSWORD_CHANGE: "パスワード変更用",
    Purpose.INDIVIDUAL: "個別用（受取者認証兼受取車両個別申告用）",
}
SOURCES = {
    Source.CAMERA: "カメラ",
    Source.SCANNER: "スキャナー",
    Source.FOLDER: "フォルダー",
    Source.TYPED: "手入力",
    Source.PICTURE: "画像",
}
TYPED_REASONS = {
    TypedReason.DIRTY_SHEET: "用紙の汚れ",
    TypedReason.CAMERA_TROUBLE: "カメラ不調",
    TypedReason.READ_FROM_PRINT: "印字の読み取り（用紙と見比べた）",
    TypedReason.OTHER: "その他",
    TypedReason.HOLD_LIST: "保留一覧から",
}
DECLINE_REASONS = {
    DeclineReason.NO_PAPER: "書面なし",
    DeclineReason.NAME_DIFFERS: "氏名不一致",
    DeclineReason.NUMBER_DIFFERS: "登録番号不一致",
    DeclineReason.UNREADABLE: "判読できない",
    DeclineReason.OTHER: "その他",
}
GIVE_UP_REASONS = {
    GiveUpReason.CLERK: "担当者が中止",
    GiveUpReason.TIMEOUT: "時間切れ",
    GiveUpReason.ABSENT: "番号を呼んだが不在",
    GiveUpReason.WRONG_PERSON: "人違い",
}


@dataclass(frozen=True, slots=True)
class HoldWords:
    """Why a vehicle is kept back, for the clerk; and what the visitor's slip says to do."""

    label: str
    bring: str
    when: str


_THIS_SHEET = "この保留票と、二次元コードの用紙"
HOLDS = {
    HoldReason.NOT_MADE: HoldWords(
        "未作成",
        _THIS_SHEET,
        "でき上がりの見込みを窓口でお確かめのうえ、受付時間内にお越しください。",
    ),
    HoldReason.NOT_FOUND: HoldWords(
        "見当たらない",
        _THIS_SHEET,
        "窓口で書類を確かめています。ご連絡のあと、受付時間内にお越しください。",
    ),
    HoldReason.PAPER_MISSING: HoldWords(
        "書面が足りない",
        "足りなかった書面と、" + _THIS_SHEET,
        "書面がそろいしだい、受付時間内にお越しください。",
    ),
    HoldReason.DECLINED: HoldWords(
        "受取者が辞退", _THIS_SHEET, "ご都合のよいときに、受付時間内にお越しください。"
    ),
    HoldReason.OTHER: HoldWords(
        "その他", _THIS_SHEET, "窓口でお伝えしたとおり、受付時間内にお越しください。"
    ),
}
HOLD_REASONS = {reason: words.label for reason, words in HOLDS.items()}
