"""What supervisors decide and are told: changes to receivers, alerts, closed days."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, Code, RowId, stored_by_value
from shared.db.tables.receivers import Receiver


class ReceiverChangeKind(StrEnum):
    """What is done to a receiver from the console."""

    SUSPEND = "suspend"
    RESUME = "resume"
    NOT_BEFORE = "not_before"


class Decision(StrEnum):
    """What became of a proposed change."""

    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ReceiverChange(Base):
    """A change proposed by one person; a suspension and its end are decided by a second one."""

    __tablename__ = "receiver_changes"
    id: Mapped[RowId]
    receiver_id: Mapped[int] = mapped_column(ForeignKey("receivers.id"), index=True)
    kind: Mapped[ReceiverChangeKind] = mapped_column(stored_by_value(ReceiverChangeKind))
    reason: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[Code] = mapped_column(ForeignKey("staff.number"))
    proposed_at: Mapped[datetime]
    decision: Mapped[Decision | None] = mapped_column(stored_by_value(Decision))
    decided_by: Mapped[Code | None] = mapped_column(ForeignKey("staff.number"))
    decided_at: Mapped[datetime | None]
    receiver: Mapped[Receiver] = relationship()

    __table_args__ = (
        Index(
            "uq_receiver_changes_open",
            "receiver_id",
            unique=True,
            sqlite_where=text("decision IS NULL"),
            postgresql_where=text("decision IS NULL"),
        ),
    )


class AlertKind(StrEnum):
    """What somebody is called for."""

    FORGED = "forged"
    KIOSK_LOCKED = "kiosk_locked"
    MANY_REFUSALS = "many_refusals"
    CLOCK_OFF = "clock_off"
    DISK_FULL = "disk_full"
    CAMERA_FROZEN = "camera_frozen"
    CHAIN_BROKEN = "chain_broken"
    PLAN_CONFLICT = "plan_conflict"


class Alert(Base):
    """Something a person must look at: one row until acknowledged, however often it recurs."""

    __tablename__ = "alerts"
    id: Mapped[RowId]
    kind: Mapped[AlertKind] = mapped_column(stored_by_value(AlertKind))
    subject: Mapped[str] = mapped_column(String(40))
    """What it is about: a kiosk's code, a receiver's id, or nothing."""
    detail: Mapped[str] = mapped_column(String(200))
    """Numbers and codes only."""
    raised_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[Code | None] = mapped_column(ForeignKey("staff.number"))

    __table_args__ = (
        Index(
            "uq_alerts_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("acknowledged_at IS NULL"),
            postgresql_where=text("acknowledged_at IS NULL"),
        ),
    )


class Watermark(Base):
    """Up to which journal entry a watch has read."""

    __tablename__ = "watermarks"
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class DayClose(Base):
    """業務終了: one office's day as it was reported and signed; closing again adds a version."""

    __tablename__ = "day_closes"
    id: Mapped[RowId]
    office_code: Mapped[Code] = mapped_column(ForeignKey("offices.code"))
    day: Mapped[date] = mapped_column(Date)
    """The day in Tokyo."""
    version: Mapped[int] = mapped_column(SmallInteger)
    report: Mapped[str] = mapped_column(Text)
    """The figures as JSON: what was printed stays what it was."""
    closed_by: Mapped[Code] = mapped_column(ForeignKey("staff.number"))
    closed_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("office_code", "day", "version"),)
