"""Offices, windows, staff and procedures: added one by one, each with its journal entry."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select

from shared.db.session import Sessions
from shared.db.tables import (
    Deliverable,
    Kiosk,
    Office,
    Paper,
    PaperRule,
    Procedure,
    RecoveryCode,
    Staff,
)
from shared.domain import Role
from verifier.administration.why import NotDone, Why
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json

LONGEST_NAME = 120
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,23}")
_PIN = re.compile(r"[0-9]{4,12}")
_COUNTING = "01234567890123456789"
Row = Office | Kiosk | Staff | Procedure


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A person to be added."""

    number: str
    name: str
    role: Role
    pin: str = field(repr=False)


def code_of(text: str) -> str:
    """A code as the office gives it. Raises NotDone."""
    if not _CODE.fullmatch(text):
        raise NotDone(Why.BAD_CODE, "a code has 1 to 24 letters, digits and hyphens")
    return text


def name_of(text: str) -> str:
    """A name that can be shown. Raises NotDone."""
    name = text.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise NotDone(Why.BAD_NAME, f"a name has 1 to {LONGEST_NAME} characters")
    if any(unicodedata.category(char).startswith("C") for char in name):
        raise NotDone(Why.UNSEEN_CHARACTER, "the name holds a character that cannot be seen")
    return name


def pin_of(text: str) -> str:
    """A PIN that is not the first one to be tried. Raises NotDone, which never repeats it."""
    if not _PIN.fullmatch(text):
        raise NotDone(Why.BAD_PIN, "a PIN has 4 to 12 digits")
    if len(set(text)) == 1 or text in _COUNTING or text in _COUNTING[::-1]:
        raise NotDone(Why.EASY_PIN, "this PIN is easily guessed: choose another one")
    return text


def staff_row(person: NewStaff, pin_hash: str, now: datetime) -> Staff:
    """The row of a person. Raises NotDone."""
    return Staff(
        number=code_of(person.number),
        name=name_of(person.name),
        role=person.role,
        pin_hash=pin_hash,
        added_at=now,
    )


def procedure_row(
    procedure: Procedure, deliverables: tuple[str, ...], papers: tuple[tuple[str, PaperRule], ...]
) -> Procedure:
    """A procedure with what is given out and what is handed in. Raises NotDone."""
    procedure.name = name_of(procedure.name)
    procedure.deliverables = [
        Deliverable(position=place, name=name_of(name)) for place, name in enumerate(deliverables)
    ]
    procedure.papers = [
        Paper(position=place, name=name_of(name), rule=rule)
        for place, (name, rule) in enumerate(papers)
    ]
    return procedure


def add(sessions: Sessions, row: Row, now: datetime) -> None:
    """Add a row and journal its code. Raises NotDone when it is there or hangs in the air."""
    code = row.number if isinstance(row, Staff) else row.code
    what = type(row).__name__.lower()
    body: dict[str, Json] = {"added": what, "code": str(code)}
    if isinstance(row, Staff):
        body["role"] = row.role.value
    with sessions.begin() as session:
        if session.get(type(row), code) is not None:
            raise NotDone(Why.EXISTS, f"{what} {code} is there already")
        if isinstance(row, Kiosk) and session.get(Office, row.office_code) is None:
            raise NotDone(Why.NO_OFFICE, f"there is no office {row.office_code}; add it first")
        if isinstance(row, Procedure):
            same = session.scalar(select(Procedure.code).where(Procedure.name == row.name))
            if same is not None:
                raise NotDone(Why.NAME_EXISTS, f"procedure {same} has that name")
        session.add(row)
        session.flush()
        journal.append(session, Act.INSTALLED, Author(), body, now)


def give_password(sessions: Sessions, number: str, password_hash: str, now: datetime) -> None:
    """Give somebody a console password that they replace at the first sign-in.

    The way in for the first administrator, and back in when no administrator can sign in. Raises
    NotDone.
    """
    with sessions.begin() as session:
        person = session.get(Staff, number, with_for_update=True)
        if person is None:
            raise NotDone(Why.MISSING, f"there is no staff {number}")
        if person.role is Role.CLERK:
            raise NotDone(Why.BAD_PASSWORD, f"staff {number} is a clerk and has no console")
        person.password_hash, person.password_is_temporary = password_hash, True
        person.second_factor = person.second_factor_step = None
        person.failures, person.locked_until = 0, None
        session.execute(delete(RecoveryCode).where(RecoveryCode.staff_number == number))
        session.flush()
        body: dict[str, Json] = {"person": number, "change": "password"}
        journal.append(session, Act.STAFF_CHANGED, Author(), body, now)
