"""The console's words for what the journal keeps as codes."""

from collections.abc import Mapping
from typing import Any

from shared.db.tables import (
    Compared,
    ConflictKind,
    Decision,
    ItemState,
    PaperRule,
    ReceiverChangeKind,
)
from shared.domain import IdentityPaper, Role
from verifier.registry.house_rules import HouseRule
from verifier.registry.journal import Act
from verifier.words import (
    DECLINE_REASONS,
    GIVE_UP_REASONS,
    HOLD_REASONS,
    PURPOSES,
    SOURCES,
    TYPED_REASONS,
)

__all__ = ["PURPOSES", "SOURCES"]
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
    Act.DIFFERED: "引き換え書面の不一致",
    Act.TOOK_OVER: "引継ぎ",
    Act.PAUSED: "一時停止",
    Act.REOPENED: "一時停止の解除",
    Act.DAY_CLOSED: "業務終了",
    Act.RECEIPT_PRINTED: "受領書の印刷",
    Act.STAFF_CHANGED: "担当者の変更",
    Act.RECEIVER_CHANGED: "受取者の変更",
    Act.KIOSK_CHANGED: "窓口の変更",
    Act.OFFICE_CHANGED: "事務所の変更",
    Act.PROCEDURE_CHANGED: "手続の変更",
    Act.SETTING_CHANGED: "設定の変更",
    Act.ALERT_ACKNOWLEDGED: "通知の確認",
    Act.VERIFIED: "記録の検証",
    Act.OFFICE_CLOSED: "事務所の業務終了",
    Act.RUSH_SWITCHED: "混雑時の受付の切替",
    Act.QUEUED: "整理番号の発行",
    Act.CALLED: "整理番号の呼び出し",
    Act.TICKET_MOVED: "整理番号の変更",
    Act.KEY_CHANGED: "鍵の入れ替え",
    Act.BACKED_UP: "控えの作成",
    Act.RESTORED: "控えからの復元",
    Act.PURGED: "保存期間が過ぎた記録の消去",
    Act.PLAN_SWITCHED: "計画の設定",
    Act.PLAN_MADE: "計画の作成",
    Act.PLAN_BEGUN: "計画への切替",
    Act.PLAN_RELEASED: "計画での受け渡し",
    Act.PLAN_RETURNED: "計画の返却",
    Act.PLAN_SETTLED: "計画の食い違いの処理",
}
ITEM_STATES = {
    ItemState.HANDING: "受け渡し中",
    ItemState.RELEASED: "受け渡し済み",
    ItemState.RETURNED: "戻し",
    ItemState.HELD: "保留",
    ItemState.UNDONE: "取消",
}
ROLES = {
    Role.CLERK: "窓口担当",
    Role.SUPERVISOR: "責任者",
    Role.ADMINISTRATOR: "管理者",
    Role.AUDITOR: "監査",
}
IDENTITY_PAPERS = {
    IdentityPaper.SCRIVENER_CARD: "行政書士証票のコピー",
    IdentityPaper.ORGANISATION_ID: "団体の身分証明書のコピー",
}
RECEIVER_CHANGES = {
    ReceiverChangeKind.SUSPEND: "停止",
    ReceiverChangeKind.RESUME: "再開",
    ReceiverChangeKind.NOT_BEFORE: "以前に発行された用紙を使えなくする",
}
DECISIONS = {
    Decision.DONE: "承認",
    Decision.REJECTED: "承認せず",
    Decision.WITHDRAWN: "取り下げ",
}
PAPER_RULES = {
    PaperRule.ALWAYS: "いつも",
    PaperRule.TAX_UNCONFIRMED: "納税を確認できないとき",
    PaperRule.IF_ANY: "ある方だけ",
}
PLAN_CONFLICTS = {
    ConflictKind.UNKNOWN_FILING: "登録簿にない申請",
    ConflictKind.NOT_PLANNED: "この窓口の計画にない申請",
    ConflictKind.ALREADY_RELEASED: "すでに受け渡し済み",
    ConflictKind.IN_HAND: "ほかの窓口で受け渡し中",
    ConflictKind.STATUS_CHANGED: "交付可ではなくなった",
    ConflictKind.OTHER_OFFICE: "ほかの事務所に移った",
    ConflictKind.METHOD_CHANGED: "個別申告用に変わった",
    ConflictKind.HELD: "保留になった",
    ConflictKind.PASSWORD_CHANGED: "受取者のパスワードが変わった",
    ConflictKind.SUSPENDED: "受取者が停止された",
    ConflictKind.OVER_LIMIT: "計画の件数を超えた",
    ConflictKind.OUT_OF_TIME: "計画の時間の外",
}
HOUSE_RULES = {
    HouseRule.SECOND_FACTOR_REQUIRED: ("サインインに確認コードを必須とする", ""),
    HouseRule.REFUSALS_OF_ONE_RECEIVER: ("1日に何回断られた受取者を知らせるか", "回"),
    HouseRule.CLOCK_TOLERANCE: ("端末の時計のずれを何秒から知らせるか", "秒"),
    HouseRule.FREE_DISK: ("空き容量がどれだけを下回ったら知らせるか", "MB"),
}
FAULTS = {
    "ERR-CAM-MISSING": "カメラが見つかりません",
    "ERR-CAM-HELD": "ほかのプログラムがカメラを使っています",
    "ERR-CAM-DENIED": "カメラを使う権限がありません",
    "ERR-CAM-UNFIT": "設定されている機器はカメラではありません",
    "ERR-CAM-SILENT": "カメラの映像が届きません",
    "ERR-CAM-FROZEN": "カメラの映像が止まっています",
    "ERR-CAM-BLACK": "カメラの映像が真っ暗です",
    "ERR-SCAN-MISSING": "スキャナーが見つかりません",
    "ERR-SCAN-HELD": "ほかのプログラムがスキャナーを使っています",
    "ERR-SCAN-DENIED": "スキャナーを使う権限がありません",
    "ERR-SCAN-UNFIT": "設定されている機器はスキャナーではありません",
    "ERR-SCAN-SILENT": "スキャナーが応答しません",
    "ERR-FOLDER": "取り込みフォルダーが見つかりません",
    "ERR-FOLDER-CLOSED": "取り込みフォルダーに書き込めません",
    "ERR-DISK": "空き容量が足りません",
    "ERR-CLOCK": "時計がずれています",
    "ERR-KEYS": "登録簿の鍵の一覧が古いか、正しくありません（前の一覧を使い続けます）",
    "ERR-SLOW": "処理が追いついていません",
}
COMPARED = {
    Compared.SCANNED: "読み取って照合",
    Compared.TYPED: "入力して照合",
    Compared.SEEN: "目で照合",
}
_PURPOSES_BY_VALUE = {purpose.value: text for purpose, text in PURPOSES.items()}
_SOURCES_BY_VALUE = {source.value: text for source, text in SOURCES.items()}
_COMPARED_BY_VALUE = {str(way): text for way, text in COMPARED.items()}
_TYPED_REASONS_BY_VALUE = {str(reason): text for reason, text in TYPED_REASONS.items()}
_CODED: tuple[Mapping[Any, str], ...] = (HOLD_REASONS, GIVE_UP_REASONS, DECLINE_REASONS)
_REASONS_BY_VALUE = {str(code): text for words in _CODED for code, text in words.items()} | {
    "not_ticked": "選ばれなかった"
}


def reason(value: object) -> str:
    """A coded reason of a hold, a given-up basket or declined evidence; other text as it is."""
    return _REASONS_BY_VALUE.get(str(value), str(value))


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
    return _COMPARED_BY_VALUE.get(str(value), str(value or ""))


def faults(stored: str) -> list[str]:
    """A window's faults in words; a code that is not ours as it is."""
    return [FAULTS.get(code, code) for code in stored.split()]
