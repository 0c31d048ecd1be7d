"""What time it is at the registry: the clock that decides, which a kiosk compares its own with."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, type_coerce

from shared.db.base import UTCDateTime
from shared.db.session import glancing
from shared.db.tables import JournalEntry
from verifier.installation import Installation


def registry_time(installation: Installation) -> datetime:
    """The time by the database's clock; never before the newest entry of the journal.

    On SQLite the database's clock is this machine's, and only the journal shows that it was set
    back.
    """
    with glancing(installation.sessions) as session:
        database, newest = session.execute(_TIMES).one()
    ahead = database - datetime.now(UTC) if database else timedelta()
    now = installation.clock() + ahead
    return max(now, newest) if newest else now


_TIMES = select(
    type_coerce(func.now(), UTCDateTime), select(func.max(JournalEntry.at)).scalar_subquery()
)
"""In one round: every window asks every few seconds."""
