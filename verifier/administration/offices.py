"""事務所: added and renamed."""

from dataclasses import dataclass
from typing import ClassVar

from shared.db.tables import Office
from shared.domain import Role
from verifier.administration.orders import Acting
from verifier.administration.why import NotDone, Why
from verifier.furnishing import code_of, name_of
from verifier.registry.journal import Act

_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class AddOffice:
    """Add an office."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    code: str
    name: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: EXISTS, or for code and name."""
        code = code_of(self.code)
        if acting.session.get(Office, code) is not None:
            raise NotDone(Why.EXISTS)
        acting.session.add(Office(code=code, name=name_of(self.name)))
        acting.note(Act.OFFICE_CHANGED, {"office": code, "change": "added"})


@dataclass(frozen=True, slots=True)
class RenameOffice:
    """Give an office another name."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    code: str
    name: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, or for the name."""
        office = acting.session.get(Office, self.code, with_for_update=True)
        if office is None:
            raise NotDone(Why.MISSING)
        office.name = name_of(self.name)
        acting.note(Act.OFFICE_CHANGED, {"office": office.code, "change": "renamed"})
