"""概要: how today goes, beside the same weekday a week ago, and how the windows are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import Kiosk
from verifier.console import periods, words
from verifier.console.charts import hour_chart, reason_chart
from verifier.console.day_counts import count_day, live_holds, waiting
from verifier.console.house import installation
from verifier.decision.catalogue import explain
from verifier.decision.reasons import Reason

SILENT_AFTER = timedelta(seconds=60)
"""A window that has not been heard of for so long is marked."""
MOST_REASONS = 8
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """One window as the overview shows it."""

    code: str
    name: str
    office: str
    heard: str
    """How long ago, in words."""
    is_silent: bool
    is_locked: bool
    faults: tuple[str, ...]
    presented: int

    @property
    def runs(self) -> bool:
        """Heard of just now, and judging."""
        return not self.is_silent and not self.is_locked


def overview() -> str:
    """Today's page."""
    now = installation().clock()
    today = periods.today_in_tokyo(now)
    with reading(installation().sessions) as session:
        counts = count_day(session, today)
        return render_template(
            "console/overview.html",
            now=now,
            today=today,
            counts=counts,
            before=count_day(session, today - WEEK, now - WEEK),
            whole_day_before=count_day(session, today - WEEK),
            week_ago=today - WEEK,
            holds=live_holds(session),
            waiting=waiting(session),
            windows=_windows(session, counts.kiosks, now),
            hours=hour_chart(counts.hours),
            reasons=reason_chart(counts.reasons, MOST_REASONS),
            reason_texts={reason.value: explain(reason).title for reason in Reason},
            person=g.person,
        )


def _windows(session: Session, presented: dict[str, int], now: datetime) -> list[Window]:
    kiosks = select(Kiosk).where(Kiosk.revoked_at.is_(None)).order_by(Kiosk.office_code, Kiosk.code)
    return [
        Window(
            code=kiosk.code,
            name=kiosk.name,
            office=kiosk.office.name,
            heard=heard(kiosk.seen_at, now),
            is_silent=kiosk.seen_at is None or now - kiosk.seen_at >= SILENT_AFTER,
            is_locked=kiosk.locked_at is not None,
            faults=tuple(words.faults(kiosk.faults)),
            presented=presented.get(kiosk.code, 0),
        )
        for kiosk in session.scalars(kiosks)
    ]


def heard(seen_at: datetime | None, now: datetime) -> str:
    """How long ago a window's program last asked for something."""
    if seen_at is None:
        return "まだ一度も通信がありません"
    seconds = max(0, int((now - seen_at).total_seconds()))
    for size, unit in ((86400, "日"), (3600, "時間"), (60, "分")):
        if seconds >= size:
            return f"{seconds // size}{unit}前"
    return f"{seconds}秒前"
