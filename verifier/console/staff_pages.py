"""担当者: who may act, at the counter and here; only administrators change it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import Staff
from shared.domain import Role
from shared.passwords import InvalidPassword, check_rules, hash_secret
from verifier.administration.orders import Order
from verifier.administration.people import (
    AddPerson,
    ChangeRole,
    Disable,
    Enable,
    GivePassword,
    ResetPin,
    Unlock,
)
from verifier.administration.why import NotDone, Why
from verifier.console import words
from verifier.console.access import ADMINISTERING_ROLES, fresh, only
from verifier.console.house import installation
from verifier.console.ordering import Form, answer, give, typed
from verifier.furnishing import pin_of


@dataclass(frozen=True, slots=True)
class _Act:
    """What may be done to a person: how the order is made of the form, and what is said then."""

    make: Callable[[str], Order]
    said: str


def people() -> str:
    """Everybody, those at work first."""
    with reading(installation().sessions) as session:
        everybody = session.scalars(
            select(Staff).order_by(Staff.disabled_at.is_not(None), Staff.number)
        ).all()
    return render_template(
        "console/staff.html", everybody=everybody, roles=words.ROLES, now=installation().clock()
    )


@only(ADMINISTERING_ROLES)
@fresh
def new_person() -> str:
    """The form for somebody new."""
    return _new_page(Form())


@only(ADMINISTERING_ROLES)
@fresh
def add_person() -> Response | tuple[str, int]:
    """Add somebody; the PIN is typed by its owner."""
    number = typed("number")
    form = give("add", lambda: AddPerson(number, typed("name"), _role(), _pin_hash()))
    onward = url_for("console.person", number=number)
    return answer(form, _new_page, f"担当者 {number} を登録しました。", onward)


def person(number: str) -> str:
    """One person and what may be done."""
    return _page(number, Form())


@only(ADMINISTERING_ROLES)
@fresh
def change_person(number: str, act: str) -> Response | tuple[str, int]:
    """Disable, enable, change the role, give a PIN or a password, unlock."""
    if act not in _ACTS:
        abort(404)
    form = give(act, lambda: _ACTS[act].make(number))
    onward = url_for("console.person", number=number)
    return answer(form, lambda again: _page(number, again), _ACTS[act].said, onward)


_ACTS = {
    "disable": _Act(lambda n: Disable(n, typed("reason")), "使えなくしました。"),
    "enable": _Act(lambda n: Enable(n, typed("reason")), "また使えるようにしました。"),
    "role": _Act(lambda n: ChangeRole(n, _role(), typed("reason")), "役割を変更しました。"),
    "pin": _Act(lambda n: ResetPin(n, _pin_hash()), "暗証番号を変更しました。"),
    "password": _Act(
        lambda n: GivePassword(n, _password_hash()),
        "仮のパスワードを設定しました。本人が最初のサインインで変更します。",
    ),
    "unlock": _Act(Unlock, "サインインの停止を解除しました。"),
}


def _new_page(form: Form) -> str:
    return render_template("console/new_person.html", form=form, roles=words.ROLES)


def _page(number: str, form: Form) -> str:
    with reading(installation().sessions) as session:
        found = session.get(Staff, number)
    if found is None:
        abort(404)
    return render_template(
        "console/person.html",
        found=found,
        form=form,
        roles=words.ROLES,
        now=installation().clock(),
    )


def _role() -> Role:
    role = typed("role")
    if role not in set(Role):
        abort(400)
    return Role(role)


def _pin_hash() -> str:
    pin = pin_of(typed("pin"))
    if pin != typed("pin_again"):
        raise NotDone(Why.PIN_DIFFERS)
    return hash_secret(pin, installation().policy.bcrypt_cost)


def _password_hash() -> str:
    password = typed("password")
    try:
        check_rules(password)
    except InvalidPassword as invalid:
        raise NotDone(Why.BAD_PASSWORD, sentence=str(invalid)) from invalid
    if password != typed("again"):
        raise NotDone(Why.PASSWORD_DIFFERS)
    return hash_secret(password, installation().policy.bcrypt_cost)
