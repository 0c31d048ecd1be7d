"""Filings 申請, and the sheets the portal issued (ciphertext, found by search key)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from shared.db.base import Base, Code, Digest, Name, RowId, stored_by_value
from shared.db.tables.offices import Office, Procedure
from shared.domain import FilingStatus, PickupMethod, Purpose
from shared.vehicle_marks import tail


class Filing(Base):
    """申請: one vehicle's papers on their way to the counter."""

    __tablename__ = "filings"
    id: Mapped[RowId]
    number: Mapped[str] = mapped_column(String(17), unique=True)
    """受付番号, 16 or 17 digits."""
    procedure_code: Mapped[int] = mapped_column(ForeignKey("procedures.code"))
    office_code: Mapped[Code] = mapped_column(ForeignKey("offices.code"))
    receiver_name: Mapped[Name | None]
    receiver_key: Mapped[str | None] = mapped_column(String(240))
    """Compare key of the receiver name in the filing: matched against the registry's."""
    status: Mapped[FilingStatus] = mapped_column(stored_by_value(FilingStatus))
    pickup_method: Mapped[PickupMethod] = mapped_column(
        stored_by_value(PickupMethod), default=PickupMethod.AUTHENTICATION
    )
    individual_digest: Mapped[Digest | None]
    """Look-up digest of the latest individual code's search key: only that one counts."""
    plate: Mapped[str | None] = mapped_column(String(40))
    chassis: Mapped[str | None] = mapped_column(String(40))
    plate_tail: Mapped[str | None] = mapped_column(String(4), index=True)
    chassis_tail: Mapped[str | None] = mapped_column(String(4), index=True)
    """The last four digits of plate and chassis: what people call a vehicle by."""
    tax_confirmed: Mapped[bool] = mapped_column(default=True)
    """False: the system could not confirm the tax, the visitor must show 納税証明書."""
    password_hash: Mapped[str | None] = mapped_column(String(60))
    """申請用パスワード, for the inquiry login."""
    inquiry_failures: Mapped[int] = mapped_column(default=0)
    inquiry_locked_until: Mapped[datetime | None]
    received_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    procedure: Mapped[Procedure] = relationship()
    office: Mapped[Office] = relationship()

    __table_args__ = (
        Index("ix_filings_of_receiver", "receiver_key", "status", "updated_at"),
        Index("ix_filings_waiting", "status", "office_code"),
    )

    @validates("plate", "chassis")
    def _keep_tail(self, column: str, mark: str | None) -> str | None:
        setattr(self, f"{column}_tail", tail(mark))
        return mark


class IssuedSheet(Base):
    """What a typed search key fetches: the sheet's text, never anything it seals."""

    __tablename__ = "issued_sheets"
    lookup_digest: Mapped[Digest] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    purpose: Mapped[Purpose] = mapped_column(stored_by_value(Purpose))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
