"""What is written down of every act: presentations, the journal, answered requests."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Code, Digest, Identifier, stored_by_value
from shared.domain import Purpose, Source

_NAMES_A_FILING = "filing_id IS NOT NULL"
"""Only individual sheets do: an index over all showings would look worthless to a planner."""


class Presentation(Base):
    """One showing of a sheet, accepted or not. Holds no name, password, seal or whole key."""

    __tablename__ = "presentations"
    id: Mapped[Identifier] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kiosk_code: Mapped[Code] = mapped_column(ForeignKey("kiosks.code"))
    staff_number: Mapped[Code] = mapped_column(ForeignKey("staff.number"))
    source: Mapped[Source] = mapped_column(stored_by_value(Source))
    typed_reason: Mapped[str | None] = mapped_column(String(24))
    purpose: Mapped[Purpose | None] = mapped_column(stored_by_value(Purpose))
    procedure_code: Mapped[int | None] = mapped_column(SmallInteger)
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("receivers.id"), index=True)
    filing_id: Mapped[int | None] = mapped_column(ForeignKey("filings.id"))
    key_tail: Mapped[str | None] = mapped_column(String(4))
    key_digest: Mapped[Digest | None] = mapped_column(index=True)
    """Look-up digest of the whole search key: finds a sheet by it without keeping it."""
    fingerprint: Mapped[Digest] = mapped_column(index=True)
    """HMAC of the text: finds the same sheet again without keeping it."""
    accepted: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(16), index=True)
    """The reason shown; `reasons` holds all of them, parted by blanks."""
    reasons: Mapped[str] = mapped_column(String(400))
    elapsed_ms: Mapped[int]

    __table_args__ = (
        Index("ix_presentations_kiosk_code", "kiosk_code", "at"),
        Index(
            "ix_presentations_filing_id",
            "filing_id",
            sqlite_where=text(_NAMES_A_FILING),
            postgresql_where=text(_NAMES_A_FILING),
        ),
    )


class JournalEntry(Base):
    """One link of the chain. Written once: the database refuses to change or delete it."""

    __tablename__ = "journal"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    prev: Mapped[Digest] = mapped_column(unique=True)
    hash: Mapped[Digest] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    act: Mapped[str] = mapped_column(String(24), index=True)
    kiosk_code: Mapped[Code | None]
    kiosk_seq: Mapped[int | None]
    staff_number: Mapped[Code | None]
    body: Mapped[str] = mapped_column(Text)
    """Canonical JSON: what happened, in codes and numbers."""

    __table_args__ = (UniqueConstraint("kiosk_code", "kiosk_seq"),)


class Checkpoint(Base):
    """A signed word of the registry: at this moment the journal had this size and this head."""

    __tablename__ = "checkpoints"
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """How many entries there were: the number of the newest."""
    head: Mapped[Digest]
    at: Mapped[datetime]
    prev: Mapped[Digest] = mapped_column(unique=True)
    """SHA-256 of the checkpoint before it."""
    key_id: Mapped[int] = mapped_column(SmallInteger)
    signature: Mapped[str] = mapped_column(String(88))
    """Ed25519, in base64."""


class IdempotencyKey(Base):
    """An answered request: the same key and request get the same answer."""

    __tablename__ = "idempotency_keys"
    key: Mapped[Identifier] = mapped_column(primary_key=True)
    fingerprint: Mapped[Digest]
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)
