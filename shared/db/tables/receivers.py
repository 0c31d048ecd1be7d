"""Receivers 受取者, their former passwords and the wrong ones shown in their name."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, Digest, Name, RowId, stored_by_value
from shared.domain import IdentityPaper


class Receiver(Base):
    """受取者（証明書等管理業者）: one compare key, one password."""

    __tablename__ = "receivers"
    id: Mapped[RowId]
    name: Mapped[Name]
    compare_key: Mapped[str] = mapped_column(String(240), unique=True)
    skeleton: Mapped[str] = mapped_column(String(240), index=True)
    """Look-alike characters folded: finds near misses, never decides."""
    password_hash: Mapped[str] = mapped_column(String(60))
    """bcrypt of the base64 of the password tag."""
    identity_paper: Mapped[IdentityPaper] = mapped_column(stored_by_value(IdentityPaper))
    registered_at: Mapped[datetime]
    credential_issued_at: Mapped[datetime]
    """When the sheet that set the present password was issued: a change sheet must be newer."""
    password_changed_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    """Sheets issued before this moment are refused (a lost sheet, without a password change)."""
    suspended_at: Mapped[datetime | None]
    suspension_reason: Mapped[str | None] = mapped_column(String(200))
    former_passwords: Mapped[list["FormerPassword"]] = relationship(
        order_by="FormerPassword.replaced_at.desc()"
    )


class FormerPassword(Base):
    """A password that was replaced: tells an old sheet from a wrong one."""

    __tablename__ = "former_passwords"
    id: Mapped[RowId]
    receiver_id: Mapped[int] = mapped_column(ForeignKey("receivers.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(60))
    replaced_at: Mapped[datetime]


class WrongTag(Base):
    """One distinct wrong password shown in a receiver's name, however often."""

    __tablename__ = "wrong_tags"
    receiver_id: Mapped[int] = mapped_column(ForeignKey("receivers.id"), primary_key=True)
    tag_digest: Mapped[Digest] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]
