"""Tries a migration again while somebody else uses the tables, so that no window waits behind it.

A lock that waits lets nobody past it: behind a backup, which reads for minutes, every window of the
country would stand still. So the migration waits briefly, lets go of everything, and comes again.
"""

import logging
import time
from collections.abc import Callable, Iterable

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

PAUSES = (2, 4, 8, 16, *[30] * 58)
"""Seconds from one try to the next: half an hour in all."""
WAIT_BRIEFLY = text("SET LOCAL lock_timeout = '2s'")
"""Less than what a window waits for a lock: it is answered late and not refused."""
_KEPT_WAITING = {"55P03", "40P01"}
"""SQLSTATEs of a lock not got in time, and of two that wait for each other."""
_OLDEST = text(
    """
    SELECT pid, floor(extract(epoch FROM clock_timestamp() - xact_start)) AS seconds
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
        AND EXISTS (
            SELECT FROM pg_locks
            WHERE pg_locks.pid = pg_stat_activity.pid AND relation IS NOT NULL AND granted)
    ORDER BY xact_start LIMIT 1"""
)
_log = logging.getLogger(__name__)


class TablesInUse(RuntimeError):
    """Somebody read or wrote until the last try: nothing was changed."""


def when_free(engine: Engine, act: Callable[[], None], pauses: Iterable[float]) -> None:
    """Do an act that is one transaction, again after each pause while locks keep it waiting.

    Raises TablesInUse after the last pause, and whatever else the act raises at once.
    """
    for pause in pauses:
        if _done(act):
            return
        _log.warning("%s The migration comes again in %g s.", _in_use(engine)[0], pause)
        time.sleep(pause)
    if not _done(act):
        raise TablesInUse(" ".join(_in_use(engine)))


def _done(act: Callable[[], None]) -> bool:
    try:
        act()
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) in _KEPT_WAITING:
            return False
        raise
    return True


def _in_use(engine: Engine) -> tuple[str, str]:
    """Who uses the tables, and what can be done about it."""
    with engine.connect() as connection:
        oldest = connection.execute(_OLDEST).first()
    if oldest is None:
        return (
            "The tables are in use.",
            "Nothing was changed. Run this again when fewer people are at work.",
        )
    return (
        f"The tables are in use: process {oldest.pid} of PostgreSQL holds them, for"
        f" {oldest.seconds} s now (a backup, or a long search in the console).",
        f"Nothing was changed. Wait for its end or end it (SELECT pg_terminate_backend("
        f"{oldest.pid})), then run this again.",
    )
