"""期間: which days the log is narrowed to. Days are Tokyo's, and the last one is included."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from shared.web.times import TOKYO

NAMED = {"today": "今日", "yesterday": "昨日", "week": "今週", "last_month": "先月"}
_PROBLEMS = {
    "since": "開始日は 2026-11-23 の形で入力してください。",
    "until": "終了日は 2026-11-23 の形で入力してください。",
}


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days; either end may be open."""

    first: date | None = None
    last: date | None = None
    """Included."""
    hour: int | None = None
    """One hour of a single day."""

    @property
    def begins(self) -> datetime | None:
        """The first moment."""
        if self.first is None:
            return None
        return _midnight(self.first) + timedelta(hours=self.hour or 0)

    @property
    def ends(self) -> datetime | None:
        """The first moment after it: the next day's midnight in Tokyo."""
        if self.last is None:
            return None
        if self.hour is not None:
            return _midnight(self.last) + timedelta(hours=self.hour + 1)
        return _midnight(self.last + timedelta(days=1))


def read_period(values: Mapping[str, str], today: date) -> tuple[Period, list[str]]:
    """A named period, else the two dates; and what could not be understood."""
    if named := values.get("period"):
        if named not in NAMED:
            return Period(), ["期間が違います。"]
        return _at_hour(_named(named, today), values.get("hour", ""))
    problems: list[str] = []
    ends: dict[str, date | None] = {}
    for name, said in _PROBLEMS.items():
        ends[name] = _date(values.get(name, ""))
        if values.get(name) and ends[name] is None:
            problems.append(said)
    period = Period(ends["since"], ends["until"])
    if period.first and period.last and period.first > period.last:
        problems.append("開始日が終了日より後です。")
    return (period, problems) if problems else _at_hour(period, values.get("hour", ""))


def _at_hour(period: Period, hour: str) -> tuple[Period, list[str]]:
    if not hour:
        return period, []
    if not re.fullmatch("1?[0-9]|2[0-3]", hour) or period.first != period.last or not period.first:
        return period, ["時刻は、一日だけを選んだときに0～23で指定できます。"]
    return replace(period, hour=int(hour)), []


def today_in_tokyo(now: datetime) -> date:
    """The day it is at the counters."""
    return now.astimezone(TOKYO).date()


def day(which: date) -> Period:
    """One day."""
    return Period(which, which)


def _named(name: str, today: date) -> Period:
    match name:
        case "today":
            return day(today)
        case "yesterday":
            return day(today - timedelta(days=1))
        case "week":
            return Period(today - timedelta(days=today.weekday()), today)
        case _:
            last = today.replace(day=1) - timedelta(days=1)
            return Period(last.replace(day=1), last)


def _date(text: str) -> date | None:
    """A date that has a day after it."""
    try:
        read = date.fromisoformat(text)
        _midnight(read + timedelta(days=1))
    except (ValueError, OverflowError):
        return None
    return read


def _midnight(of: date) -> datetime:
    return datetime.combine(of, time.min, TOKYO)
