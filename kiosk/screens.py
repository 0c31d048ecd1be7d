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
from shared.web.times import TOKYO
from verifier.acts import SignInRefused

bp = Blueprint("screens", __name__)
_LOCKED = (
    "続けて確認できなかったため、この担当者番号は15分間サインインできません。"
    "%(until)s を過ぎてから、もう一度入力してください。"
)


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
        return _refused(seat, number)
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


def _refused(answer: SignInRefused, number: str) -> tuple[str, int]:
    if answer.locked_until is None:
        text = "担当者番号または暗証番号（PIN）が違います。"
    else:
        text = Text(_LOCKED, until=f"{answer.locked_until.astimezone(TOKYO):%H:%M}")
    return _sign_in_page(text, number), 422
