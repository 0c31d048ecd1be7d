"""P1 to P3: the guide, the form, and the issued sheet with its PDF."""

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from issuer import a4, layout
from issuer.forms import PUBLIC_PURPOSES, Errors, SheetRequest, read_sheet_request
from issuer.kinds import KINDS
from issuer.layout import SheetFacts
from issuer.portal import new_form_token, portal, visitor
from issuer.sheets import issue_public
from shared.db.session import reading
from shared.db.tables import Procedure
from shared.domain import Purpose
from shared.names import InvalidName, ReceiverName
from shared.passwords import MINIMUM_LENGTH

bp = Blueprint("codes", __name__, url_prefix="/codes")

RADIO_LABELS = {
    Purpose.REGISTRATION: "受取者（証明書等管理業者）新規登録用",
    Purpose.AUTHENTICATION: "受取者（証明書等管理業者）認証用",
    Purpose.PASSWORD_CHANGE: "受取者（証明書等管理業者）パスワード変更用",
}


@bp.get("/")
def guide() -> str:
    """P1 二次元コードの発行（案内）."""
    return render_template("issuer/guide.html")


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
        return _form_page(_kept(request.form), wish), 422
    house, now = portal(), portal().clock()
    sheet_id = house.drawer.issue_once(
        visitor(),
        request.form.get("form_token", ""),
        lambda: issue_public(house.sessions, house.press, wish, procedures, now),
        now,
    )
    return redirect(url_for("codes.sheet", sheet_id=sheet_id), 303)


@bp.get("/<sheet_id>")
def sheet(sheet_id: str) -> Response:
    """P3 二次元コード確認; for fifteen minutes, and for the visitor who asked for it."""
    facts = _find(sheet_id)
    page = _gone() if facts is None else _sheet_page(sheet_id, facts)
    return _never_stored(Response(page, 410 if facts is None else 200))


@bp.get("/<sheet_id>.pdf")
def pdf(sheet_id: str) -> Response:
    """The same sheet as a file: the road to convenience stores, and without a script."""
    facts = _find(sheet_id)
    if facts is None:
        return _never_stored(Response(_gone(), 410))
    answer = Response(a4.as_pdf(facts), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="oss-{facts.purpose}.pdf"'
    return _never_stored(answer)


def _find(sheet_id: str) -> SheetFacts | None:
    return portal().drawer.find(visitor(), sheet_id, portal().clock())


def _gone() -> str:
    return render_template("issuer/gone.html")


def _never_stored(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sheet_page(sheet_id: str, facts: SheetFacts) -> str:
    return render_template(
        "issuer/sheet.html",
        sheet_id=sheet_id,
        facts=facts,
        kind=KINDS[facts.purpose],
        individual=facts.purpose is Purpose.INDIVIDUAL,
        issued_label=layout.issued_label(facts),
        issued_text=layout.issued_text(facts),
        without_number=_lacks_number(facts),
        drawing=Markup(a4.as_svg(facts)),  # noqa: S704 - our own outlines; no letter of the name
    )


def _form_page(values: Mapping[str, str], errors: Errors) -> str:
    return render_template(
        "issuer/form.html",
        values=values,
        errors=errors,
        form_token=new_form_token(),
        purposes=[(purpose, RADIO_LABELS[purpose]) for purpose in PUBLIC_PURPOSES],
        procedures=[{"code": c, "name": n} for c, n in _open_procedures().items()],
        minimum_length=MINIMUM_LENGTH,
    )


def _kept(values: Mapping[str, str]) -> dict[str, str]:
    """What is shown again beside an error: everything but the passwords, the name widened."""
    kept = {name: values.get(name, "") for name in ("purpose", "procedure", "receiver_name")}
    return kept | {"receiver_name": _widened(kept["receiver_name"])}


def _widened(name: str) -> str:
    try:
        return ReceiverName.parse(name).display
    except InvalidName:
        return name


def _lacks_number(facts: SheetFacts) -> bool:
    name = facts.receiver_name
    return name is not None and ReceiverName.parse(name).lacks_registration_number()


def _open_procedures() -> dict[int, str]:
    """手続種別 that can be chosen now, in the order of their codes."""
    with reading(portal().sessions) as session:
        rows = session.execute(
            select(Procedure.code, Procedure.name).where(Procedure.is_open).order_by(Procedure.code)
        )
        return {code: name for code, name in rows}


def _values_of(sheet_id: str) -> dict[str, str]:
    """The form's values for issuing the same again with changes; empty without such a sheet."""
    facts = _find(sheet_id) if sheet_id else None
    if facts is None:
        return {"purpose": "", "procedure": "", "receiver_name": ""}
    codes = {name: str(code) for code, name in _open_procedures().items()}
    return {
        "purpose": str(facts.purpose),
        "procedure": codes.get(facts.procedure or "", ""),
        "receiver_name": facts.receiver_name or "",
    }
