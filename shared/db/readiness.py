"""Whether a registry can be worked with: it answers, and its tables are not older than the code."""

import logging
from collections.abc import Iterator

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
    history = [script.revision for script in scripts().walk_revisions()]
    if not revision or revision in history[1:]:
        yield "revision"
