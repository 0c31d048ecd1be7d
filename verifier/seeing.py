"""A sheet that is shown, judged on rows that cannot move any more; nothing is written yet."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shared.db.tables import Kiosk, Presentation, Receiver, Ticket
from shared.domain import Purpose, Sheet, Source
from verifier import answered, judging
from verifier.acts import Desk, HandOverOpen, Presented, TypedReason
from verifier.days import day_of
from verifier.decision.evidence import Intent
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Accepted, Refused
from verifier.installation import Installation
from verifier.judging import Judged, Occasion, Read
from verifier.registry import evidence as registry
from verifier.registry import presentations, receivers, staff, tickets
from verifier.registry.arrivals import Arrival, standing
from verifier.registry.collected import lock_collected

COLLECTS = frozenset({Purpose.AUTHENTICATION, Purpose.INDIVIDUAL})
"""What papers are collected with; the other sheets register."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One showing of a sheet, as it reached the window."""

    id: str
    text: str
    source: Source
    intent: Intent = Intent.COLLECT
    typed_reason: TypedReason | None = None
    ticket_id: int | None = None
    """Nothing was shown now: the number of a sheet that was read at arrival is called."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a showing before its transaction begins."""

    shown: Shown
    read: Read
    began: float
    """Monotonic seconds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A showing that was judged, inside its transaction; nothing is written yet."""

    look: Look
    kiosk: Kiosk
    filing_ids: list[int]
    """What the sheet could release here, locked."""
    ticket: Ticket | None
    """The live number of this very sheet, locked."""
    judged: Judged
    now: datetime

    @property
    def collects(self) -> bool:
        """It is accepted and opens a basket."""
        sheet = self.look.read.sheet
        accepted = isinstance(self.judged.verdict, Accepted)
        return accepted and isinstance(sheet, Sheet) and sheet.purpose in COLLECTS


def see(session: Session, installation: Installation, desk: Desk, look: Look) -> Seen | Presented:
    """Judge a showing on rows that cannot move; Presented when it was answered before.

    Raises HandOverOpen, NotPermitted, NoSuchTicket.
    """
    now = installation.clock()
    kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
    sheet = look.read.sheet
    receiver = _named(session, sheet) if isinstance(sheet, Sheet) else None
    filing_ids = _lock_collected(session, look, kiosk)
    # After the locks: a number that another window drew for this sheet meanwhile must be seen.
    is_answered, is_open, ticket_id = standing(session, _arrival(kiosk, look, now))
    if is_answered:
        return answered.again(session, session.get_one(Presentation, look.shown.id), look.read)
    if is_open:
        raise HandOverOpen
    ticket = tickets.lock(session, ticket_id) if ticket_id is not None else None
    tickets.require_turn(look.shown.ticket_id, ticket)
    occasion = Occasion(kiosk, look.shown.intent, now, receiver)
    judged = _judge(session, installation, look, occasion)
    return Seen(look, kiosk, filing_ids, ticket, judged, now)


def _arrival(kiosk: Kiosk, look: Look, now: datetime) -> Arrival:
    shown, fingerprint = look.shown.id, look.read.fingerprint
    return Arrival(kiosk.code, kiosk.office_code, day_of(now), shown, fingerprint)


def _judge(session: Session, installation: Installation, look: Look, occasion: Occasion) -> Judged:
    """A kiosk that guessed search keys too often gets no answer to another one."""
    typed = look.shown.source is Source.TYPED and look.shown.ticket_id is None
    if typed and presentations.typing_is_locked(session, occasion.kiosk.code, occasion.now):
        return Judged(Refused((Reason.TYPING_LOCKED,)))
    return judging.judge(session, installation, look.read, occasion)


def _named(session: Session, sheet: Sheet) -> Receiver | None:
    """Whom a sheet names; locked when it collects.

    Two windows count wrong passwords one after the other, and none beyond the last that is allowed.
    """
    find = receivers.lock if sheet.purpose in COLLECTS else registry.receiver_of
    return find(session, sheet)


def _lock_collected(session: Session, look: Look, kiosk: Kiosk) -> list[int]:
    """Lock what the sheet could release before anything is judged on it."""
    sheet = look.read.sheet
    if not isinstance(sheet, Sheet) or sheet.purpose not in COLLECTS:
        return []
    return lock_collected(session, sheet, kiosk, look.shown.intent)
