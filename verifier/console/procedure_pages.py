"""手続種別: what is open, what is given out and what is handed in."""

from collections.abc import Iterator

from flask import abort, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import PaperRule, Procedure
from verifier.administration.procedures import AddProcedure, ChangeProcedure, ProcedureFacts
from verifier.console import words
from verifier.console.access import ADMINISTERING_ROLES, only
from verifier.console.house import installation
from verifier.console.ordering import Form, answer, give, number, typed

LINES = 10
"""How many deliverables and how many papers a form has room for."""


def procedures() -> str:
    """Every procedure with what belongs to it."""
    with reading(installation().sessions) as session:
        every = session.scalars(select(Procedure).order_by(Procedure.code)).all()
    return render_template("console/procedures.html", procedures=every, rules=words.PAPER_RULES)


def procedure(code: int) -> str:
    """One procedure as a form; as a text for whoever may not change it."""
    return _page(code, Form(_values(_found(code))))


@only(ADMINISTERING_ROLES)
def new_procedure() -> str:
    """The form for a new procedure."""
    return _page(None, Form({"is_open": "yes"}))


@only(ADMINISTERING_ROLES)
def add_procedure() -> Response | tuple[str, int]:
    """Add a procedure."""
    form = give("procedure", lambda: AddProcedure(number(typed("code")), _facts()))
    said, onward = "手続種別を登録しました。", url_for("console.procedures")
    return answer(form, lambda again: _page(None, again), said, onward)


@only(ADMINISTERING_ROLES)
def change_procedure(code: int) -> Response | tuple[str, int]:
    """Write a procedure anew."""
    form = give("procedure", lambda: ChangeProcedure(code, _facts()))
    said, onward = "手続種別を変更しました。", url_for("console.procedures")
    return answer(form, lambda again: _page(code, again), said, onward)


def _found(code: int) -> Procedure:
    with reading(installation().sessions) as session:
        found = session.get(Procedure, code)
        if found is None:
            abort(404)
        return found


def _page(code: int | None, form: Form) -> str:
    return render_template(
        "console/procedure.html", code=code, form=form, rules=words.PAPER_RULES, lines=LINES
    )


def _values(found: Procedure) -> dict[str, str]:
    """A procedure in the names of the form's fields."""
    values = {
        "name": found.name,
        "then": found.then or "",
        "is_open": "yes" if found.is_open else "",
    }
    values |= {f"deliverable-{d.position}": d.name for d in found.deliverables}
    for paper in found.papers:
        values |= {f"paper-{paper.position}": paper.name, f"rule-{paper.position}": paper.rule}
    return values


def _facts() -> ProcedureFacts:
    """What the form says: lines that were left empty are none."""
    return ProcedureFacts(
        name=typed("name"),
        then=typed("then"),
        is_open=bool(typed("is_open")),
        deliverables=tuple(name for name, _ in _lines("deliverable")),
        papers=tuple((name, _rule(place)) for name, place in _lines("paper")),
    )


def _lines(field: str) -> Iterator[tuple[str, int]]:
    for place in range(LINES):
        if name := typed(f"{field}-{place}"):
            yield name, place


def _rule(place: int) -> PaperRule:
    rule = request.form.get(f"rule-{place}", PaperRule.ALWAYS)
    if rule not in set(PaperRule):
        abort(400)
    return PaperRule(rule)
