"""Hand-overs 交付: the basket a sheet opens, its rows, and holds 保留."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, Code, Identifier, Name, RowId, stored_by_value
from shared.db.tables.filings import Filing
from shared.db.tables.records import Presentation
from shared.db.tables.tickets import Ticket


class HandOverState(StrEnum):
    """A basket is open until the clerk confirms it or gives it up."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    GIVEN_UP = "given_up"


class ItemState(StrEnum):
    """What became of one filing in one basket."""

    HANDING = "handing"
    RELEASED = "released"
    RETURNED = "returned"
    HELD = "held"
    UNDONE = "undone"


class Compared(StrEnum):
    """How a paper taken in exchange was compared with its vehicle."""

    SCANNED = "scanned"
    TYPED = "typed"
    SEEN = "seen"
    """By eye: the clerk's word."""


class HandOver(Base):
    """One basket: everything a sheet may release at this office, in a clerk's hands."""

    __tablename__ = "hand_overs"
    id: Mapped[Identifier] = mapped_column(primary_key=True)
    presentation_id: Mapped[Identifier] = mapped_column(ForeignKey("presentations.id"), unique=True)
    kiosk_code: Mapped[Code] = mapped_column(ForeignKey("kiosks.code"))
    staff_number: Mapped[Code] = mapped_column(ForeignKey("staff.number"))
    state: Mapped[HandOverState] = mapped_column(stored_by_value(HandOverState))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    collector: Mapped[Name | None]
    """Who took the papers, as the clerk wrote it down."""
    receipt_number: Mapped[str | None] = mapped_column(String(24), unique=True)
    receipt_prints: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the receipt was printed: the second print says that it is a copy."""
    items: Mapped[list["HandOverItem"]] = relationship(order_by="HandOverItem.filing_id")
    presentation: Mapped[Presentation] = relationship(viewonly=True)
    """What opened it."""
    ticket: Mapped[Ticket | None] = relationship(
        primaryjoin="foreign(Ticket.call_id) == HandOver.presentation_id", viewonly=True
    )
    """The number whose call opened it."""

    __table_args__ = (
        Index(
            "uq_hand_overs_one_open_per_kiosk",
            "kiosk_code",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )


_LIVE = "state IN ('handing', 'released')"


class HandOverItem(Base):
    """One filing in one basket. The database allows one live row a filing."""

    __tablename__ = "hand_over_items"
    id: Mapped[RowId]
    hand_over_id: Mapped[Identifier] = mapped_column(ForeignKey("hand_overs.id"), index=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filings.id"))
    state: Mapped[ItemState] = mapped_column(stored_by_value(ItemState))
    reason: Mapped[str | None] = mapped_column(String(200))
    settled_at: Mapped[datetime | None] = mapped_column(index=True)
    filing: Mapped[Filing] = relationship()
    papers_taken: Mapped[list["PaperTaken"]] = relationship(order_by="PaperTaken.id")

    __table_args__ = (
        Index(
            "uq_hand_over_items_live",
            "filing_id",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index("ix_hand_over_items_filing_id", "filing_id"),
    )


class PaperTaken(Base):
    """One paper taken in exchange for a vehicle's papers, and how it was compared with the row."""

    __tablename__ = "papers_taken"
    id: Mapped[RowId]
    item_id: Mapped[int] = mapped_column(ForeignKey("hand_over_items.id"), index=True)
    name: Mapped[Name]
    """As the procedure called it that day: its table may change, the evidence may not."""
    compared: Mapped[Compared] = mapped_column(stored_by_value(Compared))


class Hold(Base):
    """保留: a vehicle kept back with a coded reason; lifted when its papers are handed over."""

    __tablename__ = "holds"
    id: Mapped[RowId]
    filing_id: Mapped[int] = mapped_column(ForeignKey("filings.id"))
    hand_over_id: Mapped[Identifier] = mapped_column(ForeignKey("hand_overs.id"))
    reason: Mapped[str] = mapped_column(String(24))
    memo: Mapped[str | None] = mapped_column(String(200))
    staff_number: Mapped[Code] = mapped_column(ForeignKey("staff.number"))
    placed_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[Code | None]

    __table_args__ = (
        Index(
            "uq_holds_live",
            "filing_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
