"""One text for each reason: what the clerk reads, does next, and may say to the visitor."""

from dataclasses import dataclass
from enum import StrEnum

from verifier.decision.reasons import Notice, Reason


class Family(StrEnum):
    """How a verdict looks and sounds (five families, told apart without colour)."""

    OK = "ok"
    ACT = "act"
    WARN = "warn"
    NG = "ng"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The words of one reason."""

    family: Family
    title: str
    next_steps: tuple[str, ...]
    visitor: str
    """A sentence the clerk may say aloud; it betrays nothing about the registry."""


_REPRINT = "お客様ご自身で二次元コードを発行し直していただくよう案内する"
_AGAIN = "用紙の折れ・汚れを伸ばして、もう一度かざす"
_TYPE = "読めないときは F2 で検索キーを入力する"
_CALL = "責任者を呼ぶ"
_CANNOT_TELL = "登録内容と一致しないため、お渡しできません。"
_NEW_SHEET = "お手数ですが、二次元コードを新しく発行してお持ちください。"


def _no(title: str, *next_steps: str, visitor: str) -> Explanation:
    return Explanation(Family.NG, title, next_steps, visitor)


CATALOGUE: dict[Reason | Notice, Explanation] = {
    Reason.NOT_OURS: _no(
        "このシステムの二次元コードではありません",
        "車検証などのコードではなく、受取用の用紙のコードをかざす",
        "受取用の用紙がなければ、発行を案内する",
        visitor="こちらのコードは受取用ではありません。受取用の用紙をお見せください。",
    ),
    Reason.NEWER_VERSION: _no(
        "この端末では読めない新しい様式のコードです",
        "ほかの窓口で読み取れるか確かめる",
        _CALL,
        visitor="確認に少しお時間をいただきます。",
    ),
    Reason.MISREAD: _no(
        "コードを正しく読み取れませんでした（破損・汚れ）",
        _AGAIN,
        _TYPE,
        visitor="うまく読み取れませんでした。もう一度かざします。",
    ),
    Reason.UNKNOWN_KEY: _no(
        "発行元を確認できないコードです（登録のない鍵）",
        "用紙を預からず、責任者に知らせる",
        _REPRINT,
        visitor="この用紙では確認ができませんでした。" + _NEW_SHEET,
    ),
    Reason.TEST_KEY: _no(
        "試験用のコードです。本番の窓口では使えません",
        "練習用の用紙が混ざっていないか確かめる",
        _REPRINT,
        visitor="この用紙は試験用です。" + _NEW_SHEET,
    ),
    Reason.REAL_KEY: _no(
        "本物の用紙です。練習では使えません",
        "用紙を返し、本番の窓口で読み取る",
        "練習には、練習用と印刷された用紙を使う",
        visitor="ここは練習用の窓口です。本番の窓口へご案内します。",
    ),
    Reason.FORGED: _no(
        "コードの内容を確認できません（改変・偽造のおそれ）",
        "用紙を返さず、" + _CALL,
        "F2 の検索キーでは代用しない",
        visitor="この用紙では確認ができませんでした。担当の者がまいります。",
    ),
    Reason.MALFORMED: _no(
        "コードの内容が様式に合っていません",
        "責任者に知らせる（発行側の不具合のおそれ）",
        _REPRINT,
        visitor="この用紙では確認ができませんでした。" + _NEW_SHEET,
    ),
    Reason.NOT_YET_VALID: _no(
        "発行日時が未来のコードです",
        "端末の時計を確かめる",
        _CALL,
        visitor="確認に少しお時間をいただきます。",
    ),
    Reason.EXPIRED: _no(
        "有効期限が過ぎたコードです",
        _REPRINT,
        visitor="この用紙は期限が過ぎています。" + _NEW_SHEET,
    ),
    Reason.KIOSK_LOCKED: _no(
        "この端末は照合を止めています（続けて確認できなかったため）",
        _CALL + "（責任者が読み取り記録を確かめてから解除する）",
        visitor="こちらの窓口では確認ができません。係の者がご案内します。",
    ),
    Reason.UNKNOWN_SEARCH_KEY: _no(
        "該当する用紙がありません",
        "検索キーの数字を1けたずつ確かめて、入力し直す",
        "期限が過ぎた用紙は、" + _REPRINT,
        visitor="もう一度番号を確認いたします。",
    ),
    Reason.TYPING_LOCKED: _no(
        "検索キーの入力を止めています（10分間に5回の誤り）",
        "コードをかざして読み取る",
        "10分待つか、" + _CALL,
        visitor="コードで確認いたします。",
    ),
    Reason.WRONG_WINDOW: _no(
        "この窓口では受け付けない種類の用紙です",
        "受け付ける窓口へ案内する",
        visitor="この手続は別の窓口で承ります。",
    ),
    Reason.NOT_ON_PLAN: _no(
        "この窓口の計画にない用紙です",
        "同じ事務所のほかの窓口で読み取る（受取者ごとに窓口が決まっています）",
        "ほかの窓口の計画にもないときは、登録簿との接続が戻るまで待っていただく",
        visitor="この窓口ではいま確認できません。別の窓口でお確かめします。",
    ),
    Reason.NOT_REGISTERED: _no(
        "受取者が登録されていません",
        "受取者名の表記（空白・登録番号）を確かめる",
        "初めての方には「新規登録用」の手続を案内する",
        visitor=_CANNOT_TELL,
    ),
    Reason.ALREADY_REGISTERED: _no(
        "同じ受取者名が登録済みです",
        "名前の違い（空白・登録番号）を確かめる",
        "パスワードを変える場合は「パスワード変更用」を案内する",
        visitor="この内容では新しく登録できません。",
    ),
    Reason.SUSPENDED: _no(
        "この受取者は利用を停止しています",
        _CALL,
        visitor="確認に少しお時間をいただきます。",
    ),
    Reason.CANNOT_OPEN: _no(
        "用紙の封を開けません（古い鍵で封をした用紙）",
        _REPRINT,
        visitor="この用紙では確認ができませんでした。" + _NEW_SHEET,
    ),
    Reason.PASSWORD_LOCKED: _no(
        "この受取者のパスワードは使えなくなっています（不一致が多数）",
        "「パスワード変更用」の手続を案内する",
        _CALL,
        visitor="パスワードの変更手続をお願いします。",
    ),
    Reason.WRONG_PASSWORD: _no(
        "受取者用パスワードが登録と一致しません",
        "用紙を返し、認証用コードの発行し直しを案内する",
        "パスワードを忘れた場合は「パスワード変更用」の手続を案内する",
        visitor=_CANNOT_TELL,
    ),
    Reason.FORMER_PASSWORD: _no(
        "パスワード変更より前に印刷された用紙です",
        "新しいパスワードで認証用コードを発行し直していただく",
        visitor="この用紙は変更前のものです。" + _NEW_SHEET,
    ),
    Reason.NOT_BEFORE: _no(
        "この日より前に発行された用紙は使えないことになっています",
        "用紙を返し、" + _REPRINT,
        "紛失の届出がある受取者。ご本人か確かめ、" + _CALL,
        visitor="この用紙はお使いいただけません。" + _NEW_SHEET,
    ),
    Reason.OLDER_THAN_CREDENTIAL: _no(
        "今のパスワードより前に発行された用紙です",
        _REPRINT,
        visitor="この用紙より後に手続をされています。" + _NEW_SHEET,
    ),
    Reason.REUSED_PASSWORD: _no(
        "最近使ったパスワードです。変更に使えません",
        "別のパスワードで「パスワード変更用」を発行し直していただく",
        visitor="別のパスワードで発行し直してください。",
    ),
    Reason.PROCEDURE_CLOSED: _no(
        "この手続種別は受付を止めています",
        "用紙の手続種別を確かめる",
        _CALL,
        visitor="この手続はただいまお受けしておりません。",
    ),
    Reason.NO_SUCH_FILING: _no(
        "この受付番号の申請が見つかりません",
        "受付番号と申請先の事務所を確かめる",
        _CALL,
        visitor="申請の内容を確認いたします。",
    ),
    Reason.SUPERSEDED: _no(
        "この用紙より後に発行された個別用コードがあります",
        "最後に発行した用紙をお持ちか尋ねる",
        visitor="新しい用紙が発行されています。最後に発行した用紙をお持ちください。",
    ),
    Reason.SHOWN_BEFORE: _no(
        "一度使った用紙です（1回限りの設定）",
        _REPRINT,
        visitor="この用紙は一度使われています。" + _NEW_SHEET,
    ),
    Reason.OTHER_OFFICE: _no(
        "申請先の事務所が違います",
        "申請先の事務所を案内する",
        visitor="申請先の事務所でのお渡しになります。",
    ),
    Reason.INDIVIDUAL_ONLY: _no(
        "個別用コードに変更済みの申請です",
        "個別用（受取者認証兼受取車両個別申告用）の用紙を依頼する",
        visitor="この申請は個別用の用紙が必要です。",
    ),
    Reason.NOTHING_TO_COLLECT: Explanation(
        Family.WARN,
        "受取者は確認できましたが、渡せる交付物がありません",
        ("手続種別を確かめる", "申請先の事務所と、申請の状況を確かめる"),
        "この用紙でお渡しできるものは、ただいまありません。",
    ),
    Reason.NOT_READY: _no(
        "まだ用意ができていない申請です",
        "審査・納付・補正の状況を確かめ、でき上がりの見込みを案内する",
        visitor="ただいま準備中です。お渡しできるまでお待ちください。",
    ),
    Reason.BEING_HANDED_OVER: _no(
        "別の窓口で受け渡し中です",
        "表示の窓口に確かめる",
        "その窓口で確定か中止をしてから、もう一度かざす",
        visitor="別の窓口で対応しております。",
    ),
    Reason.ALREADY_RELEASED: _no(
        "すべて受け渡し済みです",
        "記録の画面は見せず、日時を口頭で説明する",
        "心当たりがないと言われたら、" + _CALL,
        visitor="こちらはお渡し済みの記録になっています。",
    ),
    Reason.ON_HOLD: _no(
        "保留中です。足りなかった書面を確かめてください",
        "保留の理由になった書面がそろったか確かめる",
        "そろっていれば「保留を再開する」を選ぶ",
        visitor="保留になっている車両があります。書面を確認いたします。",
    ),
    Notice.READ_BEFORE: Explanation(
        Family.WARN,
        "前にも読み取ったコードです",
        ("前回のお渡しの続きか確かめる",),
        "前回の続きでよろしいですか。",
    ),
    Notice.STEP_UP: Explanation(
        Family.WARN,
        "違うパスワードの用紙が続いた受取者です。身分証を確かめてください",
        ("身分証で受取者とのつながりを確かめてから渡す",),
        "念のため、身分証をお見せいただけますか。",
    ),
    Notice.NEAR_MISS: Explanation(
        Family.WARN,
        "よく似た名前の受取者が登録されています",
        ("書面と1文字ずつ見比べる",),
        "お名前の表記を確認いたします。",
    ),
    Notice.NO_REGISTRATION_NUMBER: Explanation(
        Family.WARN,
        "行政書士の登録番号（8けた）が名前にありません",
        ("書面の登録番号を確かめる",),
        "登録番号を確認いたします。",
    ),
}


def explain(reason: Reason | Notice) -> Explanation:
    """The words for a reason or notice."""
    return CATALOGUE[reason]
