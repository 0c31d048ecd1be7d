"""What whoever owns the database does first: drop what forbids changes to the record."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.db.session import Sessions


def drop_triggers(session: Session) -> None:
    """Let journal and checkpoints be changed."""
    if session.get_bind().dialect.name == "sqlite":
        for table in ("journal", "checkpoints"):
            for change in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER {table}_no_{change}"))
        return
    for table in ("journal", "checkpoints"):
        session.execute(text(f"DROP TRIGGER {table}_no_change ON {table}"))


def tamper(sessions: Sessions, statement: str) -> None:
    """Change the registry as whoever owns the database could."""
    with sessions.begin() as session:
        drop_triggers(session)
        session.execute(text(statement))
