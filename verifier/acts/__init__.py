"""What is asked of a Counter and what it answers: plain values, fit to travel over HTTP.

`verifier.counter.Counter` is the real one. Names of people appear in the answers because the
clerk must see them; they never go into logs.
"""

from verifier.acts.baskets import Basket, BasketRow, HoldPlaced, PaperAsked, WaitingRow
from verifier.acts.conflicts import (
    AlreadyReleased,
    Conflict,
    HandOverClosed,
    HandOverOpen,
    IdempotencyMismatch,
    NoSuchHold,
    NoSuchPresentation,
    NoSuchReceipt,
    NoSuchTicket,
    NotHeld,
    NothingReleased,
    NotInBasket,
    NotPermitted,
    NotReleased,
)
from verifier.acts.desks import Desk, KioskFacts, Report, SignedIn, SignInRefused
from verifier.acts.enrolling import DeclineReason, Enrolled, Enrolling
from verifier.acts.handing import (
    Confirming,
    GiveUpReason,
    Holding,
    HoldReason,
    Lifting,
    Receipt,
    Taken,
    Undoing,
)
from verifier.acts.queueing import CalledNumber, Calling, QueuedSheet, Rush
from verifier.acts.showing import (
    Claim,
    EarlierAct,
    Facts,
    NearMiss,
    Presented,
    Presenting,
    TypedReason,
    TypingKey,
)

__all__ = [
    "AlreadyReleased",
    "Basket",
    "BasketRow",
    "CalledNumber",
    "Calling",
    "Claim",
    "Confirming",
    "Conflict",
    "DeclineReason",
    "Desk",
    "EarlierAct",
    "Enrolled",
    "Enrolling",
    "Facts",
    "GiveUpReason",
    "HandOverClosed",
    "HandOverOpen",
    "HoldPlaced",
    "HoldReason",
    "Holding",
    "IdempotencyMismatch",
    "KioskFacts",
    "Lifting",
    "NearMiss",
    "NoSuchHold",
    "NoSuchPresentation",
    "NoSuchReceipt",
    "NoSuchTicket",
    "NotHeld",
    "NotInBasket",
    "NotPermitted",
    "NotReleased",
    "NothingReleased",
    "PaperAsked",
    "Presented",
    "Presenting",
    "QueuedSheet",
    "Receipt",
    "Report",
    "Rush",
    "SignInRefused",
    "SignedIn",
    "Taken",
    "TypedReason",
    "TypingKey",
    "Undoing",
    "WaitingRow",
]
