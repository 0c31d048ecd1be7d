"""What the log is narrowed to, read from the address: codes, ids and digests, nothing typed.

Names, plates, filing numbers and search keys are looked up first (`verifier.console.typed`), so
that an address in a history, a bookmark or a log tells nobody anything.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, select, union
from sqlalchemy.orm import Session

from shared.db.tables import HandOver, HandOverItem, LogLine, Presentation
from shared.domain import Purpose, Source
from verifier.console.periods import Period, read_period
from verifier.decision.reasons import Reason
from verifier.registry.journal import Act

OUTCOMES = {"accepted": True, "refused": False}
MOST_IDS = 20
MOST_SHOWINGS = 500
"""Of one vehicle or sheet; nobody shows one more often."""
_IDS = re.compile(rf"[0-9]{{1,15}}(\.[0-9]{{1,15}}){{0,{MOST_IDS - 1}}}")
_DIGEST = re.compile("[0-9a-f]{64}")
_CODE = re.compile(r"[^\s]{1,24}")
CHOSEN = {
    "act": LogLine.act,
    "outcome": LogLine.accepted,
    "reason": LogLine.reason,
    "purpose": LogLine.purpose,
    "procedure": LogLine.procedure_code,
    "source": LogLine.source,
    "kiosk": LogLine.kiosk_code,
    "staff": LogLine.staff_number,
}
"""Filters with a column of their own: what is counted beside the list."""
FOUND = ("receiver", "filing", "key")
"""Filters that were typed and looked up."""
_PERIOD = ("period", "since", "until", "hour")
FIELDS = (*_PERIOD, *CHOSEN, *FOUND, "order")


def _one_of(known: Collection[str]) -> Callable[[str], bool]:
    return lambda value: value in known


_FITS: dict[str, Callable[[str], bool]] = {
    "act": _one_of(set(Act)),
    "outcome": _one_of(OUTCOMES),
    "reason": _one_of(set(Reason)),
    "purpose": _one_of(set(Purpose)),
    "procedure": lambda value: re.fullmatch("[0-9]{1,3}", value) is not None,
    "source": _one_of(set(Source)),
    "kiosk": lambda value: _CODE.fullmatch(value) is not None,
    "staff": lambda value: _CODE.fullmatch(value) is not None,
    "receiver": lambda value: _IDS.fullmatch(value) is not None,
    "filing": lambda value: _IDS.fullmatch(value) is not None,
    "key": lambda value: _DIGEST.fullmatch(value) is not None,
    "order": _one_of({"oldest"}),
}
_NOT_A_CHOICE = "選択肢にない条件は使いませんでした。"


@dataclass(frozen=True, slots=True)
class Filters:
    """What was understood of an address, and what was not."""

    values: Mapping[str, str]
    period: Period
    problems: tuple[str, ...] = ()

    @property
    def oldest_first(self) -> bool:
        """The list runs with time instead of against it."""
        return self.values.get("order") == "oldest"

    @property
    def narrows(self) -> bool:
        """Whether anything is left out at all."""
        return any(name != "order" for name in self.values)

    def query(self, **changes: object) -> str:
        """The same filters as a query string with something changed; None takes a filter away."""
        wanted: dict[str, object] = {**self.values, **changes}
        return urlencode({name: value for name, value in wanted.items() if value is not None})

    def conditions(self, session: Session) -> dict[str, ColumnElement[bool]]:
        """One condition a filter; the period is apart."""
        return {
            name: _condition(session, name, value)
            for name, value in self.values.items()
            if name in CHOSEN or name in FOUND
        }


def read_filters(arguments: Mapping[str, str], today: date) -> Filters:
    """Understand an address; what is not understood narrows nothing and is named."""
    given = {name: arguments.get(name, "").strip()[:400] for name in FIELDS}
    values = {name: value for name, value in given.items() if value}
    period, problems = read_period(values, today)
    if problems:
        values = {name: value for name, value in values.items() if name not in _PERIOD}
        period = Period()
    for name, fits in _FITS.items():
        if name in values and not fits(values[name]):
            del values[name]
            problems.append(_NOT_A_CHOICE)
    return Filters(values, period, tuple(dict.fromkeys(problems)))


def _condition(session: Session, name: str, value: str) -> ColumnElement[bool]:
    match name:
        case "receiver":
            return LogLine.receiver_id.in_(ids(value))
        case "filing":
            return LogLine.presentation_id.in_(_showings_of(session, ids(value)))
        case "key":
            shown = select(Presentation.id).where(Presentation.key_digest == value)
            return LogLine.presentation_id.in_(session.scalars(shown.limit(MOST_SHOWINGS)).all())
        case _:
            return CHOSEN[name] == stored(name, value)


def stored(name: str, value: str) -> str | int | bool:
    """A value of the address as its column holds it."""
    if name == "outcome":
        return OUTCOMES[value]
    return int(value) if name == "procedure" else value


def written(name: str, value: object) -> str:
    """A column's value as it stands in the address."""
    if name == "outcome":
        return "accepted" if value else "refused"
    return str(value)


def ids(value: str) -> list[int]:
    """The ids of a filter that was looked up."""
    return [int(part) for part in value.split(".")]


def _showings_of(session: Session, filings: list[int]) -> Collection[str]:
    """Where these filings were asked for, and the baskets they lay in."""
    asked = select(Presentation.id).where(Presentation.filing_id.in_(filings))
    lay = (
        select(HandOver.presentation_id)
        .join(HandOverItem, HandOverItem.hand_over_id == HandOver.id)
        .where(HandOverItem.filing_id.in_(filings))
    )
    return session.scalars(union(asked, lay).limit(MOST_SHOWINGS)).all()
