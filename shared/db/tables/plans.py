"""Day plans 計画: what a window may release while the registry is away, and what it did."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Code, Digest, Identifier, Name, RowId, stored_by_value


class PlanRule(Base):
    """An office whose windows keep a plan; an office without a row has none."""

    __tablename__ = "plan_rules"
    office_code: Mapped[Code] = mapped_column(ForeignKey("offices.code"), primary_key=True)
    hours: Mapped[int] = mapped_column(SmallInteger)
    """How long a plan counts after it was made."""
    most: Mapped[int]
    """How many filings one plan may release."""
    is_drill: Mapped[bool]
    """訓練: the same road, and nothing is released in the registry."""


class DayPlan(Base):
    """One plan that was made for one window."""

    __tablename__ = "day_plans"
    id: Mapped[Identifier] = mapped_column(primary_key=True)
    kiosk_code: Mapped[Code] = mapped_column(ForeignKey("kiosks.code"))
    number: Mapped[int]
    """Of this window, growing: an older plan is not taken for a newer one."""
    office_code: Mapped[Code] = mapped_column(ForeignKey("offices.code"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    most: Mapped[int]
    is_drill: Mapped[bool]
    filings: Mapped[int]
    """How many it holds."""
    reconciled: Mapped[int] = mapped_column(default=0)
    """Up to which entry of its own journal it was reconciled."""
    released: Mapped[int] = mapped_column(default=0)
    returned_at: Mapped[datetime | None]
    """When the whole of its journal was here."""
    device: Mapped[Digest | None]
    """Digest of the credential of the device it was made for; None: an earlier program made it."""
    adopted_at: Mapped[datetime | None]
    """When it came back to a registry that did not know it any more."""

    __table_args__ = (UniqueConstraint("kiosk_code", "number"),)


class PlannedFiling(Base):
    """A filing that was dealt to a device: while this row is there, no other plan holds it."""

    __tablename__ = "planned_filings"
    filing_id: Mapped[int] = mapped_column(
        ForeignKey("filings.id"), primary_key=True, autoincrement=False
    )
    kiosk_code: Mapped[Code] = mapped_column(ForeignKey("kiosks.code"), index=True)
    device: Mapped[Digest | None]
    """Digest of its credential. Another device of the same window does not get the filing."""
    until: Mapped[datetime]


class PlanEntry(Base):
    """One entry of the journal that a window kept on a plan, as it came back."""

    __tablename__ = "plan_entries"
    plan_id: Mapped[Identifier] = mapped_column(ForeignKey("day_plans.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    prev: Mapped[Digest]
    hash: Mapped[Digest]
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(24))
    kiosk_code: Mapped[Code | None]
    kiosk_seq: Mapped[int | None]
    staff_number: Mapped[Code | None]
    body: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[Digest | None]
    """Of the sheet an entry is about, under the plan's own key."""
    collector: Mapped[Name | None]
    """Kept until the hand-over is reconciled."""


class PlanHandOver(Base):
    """A hand-over that was done on a plan, and the entry of the plan's journal that says so."""

    __tablename__ = "plan_hand_overs"
    hand_over_id: Mapped[Identifier] = mapped_column(ForeignKey("hand_overs.id"), primary_key=True)
    plan_id: Mapped[Identifier] = mapped_column(ForeignKey("day_plans.id"), index=True)
    entry: Mapped[Digest | None]
    """Hash of the entry; None in the plan's own registry, where it is the entry itself."""


class ConflictKind(StrEnum):
    """What had changed in the registry meanwhile. Stored: never renamed."""

    UNKNOWN_FILING = "unknown_filing"
    NOT_PLANNED = "not_planned"
    ALREADY_RELEASED = "already_released"
    IN_HAND = "in_hand"
    STATUS_CHANGED = "status_changed"
    OTHER_OFFICE = "other_office"
    METHOD_CHANGED = "method_changed"
    HELD = "held"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of conflict
    SUSPENDED = "suspended"
    OVER_LIMIT = "over_limit"
    OUT_OF_TIME = "out_of_time"


class PlanConflict(Base):
    """One filing released on a plan about which the registry says something else."""

    __tablename__ = "plan_conflicts"
    id: Mapped[RowId]
    plan_id: Mapped[Identifier] = mapped_column(ForeignKey("day_plans.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    """Of the plan's entry."""
    filing_number: Mapped[str] = mapped_column(String(17))
    kind: Mapped[ConflictKind] = mapped_column(stored_by_value(ConflictKind))
    is_recorded: Mapped[bool]
    """The release stands in the registry all the same: the papers are gone."""
    found_at: Mapped[datetime] = mapped_column(index=True)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[Code | None] = mapped_column(ForeignKey("staff.number"))
    reason: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("plan_id", "seq", "filing_number", "kind"),)
