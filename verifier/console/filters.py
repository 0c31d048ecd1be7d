"""What the journal list is narrowed to: read from the address, turned into conditions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from sqlalchemy import ColumnElement

from shared.db.tables import JournalEntry
from shared.domain import FilingNumber, InvalidFilingNumber, Purpose
from shared.web.times import TOKYO
from verifier.decision.reasons import Reason
from verifier.registry.journal import Act

_FIELDS = (
    "since",
    "until",
    "act",
    "kiosk",
    "staff",
    "purpose",
    "outcome",
    "reason",
    "filing",
    "key",
)
OUTCOMES = ("accepted", "refused")


@dataclass(frozen=True, slots=True)
class Filters:
    """The form's values as typed, and what could not be understood."""

    values: Mapping[str, str]
    conditions: tuple[ColumnElement[bool], ...]
    problems: tuple[str, ...]

    def query(self, **more: object) -> str:
        """The same filters as a query string, with something added."""
        return urlencode({**{k: v for k, v in self.values.items() if v}, **more})


def read_filters(arguments: Mapping[str, str]) -> Filters:
    """Understand the address; what is not understood narrows nothing and is named."""
    values = {name: arguments.get(name, "").strip()[:40] for name in _FIELDS}
    conditions: list[ColumnElement[bool]] = []
    problems: list[str] = []
    for name, value in values.items():
        if not value:
            continue
        condition = _condition(name, value)
        if condition is None:
            problems.append(_PROBLEMS.get(name, "選択肢にない値です。"))
        else:
            conditions.append(condition)
    return Filters(values, tuple(conditions), tuple(problems))


_PROBLEMS = {
    "since": "開始日は 2026-11-23 の形で入力してください。",
    "until": "終了日は 2026-11-23 の形で入力してください。",
    "filing": "受付番号は16けたまたは17けたの数字で入力してください。",
    "key": "検索キーは下4けたを数字で入力してください。",
}


def _condition(name: str, value: str) -> ColumnElement[bool] | None:
    match name:
        case "since":
            day = _start_of(value, days=0)
            return None if day is None else JournalEntry.at >= day
        case "until":
            day = _start_of(value, days=1)
            return None if day is None else JournalEntry.at < day
        case "act":
            return JournalEntry.act == value if value in set(Act) else None
        case "kiosk":
            return JournalEntry.kiosk_code == value
        case "staff":
            return JournalEntry.staff_number == value
        case "filing":
            return _filing(value)
        case _:
            return _said(name, value)


def _said(name: str, value: str) -> ColumnElement[bool] | None:
    """A fact inside the entry. Its JSON is canonical, so the bytes of a fact are known."""
    facts = {
        "purpose": f'"purpose":"{value}"' if value in set(Purpose) else None,
        "outcome": f'"accepted":{"true" if value == "accepted" else "false"}'
        if value in OUTCOMES
        else None,
        "reason": f'"{value}"' if value in set(Reason) else None,
        "key": f'"key_tail":"{value}"' if re.fullmatch("[0-9]{4}", value) else None,
    }
    fact = facts.get(name)
    return None if fact is None else JournalEntry.body.contains(fact, autoescape=True)


def _filing(value: str) -> ColumnElement[bool] | None:
    try:
        number = FilingNumber.parse(value)
    except InvalidFilingNumber:
        return None
    return JournalEntry.body.contains(f'"{number.digits}"', autoescape=True)


def _start_of(value: str, days: int) -> datetime | None:
    """Midnight in Tokyo."""
    try:
        day = date.fromisoformat(value) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time.min, TOKYO)
