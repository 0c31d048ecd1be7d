"""Views of the log that people keep under a name: their own, and those shared with all."""

from urllib.parse import parse_qsl

from flask import abort, flash, g, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from shared.db.tables import SavedView
from verifier.console import periods
from verifier.console.access import only
from verifier.console.filters import read_filters
from verifier.console.house import installation
from verifier.console_sign_in import CONSOLE_ROLES

LONGEST_NAME = 40
MOST_OF_ONE = 30
"""Views a person may keep."""


def visible_to(session: Session, number: str) -> list[SavedView]:
    """A person's own views, then those that others share."""
    mine = SavedView.staff_number == number
    wanted = select(SavedView).where(mine | SavedView.is_shared)
    return list(session.scalars(wanted.order_by(mine.desc(), SavedView.name, SavedView.id)))


@only(CONSOLE_ROLES)
def save() -> Response:
    """Keep the view whose query the form carries; the same name again replaces it."""
    house = installation()
    given = dict(parse_qsl(request.form.get("query", "")[:1000]))
    filters = read_filters(given, periods.today_in_tokyo(house.clock()))
    back = f"{url_for('console.journal')}?{filters.query()}"
    name = " ".join(request.form.get("name", "").split())
    if not name or len(name) > LONGEST_NAME:
        flash(f"表示の名前を1～{LONGEST_NAME}文字で入力してください。", "error")
        return redirect(back, 303)
    with house.sessions.begin() as session:
        own = {v.name: v for v in visible_to(session, g.person.number) if _is_mine(v)}
        if name not in own and len(own) >= MOST_OF_ONE:
            flash(
                f"保存できる表示は{MOST_OF_ONE}件までです。使わないものを消してください。", "error"
            )
            return redirect(back, 303)
        view = own.get(name) or SavedView(name=name, staff_number=g.person.number)
        view.query, view.saved_at = filters.query(), house.clock()
        view.is_shared = request.form.get("shared") == "yes"
        session.add(view)
    flash(f"表示「{name}」を保存しました。")
    return redirect(back, 303)


@only(CONSOLE_ROLES)
def forget(view_id: int) -> Response:
    """Remove one's own view; nobody removes another's."""
    with installation().sessions.begin() as session:
        view = session.get(SavedView, view_id)
        if view is None or not _is_mine(view):
            abort(404)
        flash(f"表示「{view.name}」を消しました。")
        session.delete(view)
    return redirect(url_for("console.journal"), 303)


def _is_mine(view: SavedView) -> bool:
    return bool(view.staff_number == g.person.number)
