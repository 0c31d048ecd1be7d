"""What the console finds entries of the journal by, and the views of the log people keep."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Code, Identifier, Name, RowId

FOUND_BY = ("act", "kiosk_code", "staff_number", "source", "purpose", "reason", "receiver_id")
"""Columns with an index of their own, in the order of time."""


class LogLine(Base):
    """One journal entry in columns that can be searched. It finds entries and proves nothing.

    Written with its entry; what a page says is always read from the entry itself.
    """

    __tablename__ = "log_lines"
    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(24))
    kiosk_code: Mapped[Code | None]
    staff_number: Mapped[Code | None]
    source: Mapped[str | None] = mapped_column(String(24))
    purpose: Mapped[str | None] = mapped_column(String(24))
    procedure_code: Mapped[int | None] = mapped_column(SmallInteger)
    accepted: Mapped[bool | None]
    """None where nothing was judged."""
    reason: Mapped[str | None] = mapped_column(String(16))
    """The refusal that was shown; the entry holds all of them."""
    receiver_id: Mapped[int | None] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
    presentation_id: Mapped[Identifier | None] = mapped_column(index=True)
    """The showing that the entry is about, or that opened the basket it is about."""
    items: Mapped[int] = mapped_column(default=0)
    """Filings taken in hand, handed over, kept back or taken back by this act."""

    __table_args__ = (
        Index("ix_log_lines_at", "at", "seq"),
        *(Index(f"ix_log_lines_{column}", column, "at", "seq") for column in FOUND_BY),
    )


class SavedView(Base):
    """A view of the log somebody kept: a name and the address's query."""

    __tablename__ = "saved_views"
    id: Mapped[RowId]
    name: Mapped[Name]
    query: Mapped[str] = mapped_column(String(1000))
    """As `verifier.console.filters` writes it: codes, ids and digests, nothing typed."""
    staff_number: Mapped[Code] = mapped_column(ForeignKey("staff.number"), index=True)
    is_shared: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime]
