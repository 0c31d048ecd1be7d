"""Why a sheet is refused, or what a clerk is told besides: stable codes, never renamed.

The codes are stored, journalled, exported and used as keys of the catalogue of sentences
(`verifier.decision.catalogue`). The prefix is the family: NG refused, WARN accepted or empty
with something to look at.
"""

from enum import StrEnum


class Reason(StrEnum):
    """One answer of one rule; the order here is the order of the questions at the counter."""

    # The text itself, before anything it says is believed.
    NOT_OURS = "NG-FORMAT"
    NEWER_VERSION = "NG-VERSION"
    MISREAD = "NG-MISREAD"
    UNKNOWN_KEY = "NG-KEY"
    TEST_KEY = "NG-TEST"
    REAL_KEY = "NG-REAL"
    FORGED = "NG-TAMPER"
    MALFORMED = "NG-BROKEN"
    NOT_YET_VALID = "NG-FUTURE"
    EXPIRED = "NG-EXPIRED"
    # The counter itself.
    KIOSK_LOCKED = "NG-LOCKED"
    UNKNOWN_SEARCH_KEY = "NG-NOKEY"
    TYPING_LOCKED = "NG-TYPING"
    WRONG_WINDOW = "NG-WINDOW"
    NOT_ON_PLAN = "NG-PLAN"
    # The receiver, or for an individual sheet the filing, it names.
    NOT_REGISTERED = "NG-NAME"
    ALREADY_REGISTERED = "NG-TAKEN"
    NO_SUCH_FILING = "NG-NOFILING"
    SUSPENDED = "NG-STOP"
    CANNOT_OPEN = "NG-SEAL"
    PASSWORD_LOCKED = "NG-PWLOCK"  # noqa: S105 - a reason code
    WRONG_PASSWORD = "NG-PW"  # noqa: S105 - a reason code
    FORMER_PASSWORD = "NG-PWOLD"  # noqa: S105 - a reason code
    NOT_BEFORE = "NG-BEFORE"
    OLDER_THAN_CREDENTIAL = "NG-STALE"
    REUSED_PASSWORD = "NG-REUSED"  # noqa: S105 - a reason code
    SUPERSEDED = "NG-NEWER"
    SHOWN_BEFORE = "NG-ONCE"
    # The papers.
    PROCEDURE_CLOSED = "NG-CLOSED"
    OTHER_OFFICE = "NG-OFFICE"
    INDIVIDUAL_ONLY = "NG-METHOD"
    NOTHING_TO_COLLECT = "WARN-EMPTY"
    NOT_READY = "NG-WAIT"
    BEING_HANDED_OVER = "NG-BUSY"
    ALREADY_RELEASED = "NG-DONE"
    ON_HOLD = "NG-HOLD"


class Notice(StrEnum):
    """What is said beside an accepted sheet."""

    READ_BEFORE = "WARN-REPEAT"
    STEP_UP = "WARN-LOCK"
    """Five distinct wrong passwords in 24 h: check an identity card before releasing."""
    NEAR_MISS = "WARN-NEAR"
    """The name to register looks like one that is registered."""
    NO_REGISTRATION_NUMBER = "WARN-NUMBER"
    """The name says 行政書士 but carries no （8-digit number）."""
