"""Asks a connection that rested whether it still lives; one that has just worked is not asked."""

import time
from functools import partial
from typing import Any

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import InvalidatePoolError

RESTED = 1.0
"""Seconds from which on it is asked."""
_SINCE = "uketori_rests_since"


def ask_when_rested(engine: Engine) -> None:
    """Let no connection of a pool be used that was lost while it rested."""
    event.listen(engine, "checkin", _rests)
    event.listen(engine, "checkout", partial(_ask, engine.dialect))


def _rests(_connection: Any, record: Any) -> None:
    record.info[_SINCE] = time.monotonic()


def _ask(dialect: Dialect, connection: Any, record: Any, _used: Any) -> None:
    since = record.info.get(_SINCE)
    if since is None or time.monotonic() - since < RESTED:
        return
    driver: Any = dialect.dbapi
    try:
        dialect.do_ping(connection)
    except driver.Error as error:
        raise InvalidatePoolError from error
