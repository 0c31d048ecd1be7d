"""The lines of the log that are looked at for a view: never more than a bound, whatever is asked.

Of what the most selective filter leaves, the first lines in the view's order. That one filter and
the period choose them, each with an index in the order of time; the others are asked of them
alone, behind a LIMIT, so that no planner can choose a way that reads the whole log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, select, true, tuple_
from sqlalchemy.orm import Session

from shared.db.base import UTCDateTime
from shared.db.tables import LogLine
from verifier.console.filters import CHOSEN, FOUND
from verifier.console.periods import Period

_INDEXED = frozenset({"act", "reason", "purpose", "source", "kiosk", "staff"})
_FEW = ("key", "filing", "receiver")
"""Filters that leave few lines, fewest first."""
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Direction:
    """Which stretch of time a view shows, and from which end."""

    period: Period
    oldest_first: bool

    def within(self) -> list[Condition]:
        """The lines of the period."""
        begins, ends = self.period.begins, self.period.ends
        first = [] if begins is None else [LogLine.at >= begins]
        return first if ends is None else [*first, LogLine.at < ends]

    def order(self, lines: Subquery | None = None) -> tuple[ColumnElement[Any], ...]:
        """The order of a view, on the log or on lines taken from it."""
        columns = (LogLine.at, LogLine.seq) if lines is None else (lines.c.at, lines.c.seq)
        return tuple(c.asc() if self.oldest_first else c.desc() for c in columns)

    def after(self, edge: LogLine) -> Condition:
        """The lines that come after one."""
        here = tuple_(LogLine.at, LogLine.seq)
        there = tuple_(literal(edge.at, UTCDateTime()), literal(edge.seq))
        return here > there if self.oldest_first else here < there

    def up_to(self, at: datetime) -> Condition:
        """The lines that come no later than a moment."""
        edge = literal(at, UTCDateTime())
        return LogLine.at <= edge if self.oldest_first else LogLine.at >= edge


@dataclass(frozen=True, slots=True)
class Edge:
    """The last line that is looked at."""

    seq: int
    at: datetime


@dataclass(frozen=True)
class Look:
    """What is looked at for some filters; `conditions` holds one for each."""

    session: Session
    direction: Direction
    conditions: Mapping[str, Condition]
    bound: int

    @cached_property
    def leading(self) -> str | None:
        """The filter that leaves least: found by counting in its index, up to the bound."""
        for name in _FEW:
            if name in self.conditions:
                return name
        left = {
            name: self._count_up_to_bound(condition)
            for name, condition in self.conditions.items()
            if name in _INDEXED
        }
        return min(left, key=lambda name: left[name]) if left else None

    @property
    def apart(self) -> list[Condition]:
        """What was looked up and does not lead: asked of each line."""
        names = [name for name in FOUND if name in self.conditions and name != self.leading]
        return [self.conditions[name] for name in names]

    def lines(self, *after: Condition) -> Select[Any]:
        """The lines in the view's order: number, time, whether `apart` keeps them, values."""
        kept = func.coalesce(and_(true(), *self.apart), literal(value=False))
        wanted = self._led(LogLine.seq, LogLine.at, kept.label("kept"), *CHOSEN.values())
        wanted = wanted.where(*after)
        if self.leading in _FEW:
            # Several receivers' lines come in no order: only those that count are fetched.
            edge = self.edge(*after)
            wanted = wanted if edge is None else wanted.where(self.direction.up_to(edge.at))
        return wanted.order_by(*self.direction.order()).limit(self.bound)

    def edge(self, *after: Condition) -> Edge | None:
        """Where looking stops; None when the log ends before the bound."""
        wanted = self._led(LogLine.seq, LogLine.at).where(*after)
        last = wanted.order_by(*self.direction.order()).offset(self.bound - 1).limit(1)
        row = self.session.execute(last).one_or_none()
        return None if row is None else Edge(row.seq, row.at)

    def _led(self, *columns: Any) -> Select[Any]:
        wanted = select(*columns).where(*self.direction.within())
        return wanted if self.leading is None else wanted.where(self.conditions[self.leading])

    def _count_up_to_bound(self, condition: Condition) -> int:
        # In order, though no order is needed: a planner would else read the table from its start.
        some = select(literal(1)).where(condition, *self.direction.within())
        some = some.order_by(*self.direction.order()).limit(self.bound)
        return self.session.scalar(select(func.count()).select_from(some.subquery())) or 0
