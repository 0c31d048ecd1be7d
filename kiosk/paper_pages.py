"""What the counter prints: receipts 受領書 and hold slips 保留票. Pages beside the stage."""

import uuid
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for

from kiosk import words
from kiosk.forms import read_layout
from kiosk.house import Page, house, seated
from kiosk.screens import keep_nothing
from kiosk.station import Station
from shared.web.times import TOKYO
from verifier.acts import Conflict
from verifier.desk_acts import Layout, Printing, ReceiptCopy

bp = Blueprint("papers", __name__)
bp.after_request(keep_nothing)


@bp.get("/receipts")
@seated
def receipts() -> Page:
    """The latest receipts of this window, and a field for any other."""
    station = house().station
    number = request.args.get("number", "").strip().upper()
    if number and (found := _receipt(station, number)):
        return redirect(url_for("papers.receipt", number=found.number), 303)
    with station.acting() as desk:
        return render_template(
            "kiosk/receipts.html",
            now=station.scene.snapshot(),
            lines=station.counter.receipts(desk),
            number=number,
        )
    return _away()


@bp.get("/receipt/<number>")
@seated
def receipt(number: str) -> Page:
    """受領書 of one hand-over at this office."""
    found = _receipt(house().station, number)
    page = render_template(
        "kiosk/receipt.html",
        receipt=found,
        now=house().station.scene.snapshot(),
        layout=read_layout(request.args),
        compared=words.COMPARED,
        keys={paper.value: str(uuid.uuid4()) for paper in Layout},
        print_now="printed" in request.args,
    )
    return page if found else (page, 404)


@bp.post("/receipt/<number>/print")
@seated
def print_receipt(number: str) -> Page:
    """Journal the print, then let the browser do it."""
    station, layout = house().station, read_layout(request.form)
    printing = Printing(number, layout, request.form.get("idempotency_key", "")[:36])
    with station.acting() as desk:
        try:
            station.counter.print_receipt(desk, printing)
        except Conflict:
            return redirect(url_for("papers.receipts", number=number), 303)
    shown = url_for("papers.receipt", number=number, layout=layout.value, printed="1")
    return redirect(shown, 303)


@bp.get("/slip")
@seated
def slip() -> Page:
    """保留票: what to bring for vehicles that were kept back, and when."""
    station = house().station
    wanted = {int(value) for value in request.args.getlist("filing") if value.isdecimal()}
    with station.acting() as desk:
        held = [h for h in station.counter.holds(desk) if h.filing_id in wanted]
        page = render_template(
            "kiosk/slip.html",
            held=held,
            now=station.scene.snapshot(),
            holds=words.HOLDS,
            today=datetime.now(TOKYO),
        )
        return page if held else (page, 404)
    return _away()


def _receipt(station: Station, number: str) -> ReceiptCopy | None:
    with station.acting() as desk:
        try:
            return station.counter.receipt(desk, number)
        except Conflict:
            return None
    return None


def _away() -> Page:
    """The registry did not answer: the stage says so."""
    return redirect(url_for("screens.counter"), 303)
