"""What time it is at the registry: the clock that decides, which a kiosk compares its own with."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, type_coerce

from shared.db.base import UTCDateTime
from shared.db.session import reading
from shared.db.tables import JournalEntry
from verifier.installation import Installation


def registry_time(installation: Installation) -> datetime:
    """The time by the database's clock; never before the newest entry of the journal.

    On SQLite the database's clock is this machine's, and only the journal shows that it was set
    back.
    """
    with reading(installation.sessions) as session:
        database = session.scalar(select(type_coerce(func.now(), UTCDateTime)))
        newest = session.scalar(select(func.max(JournalEntry.at)))
    ahead = database - datetime.now(UTC) if database else timedelta()
    now = installation.clock() + ahead
    return max(now, newest) if newest else now
