"""How a day at the counters goes, counted from the log: by hour, by answer, by reason."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import Session

from shared.db.tables import Filing, Hold, LogLine
from shared.domain import FilingStatus
from verifier.console.periods import day
from verifier.registry.journal import Act

HOURS = 24


@dataclass(slots=True)
class Tally:
    """What happened in some stretch of time."""

    accepted: int = 0
    refused: int = 0
    released: int = 0
    """Filings handed over, those taken back not counted."""

    @property
    def presented(self) -> int:
        """Sheets shown."""
        return self.accepted + self.refused

    def add(self, act: str, accepted: bool | None, lines: int, items: int) -> None:  # noqa: FBT001 - a column
        """Count some lines of one kind."""
        match act:
            case Act.PRESENTED if accepted:
                self.accepted += lines
            case Act.PRESENTED:
                self.refused += lines
            case Act.CONFIRMED:
                self.released += items
            case Act.UNDONE:
                self.released -= items


@dataclass(slots=True)
class DayCounts:
    """One day in Tokyo."""

    total: Tally = field(default_factory=Tally)
    hours: list[Tally] = field(default_factory=lambda: [Tally() for _ in range(HOURS)])
    reasons: dict[str, int] = field(default_factory=dict)
    """Refusals by the reason that was shown, most frequent first."""
    kiosks: dict[str, int] = field(default_factory=dict)
    """Sheets shown at each window."""


def count_day(session: Session, which: date, until: datetime | None = None) -> DayCounts:
    """Count a day, or as much of it as is over at a moment."""
    begins, ends = day(which).begins, day(which).ends
    if begins is None or ends is None:
        raise ValueError("a day has two ends")
    counts = DayCounts()
    for hour, kiosk, act, accepted, reason, lines, items in _grouped(
        session, begins, min(ends, until or ends)
    ):
        counts.total.add(act, accepted, lines, items or 0)
        counts.hours[hour].add(act, accepted, lines, items or 0)
        if act == Act.PRESENTED:
            counts.kiosks[kiosk] = counts.kiosks.get(kiosk, 0) + lines
            if reason is not None:
                counts.reasons[reason] = counts.reasons.get(reason, 0) + lines
    counts.reasons = dict(sorted(counts.reasons.items(), key=lambda pair: -pair[1]))
    return counts


def live_holds(session: Session) -> int:
    """Vehicles kept back now."""
    return session.scalar(select(func.count(Hold.id)).where(Hold.lifted_at.is_(None))) or 0


def waiting(session: Session) -> int:
    """Filings whose papers lie ready and that nobody has collected."""
    ready = select(func.count(Filing.id)).where(Filing.status == FilingStatus.READY)
    return session.scalar(ready) or 0


def _grouped(session: Session, begins: datetime, ends: datetime) -> Iterable[Any]:
    hour = _hour_since(begins).label("hour")
    kinds = (hour, LogLine.kiosk_code, LogLine.act, LogLine.accepted, LogLine.reason)
    return session.execute(
        select(*kinds, func.count(), func.sum(LogLine.items))
        .where(LogLine.at >= begins, LogLine.at < ends)
        .group_by(*kinds)
    )


def _hour_since(begins: datetime) -> ColumnElement[int]:
    """Which hour of the day a line is of; no database counts hours like another."""
    edges = [(LogLine.at < begins + timedelta(hours=h + 1), literal(h)) for h in range(HOURS - 1)]
    return case(*edges, else_=literal(HOURS - 1))
