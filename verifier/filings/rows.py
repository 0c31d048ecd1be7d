"""Records to filings: every field checked, every problem of a row told."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Office, Procedure
from shared.domain import FilingNumber, FilingStatus, InvalidFilingNumber
from shared.names import InvalidName, ReceiverName
from shared.vehicle_marks import tail
from shared.words import STATUSES
from verifier.filings.records import Problem, Record, Refused

LONGEST_MARK = 40
LONGEST_PASSWORD = 128
_NAMES_REMEMBERED = 50_000
"""A receiver files for many vehicles, and reading a name is the dearest part of a row."""
_STATUS = {
    **{word: status for status, word in STATUSES.items()},
    **{status.value: status for status in FilingStatus},
}
_TRUTH = {
    **dict.fromkeys(("yes", "true", "1", "済", "確認済"), True),
    **dict.fromkeys(("no", "false", "0", "未", "未確認"), False),
}
Columns = Mapping[str, Any]


class FilingRow(NamedTuple):
    """One filing as the file wants it."""

    line: int
    number: str
    columns: Columns
    """Values of the columns that the file speaks of."""
    password: str
    """申請用パスワード, empty when the file does not set it. Never logged or stored as it is."""

    @property
    def status(self) -> FilingStatus:
        """Where the file says the filing stands."""
        status: FilingStatus = self.columns["status"]
        return status


@dataclass(frozen=True, slots=True)
class Known:
    """What filings may refer to."""

    procedures: Mapping[str, int]
    """By code and by name."""
    offices: frozenset[str]


class _Wrong(ValueError):
    """A value cannot be taken; the message says why, without repeating names and passwords."""


def load_known(session: Session) -> Known:
    """The procedures and offices of the registry."""
    procedures = session.execute(select(Procedure.code, Procedure.name)).all()
    by_name = {_folded(name): code for code, name in procedures}
    by_code = {str(code): code for code, _ in procedures}
    return Known(by_name | by_code, frozenset(session.scalars(select(Office.code))))


def read_row(record: Record, known: Known) -> FilingRow | Refused:
    """Check every field of a record."""
    columns: dict[str, Any] = {}
    problems: list[Problem] = []
    for field, text in record.values.items():
        try:
            columns.update(_READERS[field](text.strip(), known))
        except _Wrong as error:
            problems.append(Problem(record.line, field, str(error)))
    if problems:
        return Refused(record.line, tuple(problems))
    return FilingRow(record.line, columns.pop("number"), columns, columns.pop("password", ""))


def _number(text: str, _known: Known) -> Columns:
    try:
        return {"number": FilingNumber.parse(text).digits}
    except InvalidFilingNumber as error:
        hint = "; a spreadsheet rounded it: format the column as text" if "E+" in text else ""
        raise _Wrong(f"{error}{hint}") from error


def _procedure(text: str, known: Known) -> Columns:
    code = known.procedures.get(text) or known.procedures.get(_folded(text))
    if code is None:
        raise _Wrong("no procedure of that code or name")
    return {"procedure_code": code}


def _office(text: str, known: Known) -> Columns:
    if text not in known.offices:
        raise _Wrong("no office of that code")
    return {"office_code": text}


def _receiver(text: str, _known: Known) -> Columns:
    return _named(text) if text else {"receiver_name": None, "receiver_key": None}


@lru_cache(_NAMES_REMEMBERED)
def _named(text: str) -> Columns:
    try:
        name = ReceiverName.parse(text)
    except InvalidName as error:
        raise _Wrong(str(error)) from error
    return {"receiver_name": name.display, "receiver_key": name.key}


def _status(text: str, _known: Known) -> Columns:
    status = _STATUS.get(text) or _STATUS.get(text.lower())
    if status is None:
        words = ", ".join(status.value for status in FilingStatus)
        raise _Wrong(f"none of {words}")
    return {"status": status}


def _mark(column: str) -> Callable[[str, Known], Columns]:
    def read(text: str, _known: Known) -> Columns:
        if len(text) > LONGEST_MARK:
            raise _Wrong(f"longer than {LONGEST_MARK} characters")
        if not text.isprintable() and any(unicodedata.category(char)[0] == "C" for char in text):
            raise _Wrong("holds a character that cannot be seen")
        return {column: text or None, f"{column}_tail": tail(text)}

    return read


def _tax(text: str, _known: Known) -> Columns:
    confirmed = _TRUTH.get(text.lower())
    if confirmed is None:
        raise _Wrong("neither yes (済) nor no (未)")
    return {"tax_confirmed": confirmed}


def _password(text: str, _known: Known) -> Columns:
    if len(text) > LONGEST_PASSWORD:
        raise _Wrong(f"longer than {LONGEST_PASSWORD} characters")
    if any(unicodedata.category(char) == "Cs" for char in text):
        raise _Wrong("holds half a character")
    return {"password": text}


_READERS: dict[str, Callable[[str, Known], Columns]] = {
    "number": _number,
    "procedure": _procedure,
    "office": _office,
    "receiver_name": _receiver,
    "status": _status,
    "plate": _mark("plate"),
    "chassis": _mark("chassis"),
    "tax_confirmed": _tax,
    "password": _password,
}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
