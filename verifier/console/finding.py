"""Finds entries of the log and counts beside them, in bounded time however long the log is.

Of what the most selective filter leaves, the newest `BOUND` lines are looked at, never more; what
lies beyond is reached by going on from there, and counts say that they stop there. That one filter
and the period choose these lines, each with an index in the order of time, and the others are asked
of them alone: behind a LIMIT, so that no planner can choose a way that reads the whole log.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, select, true, tuple_
from sqlalchemy.orm import Session

from shared.db.base import UTCDateTime
from shared.db.tables import LogLine
from verifier.console.filters import CHOSEN, FOUND, Filters, stored

PAGE = 50
BOUND = 10_000
"""Lines looked at for one page: a busy office's week."""
_INDEXED = frozenset({"act", "reason", "purpose", "source", "kiosk", "staff"})
_FEW = ("key", "filing", "receiver")
"""Filters that leave few lines, fewest first."""
Conditions = dict[str, ColumnElement[bool]]
Values = tuple[Any, ...]
"""The columns of `CHOSEN`, in its order."""


@dataclass(frozen=True, slots=True)
class Found:
    """The numbers of the entries of a page, in its order."""

    seqs: list[int]
    goes_on_from: int | None = None
    """The entry after which the next page begins; None at the end."""
    looked_in_vain: bool = False
    """The bound was met before the page was full."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where looking stops."""

    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries there are, in all and by value of each filter."""

    total: int
    bounded: bool
    """There are more than were looked at."""
    facets: Mapping[str, list[tuple[Any, int]]]
    """For each filter its values with what choosing each would leave, most frequent first."""


@dataclass(frozen=True)
class Search:
    """One view of the log on one session."""

    session: Session
    filters: Filters
    bound: int = BOUND

    def page(self, after: int | None) -> Found:
        """The entries of a page; `after` is the last one of the page before."""
        seqs = self._listed(self._after(after))
        if len(seqs) > PAGE:
            return Found(seqs[:PAGE], seqs[PAGE - 1])
        edge = self._edge(self._conditions, self._leading, self._after(after))
        return Found(seqs, edge.seq if edge else None, looked_in_vain=edge is not None)

    def counts(self) -> Counts:
        """The total and the counts beside the list, over the newest `BOUND` lines."""
        conditions, leading, chosen = self._conditions, self._leading, self._chosen()
        groups = self._groups(conditions, leading)
        facets = {name: _tally(groups, chosen, name) for name in CHOSEN if name != leading}
        if leading in CHOSEN:
            wider = {name: c for name, c in conditions.items() if name != leading}
            others = self._groups(wider, self._most_selective(wider))
            facets[str(leading)] = _tally(others, chosen, str(leading))
        total = sum(count for values, count in groups.items() if _fits(values, chosen))
        bounded = groups.total() >= self.bound
        return Counts(total, bounded, {name: facets[name] for name in CHOSEN})

    def newer_than(self, seq: int) -> int:
        """How many entries of this view came after one."""
        conditions = [*self._conditions.values(), *self._period()]
        newest = select(and_(true(), *conditions)).where(LogLine.seq > seq)
        fits = self.session.scalars(newest.order_by(LogLine.seq).limit(self.bound))
        return sum(bool(fit) for fit in fits)

    def all_of(self, most: int) -> Select[Any]:
        """Every line of this view in its order, at most so many: for an export."""
        return (
            select(LogLine)
            .where(*self._period(), *self._conditions.values())
            .order_by(*self._order())
            .limit(most)
        )

    @cached_property
    def _conditions(self) -> Conditions:
        return self.filters.conditions(self.session)

    @cached_property
    def _leading(self) -> str | None:
        return self._most_selective(self._conditions)

    def _most_selective(self, conditions: Conditions) -> str | None:
        """The filter that leaves least: found by counting in its index, up to the bound."""
        for name in _FEW:
            if name in conditions:
                return name
        left = {
            name: self._count_up_to_bound(condition)
            for name, condition in conditions.items()
            if name in _INDEXED
        }
        return min(left, key=lambda name: left[name]) if left else None

    def _count_up_to_bound(self, condition: ColumnElement[bool]) -> int:
        # In order, though no order is needed: a planner would else read the table from its start.
        some = select(literal(1)).where(condition, *self._period()).order_by(*self._order())
        counted = select(func.count()).select_from(some.limit(self.bound).subquery())
        return self.session.scalar(counted) or 0

    def _listed(self, after: list[ColumnElement[bool]]) -> list[int]:
        """The numbers that a page shows, and one more when there is one."""
        window = self._window(self._conditions, self._leading, after)
        chosen = {name: v for name, v in self._chosen().items() if name != self._leading}
        apart = [name for name in FOUND if name in self._conditions and name != self._leading]
        if not chosen and not apart:
            first = window.with_only_columns(LogLine.seq).limit(min(PAGE + 1, self.bound))
            return list(self.session.scalars(first))
        lines = window.subquery()
        fits = [lines.c[CHOSEN[name].key] == value for name, value in chosen.items()]
        wanted = select(lines.c.seq).where(lines.c.kept, *fits).order_by(*self._order(lines))
        return list(self.session.scalars(wanted.limit(PAGE + 1)))

    def _window(
        self, conditions: Conditions, leading: str | None, after: list[ColumnElement[bool]]
    ) -> Select[Any]:
        """The lines that are looked at: number, time, whether they are kept, values."""
        apart = [conditions[name] for name in FOUND if name in conditions and name != leading]
        kept = func.coalesce(and_(true(), *apart), literal(value=False))
        columns: list[Any] = [LogLine.seq, LogLine.at, kept.label("kept"), *CHOSEN.values()]
        wanted = select(*columns).where(*self._period(), *after)
        if leading is not None:
            wanted = wanted.where(conditions[leading])
        if leading in _FEW:
            # Several receivers' lines come in no order: only those that count are fetched.
            edge = self._edge(conditions, leading, after)
            wanted = wanted if edge is None else wanted.where(self._reaches(edge.at))
        return wanted.order_by(*self._order()).limit(self.bound)

    def _edge(
        self, conditions: Conditions, leading: str | None, after: list[ColumnElement[bool]]
    ) -> _Edge | None:
        """The last line that is looked at; None when the log ends before the bound."""
        wanted = select(LogLine.seq, LogLine.at).where(*self._period(), *after)
        if leading is not None:
            wanted = wanted.where(conditions[leading])
        last = wanted.order_by(*self._order()).offset(self.bound - 1).limit(1)
        row = self.session.execute(last).one_or_none()
        return None if row is None else _Edge(row.seq, row.at)

    def _reaches(self, at: datetime) -> ColumnElement[bool]:
        edge = literal(at, UTCDateTime())
        return LogLine.at <= edge if self.filters.oldest_first else LogLine.at >= edge

    def _groups(self, conditions: Conditions, leading: str | None) -> "Counter[Values]":
        """How many of the lines that are looked at have which values."""
        window = self._window(conditions, leading, []).subquery()
        columns = [column for column in window.columns if column.name not in ("seq", "at")]
        counted = select(*columns, func.count()).group_by(*columns)
        groups: Counter[Values] = Counter()
        for fits, *values, count in self.session.execute(counted):
            groups[tuple(values) if fits else _NOTHING] += count
        return groups

    def _chosen(self) -> dict[str, Any]:
        return {
            name: stored(name, value)
            for name, value in self.filters.values.items()
            if name in CHOSEN
        }

    def _after(self, seq: int | None) -> list[ColumnElement[bool]]:
        edge = None if seq is None else self.session.get(LogLine, seq)
        if edge is None:
            return []
        here = tuple_(LogLine.at, LogLine.seq)
        there = tuple_(literal(edge.at, UTCDateTime()), literal(edge.seq))
        return [here > there if self.filters.oldest_first else here < there]

    def _order(self, lines: Subquery | None = None) -> tuple[ColumnElement[Any], ...]:
        columns = (LogLine.at, LogLine.seq) if lines is None else (lines.c.at, lines.c.seq)
        return tuple(c.asc() if self.filters.oldest_first else c.desc() for c in columns)

    def _period(self) -> list[ColumnElement[bool]]:
        period, conditions = self.filters.period, []
        if period.begins is not None:
            conditions.append(LogLine.at >= period.begins)
        if period.ends is not None:
            conditions.append(LogLine.at < period.ends)
        return conditions


_PLACES = {name: place for place, name in enumerate(CHOSEN)}
_NOTHING: Values = ()
"""A line that another looked-up filter leaves out: it was looked at and fits nothing."""


def _tally(groups: Counter[Values], chosen: Mapping[str, Any], name: str) -> list[tuple[Any, int]]:
    others = {other: value for other, value in chosen.items() if other != name}
    counted: Counter[Any] = Counter()
    for values, count in groups.items():
        if _fits(values, others) and values[_PLACES[name]] is not None:
            counted[values[_PLACES[name]]] += count
    return counted.most_common()


def _fits(values: Values, chosen: Mapping[str, Any]) -> bool:
    if values == _NOTHING:
        return False
    return all(values[_PLACES[name]] == value for name, value in chosen.items())
