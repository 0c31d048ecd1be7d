"""Finds entries of the log and counts beside them, in bounded time however long the log is.

Of what the most selective filter leaves, the newest `BOUND` lines are looked at, never more; what
lies beyond is reached by going on from there, and counts say that they stop there.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from shared.db.base import UTCDateTime
from shared.db.tables import LogLine
from verifier.console.filters import CHOSEN, Filters

PAGE = 50
BOUND = 20_000
"""Lines looked at for one page: a busy office's fortnight."""
_INDEXED = frozenset({"act", "reason", "purpose", "source", "kiosk", "staff"})
Conditions = dict[str, ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Found:
    """The numbers of the entries of a page, in its order."""

    seqs: list[int]
    goes_on_from: int | None = None
    """The entry after which the next page begins; None at the end."""
    looked_in_vain: bool = False
    """The bound was met before the page was full."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries there are, in all and by value of each filter."""

    total: int
    bounded: bool
    """There are more than were looked at."""
    facets: Mapping[str, list[tuple[Any, int]]]
    """For each filter its values with what choosing each would leave, most frequent first."""


@dataclass(frozen=True, slots=True)
class Search:
    """One view of the log on one session."""

    session: Session
    filters: Filters
    bound: int = BOUND

    def page(self, after: int | None) -> Found:
        """The entries of a page; `after` is the last one of the page before."""
        conditions = self.filters.conditions(self.session)
        leading = self._leading(conditions)
        rest = [condition for name, condition in conditions.items() if name != leading]
        window = self._window(conditions.get(leading or ""), after)
        if not rest:
            seqs = list(self.session.scalars(window.with_only_columns(LogLine.seq).limit(PAGE + 1)))
            return Found(seqs[:PAGE], seqs[PAGE - 1] if len(seqs) > PAGE else None)
        looked_at = select(LogLine.seq).where(
            LogLine.seq.in_(window.with_only_columns(LogLine.seq).limit(self.bound)), *rest
        )
        seqs = list(self.session.scalars(looked_at.order_by(*self._order()).limit(PAGE + 1)))
        if len(seqs) > PAGE:
            return Found(seqs[:PAGE], seqs[PAGE - 1])
        last = window.with_only_columns(LogLine.seq).offset(self.bound - 1).limit(1)
        edge = self.session.scalar(last)
        return Found(seqs, edge, looked_in_vain=edge is not None)

    def counts(self) -> Counts:
        """The total and the counts beside the list, over the newest `BOUND` lines."""
        conditions = self.filters.conditions(self.session)
        leading = self._leading(conditions)
        groups, seen = self._groups(conditions.get(leading or ""), _apart(conditions, leading))
        chosen = self._chosen()
        facets = {name: _tally(groups, chosen, name) for name in CHOSEN if name != leading}
        if leading in CHOSEN:
            others = _apart(conditions, leading)
            second = self._leading({n: c for n, c in conditions.items() if n != leading})
            wider, _ = self._groups(conditions.get(second or ""), others)
            facets[str(leading)] = _tally(wider, chosen, str(leading))
        total = sum(count for values, count in groups if _fits(values, chosen))
        return Counts(total, seen >= self.bound, {name: facets[name] for name in CHOSEN})

    def newer_than(self, seq: int) -> int:
        """How many entries of this view came after one."""
        newest = (
            select(LogLine.seq).where(LogLine.seq > seq).order_by(LogLine.seq).limit(self.bound)
        )
        fitting = select(func.count()).where(
            LogLine.seq.in_(newest.limit(self.bound)),
            *self._period(),
            *self.filters.conditions(self.session).values(),
        )
        return self.session.scalar(fitting) or 0

    def all_of(self, most: int) -> Select[Any]:
        """Every line of this view in its order, at most so many: for an export."""
        return (
            select(LogLine)
            .where(*self._period(), *self.filters.conditions(self.session).values())
            .order_by(*self._order())
            .limit(most)
        )

    def _leading(self, conditions: Conditions) -> str | None:
        """The filter that leaves least: found by counting in its index, up to the bound."""
        for name in ("key", "filing", "receiver"):
            if name in conditions:
                return name
        left = {
            name: self._count_up_to_bound(condition)
            for name, condition in conditions.items()
            if name in _INDEXED
        }
        return min(left, key=lambda name: left[name]) if left else None

    def _count_up_to_bound(self, condition: ColumnElement[bool]) -> int:
        some = select(literal(1)).where(condition, *self._period()).limit(self.bound).subquery()
        return self.session.scalar(select(func.count()).select_from(some)) or 0

    def _groups(
        self, leading: ColumnElement[bool] | None, apart: list[ColumnElement[bool]]
    ) -> tuple[list[tuple[dict[str, Any], int]], int]:
        """Lines of the window by their values; and how many lines it holds."""
        window = self._window(leading, None).limit(self.bound)
        columns = [column.label(name) for name, column in CHOSEN.items()]
        lines = self.session.execute(window.with_only_columns(*columns, *_flags(apart)))
        groups = Counter(tuple(line) for line in lines)
        counted = [
            (dict(zip(CHOSEN, values, strict=False)), count)
            for values, count in groups.items()
            if all(values[len(CHOSEN) :])
        ]
        return counted, groups.total()

    def _chosen(self) -> dict[str, str]:
        return {name: value for name, value in self.filters.values.items() if name in CHOSEN}

    def _window(self, leading: ColumnElement[bool] | None, after: int | None) -> Select[Any]:
        wanted = select(LogLine).where(*self._period()).order_by(*self._order())
        if leading is not None:
            wanted = wanted.where(leading)
        if after is not None and (edge := self.session.get(LogLine, after)) is not None:
            here = tuple_(LogLine.at, LogLine.seq)
            there = tuple_(literal(edge.at, UTCDateTime()), literal(edge.seq))
            wanted = wanted.where(here > there if self.filters.oldest_first else here < there)
        return wanted

    def _order(self) -> tuple[ColumnElement[Any], ...]:
        columns = (LogLine.at, LogLine.seq)
        return tuple(c.asc() if self.filters.oldest_first else c.desc() for c in columns)

    def _period(self) -> list[ColumnElement[bool]]:
        period, conditions = self.filters.period, []
        if period.begins is not None:
            conditions.append(LogLine.at >= period.begins)
        if period.ends is not None:
            conditions.append(LogLine.at < period.ends)
        return conditions


def _apart(conditions: Conditions, leading: str | None) -> list[ColumnElement[bool]]:
    """What was looked up but does not lead the search: no values to count, but to be kept to."""
    return [c for name, c in conditions.items() if name not in CHOSEN and name != leading]


def _flags(conditions: list[ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    return [func.coalesce(c, False).label(f"kept_{i}") for i, c in enumerate(conditions)]


def _tally(
    groups: list[tuple[dict[str, Any], int]], chosen: Mapping[str, str], name: str
) -> list[tuple[Any, int]]:
    others = {other: value for other, value in chosen.items() if other != name}
    counted: Counter[Any] = Counter()
    for values, count in groups:
        if values[name] is not None and _fits(values, others):
            counted[values[name]] += count
    return counted.most_common()


def _fits(values: Mapping[str, Any], chosen: Mapping[str, str]) -> bool:
    return all(word(name, values[name]) == value for name, value in chosen.items())


def word(name: str, value: Any) -> str | None:
    """A column's value as it stands in the address."""
    if name == "outcome":
        return None if value is None else "accepted" if value else "refused"
    return None if value is None else str(value)
