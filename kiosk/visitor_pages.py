"""The page for a display turned to the visitor: no sign-in, no name, no number, no plate."""

from ipaddress import ip_address

from flask import Blueprint, render_template, request
from werkzeug.exceptions import Forbidden

from kiosk.house import Page, house
from kiosk.scene import Snapshot
from kiosk.screens import keep_nothing
from kiosk.visitor import WAIT, words_for

bp = Blueprint("visitor", __name__)
bp.after_request(keep_nothing)


@bp.get("/visitor")
def page() -> Page:
    """What the visitor may know; for a display of this machine alone."""
    if not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104 - not an address to bind
        raise Forbidden
    return page_of(house().station.scene.snapshot())


def page_of(now: Snapshot) -> str:
    """The page at one moment: the template gets words and the window's name, and nothing else."""
    window = now.facts.kiosk_name if now.facts else None
    words = words_for(now.state, now.facts)
    return render_template("kiosk/visitor.html", window=window, words=words, wait=WAIT)
