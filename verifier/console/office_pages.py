"""事務所: added and renamed."""

from flask import render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import Office
from verifier.administration.offices import AddOffice, RenameOffice
from verifier.console.access import ADMINISTERING_ROLES, only
from verifier.console.house import installation
from verifier.console.ordering import Form, answer, give, typed


def offices() -> str:
    """Every office."""
    return _offices(Form())


@only(ADMINISTERING_ROLES)
def add_office() -> Response | tuple[str, int]:
    """Add an office."""
    order = AddOffice(typed("code"), typed("name"))
    form = give("add", lambda: order)
    return answer(form, _offices, "事務所を登録しました。", url_for("console.offices"))


@only(ADMINISTERING_ROLES)
def rename_office(code: str) -> Response | tuple[str, int]:
    """Give an office another name."""
    order = RenameOffice(code, typed("name"))
    form = give(code, lambda: order)
    return answer(form, _offices, "事務所の名称を変更しました。", url_for("console.offices"))


def _offices(form: Form) -> str:
    with reading(installation().sessions) as registry:
        every = registry.scalars(select(Office).order_by(Office.code)).all()
    return render_template("console/offices.html", form=form, offices=every)
