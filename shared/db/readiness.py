"""Whether a registry can be worked with: it answers, and its tables are not older than the code."""

import logging
from collections.abc import Iterator
from functools import cache

from sqlalchemy.exc import SQLAlchemyError

from shared.db.schema import revision_of, scripts
from shared.db.session import Sessions, reading

_log = logging.getLogger(__name__)


def lacking(sessions: Sessions) -> Iterator[str]:
    """`registry` when it does not answer, `revision` when its tables are of an older version.

    Newer tables are fine: they come first, and the program afterwards.
    """
    try:
        with reading(sessions) as session:
            revision = revision_of(session)
    except SQLAlchemyError as error:
        _log.warning("the registry does not answer: %s", type(error).__name__)
        yield "registry"
        return
    if not revision or revision in _earlier():
        yield "revision"


@cache
def _earlier() -> frozenset[str]:
    """Every revision but the newest; they do not change while a process lives."""
    _newest, *earlier = (script.revision for script in scripts().walk_revisions())
    return frozenset(earlier)
