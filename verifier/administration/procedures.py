"""手続種別: opened and closed, with what is given out and what is handed in."""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Deliverable, Paper, PaperRule, Procedure
from shared.domain import Role
from verifier.administration.orders import Acting
from verifier.administration.why import NotDone, Why
from verifier.furnishing import name_of, procedure_row
from verifier.registry.journal import Act

_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class ProcedureFacts:
    """A procedure as it is written down: names in the order in which they are shown."""

    name: str
    then: str
    is_open: bool
    deliverables: tuple[str, ...]
    papers: tuple[tuple[str, PaperRule], ...]


@dataclass(frozen=True, slots=True)
class AddProcedure:
    """Add a procedure; its code is the byte on the sheet."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    code: int
    facts: ProcedureFacts

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: BAD_PROCEDURE_CODE, EXISTS, NAME_EXISTS, or for a name."""
        if not 1 <= self.code <= 255:
            raise NotDone(Why.BAD_PROCEDURE_CODE)
        if acting.session.get(Procedure, self.code) is not None:
            raise NotDone(Why.EXISTS)
        facts = self.facts
        _require_own_name(acting.session, self.code, facts.name)
        row = Procedure(
            code=self.code,
            name=facts.name,
            then=name_of(facts.then) if facts.then.strip() else None,
            is_open=facts.is_open,
        )
        acting.session.add(procedure_row(row, facts.deliverables, facts.papers))
        _note(acting, self.code, "added")


@dataclass(frozen=True, slots=True)
class ChangeProcedure:
    """Write a procedure anew. Sheets that are out keep their code."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    code: int
    facts: ProcedureFacts

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, NAME_EXISTS, or for a name."""
        row = acting.session.get(Procedure, self.code, with_for_update=True)
        if row is None:
            raise NotDone(Why.MISSING)
        facts = self.facts
        _require_own_name(acting.session, self.code, facts.name)
        was_open, row.name = row.is_open, name_of(facts.name)
        row.then = name_of(facts.then) if facts.then.strip() else None
        row.is_open = facts.is_open
        _replace(acting.session, row, facts)
        opened = {True: "opened", False: "closed"}[facts.is_open]
        _note(acting, self.code, "changed" if was_open is facts.is_open else opened)


def _require_own_name(session: Session, code: int, name: str) -> None:
    taken = select(Procedure.code).where(Procedure.name == name_of(name), Procedure.code != code)
    if session.scalar(taken) is not None:
        raise NotDone(Why.NAME_EXISTS)


def _replace(session: Session, row: Procedure, facts: ProcedureFacts) -> None:
    """Positions are keys: what was there goes before what comes."""
    for old in (*row.deliverables, *row.papers):
        session.delete(old)
    session.flush()
    session.expire(row, ["deliverables", "papers"])
    session.add_all(
        Deliverable(procedure_code=row.code, position=place, name=name_of(name))
        for place, name in enumerate(facts.deliverables)
    )
    session.add_all(
        Paper(procedure_code=row.code, position=place, name=name_of(name), rule=rule)
        for place, (name, rule) in enumerate(facts.papers)
    )


def _note(acting: Acting, code: int, change: str) -> None:
    acting.note(Act.PROCEDURE_CHANGED, {"procedure": code, "change": change})
