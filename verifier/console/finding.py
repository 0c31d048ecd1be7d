"""Finds entries of the log and counts beside them, in bounded time however long the log is.

What lies beyond the lines that are looked at is reached by going on from there, and counts say
that they stop there.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select, and_, func, select, true
from sqlalchemy.orm import Session

from shared.db.tables import LogLine
from verifier.console.filters import CHOSEN, Filters, stored
from verifier.console.looking import Condition, Direction, Look

PAGE = 50
BOUND = 10_000
"""Lines looked at for one page: a busy office's week."""
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
        edge = None if after is None else self.session.get(LogLine, after)
        beyond = [] if edge is None else [self._direction.after(edge)]
        seqs = self._listed(beyond)
        if len(seqs) > PAGE:
            return Found(seqs[:PAGE], seqs[PAGE - 1])
        stop = self._look.edge(*beyond)
        return Found(seqs, stop.seq if stop else None, looked_in_vain=stop is not None)

    def counts(self) -> Counts:
        """The total and the counts beside the list, over the newest `BOUND` lines."""
        leading, groups = self._look.leading, _groups(self._look)
        facets = {name: _tally(groups, self._chosen, name) for name in CHOSEN if name != leading}
        if leading in CHOSEN:
            wider = {name: c for name, c in self._look.conditions.items() if name != leading}
            others = _groups(Look(self.session, self._direction, wider, self.bound))
            facets[leading] = _tally(others, self._chosen, leading)
        total = sum(count for values, count in groups.items() if _fits(values, self._chosen))
        bounded = groups.total() >= self.bound
        return Counts(total, bounded, {name: facets[name] for name in CHOSEN})

    def newer_than(self, seq: int) -> int:
        """How many entries of this view came after one."""
        newest = select(and_(true(), *self._all)).where(LogLine.seq > seq)
        fits = self.session.scalars(newest.order_by(LogLine.seq).limit(self.bound))
        return sum(bool(fit) for fit in fits)

    def all_of(self, most: int) -> Select[Any]:
        """Every line of this view in its order, at most so many: for an export."""
        wanted = select(LogLine).where(*self._all).order_by(*self._direction.order())
        return wanted.limit(most)

    @property
    def _direction(self) -> Direction:
        return Direction(self.filters.period, self.filters.oldest_first)

    @cached_property
    def _look(self) -> Look:
        conditions = self.filters.conditions(self.session)
        return Look(self.session, self._direction, conditions, self.bound)

    @property
    def _all(self) -> list[Condition]:
        return [*self._look.conditions.values(), *self._direction.within()]

    @cached_property
    def _chosen(self) -> dict[str, Any]:
        chosen = self.filters.values.items()
        return {name: stored(name, value) for name, value in chosen if name in CHOSEN}

    def _listed(self, beyond: list[Condition]) -> list[int]:
        """The numbers that a page shows, and one more when there is one."""
        look, window = self._look, self._look.lines(*beyond)
        others = {name: value for name, value in self._chosen.items() if name != look.leading}
        if not others and not look.apart:
            first = window.with_only_columns(LogLine.seq).limit(min(PAGE + 1, self.bound))
            return list(self.session.scalars(first))
        lines = window.subquery()
        fits = [lines.c[CHOSEN[name].key] == value for name, value in others.items()]
        wanted = select(lines.c.seq).where(lines.c.kept, *fits)
        wanted = wanted.order_by(*self._direction.order(lines))
        return list(self.session.scalars(wanted.limit(PAGE + 1)))


def _groups(look: Look) -> Counter[Values]:
    """How many of the lines that are looked at have which values."""
    window = look.lines().subquery()
    columns = [column for column in window.columns if column.name not in ("seq", "at")]
    counted = select(*columns, func.count()).group_by(*columns)
    groups: Counter[Values] = Counter()
    for fits, *values, count in look.session.execute(counted):
        groups[tuple(values) if fits else _NOTHING] += count
    return groups


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
