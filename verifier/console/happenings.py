"""What a journal entry of an act at a counter or of reading the record says in words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from verifier.console import words
from verifier.console.upkeep import role_of
from verifier.desk_acts import Layout
from verifier.registry.journal import Act

Body = Mapping[str, Any]
_FACTORS = {
    "none": "パスワード",
    "totp": "パスワードと確認コード",
    "recovery": "パスワードと予備コード",
}
_TICKETS = {
    "waiting": "順番を待っている",
    "called": "呼び出した",
    "absent": "呼んだが不在",
    "served": "受け渡しを終えた",
    "refused": "呼び出したときに断った",
    "struck": "取り消した",
}
_LAYOUTS = {Layout.A4.value: "A4", Layout.ROLL.value: "ロール紙"}


def said(act: str, body: Body) -> Iterator[str]:
    """One sentence for each fact; none for an act of another kind."""
    if act in _SAID:
        yield from _SAID[Act(act)](body)


def _signed_in(body: Body) -> Iterator[str]:
    yield "責任者画面" if body.get("console") else "窓口"
    yield from role_of(body)
    if "second_factor" in body:
        yield f"確かめ方：{_FACTORS.get(body['second_factor'], body['second_factor'])}"


def _sign_in_refused(body: Body) -> Iterator[str]:
    yield f"担当者 {body['person']}" if body.get("person") else "登録されていない職員番号"
    if body.get("locked"):
        yield "続けて間違えたため、しばらくサインインできない"


def _busy(body: Body) -> Iterator[str]:
    yield "前の受け渡しが終わっていないため、照合しなかった"
    yield f"用紙の指紋 {str(body.get('fingerprint', ''))[:12]}"


def _enrolled(body: Body) -> Iterator[str]:
    papers = {paper.value: text for paper, text in words.IDENTITY_PAPERS.items()}
    yield f"確認した書面：{papers.get(str(body.get('paper')), body.get('paper'))}"


def _looked(body: Body) -> Iterator[str]:
    if "entry" in body:
        yield f"{body['entry']}番を見た"
    if "looked_up" in body:
        yield f"車両から{len(body['looked_up'])}件を見た"


def _exported(body: Body) -> Iterator[str]:
    if "why" in body:
        yield f"目的：{body['why']}（{body.get('rows', 0):,}件・{body.get('format', '')}）"
    if body.get("cut"):
        yield "上限を超えた記録は書き出していない"
    if "first" in body:
        first, last = body["first"], body["last"]
        yield f"{first}番から{last}番まで" if first <= last else "あてはまる記録はなかった"
    if body.get("replaced"):
        yield f"〓に置き換えた文字 {body['replaced']:,}"


def _differed(body: Body) -> Iterator[str]:
    yield f"どの車両のものでもない書面だった（{words.compared(body.get('compared'))}）"


def _took_over(body: Body) -> Iterator[str]:
    yield f"保留中の{len(body['held'])}件を引き継いだ"


def _day_closed(body: Body) -> Iterator[str]:
    figures = body.get("figures") or {}
    yield str(body.get("day"))
    yield (
        f"提示 {figures.get('presented')}・引渡 {figures.get('released')}・"
        f"保留 {figures.get('kept_back')}・中止 {figures.get('given_up')}・"
        f"事務所の保留中 {figures.get('still_held')}"
    )


def _printed(body: Body) -> Iterator[str]:
    layout = _LAYOUTS.get(str(body.get("layout")), body.get("layout"))
    yield f"{body.get('print')}回目の印刷（{layout}）"


def _given_up(body: Body) -> Iterator[str]:
    yield f"戻し {body.get('returned', 0)}件"


def _switched(body: Body) -> Iterator[str]:
    yield f"{body.get('office')}：{'番号を渡し始めた' if body.get('on') else '番号を渡し終えた'}"


def _numbered(body: Body) -> Iterator[str]:
    yield f"整理番号 {body.get('number')}"
    if "ticket" in body:
        state = str(body["ticket"])
        yield f"{_TICKETS.get(state, state)}（呼び出し {body.get('calls')}回）"


def _plain(sentence: str) -> Callable[[Body], Iterator[str]]:
    return lambda _body: iter((sentence,))


_SAID: Mapping[str, Callable[[Body], Iterator[str]]] = {
    Act.SIGNED_IN: _signed_in,
    Act.SIGN_IN_REFUSED: _sign_in_refused,
    Act.JUDGED: _plain("照らし合わせただけで、受け渡しには進んでいない"),
    Act.BUSY: _busy,
    Act.GIVEN_UP: _given_up,
    Act.REGISTERED: _enrolled,
    Act.PASSWORD_CHANGED: _enrolled,
    Act.KIOSK_LOCKED: _plain("断られる読み取りが続いたため、端末が照合を止めた"),
    Act.LOOKED: _looked,
    Act.EXPORTED: _exported,
    Act.DIFFERED: _differed,
    Act.TOOK_OVER: _took_over,
    Act.PAUSED: _plain("窓口を休止した"),
    Act.REOPENED: _plain("窓口を再開した"),
    Act.DAY_CLOSED: _day_closed,
    Act.RECEIPT_PRINTED: _printed,
    Act.RUSH_SWITCHED: _switched,
    Act.QUEUED: _numbered,
    Act.CALLED: _numbered,
    Act.TICKET_MOVED: _numbered,
}
