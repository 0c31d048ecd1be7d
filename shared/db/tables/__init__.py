"""Every table of the registry, by the subject it belongs to."""

from shared.db.base import Base
from shared.db.tables.filings import Filing, IssuedSheet
from shared.db.tables.handovers import HandOver, HandOverItem, HandOverState, Hold, ItemState
from shared.db.tables.log import FOUND_BY, LogLine, SavedView
from shared.db.tables.offices import Deliverable, Kiosk, Office, Paper, PaperRule, Procedure, Staff
from shared.db.tables.receivers import FormerPassword, Receiver, WrongTag
from shared.db.tables.records import IdempotencyKey, JournalEntry, Presentation

__all__ = [
    "FOUND_BY",
    "Base",
    "Deliverable",
    "Filing",
    "FormerPassword",
    "HandOver",
    "HandOverItem",
    "HandOverState",
    "Hold",
    "IdempotencyKey",
    "IssuedSheet",
    "ItemState",
    "JournalEntry",
    "Kiosk",
    "LogLine",
    "Office",
    "Paper",
    "PaperRule",
    "Presentation",
    "Procedure",
    "Receiver",
    "SavedView",
    "Staff",
    "WrongTag",
]
