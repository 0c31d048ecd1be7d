"""What a clerk does besides the hand-over: holds, a typed key, pause, change of clerk, closing."""

from flask import Blueprint, redirect, request, session, url_for

from kiosk import keeping, shift
from kiosk.forms import TypedKey, read_number, read_typed_key
from kiosk.house import TOKEN, Page, go_on, house, seated
from kiosk.screens import keep_nothing

bp = Blueprint("desk", __name__)
bp.after_request(keep_nothing)


@bp.post("/check/end")
def end_check() -> Page:
    """起動点検 is over, whatever is still away. Nobody is signed in yet."""
    shift.end_check(house().station)
    return redirect(url_for("screens.counter"), 303)


@bp.post("/sign-out")
@seated
def sign_out() -> Page:
    """F8: leave the counter, unless something is open on it."""
    if shift.sign_out(house().station):
        session.pop(TOKEN, None)
        return redirect(url_for("screens.counter"), 303)
    return go_on()


@bp.post("/take-over")
@seated
def take_over() -> Page:
    """引継ぎを受けた."""
    shift.take_over(house().station)
    return go_on()


@bp.post("/pause")
@seated
def pause() -> Page:
    """F9 一時停止."""
    shift.pause(house().station)
    return go_on()


@bp.post("/reopen")
@seated
def reopen() -> Page:
    """The window is open again."""
    shift.reopen(house().station)
    return go_on()


@bp.post("/day")
@seated
def look_at_the_day() -> Page:
    """業務終了: the numbers first."""
    shift.look_at_the_day(house().station)
    return go_on()


@bp.post("/day/close")
@seated
def close_day() -> Page:
    """業務終了: it is over."""
    shift.close_day(house().station, request.form.get("idempotency_key", ""))
    return go_on()


@bp.post("/day/keep-open")
@seated
def keep_open() -> Page:
    """Not yet."""
    shift.keep_open(house().station)
    return go_on()


@bp.post("/holds")
@seated
def list_holds() -> Page:
    """F3 保留一覧."""
    keeping.list_holds(house().station)
    return go_on()


@bp.post("/holds/take-up")
@seated
def take_up() -> Page:
    """Open the basket of a held bundle."""
    filing_id = read_number(request.form, "filing")
    if filing_id is not None:
        keeping.take_up(house().station, filing_id)
    return go_on()


@bp.post("/type/begin")
@seated
def begin_typing() -> Page:
    """F2 検索キー入力."""
    keeping.begin_typing(house().station)
    return go_on()


@bp.post("/type")
@seated
def take_typed_key() -> Page:
    """Judge the sheet a typed key stands for."""
    wish = read_typed_key(request.form)
    if isinstance(wish, TypedKey):
        keeping.take_typed_key(house().station, wish.key, wish.reason)
    else:
        keeping.ask_again(house().station, wish)
    return go_on()


@bp.post("/cover")
@seated
def cover() -> Page:
    """F10 画面を隠す."""
    keeping.cover(house().station)
    return go_on()


@bp.post("/uncover")
@seated
def uncover() -> Page:
    """Somebody is back at a covered screen."""
    keeping.uncover(house().station)
    return go_on()
