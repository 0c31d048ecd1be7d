"""Issued sheets in the registry: found by the digest of their search key, ciphertext only."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.db.tables import IssuedSheet


def text_by_digest(session: Session, digest: str) -> str | None:
    """The text of the sheet with that search key, as on paper; None when there is none."""
    stored = session.get(IssuedSheet, digest)
    return stored.text if stored else None


def purge_expired(session: Session, now: datetime) -> int:
    """Destroy the texts of sheets nobody can use any more; how many there were."""
    done = session.execute(delete(IssuedSheet).where(IssuedSheet.expires_at <= now))
    return int(getattr(done, "rowcount", 0))
