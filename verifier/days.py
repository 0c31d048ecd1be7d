"""Days as an office has them: from midnight to midnight in Tokyo."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OFFICE_HOURS = ZoneInfo("Asia/Tokyo")


def day_of(at: datetime) -> date:
    """The day a moment belongs to."""
    return at.astimezone(OFFICE_HOURS).date()


def start_of_day(at: datetime) -> datetime:
    """The midnight before a moment."""
    return datetime.combine(day_of(at), time.min, OFFICE_HOURS)


def bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day and the first one after it."""
    begins = datetime.combine(day, time.min, OFFICE_HOURS)
    return begins, datetime.combine(day + timedelta(days=1), time.min, OFFICE_HOURS)
