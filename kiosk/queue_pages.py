"""混雑時の受付: the list of numbers, calls, and the slip a visitor takes along."""

from flask import Blueprint, redirect, render_template, request, url_for

from kiosk import handing, queueing
from kiosk.forms import read_number
from kiosk.house import Page, go_on, house, seated, supervising
from kiosk.screens import keep_nothing
from verifier.acts import GiveUpReason

bp = Blueprint("queue", __name__)
bp.after_request(keep_nothing)


@bp.post("/queue")
@seated
def show() -> Page:
    """PageUp 順番待ち."""
    queueing.list_queue(house().station)
    return go_on()


@bp.post("/queue/next")
@seated
def call_next() -> Page:
    """PageDown 次の番号を呼ぶ."""
    queueing.call(house().station)
    return go_on()


@bp.post("/queue/call")
@seated
def call() -> Page:
    """Call a number out of its turn."""
    ticket = read_number(request.form, "ticket")
    if ticket is not None:
        queueing.call(house().station, ticket)
    return go_on()


@bp.post("/queue/again")
@seated
def call_again() -> Page:
    """Insert もう一度呼ぶ."""
    queueing.call_again(house().station)
    return go_on()


@bp.post("/queue/absent")
@seated
def absent() -> Page:
    """不在: nobody came."""
    handing.give_up(house().station, GiveUpReason.ABSENT)
    return go_on()


@bp.post("/queue/put-back")
@seated
def put_back() -> Page:
    """Who was absent is here."""
    ticket = read_number(request.form, "ticket")
    if ticket is not None:
        queueing.put_back(house().station, ticket)
    return go_on()


@bp.post("/queue/strike")
@seated
def strike() -> Page:
    """Who waited has left."""
    ticket = read_number(request.form, "ticket")
    if ticket is not None:
        queueing.strike(house().station, ticket)
    return go_on()


@bp.post("/rush/begin")
@supervising
def begin_rush() -> Page:
    """混雑時の受付を始める."""
    queueing.begin_rush(house().station)
    return go_on()


@bp.post("/rush/end")
@supervising
def end_rush() -> Page:
    """混雑時の受付を終える."""
    queueing.end_rush(house().station)
    return go_on()


@bp.get("/queue/<int:number>/slip")
@seated
def slip(number: int) -> Page:
    """番号票: the number, the office and the time, and nothing about anybody."""
    station = house().station
    with station.acting() as desk:
        found = [queued for queued in station.counter.queue(desk) if queued.number == number]
        now = station.scene.snapshot()
        queued = found[0] if found else None
        page = render_template("kiosk/number_slip.html", queued=queued, now=now)
        return page if found else (page, 404)
    return redirect(url_for("screens.counter"), 303)
