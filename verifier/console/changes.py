"""What a journal entry of an administrative act says, in words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shared.db.tables import AlertKind, ReceiverChangeKind
from shared.domain import Role
from verifier.console import words
from verifier.console.alert_words import ALERTS
from verifier.console.integrity_words import HOW
from verifier.journal_walk import How
from verifier.registry.house_rules import HouseRule
from verifier.registry.journal import Act

Body = Mapping[str, Any]
_PEOPLE = {
    "added": "登録した",
    "disabled": "使えなくした",
    "enabled": "また使えるようにした",
    "role": "役割を変更した",
    "pin": "暗証番号を変更した",
    "password": "仮のパスワードを設定した",
    "unlocked": "サインインの停止を解除した",
    "own_password": "自分のパスワードを変更した",
    "second_factor_on": "確認コードを使うようにした",
    "second_factor_off": "確認コードを使わないようにした",
}
_PLACES = {
    "added": "登録した",
    "changed": "変更した",
    "renamed": "名称を変更した",
    "revoked": "廃止した",
    "enrolment_code": "端末登録コードを発行した",
    "enrolled": "端末を登録した",
    "opened": "受付を始めた",
    "closed": "受付を止めた",
}
_STEPS = {"proposed": "申し出た", **{str(kind): text for kind, text in words.DECISIONS.items()}}


def said(act: str, body: Body) -> Iterator[str]:
    """One sentence for each fact; none for an act of another kind, or a body that was garbled."""
    if act in _SAID:
        yield from _SAID[Act(act)](body)


def _person(body: Body) -> Iterator[str]:
    yield f"担当者 {body.get('person')}：{_word(_PEOPLE, body.get('change'))}"
    if body.get("role") in set(Role):
        before = body.get("role_before")
        was = f"{words.ROLES[Role(before)]} → " if before in set(Role) else ""
        yield f"役割：{was}{words.ROLES[Role(body['role'])]}"


def _receiver(body: Body) -> Iterator[str]:
    kind, step = body.get("change"), body.get("step")
    if kind in set(ReceiverChangeKind):
        yield f"{words.RECEIVER_CHANGES[ReceiverChangeKind(kind)]}：{_word(_STEPS, step)}"


def _place(field: str) -> Callable[[Body], Iterator[str]]:
    def sentences(body: Body) -> Iterator[str]:
        yield f"{body.get(field)}：{_word(_PLACES, body.get('change'))}"

    return sentences


def _setting(body: Body) -> Iterator[str]:
    rule = body.get("setting")
    name = words.HOUSE_RULES[HouseRule(rule)][0] if rule in set(HouseRule) else rule
    yield f"{name}：{body.get('before')} → {body.get('value')}"


def _alert(body: Body) -> Iterator[str]:
    kind = body.get("kind")
    if kind in set(AlertKind):
        yield ALERTS[AlertKind(kind)].title
    if body.get("subject"):
        yield f"対象：{body['subject']}"


def _verified(body: Body) -> Iterator[str]:
    yield f"{body.get('entries')}件を検証した"
    if body.get("broken"):
        yield f"{body['broken']}か所が変えられている。最初は {body.get('entry')}番"
        how = body.get("how")
        yield HOW[How(how)] if how in set(How) else str(how)
    else:
        yield "改ざんは見つからなかった"


def _office_closed(body: Body) -> Iterator[str]:
    yield f"{body.get('office')}　{body.get('day')}　{body.get('version')}回目"
    given_out, undone = body.get("given_out"), body.get("undone")
    yield f"渡した車両 {given_out}・取消 {undone}・保留中 {body.get('still_held')}"
    for name, handed_over, used in body.get("forms") or ():
        yield f"{name}：渡した {handed_over}・使った {used}（差 {used - handed_over:+d}）"


_SAID: Mapping[str, Callable[[Body], Iterator[str]]] = {
    Act.STAFF_CHANGED: _person,
    Act.RECEIVER_CHANGED: _receiver,
    Act.KIOSK_CHANGED: _place("window"),
    Act.OFFICE_CHANGED: _place("office"),
    Act.PROCEDURE_CHANGED: _place("procedure"),
    Act.SETTING_CHANGED: _setting,
    Act.ALERT_ACKNOWLEDGED: _alert,
    Act.VERIFIED: _verified,
    Act.OFFICE_CLOSED: _office_closed,
}


def _word(known: Mapping[str, str], code: object) -> str:
    return known.get(str(code), str(code))
