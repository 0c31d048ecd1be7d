"""Signing in to the console, typing the password once more, and signing out."""

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from verifier import console_sign_in
from verifier.acts import SignInRefused
from verifier.console import access
from verifier.console.house import installation
from verifier.console_sign_in import CONSOLE_ROLES, Credentials
from verifier.registry.staff import FAILURES_BEFORE_LOCK, LOCKED_MINUTES

REFUSED = (
    "担当者番号、パスワード、確認コードのどれかが違うか、この画面を使う権限がありません。"
    "確認コードを設定した方は、確認コードも入力してください。"
    f"続けて{FAILURES_BEFORE_LOCK}回確かめられなかった番号では、正しく入力しても"
    f"{LOCKED_MINUTES}分間サインインできません。急ぐときは、管理者に解除を頼んでください。"
)
"""The rule whatever the number: who is told of a lock-out is told that the number is somebody's."""
_LONGEST = 200


def sign_in_page() -> str:
    """The form."""
    return render_template("console/sign_in.html", problem=None, number="")


def take_sign_in() -> Response | tuple[str, int]:
    """Check number, password and second factor; one text for every failure."""
    given = _given(request.form.get("number", ""))
    answer = console_sign_in.sign_in(installation(), given)
    if isinstance(answer, SignInRefused):
        page = render_template("console/sign_in.html", problem=REFUSED, number=given.number)
        return page, 422
    access.admit(answer)
    return redirect(url_for(access.HOME), 303)


def prove_page() -> str:
    """Ask for the password again before an act that reaches far."""
    return _prove_page(None)


@access.only(CONSOLE_ROLES)
def prove() -> Response | tuple[str, int]:
    """Check it; then go on where the person was."""
    given = _given(access.visit().person.number)
    if not console_sign_in.prove_again(installation(), access.visit(), given):
        return _prove_page("パスワードまたは確認コードが違います。"), 422
    flash("確認しました。続けて操作してください。")
    return redirect(access.path_of(request.form.get("then", "")), 303)


@access.only(CONSOLE_ROLES)
def sign_out() -> Response:
    """End the visit."""
    console_sign_in.sign_out(installation(), session.pop(access.TOKEN))
    return redirect(url_for("console.sign_in"), 303)


def _given(number: str) -> Credentials:
    typed = (request.form.get("password", ""), request.form.get("code", ""))
    number = number.strip()[:24]
    return Credentials(number if number.isprintable() else "", *(text[:_LONGEST] for text in typed))


def _prove_page(problem: str | None) -> str:
    then = request.values.get("then", "")
    return render_template(
        "console/prove.html",
        problem=problem,
        then=access.path_of(then),
        with_code=access.visit().has_second_factor,
    )
