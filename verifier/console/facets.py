"""Counts beside the list as links that narrow it or take the narrowing away."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Filing, Receiver
from shared.domain import FilingNumber
from verifier.console import periods
from verifier.console.choices import LABELS, Choices
from verifier.console.filters import CHOSEN, Filters, ids, written
from verifier.console.finding import Counts

MOST_VALUES = 8
"""More values than this are in the form's lists."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a filter: what choosing it, or taking it away, leads to."""

    text: str
    count: int
    is_chosen: bool
    query: str


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter with its most frequent values."""

    label: str
    values: list[Value]
    left_out: int
    """Further values that are not listed."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words, and the view without it."""

    label: str
    text: str
    query: str


def of(counts: Counts, filters: Filters, choices: Choices) -> list[Facet]:
    """Every filter in which there is something to choose between."""
    return [facet for name in CHOSEN if (facet := _facet(name, counts, filters, choices)).values]


def chips(session: Session, filters: Filters, choices: Choices) -> list[Chip]:
    """Everything the list is narrowed to."""
    return list(_chips(session, filters, choices))


def _facet(name: str, counts: Counts, filters: Filters, choices: Choices) -> Facet:
    values = []
    for raw, count in counts.facets[name]:
        value = written(name, raw)
        is_chosen = filters.values.get(name) == value
        query = filters.query(**{name: None if is_chosen else value})
        values.append(Value(choices.word(name, value), count, is_chosen, query))
    listed = values[:MOST_VALUES] + [value for value in values[MOST_VALUES:] if value.is_chosen]
    return Facet(LABELS[name], listed, len(values) - len(listed))


def _chips(session: Session, filters: Filters, choices: Choices) -> Iterator[Chip]:
    values = filters.values
    if "period" in values:
        gone = filters.query(period=None, hour=None)
        yield Chip("期間", periods.NAMED[values["period"]], gone)
    elif filters.period.first or filters.period.last:
        text = f"{filters.period.first or ''}～{filters.period.last or ''}"
        yield Chip("期間", text, filters.query(since=None, until=None, hour=None))
    if "hour" in values:
        yield Chip("時刻", f"{values['hour']}時台", filters.query(hour=None))
    for name in CHOSEN:
        if name in values:
            text = choices.word(name, values[name])
            yield Chip(LABELS[name], text, filters.query(**{name: None}))
    if "receiver" in values:
        names = select(Receiver.name).where(Receiver.id.in_(ids(values["receiver"])))
        text = "、".join(session.scalars(names.order_by(Receiver.id)))
        yield Chip("受取者名", text or "（登録なし）", filters.query(receiver=None))
    if "filing" in values:
        yield Chip("車両", _vehicles(session, ids(values["filing"])), filters.query(filing=None))
    if "key" in values:
        yield Chip("検索キー", "入力した検索キーの用紙", filters.query(key=None))


def _vehicles(session: Session, filings: list[int]) -> str:
    found = session.execute(select(Filing.number, Filing.plate).where(Filing.id.in_(filings)))
    marks = (plate or FilingNumber(number).grouped() for number, plate in found)
    return "、".join(marks) or "（申請なし）"
