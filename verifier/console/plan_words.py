"""What a journal entry of a day plan 計画 says in words."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.web.times import TOKYO
from verifier.console import words
from verifier.registry.journal import Act

Body = Mapping[str, Any]


def said(act: str, body: Body) -> Iterator[str]:
    """One sentence for each fact; none for an act of another kind."""
    if act in _SAID:
        yield from _SAID[Act(act)](body)
        if body.get("drill"):
            yield "訓練（登録簿では受け渡していない）"


def _switched(body: Body) -> Iterator[str]:
    if body.get("hours") is None:
        yield f"{body.get('office')}：計画を使わない"
    else:
        yield f"{body.get('office')}：計画を使う（{body['hours']}時間・{body.get('most')}件まで）"


def _made(body: Body) -> Iterator[str]:
    until = datetime.fromisoformat(str(body["until"])).astimezone(TOKYO)
    yield f"計画 {body.get('number')}：申請 {body.get('filings')}件・{body.get('most')}件まで"
    yield f"{until:%Y-%m-%d %H:%M} まで"


def _begun(body: Body) -> Iterator[str]:
    yield f"計画 {body.get('number')} に切り替えた"


def _released(body: Body) -> Iterator[str]:
    at = datetime.fromisoformat(str(body["at"])).astimezone(TOKYO)
    yield f"計画 {body.get('number')}：{at:%Y-%m-%d %H:%M:%S} に窓口で受け渡した"
    yield f"計画の記録 {str(body.get('entry', ''))[:12]}"
    for conflict in body.get("conflicts", ()):
        yield f"食い違い：{conflict['filing']}（{_kind(conflict['kind'])}）"


def _returned(body: Body) -> Iterator[str]:
    yield f"計画 {body.get('number')}：記録 {body.get('entries')}件を受け取った"
    yield f"登録簿に記した受け渡し {body.get('count')}件・食い違い {body.get('conflicts')}件"
    yield f"計画の記録の先頭 {str(body.get('head', ''))[:12]}"
    if body.get("adopted"):
        yield "この登録簿の記録にない計画（控えからの復元の前に作ったものなど）"


def _settled(body: Body) -> Iterator[str]:
    yield f"{body.get('filing')}（{_kind(body.get('kind'))}）"


def _kind(kind: object) -> str:
    kinds = {known.value: word for known, word in words.PLAN_CONFLICTS.items()}
    return kinds.get(str(kind), str(kind))


_SAID: Mapping[str, Callable[[Body], Iterator[str]]] = {
    Act.PLAN_SWITCHED: _switched,
    Act.PLAN_MADE: _made,
    Act.PLAN_BEGUN: _begun,
    Act.PLAN_RELEASED: _released,
    Act.PLAN_RETURNED: _returned,
    Act.PLAN_SETTLED: _settled,
}
