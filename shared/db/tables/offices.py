"""Offices, their kiosks and staff, and the table of procedures."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, SmallInteger, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, Code, Digest, Name, stored_by_value
from shared.domain import Role


class Office(Base):
    """事務所: where filings are examined and papers are collected."""

    __tablename__ = "offices"
    code: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[Name]
    rush_since: Mapped[datetime | None]
    """混雑時の受付: since then sheets get a number at arrival; None: they open their basket."""


class Kiosk(Base):
    """One counter window with its device."""

    __tablename__ = "kiosks"
    code: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[Name]
    office_code: Mapped[Code] = mapped_column(ForeignKey("offices.code"))
    enrolled_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    """Set after too many failures or forged sheets; a supervisor clears it."""
    unlocked_at: Mapped[datetime | None]
    """Failures before this moment no longer count."""
    paused_at: Mapped[datetime | None]
    """一時停止: set by a clerk, outlives a restart of the kiosk."""
    entries: Mapped[int] = mapped_column(default=0)
    """Journal entries this kiosk has made: a gap shows."""
    purposes: Mapped[str] = mapped_column(
        String(80), default="registration authentication password_change individual"
    )
    """What this window serves, parted by blanks: a rush window may take pick-ups only."""
    credential_digest: Mapped[Digest | None]
    """SHA-256 of what the device proves itself with; drawn when it enrols, gone when revoked."""
    seen_at: Mapped[datetime | None]
    """When the device last said how it is."""
    faults: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """What it said was wrong (`verifier.acts.Fault`), parted by blanks."""
    office: Mapped[Office] = relationship(lazy="joined")


class Staff(Base):
    """A person who signs in: clerk, supervisor, administrator or auditor."""

    __tablename__ = "staff"
    number: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[Name]
    role: Mapped[Role] = mapped_column(stored_by_value(Role))
    pin_hash: Mapped[str] = mapped_column(String(60))
    """For the counter."""
    password_hash: Mapped[str | None] = mapped_column(String(60))
    """For the console; None: this person has no password there yet."""
    password_is_temporary: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Given by an administrator: its owner chooses another one before anything else."""
    second_factor: Mapped[str | None] = mapped_column(String(200))
    """The secret of one-time codes, encrypted with the registry's own key; None: not in use."""
    second_factor_step: Mapped[int | None] = mapped_column(BigInteger)
    """The time step of the last code that was taken: no code counts twice."""
    added_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class Procedure(Base):
    """手続種別: a row, not an enum in code, because the association adds procedures."""

    __tablename__ = "procedures"
    code: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """The byte on the sheet: 1 to 255."""
    name: Mapped[Name] = mapped_column(unique=True)
    then: Mapped[str | None] = mapped_column(String(120))
    """Where the visitor goes next, as a sentence."""
    is_open: Mapped[bool] = mapped_column(default=True)
    deliverables: Mapped[list["Deliverable"]] = relationship(
        lazy="selectin", order_by="Deliverable.position"
    )
    papers: Mapped[list["Paper"]] = relationship(lazy="selectin", order_by="Paper.position")


class Deliverable(Base):
    """交付物: what the visitor is given under a procedure."""

    __tablename__ = "deliverables"
    procedure_code: Mapped[int] = mapped_column(ForeignKey("procedures.code"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[Name]


class PaperRule(StrEnum):
    """When a paper is asked for at the counter."""

    ALWAYS = "always"
    TAX_UNCONFIRMED = "tax_unconfirmed"
    IF_ANY = "if_any"


class Paper(Base):
    """What the visitor hands in under a procedure."""

    __tablename__ = "papers"
    procedure_code: Mapped[int] = mapped_column(ForeignKey("procedures.code"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[Name]
    rule: Mapped[PaperRule] = mapped_column(stored_by_value(PaperRule))
