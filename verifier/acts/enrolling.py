"""Registering a receiver and replacing a password, on paper evidence."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain import IdentityPaper, Source
from verifier.bounds import Identifier, SheetText


@dataclass(frozen=True, slots=True)
class Enrolling:
    """A clerk's word that the paper evidence matches the sheet (registration or change)."""

    presentation_id: Identifier
    text: SheetText
    source: Source
    paper: IdentityPaper
    idempotency_key: Identifier


class DeclineReason(StrEnum):
    """Why a registration or change was not accepted at the counter."""

    NO_PAPER = "no_paper"
    NAME_DIFFERS = "name_differs"
    NUMBER_DIFFERS = "number_differs"
    UNREADABLE = "unreadable"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The receiver is registered, or the password replaced."""

    receiver_name: str
    at: datetime
