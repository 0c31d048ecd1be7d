"""What people read about each of the four codes, on screen and on paper; wording of the manual."""

from dataclasses import dataclass

from shared.domain import Purpose

REGISTERED_PAPERS = (
    "行政書士または行政書士法人の場合：日本行政書士会連合会が発行する行政書士証票のコピー",
    "行政書士法施行規則上の適用除外団体の場合：団体の身分証明書のコピー",
)
SUBMIT = (
    "最寄りの軽自動車検査協会の事務所等に、この用紙を提出してください。",
    "入力した受取者名（証明書等管理業者名）とのつながりが分かる書面を添えてください。",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the four codes, as people see it."""

    letter: str
    """One kanji by which stacks of paper are sorted."""
    short: str
    title: tuple[str, str]
    """Two lines on paper; joined they are the name the manual gives."""
    steps: tuple[str, ...]
    """What to do next."""
    papers: tuple[str, ...] = ()
    """One of these goes with the sheet; empty where nothing does."""

    @property
    def name(self) -> str:
        """The full name of the code."""
        return "".join(self.title)


KINDS = {
    Purpose.REGISTRATION: Kind(
        letter="登",
        short="新規登録用",
        title=("受取者（証明書等管理業者）", "新規登録用二次元コード"),
        steps=SUBMIT,
        papers=REGISTERED_PAPERS,
    ),
    Purpose.AUTHENTICATION: Kind(
        letter="認",
        short="認証用",
        title=("受取者（証明書等管理業者）", "認証用二次元コード"),
        steps=(
            "申請先の軽自動車検査協会事務所等に、交付物の受け取りの都度、提示してください。",
            "継続検査の場合は、提出する自動車検査証等一式の先頭に1枚添えてください。",
            "手続種別ごとに1枚必要です。何度でも再発行できます。",
        ),
    ),
    Purpose.PASSWORD_CHANGE: Kind(
        letter="変",
        short="パスワード変更用",
        title=("受取者（証明書等管理業者）", "パスワード変更用二次元コード"),
        steps=SUBMIT,
        papers=REGISTERED_PAPERS,
    ),
    Purpose.INDIVIDUAL: Kind(
        letter="個",
        short="個別申告用",
        title=("受取者認証兼", "受取車両個別申告用二次元コード"),
        steps=(
            "交付物の受け取り時に、申請先の軽自動車検査協会事務所等に提示してください。",
            "この用紙をお持ちの方は、証明書等管理業者以外の方でも交付（返付）を受けることができます。"
            "なくさないようご注意ください。",
            "サービス対象手続によって、この用紙以外にも提出（提示）が必要な書面があります。",
        ),
    ),
}
