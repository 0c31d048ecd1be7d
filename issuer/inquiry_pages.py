"""P5 to P8: 状況照会, from the filing number to the individual code."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from issuer.drawer import Issued, Wish
from issuer.filing_view import FilingView, view_of
from issuer.forms import Errors, FieldError, read_filing_number
from issuer.inquiry import SignIn, procedure_shown, sign_in
from issuer.layout import SheetFacts
from issuer.portal import came_from_here, new_form_token, portal, visitor
from issuer.sheets import Press, issue_individual, show_individual_again
from issuer.visits import IDLE
from shared.db.filings import SwitchRefused, find_filing
from shared.db.session import Sessions, reading
from shared.domain import FilingNumber
from shared.web.errors import stale_page

_OF_A_FILING = {"inquiry.switch", "inquiry.show_again"}
bp = Blueprint("inquiry", __name__, url_prefix="/inquiry")

ANSWERS = {
    SignIn.NO_MATCH: "受付番号または申請用パスワードが一致しません。",
    SignIn.LOCKED: "続けて確認できなかったため、15分間ログインできません。",
}
Page = AnyResponse | str | tuple[str, int]


class _SignedIn(NamedTuple):
    number: FilingNumber
    view: FilingView


@bp.after_request
def keep_private(answer: Response) -> Response:
    """Back shows nothing of a filing to whoever sits down next; the number's form may be kept."""
    if request.endpoint != "inquiry.number":
        answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/")
def number() -> str:
    """P5 状況照会ログイン 1/2."""
    return _number_page("", trouble="ended" if session.pop("ended", False) else "")


@bp.post("/")
def take_number() -> Page:
    """Remember the number; whether it exists is nobody's business yet."""
    wish = read_filing_number(request.form)
    if not isinstance(wish, FilingNumber):
        return _number_page(request.form.get("number", ""), wish), 422
    session["asked"] = wish.digits
    return redirect(url_for("inquiry.password"), 303)


@bp.get("/password")
def password() -> Page:
    """P6 状況照会ログイン 2/2."""
    if "asked" not in session:
        return redirect(url_for("inquiry.number"), 303)
    return _password_page(())


@bp.post("/password")
def sign_in_with_password() -> Page:
    """Check the password; every failure has the same words."""
    if "asked" not in session:
        return redirect(url_for("inquiry.number"), 303)
    asked, typed = FilingNumber(session["asked"]), request.form.get("password", "")
    if not typed:
        return _password_page((FieldError("password", "申請用パスワードを入力してください"),)), 422
    house = portal()
    answer = sign_in(house.sessions, house.gate, asked, typed, house.clock())
    if answer is not SignIn.WELCOME:
        return _password_page((FieldError("password", ANSWERS[answer]),)), 422
    session.pop("asked")
    session.pop("csrf_token", None)  # somebody else may have drawn it
    _end_visit()
    session["filing"] = house.visits.begin(asked, house.clock())
    return redirect(url_for("inquiry.filing"), 303)


@bp.get("/filing")
def filing() -> Page:
    """P7 申請詳細."""
    signed_in = _signed_in()
    if signed_in is None:
        return _sign_in_first()
    return _page("issuer/filing.html", signed_in.view)


@bp.get("/switch")
def confirm() -> Page:
    """P8 変更の確認: says once more that there is no way back."""
    signed_in = _signed_in()
    if signed_in is None:
        return _sign_in_first()
    if signed_in.view.why_not is not None or signed_in.view.individual:
        return redirect(url_for("inquiry.filing"), 303)
    return _page("issuer/switch.html", signed_in.view)


@bp.post("/switch")
def switch() -> Page:
    """Switch the pick-up method and issue the individual code, in one transaction."""
    return _issue(issue_individual)


@bp.post("/again")
def show_again() -> Page:
    """Show the code that was issued before: it stays the latest, and so the one that counts."""
    return _issue(show_individual_again)


@bp.post("/leave")
def leave() -> Page:
    """終了: forget who signed in."""
    session.pop("asked", None)
    _end_visit()
    return redirect(url_for("pages.bulk"), 303)


@bp.errorhandler(CSRFError)
def ask_again(_error: CSRFError) -> Page:
    """A page that lay open too long: the number typed is kept, and nothing has been switched.

    Its token also ends when another tab signs in; then it says for which filing that was.
    """
    if not came_from_here():
        return stale_page()
    signed_in = _signed_in() if request.endpoint in _OF_A_FILING else None
    if signed_in is not None and _is_of_another(signed_in):
        return _other_filing(signed_in)
    trouble = "stale" if request.endpoint == "inquiry.take_number" else "stale_filing"
    return _number_page(request.form.get("number", ""), trouble=trouble), 400


def _issue(make: Callable[[Sessions, Press, FilingNumber, datetime], SheetFacts]) -> Page:
    signed_in = _signed_in()
    if signed_in is None:
        return _sign_in_first()
    number = signed_in.number
    if _is_of_another(signed_in):
        return _other_filing(signed_in)
    house, now = portal(), portal().clock()
    try:
        sheet_id = house.drawer.issue_once(
            Wish(visitor(), request.form.get("form_token", ""), number.digits),
            lambda: Issued(make(house.sessions, house.press, number, now)),
            now,
        )
    except SwitchRefused:
        why = _signed_in()
        text = why.view.why_not if why else None
        return render_template("issuer/refused.html", why=text), 409
    return redirect(url_for("sheet.page", sheet_id=sheet_id), 303)


def _is_of_another(signed_in: _SignedIn) -> bool:
    return request.form.get("number") != signed_in.number.digits


def _other_filing(signed_in: _SignedIn) -> Page:
    return render_template("issuer/other_filing.html", number=signed_in.number), 409


def _signed_in() -> _SignedIn | None:
    """Who is signed in, if anybody, seen at this moment; the session ends after 20 idle minutes."""
    if "filing" not in session:
        return None
    number = portal().visits.number_of(session["filing"], portal().clock())
    if number is None:
        session.pop("filing")
        session["ended"] = True
        return None
    with reading(portal().sessions) as registry:
        found = find_filing(registry, number)
        return None if found is None else _SignedIn(number, view_of(found))


def _end_visit() -> None:
    portal().visits.end(session.pop("filing", ""))


def _sign_in_first() -> AnyResponse:
    return redirect(url_for("inquiry.number"), 303)


def _page(template: str, view: FilingView) -> str:
    idle = int(IDLE.total_seconds())
    return render_template(template, filing=view, form_token=new_form_token(), idle_seconds=idle)


def _number_page(typed: str, errors: Errors = (), trouble: str = "") -> str:
    values = {"number": typed}
    return render_template("issuer/number.html", values=values, errors=errors, trouble=trouble)


def _password_page(errors: Errors) -> str:
    asked, house = FilingNumber(session["asked"]), portal()
    if house.hide_procedure_until_login:
        return render_template("issuer/password.html", number=asked, errors=errors)
    with reading(house.sessions) as registry:
        procedure = procedure_shown(registry, asked, house.press.lookup_key)
    return render_template("issuer/password.html", number=asked, procedure=procedure, errors=errors)
