"""Alembic's way in: runs on a connection given by `shared.db.schema` or on a URL."""

from typing import Any, Literal

from alembic import context

from shared.db.base import UTCDateTime
from shared.db.session import open_registry
from shared.db.tables import Base

config = context.config


def _render_item(_kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our UTC column type as the plain type it is, so that revisions need no import."""
    return "sa.DateTime(timezone=True)" if isinstance(item, UTCDateTime) else False


def _run(connection: object) -> None:
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=_render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


if given := config.attributes.get("connection"):
    _run(given)
else:
    url = (
        config.get_main_option("sqlalchemy.url")
        or context.get_x_argument(as_dictionary=True)["url"]
    )
    with open_registry(url)() as session, session.begin():
        _run(session.connection())
