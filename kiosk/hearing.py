"""What a paper offered in exchange turned out to be, in words for the clerk."""

from dataclasses import dataclass

from kiosk.exchange import Finding, Heard
from kiosk.state import InHand
from kiosk.words import COMPARED
from shared.texts import Text
from verifier.acts import BasketRow

_SWAPPED = (
    "%(other)s の書面ではありません。渡す書類を取り違えていないか確かめてください（%(how)s）。"
)
_NEAREST = "いちばん近いのは %(near)s ですが、番号が違います。1字ずつ見比べてください。"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence about a paper, and what the page does with it."""

    family: str
    """ok, notice or error."""
    title: str
    detail: str
    row: int | None
    """The row to go to."""
    number: int
    """Grows with every paper of this basket: each is said once."""


def words_of(state: InHand) -> Words | None:
    """The sentence about the last paper; None before the first."""
    heard = state.heard
    if heard is None:
        return None
    say = {
        Finding.FOUND: _found,
        Finding.AGAIN: _again,
        Finding.AMBIGUOUS: _ambiguous,
        Finding.NOT_HERE: _not_here,
    }
    family, title, detail = say[heard.finding](state, heard)
    alone = heard.rows[0] if len(heard.rows) == 1 else None
    row = None if heard.finding is Finding.NOT_HERE else alone
    return Words(family, title, detail, row, state.papers_heard)


def _found(state: InHand, heard: Heard) -> tuple[str, str, str]:
    title, how = _belongs(state, heard), Text(COMPARED[heard.compared])
    if heard.looked_for is None:
        return "ok", title, Text("引き換える書面を照合しました（%(how)s）。", how=how)
    other = _place(state, heard.looked_for)
    return "notice", title, Text(_SWAPPED, other=other, how=how)


def _again(state: InHand, heard: Heard) -> tuple[str, str, str]:
    return "notice", _belongs(state, heard), "この車両は照合済みです。"


def _ambiguous(state: InHand, heard: Heard) -> tuple[str, str, str]:
    places = " / ".join(_place(state, row) for row in heard.rows[:4])
    return (
        "notice",
        Text("%(count)s台に当てはまります", count=len(heard.rows)),
        Text("けたを増やすか、書面のコードを読み取ってください（%(places)s）。", places=places),
    )


def _not_here(state: InHand, heard: Heard) -> tuple[str, str, str]:
    title = "この一覧のどの車両の書面でもありません"
    if not heard.rows:
        return "error", title, "受け取らずに、渡す相手と書面を確かめてください。"
    near = _place(state, heard.rows[0])
    return "error", title, Text(_NEAREST, near=near)


def _belongs(state: InHand, heard: Heard) -> Text:
    return Text("%(place)s の書面です", place=_place(state, heard.rows[0]))


def _place(state: InHand, filing_id: int) -> str:
    """Where a row stands, and what it is called."""
    for place, row in enumerate(state.basket.rows, start=1):
        if row.filing_id == filing_id:
            return Text("%(place)s行目 %(name)s", place=place, name=_called(row))
    return ""


def _called(row: BasketRow) -> str:
    return row.plate or row.number
