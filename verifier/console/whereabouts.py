"""この車の書類はどこか: one plain sentence for each filing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Filing, HandOver, HandOverItem, Hold, ItemState, Kiosk, Staff
from shared.domain import FilingNumber, FilingStatus, PickupMethod
from shared.web.times import jst_log
from verifier.console import words

_NOT_YET = {
    FilingStatus.ACCEPTED: "受け付けたところで、まだ審査に入っていません",
    FilingStatus.EXAMINING: "審査中です",
    FilingStatus.CORRECTION: "申請の補正を待っています",
    FilingStatus.PAYMENT: "納付を待っています",
}
_SHEETS = {
    PickupMethod.AUTHENTICATION: "認証用",
    PickupMethod.INDIVIDUAL: "個別申告用",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A filing that answers to what was asked, and where its papers are."""

    filing_id: int
    vehicle: str
    """Its plate, else its chassis number, else its filing number."""
    number: str
    """In fours."""
    chassis: str
    receiver: str
    procedure: str
    sentence: str
    hold_id: int | None
    is_released: bool


@dataclass(frozen=True, slots=True)
class _Moved:
    """The latest act on a filing at a counter."""

    item: HandOverItem
    hand_over: HandOver
    kiosk: str
    clerk: str


def hits(session: Session, filings: Sequence[Filing]) -> list[Hit]:
    """Where the papers of these filings are, in the order given."""
    moved = _latest(session, [filing.id for filing in filings])
    live = select(Hold).where(
        Hold.filing_id.in_([filing.id for filing in filings]), Hold.lifted_at.is_(None)
    )
    holds = {hold.filing_id: hold for hold in session.scalars(live)}
    return [_hit(filing, moved.get(filing.id), holds.get(filing.id)) for filing in filings]


def _hit(filing: Filing, moved: _Moved | None, hold: Hold | None) -> Hit:
    number = FilingNumber(filing.number).grouped()
    vehicle = filing.plate or filing.chassis or number
    return Hit(
        filing_id=filing.id,
        vehicle=vehicle,
        number=number,
        chassis=filing.chassis or "",
        receiver=filing.receiver_name or "",
        procedure=filing.procedure.name,
        sentence=f"{vehicle} の書類は、{_where(filing, moved, hold)}。",
        hold_id=hold.id if hold else None,
        is_released=filing.status is FilingStatus.RELEASED,
    )


def _where(filing: Filing, moved: _Moved | None, hold: Hold | None) -> str:
    match filing.status:
        case FilingStatus.RELEASED:
            return _handed_over(moved)
        case FilingStatus.HANDING:
            at = f"{moved.kiosk}の{moved.clerk}が" if moved else ""
            return f"{at}いま受け渡しの途中です"
        case FilingStatus.WITHDRAWN:
            return "申請が取り下げられたため、交付されません"
        case FilingStatus.READY:
            return _ready(filing, moved, hold)
        case _:
            return f"まだ交付できません（{_NOT_YET[filing.status]}。申請先：{filing.office.name}）"


def _handed_over(moved: _Moved | None) -> str:
    if moved is None or moved.item.state is not ItemState.RELEASED or not moved.item.settled_at:
        return "受け渡し済みです（窓口の記録はありません）"
    to = f"{moved.hand_over.collector} さんに" if moved.hand_over.collector else ""
    receipt = moved.hand_over.receipt_number
    return (
        f"{jst_log(moved.item.settled_at)} に{moved.kiosk}で{moved.clerk}が{to}渡しました"
        f"（受領書 {receipt}）"
    )


def _ready(filing: Filing, moved: _Moved | None, hold: Hold | None) -> str:
    office = filing.office.name
    if hold is not None:
        memo = f"：{hold.memo}" if hold.memo else ""
        reason = f"{words.reason(hold.reason)}{memo}"
        return f"{office}で保留しています（{reason}。{jst_log(hold.placed_at)} から）"
    undone = moved is not None and moved.item.state is ItemState.UNDONE
    before = "受け渡しが取り消されて、" if undone else ""
    sheet = _SHEETS[filing.pickup_method]
    return f"{before}{office}にあり、{sheet}の用紙で受け渡せます"


def _latest(session: Session, filings: list[int]) -> dict[int, _Moved]:
    rows = session.execute(
        select(HandOverItem, HandOver, Kiosk.name, Staff.name)
        .join(HandOver, HandOver.id == HandOverItem.hand_over_id)
        .join(Kiosk, Kiosk.code == HandOver.kiosk_code)
        .join(Staff, Staff.number == HandOver.staff_number)
        .where(HandOverItem.filing_id.in_(filings))
        .order_by(HandOverItem.id)
    )
    return {
        item.filing_id: _Moved(item, hand_over, kiosk, clerk)
        for item, hand_over, kiosk, clerk in rows
    }
