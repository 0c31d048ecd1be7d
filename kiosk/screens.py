"""The counter's pages: the stage, the morning check, sign-in, guide."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from kiosk import planning, shift, speaking
from kiosk.faults import usable
from kiosk.house import TOKEN, Page, go_on, house, is_seated, seated
from kiosk.stage import context
from kiosk.state import CheckingUp
from shared.texts import Text
from verifier.acts import SignInRefused
from verifier.registry.staff import FAILURES_BEFORE_LOCK, LOCKED_MINUTES

bp = Blueprint("screens", __name__)
_REFUSED = Text(
    "担当者番号または暗証番号（PIN）を確かめられません。続けて%(times)s回確かめられなかった番号では、"
    "正しいPINでも%(minutes)s分間サインインできません。急ぐときは、管理者に停止の解除を頼んでください。",
    times=FAILURES_BEFORE_LOCK,
    minutes=LOCKED_MINUTES,
)
"""The rule whatever the number: who is told of a lock-out is told that the number is somebody's."""


@bp.after_request
def keep_nothing(answer: Response) -> Response:
    """Names stand on these pages."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/")
def counter() -> Page:
    """Whatever the counter is doing; the sign-in for a browser that nobody signed in with."""
    if not is_seated():
        return _front_page()
    return render_template("kiosk/counter.html", **stage_context())


@bp.get("/stage")
@seated
def stage() -> Page:
    """The stage alone, for the script that swaps it; of a scene it has only what moves."""
    wanted = stage_context()
    known = request.args.get("scene") == str(wanted["now"].scene)
    answer = make_response(render_template(f"kiosk/{'live' if known else 'stage'}.html", **wanted))
    answer.headers["X-State"] = wanted["stage"].name
    answer.headers["X-Scene"] = str(wanted["now"].scene)
    return answer


@bp.post("/sign-in")
def sign_in() -> Page:
    """K6 担当者サインイン; another browser that was signed in loses its seat."""
    number, pin = request.form.get("number", "").strip(), request.form.get("pin", "")
    if not number or not pin:
        return _sign_in_page("担当者番号と暗証番号（PIN）を入力してください。", number), 422
    seat = shift.sign_in(house().station, number, pin)
    if isinstance(seat, SignInRefused):
        return _sign_in_page(_REFUSED, number), 422
    session.pop("csrf_token", None)  # somebody else may have drawn it
    session[TOKEN] = seat.token
    answer = redirect(url_for("screens.counter"), 303)
    speaking.begin(seat, answer)
    return answer


@bp.post("/language")
def speak() -> Page:
    """日本語 or English, for whoever sits at this browser."""
    answer = redirect(url_for("screens.counter"), 303)
    speaking.change(request.form.get("language"), answer)
    return answer


@bp.post("/next")
@seated
def next_sheet() -> Page:
    """Leave a verdict."""
    house().station.next()
    return go_on()


@bp.post("/stay")
@seated
def stay() -> Page:
    """Let the verdict stand until somebody leaves it."""
    house().station.scene.stay()
    return go_on()


@bp.get("/guide")
@seated
def guide() -> Page:
    """F1 使い方."""
    return render_template("kiosk/guide.html", now=house().station.scene.snapshot())


def stage_context() -> dict[str, Any]:
    """What every template of the stage asks for."""
    at = house()
    now = at.station.scene.snapshot()
    return context(now) | {
        "has_camera": at.has_camera,
        "turn": at.preview.turn,
        "last": at.station.last,
        "usable": usable(at.station.devices, now.lost),
        "offer": planning.offered(at.station),
    }


def _front_page() -> str:
    now = house().station.scene.snapshot()
    if isinstance(now.state, CheckingUp):
        return render_template("kiosk/checking_up.html", now=now, state=now.state)
    return _sign_in_page()


def _sign_in_page(error: str | None = None, number: str = "") -> str:
    station = house().station
    now = station.scene.snapshot()
    works = usable(station.devices, now.lost)
    return render_template(
        "kiosk/sign_in.html",
        now=now,
        error=error,
        number=number,
        usable=works,
        offer=planning.offered(station),
    )
