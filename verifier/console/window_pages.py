"""窓口: what a window serves and how its device is; enrolled by a code, and revoked."""

from flask import abort, render_template, request, session, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import Kiosk, Office
from shared.domain import Purpose
from verifier.administration.windows import (
    CODE_LASTS,
    AddWindow,
    ChangeWindow,
    IssueEnrolmentCode,
    RevokeWindow,
    enrolment_letters,
)
from verifier.console import words
from verifier.console.access import ADMINISTERING_ROLES, fresh, only
from verifier.console.house import installation
from verifier.console.ordering import Form, answer, give, order_key, typed
from verifier.own_secrets import NotOurs, seal, unseal

_SHOWN_ONCE = "console_enrolment"


def window(code: str) -> str:
    """One window: how its device is, and what may be done."""
    return _page(code, Form())


@only(ADMINISTERING_ROLES)
def new_window() -> str:
    """The form for a new window."""
    return _new_page(Form())


@only(ADMINISTERING_ROLES)
def add_window() -> Response | tuple[str, int]:
    """Add a window."""
    code = typed("code")
    order = AddWindow(code, typed("name"), typed("office"), _purposes())
    form = give("add", lambda: order)
    said = f"窓口 {code} を登録しました。次に、端末登録コードを発行してください。"
    return answer(form, _new_page, said, url_for("console.window", code=code))


@only(ADMINISTERING_ROLES)
def change_window(code: str) -> Response | tuple[str, int]:
    """Rename it, and say what it serves."""
    order = ChangeWindow(code, typed("name"), _purposes())
    return _done(code, give("change", lambda: order), "変更しました。")


@only(ADMINISTERING_ROLES)
@fresh
def revoke_window(code: str) -> Response | tuple[str, int]:
    """Take it out of use for good."""
    order = RevokeWindow(code, typed("reason"))
    return _done(code, give("revoke", lambda: order), "廃止しました。この端末では受け渡せません。")


@only(ADMINISTERING_ROLES)
@fresh
def issue_enrolment_code(code: str) -> Response | tuple[str, int]:
    """Draw a code and show it once, on the page that follows."""
    key = installation().keys.console
    letters = enrolment_letters(order_key(), key)
    form = give("enrolment", lambda: IssueEnrolmentCode(code, letters))
    if form is None:
        session[_SHOWN_ONCE] = seal(letters, key)
    return _done(code, form, "端末登録コードを発行しました。")


def _done(code: str, form: Form | None, said: str) -> Response | tuple[str, int]:
    return answer(
        form, lambda again: _page(code, again), said, url_for("console.window", code=code)
    )


def _page(code: str, form: Form) -> str:
    with reading(installation().sessions) as registry:
        found = registry.get(Kiosk, code)
    if found is None:
        abort(404)
    return render_template(
        "console/window.html",
        found=found,
        form=form,
        purposes=words.PURPOSES,
        chosen=_purposes() or tuple(found.purposes.split()),
        faults=words.faults(found.faults),
        letters=_letters_once(),
        minutes=int(CODE_LASTS.total_seconds() // 60),
    )


def _new_page(form: Form) -> str:
    with reading(installation().sessions) as registry:
        every = registry.scalars(select(Office).order_by(Office.code)).all()
    chosen = _purposes() or tuple(Purpose)
    return render_template(
        "console/new_window.html", form=form, offices=every, purposes=words.PURPOSES, chosen=chosen
    )


def _letters_once() -> str | None:
    """The code that was just issued: shown on one page, then forgotten."""
    sealed = session.pop(_SHOWN_ONCE, None)
    if sealed is None:
        return None
    try:
        return unseal(sealed, installation().keys.console, within=5)
    except NotOurs:
        return None


def _purposes() -> tuple[str, ...]:
    """What was ticked."""
    return tuple(purpose for purpose in Purpose if request.form.get(f"serves-{purpose}"))
