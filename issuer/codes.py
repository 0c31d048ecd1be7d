"""P1 and P2: the guide to the two-dimensional codes, and the form that issues them."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from issuer.before_printing import compared_runs, notices
from issuer.drawer import Issued, Wish
from issuer.forms import PUBLIC_PURPOSES, Errors, SheetRequest, read_sheet_request
from issuer.kinds import REGISTERED_PAPERS
from issuer.portal import came_from_here, new_form_token, portal, visitor
from issuer.sheets import issue_public, open_procedures
from shared.domain import Purpose
from shared.names import InvalidName, ReceiverName
from shared.passwords import MINIMUM_LENGTH
from shared.web.errors import stale_page

bp = Blueprint("codes", __name__, url_prefix="/codes")

RADIO_LABELS = {
    Purpose.REGISTRATION: "受取者（証明書等管理業者）新規登録用",
    Purpose.AUTHENTICATION: "受取者（証明書等管理業者）認証用",
    Purpose.PASSWORD_CHANGE: "受取者（証明書等管理業者）パスワード変更用",
}
EMPTY = {"purpose": "", "procedure": "", "receiver_name": ""}


@bp.get("/")
def guide() -> str:
    """P1 二次元コードの発行（案内）."""
    return render_template("issuer/guide.html")


@bp.get("/manual")
def manual() -> str:
    """二次元コード発行の操作手順, the help behind P1."""
    return render_template("issuer/manual.html", papers=REGISTERED_PAPERS)


@bp.get("/new")
def form() -> str:
    """P2 二次元コード発行, empty or with what this visitor's last sheet said."""
    visitor()
    return _form_page(_values_of(request.args.get("again", "")), ())


@bp.post("/new")
def issue() -> AnyResponse | tuple[str, int]:
    """Issue one sheet a form, then show it under its own address."""
    procedures = _open_procedures()
    wish = read_sheet_request(request.form, procedures)
    if not isinstance(wish, SheetRequest):
        return _form_page(request.form, wish), 422
    house, now = portal(), portal().clock()
    sheet_id = house.drawer.issue_once(
        Wish(visitor(), request.form.get("form_token", ""), _content(wish)),
        lambda: Issued(
            issue_public(house.sessions, house.press, wish, procedures, now),
            notices(request.form["receiver_name"]),
        ),
        now,
    )
    return redirect(url_for("sheet.page", sheet_id=sheet_id), 303)


@bp.errorhandler(CSRFError)
def ask_again(_error: CSRFError) -> tuple[str, int]:
    """A form that lay open too long comes back as it was, but for the passwords."""
    if not came_from_here():
        return stale_page()
    visitor()
    return _form_page(request.form, (), "stale"), 400


def _content(wish: SheetRequest) -> str:
    return "\0".join((wish.purpose, str(wish.procedure), wish.receiver.display, wish.password))


def _form_page(values: Mapping[str, str], errors: Errors, trouble: str = "") -> str:
    kept = {name: values.get(name, "") for name in EMPTY}
    typed = kept["receiver_name"]
    name = _name(typed)
    return render_template(
        "issuer/form.html",
        values=kept | {"receiver_name": name.display if name else typed},
        notices=notices(typed) if name else (),
        runs=compared_runs(name.display) if name else (),
        errors=errors,
        trouble=trouble,
        form_token=new_form_token(),
        purposes=[(purpose, RADIO_LABELS[purpose]) for purpose in PUBLIC_PURPOSES],
        procedures=[{"code": c, "name": n} for c, n in _open_procedures().items()],
        minimum_length=MINIMUM_LENGTH,
    )


def _name(typed: str) -> ReceiverName | None:
    try:
        return ReceiverName.parse(typed)
    except InvalidName:
        return None


def _open_procedures() -> dict[int, str]:
    """手続種別 that can be chosen now, in the order of their codes."""
    return open_procedures(portal().sessions)


def _values_of(sheet_id: str) -> dict[str, str]:
    """The form's values for issuing the same again with changes; empty without such a sheet."""
    issued = portal().drawer.find(visitor(), sheet_id, portal().clock()) if sheet_id else None
    if issued is None:
        return EMPTY
    facts = issued.facts
    codes = {name: str(code) for code, name in _open_procedures().items()}
    return {
        "purpose": str(facts.purpose),
        "procedure": codes.get(facts.procedure or "", ""),
        "receiver_name": facts.receiver_name or "",
    }
