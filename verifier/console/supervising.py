"""What only supervisors do: take a release back, and let a locked window judge again."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from flask import abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import Kiosk
from verifier.acts import Conflict, Desk, NotPermitted, NotReleased, Undoing
from verifier.console.access import only
from verifier.console.house import installation
from verifier.console.vehicles import Released, released
from verifier.counter import Counter
from verifier.registry.staff import SUPERVISING_ROLES

LONGEST_REASON = 200
FROM_THE_CONSOLE = ""
"""The kiosk of an act that no kiosk made."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent: shown again when something is wrong with it."""

    reason: str = ""
    key: str = ""
    problem: str | None = None


_UNDO_REFUSED: Mapping[type[Conflict], str] = {
    NotPermitted: "自分で受け渡した車両は取り消せません。ほかの責任者が取り消してください",
    NotReleased: "この車両は、今は受け渡し済みではありません",
}
_SENT_TWICE = "同じ画面から別の理由が送信されています。画面を開き直してください"


def may_supervise() -> bool:
    """Whether the person signed in may do more than read."""
    return g.person.role in SUPERVISING_ROLES


@only(SUPERVISING_ROLES)
def undo_page(filing_id: int) -> str:
    """The release of a filing, and the question why it is taken back."""
    return _undo_form(_released(filing_id), Typed(key=str(uuid.uuid4())))


@only(SUPERVISING_ROLES)
def undo(filing_id: int) -> Response | tuple[str, int]:
    """Take the release back; a double click is one act."""
    refused = act_on(
        lambda desk, sent: Counter(installation()).undo(
            desk, Undoing(filing_id, sent.reason, sent.key)
        ),
        _UNDO_REFUSED,
    )
    if refused is not None:
        return _undo_form(_released(filing_id), refused), 422
    flash("受け渡しを取り消しました。車両は交付可に戻り、同じ用紙で受け渡せます。")
    return redirect(url_for("console.journal", act="undone"), 303)


def act_on(
    act: Callable[[Desk, Typed], None], refused: Mapping[type[Conflict], str]
) -> Typed | None:
    """Do what a form with a reason asks for; the form to show again when it was not done."""
    sent = Typed(request.form.get("reason", "").strip(), request.form.get("key", ""))
    if len(sent.key) != len(str(uuid.UUID(int=0))):
        abort(400)
    if problem := reason_problem(sent.reason):
        return replace(sent, problem=problem)
    try:
        act(Desk(FROM_THE_CONSOLE, g.person.number), sent)
    except Conflict as conflict:
        return replace(sent, problem=refused.get(type(conflict), _SENT_TWICE))
    return None


def windows() -> str:
    """Every window, and whether it judges."""
    return _windows(Typed())


@only(SUPERVISING_ROLES)
def unlock(code: str) -> Response | tuple[str, int]:
    """A supervisor has looked at a locked window."""
    reason = request.form.get("reason", "").strip()
    problem = reason_problem(reason)
    if problem is not None:
        return _windows(Typed(reason, code, problem)), 422
    try:
        desk = Desk(FROM_THE_CONSOLE, g.person.number)
        Counter(installation()).unlock(desk, code, reason)
    except NotPermitted:
        abort(404)
    flash("窓口の停止を解除しました。")
    return redirect(url_for("console.windows"), 303)


def _released(filing_id: int) -> Released:
    with reading(installation().sessions) as session:
        found = released(session, filing_id)
    if found is None:
        abort(404)
    return found


def reason_problem(reason: str) -> str | None:
    """What is wrong with a typed reason."""
    if not reason:
        return "理由を入力してください"
    if len(reason) > LONGEST_REASON:
        return f"理由は{LONGEST_REASON}文字以内で入力してください"
    return None


def _undo_form(found: Released, typed: Typed) -> str:
    return render_template("console/undo.html", found=found, typed=typed, person=g.person)


def _windows(typed: Typed) -> str:
    with reading(installation().sessions) as session:
        kiosks = session.scalars(select(Kiosk).order_by(Kiosk.code)).all()
        return render_template(
            "console/windows.html",
            kiosks=kiosks,
            typed=typed,
            may_unlock=may_supervise(),
            person=g.person,
        )
