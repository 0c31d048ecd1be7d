"""What the console keeps of its own: visits, second factors, codes for new devices, settings."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Code, Digest, RowId


class ConsoleVisit(Base):
    """One sign-in to the console, until it ends; the browser holds the token, we its digest."""

    __tablename__ = "console_visits"
    digest: Mapped[Digest] = mapped_column(primary_key=True)
    staff_number: Mapped[Code] = mapped_column(ForeignKey("staff.number"), index=True)
    began_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    """When the password was typed last: some acts ask for it once more."""
    ended_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One way in for who lost the device that makes one-time codes. Counts once."""

    __tablename__ = "recovery_codes"
    digest: Mapped[Digest] = mapped_column(primary_key=True)
    staff_number: Mapped[Code] = mapped_column(ForeignKey("staff.number"), index=True)
    used_at: Mapped[datetime | None]


class EnrolmentCode(Base):
    """端末登録コード: lets one device become one window, once, before it expires."""

    __tablename__ = "enrolment_codes"
    digest: Mapped[Digest] = mapped_column(primary_key=True)
    kiosk_code: Mapped[Code] = mapped_column(ForeignKey("kiosks.code"), index=True)
    issued_by: Mapped[Code] = mapped_column(ForeignKey("staff.number"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Setting(Base):
    """One change of a setting; the newest row of a key is what holds."""

    __tablename__ = "settings"
    id: Mapped[RowId]
    key: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(40))
    changed_by: Mapped[Code] = mapped_column(ForeignKey("staff.number"))
    changed_at: Mapped[datetime]

    __table_args__ = (Index("ix_settings_key_id", "key", "id"),)
