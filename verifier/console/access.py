"""Signing in to the console: supervisors, administrators and auditors, twenty idle minutes."""

from datetime import datetime, timedelta

from flask import Response, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from shared.db.session import reading
from shared.domain import Role
from shared.web.times import jst_moment
from verifier.acts import SignedIn
from verifier.console.house import installation
from verifier.registry import staff
from verifier.registry.journal import Author
from verifier.sign_in import sign_in

CONSOLE_ROLES = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
IDLE = timedelta(minutes=20)
_WHO, _SEEN = "console_staff", "console_seen"
_OPEN = {"console.sign_in", "console.take_sign_in", "console.static"}


def require_sign_in() -> AnyResponse | None:
    """Send whoever is not signed in, any more or with this role, to the sign-in."""
    if request.endpoint in _OPEN:
        return None
    number, now = session.get(_WHO), installation().clock()
    if number is None or _expired(now):
        session.pop(_WHO, None)
        return redirect(url_for("console.sign_in"), 303)
    with reading(installation().sessions) as registry:
        person = staff.at_work(registry, number)
        if person is None or person.role not in CONSOLE_ROLES:
            session.pop(_WHO, None)
            return redirect(url_for("console.sign_in"), 303)
        g.person = SignedIn(person.number, person.name, person.role)
    if request.endpoint != "console.newer":  # a page that polls keeps nobody signed in
        session[_SEEN] = now.timestamp()
    return None


def never_stored(answer: Response) -> Response:
    """Nothing of the console stays in a browser's cache."""
    if request.endpoint != "console.static":
        answer.headers["Cache-Control"] = "no-store"
    return answer


def sign_in_page() -> str:
    """The form."""
    return render_template("console/sign_in.html", problem=None, number="")


def take_sign_in() -> AnyResponse | tuple[str, int]:
    """Check number and PIN; one text for every failure."""
    number = request.form.get("number", "").strip()
    pin = request.form.get("pin", "")
    answer = sign_in(installation(), number, pin, Author(), CONSOLE_ROLES)
    if isinstance(answer, SignedIn):
        session[_WHO] = answer.number
        session[_SEEN] = installation().clock().timestamp()
        return redirect(url_for("console.overview"), 303)
    problem = "担当者番号または暗証番号が違うか、この画面を使う権限がありません。"
    if answer.locked_until is not None:
        until = jst_moment(answer.locked_until)
        problem = f"続けて確認できなかったため、{until}までサインインできません。"
    return render_template("console/sign_in.html", problem=problem, number=number), 422


def sign_out() -> AnyResponse:
    """End the session."""
    session.pop(_WHO, None)
    return redirect(url_for("console.sign_in"), 303)


def _expired(now: datetime) -> bool:
    seen = session.get(_SEEN)
    return not isinstance(seen, float) or now.timestamp() - seen > IDLE.total_seconds()
