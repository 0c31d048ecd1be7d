"""A filing in the words of the inquiry's pages."""

from dataclasses import dataclass

from issuer.layout import TOKYO
from shared.db.tables import Filing
from shared.domain import FilingNumber, FilingStatus, PickupMethod
from shared.words import STATUSES

METHOD = {
    PickupMethod.AUTHENTICATION: "受取者（証明書等管理業者）認証用二次元コード",
    PickupMethod.INDIVIDUAL: "受取者認証兼受取車両個別申告用二次元コード",
}


@dataclass(frozen=True, slots=True)
class FilingView:
    """What the signed-in applicant sees of a filing."""

    number: FilingNumber
    procedure: str
    status: str
    office: str
    deliverables: tuple[str, ...]
    method: str
    individual: bool
    why_not: str | None
    """Why no code can be issued now; None when one can."""

    @property
    def collectable(self) -> bool:
        """Tell whether an individual code can still be issued."""
        return self.why_not is None


def view_of(filing: Filing) -> FilingView:
    """Put a filing into words."""
    return FilingView(
        number=FilingNumber(filing.number),
        procedure=filing.procedure.name,
        status=STATUSES[filing.status],
        office=filing.office.name,
        deliverables=tuple(item.name for item in filing.procedure.deliverables),
        method=METHOD[filing.pickup_method],
        individual=filing.pickup_method is PickupMethod.INDIVIDUAL,
        why_not=why_not(filing),
    )


def why_not(filing: Filing) -> str | None:
    """The sentence that refuses the individual code, by the filing's status."""
    match filing.status:
        case FilingStatus.RELEASED:
            at = filing.updated_at.astimezone(TOKYO)
            moment = f"{at.year}年 {at.month:02}月 {at.day:02}日 {at.hour:02}時 {at.minute:02}分"
            return f"この申請の交付物は{moment}に受け渡し済みです。"
        case FilingStatus.HANDING:
            return "この申請の交付物は、ただいま窓口で受け渡しの処理中です。"
        case FilingStatus.WITHDRAWN:
            return "この申請は取り下げられています。"
        case _:
            return None
