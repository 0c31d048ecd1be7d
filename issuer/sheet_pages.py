"""P3: the issued sheet on its page, and the same sheet as a PDF."""

from flask import Blueprint, Response, render_template
from markupsafe import Markup

from issuer import a4, layout
from issuer.before_printing import compared_runs
from issuer.drawer import Issued
from issuer.kinds import KINDS
from issuer.portal import portal, visitor
from shared.domain import Purpose

bp = Blueprint("sheet", __name__, url_prefix="/codes")


@bp.get("/<sheet_id>")
def page(sheet_id: str) -> Response:
    """P3 二次元コード確認; for fifteen minutes, and for the visitor who asked for it."""
    issued = _find(sheet_id)
    if issued is None:
        return _gone()
    with portal().drawing.turn():
        return _never_stored(Response(_sheet_page(sheet_id, issued)))


@bp.get("/<sheet_id>.pdf")
def pdf(sheet_id: str) -> Response:
    """The same sheet as a file: the road to convenience stores, and without a script."""
    issued = _find(sheet_id)
    if issued is None:
        return _gone()
    with portal().drawing.turn():
        answer = Response(a4.as_pdf(issued.facts), mimetype="application/pdf")
    name = f"oss-{issued.facts.purpose}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _never_stored(answer)


def _find(sheet_id: str) -> Issued | None:
    return portal().drawer.find(visitor(), sheet_id, portal().clock())


def _gone() -> Response:
    return _never_stored(Response(render_template("issuer/gone.html"), 410))


def _never_stored(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sheet_page(sheet_id: str, issued: Issued) -> str:
    facts = issued.facts
    return render_template(
        "issuer/sheet.html",
        sheet_id=sheet_id,
        facts=facts,
        kind=KINDS[facts.purpose],
        individual=facts.purpose is Purpose.INDIVIDUAL,
        issued_label=layout.issued_label(facts),
        issued_text=layout.issued_text(facts),
        notices=issued.notices,
        runs=compared_runs(facts.receiver_name) if facts.receiver_name else (),
        drawing=Markup(a4.as_svg(facts)),  # noqa: S704 - our own outlines; no letter of the name
    )
