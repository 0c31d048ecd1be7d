"""The console's words for what the journal keeps as codes."""

from shared.db.tables import ItemState
from shared.domain import Purpose, Source
from verifier.acts import DeclineReason, GiveUpReason, HoldReason, TypedReason
from verifier.registry.journal import Act

ACTS = {
    Act.INSTALLED: "設置",
    Act.SIGNED_IN: "サインイン",
    Act.SIGN_IN_REFUSED: "サインイン不可",
    Act.PRESENTED: "読み取り",
    Act.JUDGED: "照会のみ",
    Act.BUSY: "受け渡し中の読み取り",
    Act.CONFIRMED: "受け渡し確定",
    Act.GIVEN_UP: "受け渡し中止",
    Act.HELD: "保留",
    Act.HOLD_LIFTED: "保留解除",
    Act.UNDONE: "受け渡し取消",
    Act.REGISTERED: "受取者登録",
    Act.PASSWORD_CHANGED: "パスワード変更",
    Act.DECLINED: "受付取りやめ",
    Act.KIOSK_LOCKED: "端末停止",
    Act.KIOSK_UNLOCKED: "端末停止の解除",
    Act.IMPORTED: "申請の取り込み",
    Act.LOOKED: "記録の閲覧",
    Act.EXPORTED: "記録の書き出し",
}
PURPOSES = {
    Purpose.REGISTRATION: "新規登録用",
    Purpose.AUTHENTICATION: "認証用",
    Purpose.PASSWORD_CHANGE: "パスワード変更用",
    Purpose.INDIVIDUAL: "個別申告用",
}
SOURCES = {
    Source.CAMERA: "カメラ",
    Source.SCANNER: "スキャナ",
    Source.FOLDER: "フォルダ",
    Source.TYPED: "手入力",
    Source.PICTURE: "画像",
}
REASONS = {
    HoldReason.NOT_MADE: "未作成",
    HoldReason.NOT_FOUND: "見当たらない",
    HoldReason.PAPER_MISSING: "書面が足りない",
    HoldReason.DECLINED: "受取者が辞退",
    HoldReason.OTHER: "その他",
    GiveUpReason.CLERK: "担当者が中止",
    GiveUpReason.TIMEOUT: "時間切れ",
    GiveUpReason.WRONG_PERSON: "人違い",
    DeclineReason.NO_PAPER: "書面がない",
    DeclineReason.NAME_DIFFERS: "名前が違う",
    DeclineReason.NUMBER_DIFFERS: "登録番号が違う",
    DeclineReason.UNREADABLE: "書面が読めない",
    "not_ticked": "選ばれなかった",
}
ITEM_STATES = {
    ItemState.HANDING: "受け渡し中",
    ItemState.RELEASED: "受け渡し済み",
    ItemState.RETURNED: "戻し",
    ItemState.HELD: "保留",
    ItemState.UNDONE: "取消",
}
FAULTS = {"camera": "カメラなし", "scanner": "スキャナーなし", "folder": "取り込みフォルダーなし"}
TYPED_REASONS = {
    TypedReason.DIRTY_SHEET: "用紙の汚れ",
    TypedReason.CAMERA_TROUBLE: "カメラ不調",
    TypedReason.OTHER: "その他",
    "hold_list": "保留の一覧から",
}
COMPARED = {"scanned": "読み取って照合", "typed": "入力して照合", "seen": "目で照合"}
_PURPOSES_BY_VALUE = {purpose.value: text for purpose, text in PURPOSES.items()}
_SOURCES_BY_VALUE = {source.value: text for source, text in SOURCES.items()}
_TYPED_REASONS_BY_VALUE = {str(reason): text for reason, text in TYPED_REASONS.items()}
_REASONS_BY_VALUE = {str(reason): text for reason, text in REASONS.items()}


def reason(value: object) -> str:
    """A coded reason of a hold, a given-up basket or declined evidence; other text as it is."""
    return _REASONS_BY_VALUE.get(str(value), str(value))


def fault(device: str) -> str:
    """The words for a device that a window misses; its name when it is not ours."""
    return FAULTS.get(device, device)


def act(value: str) -> str:
    """The word for an act; the code itself when it is not ours (a later version, or an edit)."""
    return ACTS.get(Act(value), value) if value in set(Act) else value


def source(value: object) -> str:
    """The word for a source; the code itself when it is not ours."""
    return _SOURCES_BY_VALUE.get(str(value), str(value or ""))


def purpose(value: object) -> str:
    """The word for a purpose; the code itself when it is not ours."""
    return _PURPOSES_BY_VALUE.get(str(value), str(value or ""))


def typed_reason(value: str | None) -> str:
    """Why a search key was typed; nothing where none was."""
    return _TYPED_REASONS_BY_VALUE.get(value or "", value or "")


def compared(value: object) -> str:
    """How a paper taken in exchange was compared with its vehicle."""
    return COMPARED.get(str(value), str(value or ""))
