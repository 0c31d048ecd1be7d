"""What an entry says besides who, where and when: one sentence a fact."""

from collections.abc import Iterable, Mapping
from typing import Any

from verifier.console import changes, happenings, plan_words, upkeep, words
from verifier.console.story import UNREADABLE
from verifier.decision.catalogue import explain
from verifier.decision.reasons import Notice, Reason

Body = Mapping[str, Any]


def sentences(act: str, body: Body) -> Iterable[str]:
    """What the counter answered, what followed, and what somebody did, looked at or changed."""
    if body is UNREADABLE:
        yield "記録の内容を読めません"
        return
    yield from _answered(body)
    yield from _handed(body)
    yield from happenings.said(act, body)
    yield from changes.said(act, body)
    yield from upkeep.said(act, body)
    yield from plan_words.said(act, body)
    if body.get("reason"):
        yield f"理由：{_worded(body['reason'])}"


def title(code: str) -> str:
    """The words of a reason or notice; none for a code that is not ours."""
    if code in set(Reason):
        return explain(Reason(code)).title
    return explain(Notice(code)).title if code in set(Notice) else ""


def _answered(body: Body) -> Iterable[str]:
    first, *others = body.get("reasons") or [None]
    if first is not None:
        yield f"{first} {title(first)}"
    if others:
        yield f"ほかに {'・'.join(others)}"


def _handed(body: Body) -> Iterable[str]:
    if body.get("in_hand"):
        yield f"{body['in_hand']}件を受け渡し中にした"
    if "released" in body:
        held, returned = len(body["held"]), body["returned"]
        yield f"受け渡し {len(body['released'])}件・保留 {held}件・戻し {returned}件"
    if body.get("receipt"):
        yield f"受領書 {body['receipt']}"


def _worded(value: str) -> str:
    return title(value) if value in set(Reason) else words.reason(value)
