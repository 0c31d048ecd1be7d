"""自分の設定: one's own console password and second factor."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from shared.passwords import InvalidPassword, check_rules, check_secret, hash_secret
from verifier import second_factor
from verifier.administration import own
from verifier.console import access
from verifier.console.house import installation
from verifier.console_sign_in import CONSOLE_ROLES
from verifier.second_factor import NewFactor, SetUpExpired


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is wrong, and in which field."""

    field: str
    text: str


def account() -> str:
    """What one may change about oneself."""
    return _page(None)


@access.only(CONSOLE_ROLES)
def change_password() -> Response | tuple[str, int]:
    """Replace one's own password; every other visit of this person ends."""
    stored = own.password_hash(installation(), access.visit())
    problem = _password_problem(stored)
    if problem is not None:
        return _page(problem), 422
    hashed = hash_secret(request.form.get("password", ""), installation().policy.bcrypt_cost)
    own.replace_password(installation(), access.visit(), hashed)
    flash("パスワードを変更しました。ほかの端末でのサインインは終わりました。")
    return redirect(url_for("console.account"), 303)


@access.fresh
def new_factor() -> str:
    """A new secret with its recovery codes: nothing is kept until a code of it was typed."""
    return _factor_page(second_factor.draw(), None)


@access.only(CONSOLE_ROLES)
@access.fresh
def take_factor() -> Response | tuple[str, int]:
    """Take the second factor into use once a code shows that its owner has it."""
    house = installation()
    try:
        new = second_factor.open_new(request.form.get("sealed", ""), house.keys.console)
    except SetUpExpired:
        flash("設定の画面を開いてから時間がたちました。新しい二次元コードを読み取ってください。")
        return redirect(url_for("console.new_factor"), 303)
    typed = request.form.get("code", "")
    step = second_factor.step_of(new.secret, typed, house.clock(), None)
    if step is None:
        text = "確認コードが合いません。認証アプリの時計を確かめ、今の6けたを入力してください"
        return _factor_page(new, text), 422
    own.use_factor(house, access.visit(), new, step)
    flash("確認コードを使うようにしました。次のサインインから必要です。")
    return redirect(url_for("console.account"), 303)


@access.only(CONSOLE_ROLES)
@access.fresh
def drop_factor() -> Response:
    """Go back to the password alone."""
    own.drop_factor(installation(), access.visit())
    flash("確認コードを使わないようにしました。")
    return redirect(url_for("console.account"), 303)


def _password_problem(stored: str) -> _Problem | None:
    form = request.form
    if not check_secret(form.get("present", ""), stored):
        return _Problem("present", "今のパスワードが違います")
    password = form.get("password", "")
    try:
        check_rules(password)
    except InvalidPassword as invalid:
        return _Problem("password", str(invalid))
    if password == form.get("present"):
        return _Problem("password", "今と違うパスワードを入力してください")
    if password != form.get("again", ""):
        text = "確認用のパスワードが一致しません。もう一度両方に入力してください"
        return _Problem("again", text)
    return None


def _page(problem: _Problem | None) -> str:
    left = own.recovery_codes_left(installation(), access.visit())
    return render_template(
        "console/account.html", problem=problem, visit=access.visit(), recovery_codes=left
    )


def _factor_page(new: NewFactor, problem: str | None) -> str:
    number = access.visit().person.number
    return render_template(
        "console/new_factor.html",
        new=new,
        picture=new.picture(number),
        sealed=second_factor.seal_new(new, installation().keys.console),
        problem=problem,
    )
