"""Numbers 整理番号 drawn at arrival while an office is in rush mode 混雑時の受付."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Code, Digest, Identifier, RowId, stored_by_value
from shared.domain import Purpose, Source


class TicketState(StrEnum):
    """Where a number stands."""

    WAITING = "waiting"
    CALLED = "called"
    """A window has its basket in hand."""
    ABSENT = "absent"
    """Called, and nobody came: may be put back."""
    SERVED = "served"
    REFUSED = "refused"
    """Judged again when it was called, and refused by then."""
    STRUCK = "struck"
    """The visitor left, or the day was over."""


_LIVE = "state IN ('waiting', 'called', 'absent')"


class Ticket(Base):
    """One sheet that was read at arrival; it is judged again when its number is called."""

    __tablename__ = "tickets"
    id: Mapped[RowId]
    office_code: Mapped[Code] = mapped_column(ForeignKey("offices.code"))
    day: Mapped[date] = mapped_column(Date)
    """The day in Tokyo: numbers begin anew with each."""
    number: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[TicketState] = mapped_column(stored_by_value(TicketState))
    presentation_id: Mapped[Identifier] = mapped_column(unique=True)
    """Of the reading at arrival, which is in the journal."""
    fingerprint: Mapped[Digest]
    sheet_text: Mapped[str] = mapped_column(Text)
    """What the sheet's code says (its password sealed); emptied as soon as nobody waits for it."""
    source: Mapped[Source] = mapped_column(stored_by_value(Source))
    typed_reason: Mapped[str | None] = mapped_column(String(24))
    purpose: Mapped[Purpose] = mapped_column(stored_by_value(Purpose))
    procedure_code: Mapped[int] = mapped_column(SmallInteger)
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("receivers.id"))
    filing_id: Mapped[int | None] = mapped_column(ForeignKey("filings.id"))
    kiosk_code: Mapped[Code] = mapped_column(ForeignKey("kiosks.code"))
    """Where it was read at arrival, and later where it was called."""
    drawn_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(SmallInteger, default=0)
    call_id: Mapped[Identifier | None] = mapped_column(unique=True)
    """The presentation that the call made."""

    __table_args__ = (
        UniqueConstraint("office_code", "day", "number"),
        Index(
            "uq_tickets_live_sheet",
            "office_code",
            "day",
            "fingerprint",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
    )
