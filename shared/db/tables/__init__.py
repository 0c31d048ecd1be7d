"""Every table of the registry, by the subject it belongs to."""

from shared.db.base import Base
from shared.db.tables.console import ConsoleVisit, EnrolmentCode, RecoveryCode, Setting
from shared.db.tables.filings import Filing, IssuedSheet
from shared.db.tables.handovers import (
    Compared,
    HandOver,
    HandOverItem,
    HandOverState,
    Hold,
    ItemState,
    PaperTaken,
)
from shared.db.tables.log import FOUND_BY, LogLine, SavedView
from shared.db.tables.offices import Deliverable, Kiosk, Office, Paper, PaperRule, Procedure, Staff
from shared.db.tables.plans import (
    ConflictKind,
    DayPlan,
    PlanConflict,
    PlanEntry,
    PlanHandOver,
    PlannedFiling,
    PlanRule,
)
from shared.db.tables.receivers import FormerPassword, Receiver, WrongTag
from shared.db.tables.records import Checkpoint, IdempotencyKey, JournalEntry, Presentation
from shared.db.tables.supervision import (
    Alert,
    AlertKind,
    DayClose,
    Decision,
    ReceiverChange,
    ReceiverChangeKind,
    Watermark,
)
from shared.db.tables.tickets import Ticket, TicketState

__all__ = [
    "FOUND_BY",
    "Alert",
    "AlertKind",
    "Base",
    "Checkpoint",
    "Compared",
    "ConflictKind",
    "ConsoleVisit",
    "DayClose",
    "DayPlan",
    "Decision",
    "Deliverable",
    "EnrolmentCode",
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
    "PaperTaken",
    "PlanConflict",
    "PlanEntry",
    "PlanHandOver",
    "PlanRule",
    "PlannedFiling",
    "Presentation",
    "Procedure",
    "Receiver",
    "ReceiverChange",
    "ReceiverChangeKind",
    "RecoveryCode",
    "SavedView",
    "Setting",
    "Staff",
    "Ticket",
    "TicketState",
    "Watermark",
    "WrongTag",
]
