"""Times as people read them: stored in UTC, shown in Asia/Tokyo, western calendar."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def jst_date(at: datetime) -> str:
    """``2026年 11月 23日``, as on the sheets (manual)."""
    return f"{at.astimezone(TOKYO):%Y年 %m月 %d日}"


def jst_datetime(at: datetime) -> str:
    """``2026年 11月 23日 09時 05分 00秒``, as on the individual sheet (manual)."""
    return f"{at.astimezone(TOKYO):%Y年 %m月 %d日 %H時 %M分 %S秒}"


def jst_log(at: datetime) -> str:
    """``2026-11-23 09:05:00``, as in lists that are sorted and compared."""
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"


def jst_moment(at: datetime) -> str:
    """``11月23日 09:05``, as spoken at the counter about something not long ago."""
    local = at.astimezone(TOKYO)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def jst_clock(at: datetime) -> str:
    """``17:30``, of a moment that everybody knows the day of."""
    return f"{at.astimezone(TOKYO):%H:%M}"


FILTERS: dict[str, Callable[[datetime], str]] = {
    "jst_date": jst_date,
    "jst_datetime": jst_datetime,
    "jst_log": jst_log,
    "jst_moment": jst_moment,
    "jst_clock": jst_clock,
}
