"""The page on which a supervisor sets a window up: camera, scanner, sound, and the result."""

from datetime import UTC, datetime

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup

from kiosk import commissioning
from kiosk.commissioning import SOUNDS, Signature
from kiosk.house import Page, house, supervising
from kiosk.keymap_test import TEST_TEXT
from kiosk.screens import keep_nothing
from shared.texts import Text

bp = Blueprint("commission", __name__, url_prefix="/commission")
bp.after_request(keep_nothing)
NOT_KEPT = "結果を保存できません（%(why)s）。kiosk doctor で調べてください。"


@bp.get("")
@supervising
def page() -> Page:
    """Everything there is to set up; codes are caught while the page is open."""
    house().station.next()  # a verdict that stands there is not worked on any more
    house().trial.begin()
    return _page()


@bp.get("/now")
@supervising
def now() -> Page:
    """What is measured at this moment, for the script that keeps the page fresh."""
    house().trial.listen()
    return render_template("kiosk/_measured.html", **_measured())


@bp.post("")
@supervising
def keep() -> Page:
    """Keep what is measured now."""
    sound = request.form.get("sound", "")
    if sound not in SOUNDS or not sound:
        return _page("音の結果を選んでください。"), 422
    at = house()
    seat = at.station.scene.snapshot().seat
    by = Signature(at.station.kiosk, seat.clerk.number if seat else "", datetime.now(UTC))
    faults = frozenset(fault.code for fault in at.station.scene.snapshot().lost.values())
    measures = commissioning.take(at.trial, at.layout, at.station.devices)
    try:
        commissioning.store(at.var, commissioning.record(measures, sound, faults, by))
    except OSError as error:
        return _page(
            Text(
                "結果を保存できません（%(why)s）。kiosk doctor で調べてください。",
                why=error.strerror,
            )
        ), 500
    return redirect(url_for("commission.page", kept=1), 303)


@bp.post("/end")
@supervising
def end() -> Page:
    """Back to work: codes are judged again."""
    house().trial.end()
    return redirect(url_for("screens.counter"), 303)


def _page(error: str | None = None) -> str:
    at = house()
    code = segno.make_qr(TEST_TEXT, error="m")
    return render_template(
        "kiosk/commission.html",
        error=error,
        kept=request.args.get("kept"),
        code=Markup(code.svg_inline(scale=4, omitsize=True)),  # noqa: S704 - our own text
        earlier=commissioning.earlier(at.var, at.station.kiosk),
        sounds=SOUNDS,
        **_measured(),
    )


def _measured() -> dict[str, object]:
    at = house()
    snapshot = at.station.scene.snapshot()
    return {
        "now": snapshot,
        "measures": commissioning.take(at.trial, at.layout, at.station.devices),
        "has_camera": at.has_camera,
        "turn": at.preview.turn,
        "has_scanner": "scanner" in at.station.devices,
        "busy": not at.station.is_free,
    }
