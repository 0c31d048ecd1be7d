"""Why something was not done: stable codes, told on the command line and in the console."""

from enum import StrEnum

from verifier.acts import Conflict


class Why(StrEnum):
    """The codes. Shown and logged: never renamed."""

    BAD_CODE = "ADM-CODE"
    BAD_NAME = "ADM-NAME"
    UNSEEN_CHARACTER = "ADM-UNSEEN"
    BAD_PIN = "ADM-PIN"
    EASY_PIN = "ADM-PIN-EASY"
    PIN_DIFFERS = "ADM-PIN-TWICE"
    BAD_PASSWORD = "ADM-PASSWORD"  # noqa: S105 - a code
    PASSWORD_DIFFERS = "ADM-PASSWORD-TWICE"  # noqa: S105 - a code
    NO_REASON = "ADM-REASON"
    LONG_REASON = "ADM-REASON-LONG"
    EXISTS = "ADM-EXISTS"
    NAME_EXISTS = "ADM-NAME-EXISTS"
    MISSING = "ADM-MISSING"
    NO_OFFICE = "ADM-OFFICE"
    NO_PURPOSE = "ADM-PURPOSE"
    BAD_PROCEDURE_CODE = "ADM-PROCEDURE-CODE"
    BAD_SETTING = "ADM-SETTING"
    ONESELF = "ADM-ONESELF"
    LAST_ADMINISTRATOR = "ADM-LAST"
    SAME_PERSON = "ADM-SECOND"
    ALREADY_PROPOSED = "ADM-OPEN"
    NOTHING_TO_DO = "ADM-NOTHING"
    STALE = "ADM-STALE"


SENTENCES = {
    Why.BAD_CODE: "コードは半角の英字・数字・ハイフンで24文字以内です",
    Why.BAD_NAME: "名称は1文字以上120文字以内で入力してください",
    Why.UNSEEN_CHARACTER: "名称に、目に見えない文字が入っています",
    Why.BAD_PIN: "暗証番号は4けたから12けたの数字です",
    Why.EASY_PIN: "推測されやすい暗証番号です。別の番号にしてください",
    Why.PIN_DIFFERS: "確認用の暗証番号が一致しません。もう一度両方に入力してください",
    Why.BAD_PASSWORD: "使えないパスワードです",
    Why.PASSWORD_DIFFERS: "確認用のパスワードが一致しません。もう一度両方に入力してください",
    Why.NO_REASON: "理由を入力してください",
    Why.LONG_REASON: "理由は200文字以内で入力してください",
    Why.EXISTS: "同じコードが登録されています",
    Why.NAME_EXISTS: "同じ名称が登録されています",
    Why.MISSING: "対象が登録簿にありません",
    Why.NO_OFFICE: "その事務所は登録されていません",
    Why.NO_PURPOSE: "取り扱う用紙を1つ以上選んでください",
    Why.BAD_PROCEDURE_CODE: "手続コードは1から255までの数字です",
    Why.BAD_SETTING: "設定できる範囲の値を入力してください",
    Why.ONESELF: "自分自身にはできません。ほかの管理者が行ってください",
    Why.LAST_ADMINISTRATOR: "管理者がいなくなります。先に別の管理者を登録してください",
    Why.SAME_PERSON: "申し出た本人は承認できません。ほかの責任者または管理者が確かめてください",
    Why.ALREADY_PROPOSED: "この受取者には、確認を待っている申し出があります",
    Why.NOTHING_TO_DO: "すでにその状態になっています",
    Why.STALE: "ほかの人が先に変更しました。今の状態を確かめてください",
}


class NotDone(Conflict, ValueError):
    """Nothing was changed; says why, with a code, in English and as a sentence of the console."""

    def __init__(self, why: Why, text: str = "", sentence: str = "") -> None:
        super().__init__(text or why.value)
        self.why = why
        self.sentence = sentence or SENTENCES[why]
