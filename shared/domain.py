"""The field's words as values: enums and frozen dataclasses, nothing but the standard library.

Everything here can be compared, hashed and logged safely except where a docstring says otherwise.
Times are aware datetimes in UTC; people see Asia/Tokyo.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self


class Purpose(StrEnum):
    """The four codes (manual, table 二次元コードの使用目的)."""

    REGISTRATION = "registration"
    AUTHENTICATION = "authentication"
    PASSWORD_CHANGE = "password_change"  # noqa: S105 - a purpose, not a password
    INDIVIDUAL = "individual"


class PickupMethod(StrEnum):
    """受取方法: which sheet releases a filing. The switch to INDIVIDUAL is irreversible."""

    AUTHENTICATION = "authentication"
    INDIVIDUAL = "individual"


class FilingStatus(StrEnum):
    """Where a filing stands, from arrival to hand-over."""

    ACCEPTED = "accepted"
    EXAMINING = "examining"
    CORRECTION = "correction"
    PAYMENT = "payment"
    READY = "ready"
    HANDING = "handing"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """What a member of staff may do; each role is told apart in the journal."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Source(StrEnum):
    """How a presentation reached the counter."""

    CAMERA = "camera"
    SCANNER = "scanner"
    FOLDER = "folder"
    TYPED = "typed"
    PICTURE = "picture"


class IdentityPaper(StrEnum):
    """確認書面: the paper that ties a visitor to the receiver name (manual, sections 2 and 4)."""

    SCRIVENER_CARD = "scrivener_card"
    ORGANISATION_ID = "organisation_id"


class InvalidFilingNumber(ValueError):
    """The text is not a 受付番号 (到達番号): 16 or 17 digits."""


@dataclass(frozen=True, slots=True, order=True)
class FilingNumber:
    """受付番号（到達番号）, kept as text: the manual prints 16 digits and shows 17 once."""

    digits: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{16,17}", self.digits):
            raise InvalidFilingNumber("a filing number has 16 or 17 digits")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a person typed: width, blanks and hyphens do not matter.

        Raises InvalidFilingNumber, which never repeats the input.
        """
        if text.isascii() and text.isdecimal():
            return cls(text)
        folded = unicodedata.normalize("NFKC", text[:80])
        return cls(re.sub(r"[\s\-‐‑–—―−ー]", "", folded))

    def grouped(self) -> str:
        """In fours, as printed: ``9999 9999 9999 9999``; a seventeenth digit stands alone."""
        return " ".join(self.digits[i : i + 4] for i in range(0, len(self.digits), 4))


@dataclass(frozen=True, slots=True)
class SearchKey:
    """検索キー: names one sheet. `shared.search_key` checks, parses and prints it.

    It is a bearer secret of low value (it fetches a sealed text): never logged whole.
    """

    purpose: Purpose
    number: int
    """The 13 random digits as a number, 0 to 10**13 - 1."""

    def __post_init__(self) -> None:
        if not 0 <= self.number < 10**13:
            raise ValueError("a search key has 13 random digits")


@dataclass(frozen=True, slots=True)
class ReceiverClaim:
    """What kinds 1 to 3 claim: a name, and a password tag only the registry can open."""

    name: str
    """Display form, as signed and printed. Not yet checked against anything."""
    sealed: bytes
    """HPKE enc, ciphertext and authentication tag: 80 bytes. Never logged."""


@dataclass(frozen=True, slots=True)
class FilingClaim:
    """What an individual sheet claims: one filing."""

    number: FilingNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A decoded A4 code whose signature holds. What it claims is still to be judged."""

    search_key: SearchKey
    signing_key_id: int
    sealing_key_id: int
    """0 on an individual sheet."""
    issued_at: datetime
    valid_days: int
    """0 means until used."""
    procedure: int
    """Code in the table of procedures; 0 for registration and password change."""
    claim: ReceiverClaim | FilingClaim

    @property
    def purpose(self) -> Purpose:
        """Which of the four codes this is."""
        return self.search_key.purpose

    @property
    def expires_at(self) -> datetime | None:
        """The first moment at which the sheet is no longer accepted; None means until used."""
        if self.valid_days == 0:
            return None
        return self.issued_at + timedelta(days=self.valid_days)
