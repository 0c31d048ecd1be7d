"""計画への切替: the one page on which somebody in charge lets a window go on by itself."""

from flask import Blueprint, redirect, render_template, request, url_for

from kiosk import planning
from kiosk.house import Page, house
from kiosk.screens import keep_nothing
from shared.texts import Text
from verifier.registry.staff import FAILURES_BEFORE_LOCK, LOCKED_MINUTES

bp = Blueprint("plans", __name__)
bp.after_request(keep_nothing)
_REFUSED = Text(
    "責任者または管理者の番号と暗証番号（PIN）を確かめられません。"
    "この1週間にこの窓口でサインインした人だけが切り替えられます。"
    "続けて%(times)s回確かめられなかった番号は、正しいPINでも%(minutes)s分間使えません。"
    "急ぐときは、ほかの責任者または管理者が切り替えてください。",
    times=FAILURES_BEFORE_LOCK,
    minutes=LOCKED_MINUTES,
)
"""While the registry is away nobody can end a lock-out."""


@bp.get("/plan")
def page() -> Page:
    """What the plan allows, and the form of whoever is in charge."""
    return _page()


@bp.post("/plan/begin")
def begin() -> Page:
    """Switch the window to its plan."""
    number, pin = request.form.get("number", "").strip(), request.form.get("pin", "")
    if not number or not pin:
        return _page("担当者番号と暗証番号（PIN）を入力してください。", number), 422
    refused = planning.begin(house().station, number, pin)
    if refused is None:
        return redirect(url_for("screens.counter"), 303)
    return _page(_REFUSED, number), 422


def _page(error: str | None = None, number: str = "") -> str:
    station = house().station
    return render_template(
        "kiosk/plan.html",
        now=station.scene.snapshot(),
        offer=planning.offered(station),
        error=error,
        number=number,
    )
