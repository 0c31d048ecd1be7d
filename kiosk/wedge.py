"""A scanner that is a keyboard, in the clerk's browser: its codes come from the page's script.

The way for a window whose scanner the program cannot take for itself; `kiosk.sources`, which owns
its devices, is the better one.
"""

from flask import Blueprint, request

from kiosk.house import Page, go_on, house, seated
from kiosk.screens import keep_nothing
from shared.domain import Source

bp = Blueprint("wedge", __name__)
bp.after_request(keep_nothing)

LONGEST = 1200
"""Characters; our longest sheet has some 620 digits."""


@bp.post("/scan")
@seated
def take() -> Page:
    """Judge a code that was typed; the same one again within moments is the same showing."""
    at, text = house(), request.form.get("text", "")[:LONGEST]
    station = at.station
    with station.acts:
        new = station.is_attended and at.typed.is_new(text, station.scene.monotonic())
        if text and new:
            station.take(text, Source.SCANNER)
    return go_on()
