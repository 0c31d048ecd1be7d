"""What the clerk decides: ticks, hand-over, registration. A view parses, calls, goes on."""

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, render_template, request

from kiosk import enrolling, handing
from kiosk.forms import read_decline, read_number, read_released, read_ticks, read_typed
from kiosk.handing import Overtaken
from kiosk.house import FRAGMENT, Page, go_on, house, seated
from kiosk.screens import keep_nothing, stage_context

bp = Blueprint("acts", __name__)
bp.after_request(keep_nothing)


def _fresh_when_overtaken(view: Callable[..., Page]) -> Callable[..., Page]:
    """409 with what is on the counter now, when the browser acted on something older."""

    @wraps(view)
    def answer(*args: str, **values: str) -> Page:
        try:
            return view(*args, **values)
        except Overtaken:
            name = "stage" if request.headers.get(FRAGMENT) else "counter"
            return render_template(f"kiosk/{name}.html", **stage_context()), 409

    return answer


@bp.post("/basket/<hand_over_id>/choice")
@seated
@_fresh_when_overtaken
def choose(hand_over_id: str) -> Page:
    """Keep the ticks; gives the parts that follow from them."""
    handing.choose(house().station, hand_over_id, read_ticks(request.form))
    if request.headers.get(FRAGMENT):
        return render_template("kiosk/live.html", **stage_context())
    return go_on()


@bp.post("/basket/<hand_over_id>/compare")
@seated
@_fresh_when_overtaken
def compare(hand_over_id: str) -> Page:
    """Find the vehicle of a paper taken in exchange by its plate or last digits."""
    typed, looked_for = read_typed(request.form), read_number(request.form, "at")
    if typed:
        handing.compare(house().station, hand_over_id, typed, looked_for)
    return go_on()


@bp.post("/basket/<hand_over_id>/ask")
@seated
@_fresh_when_overtaken
def ask(hand_over_id: str) -> Page:
    """Go to the second look."""
    handing.ask(house().station, hand_over_id, read_ticks(request.form))
    return go_on()


@bp.post("/basket/<hand_over_id>/confirm")
@seated
@_fresh_when_overtaken
def confirm(hand_over_id: str) -> Page:
    """Record the hand-over."""
    key = request.form.get("idempotency_key", "")
    handing.confirm(house().station, hand_over_id, read_released(request.form), key)
    return go_on()


@bp.post("/basket/back")
@seated
def back() -> Page:
    """From the second look to the ticks."""
    handing.back(house().station)
    return go_on()


@bp.post("/basket/give-up")
@seated
def give_up() -> Page:
    """渡していない."""
    handing.give_up(house().station)
    return go_on()


@bp.post("/resume")
@seated
def resume() -> Page:
    """保留を再開する."""
    house().station.resume()
    return go_on()


@bp.post("/enrol/<presentation_id>")
@seated
@_fresh_when_overtaken
def enrol(presentation_id: str) -> Page:
    """登録する, or パスワードを変更する."""
    enrolling.enrol(house().station, presentation_id, request.form)
    return go_on()


@bp.post("/enrol/<presentation_id>/decline")
@seated
@_fresh_when_overtaken
def decline(presentation_id: str) -> Page:
    """受け付けない, with a reason."""
    enrolling.decline(house().station, presentation_id, read_decline(request.form))
    return go_on()


@bp.post("/enrol/leave")
@seated
def leave() -> Page:
    """中止."""
    enrolling.leave(house().station)
    return go_on()
