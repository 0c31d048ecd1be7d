"""Gather the facts the judgement asks for, from the registry's rows to one frozen object."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    bindparam,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Session

from shared.db.tables import (
    Filing,
    Kiosk,
    Presentation,
    Procedure,
    Receiver,
    WrongTag,
)
from shared.domain import FilingClaim, Purpose, ReceiverClaim, Sheet
from shared.names import compare_key
from verifier.decision.evidence import (
    DeskRecord,
    Evidence,
    FilingRecord,
    Intent,
    PasswordMatch,
    ReceiverRecord,
)
from verifier.registry import near_misses
from verifier.registry.collected import tallies

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a sheet's procedure, of the sheet, and against its receiver."""

    procedure: str | None
    """Its name."""
    is_open: bool
    shown_before: bool
    failures: int
    """Wrong passwords in all."""
    failures_today: int


@dataclass(frozen=True, slots=True)
class Showing:
    """A sheet at a window: what the registry is asked about."""

    sheet: Sheet
    receiver: Receiver | None
    """Whom the sheet names, when registered."""
    kiosk: Kiosk
    intent: Intent
    fingerprint: str
    digest: str
    """Look-up digest of the sheet's search key."""
    password: PasswordMatch | None
    """How its tag compares; None where there is nothing to compare."""
    known: Known
    single_use: bool
    is_extract: bool = False
    """The registry is that of a day plan."""


def look_up(
    session: Session, sheet: Sheet, fingerprint: str, receiver: Receiver | None, now: datetime
) -> Known:
    """Everything single that is asked of every sheet, in one round."""
    about = {
        "procedure": sheet.procedure,
        "fingerprint": fingerprint,
        "receiver": receiver.id if receiver else None,
        "since": now - DAY,
    }
    name, is_open, *counted = session.execute(_KNOWN, about).one()
    return Known(name, bool(is_open), *counted)


def load_evidence(session: Session, showing: Showing, now: datetime) -> Evidence:
    """Read everything `verifier.decision.rules` may ask about one showing of a sheet."""
    sheet, kiosk = showing.sheet, showing.kiosk
    receiver, filing = showing.receiver, filing_of(session, sheet)
    known = showing.known
    return Evidence(
        desk=DeskRecord(
            office=kiosk.office_code,
            purposes=frozenset(Purpose(p) for p in kiosk.purposes.split()),
            locked=kiosk.locked_at is not None,
        ),
        intent=showing.intent,
        receiver=_receiver_record(receiver, known) if receiver else None,
        password=showing.password,
        filing=_filing_record(filing, showing.digest) if filing else None,
        procedure_open=known.is_open,
        tallies=tallies(session, sheet, kiosk.office_code, now),
        shown_before=known.shown_before,
        single_use=showing.single_use,
        near_miss=sheet.purpose is Purpose.REGISTRATION and bool(near_misses.of(session, sheet)),
        is_extract=showing.is_extract,
    )


def receiver_of(session: Session, sheet: Sheet) -> Receiver | None:
    """The registered receiver whose compare key is the sheet's."""
    if not isinstance(sheet.claim, ReceiverClaim):
        return None
    key = compare_key(sheet.claim.name)
    return session.scalar(select(Receiver).where(Receiver.compare_key == key))


def filing_of(session: Session, sheet: Sheet) -> Filing | None:
    """The filing an individual sheet names."""
    if not isinstance(sheet.claim, FilingClaim):
        return None
    number = sheet.claim.number.digits
    return session.scalar(
        select(Filing).where(Filing.number == number, Filing.procedure_code == sheet.procedure)
    )


def shown_before(session: Session, fingerprint: str) -> Presentation | None:
    """The last accepted presentation of the same sheet."""
    return session.scalar(
        select(Presentation)
        .where(Presentation.fingerprint == fingerprint, Presentation.accepted)
        .order_by(Presentation.at.desc())
        .limit(1)
    )


_WRONG = select(func.count()).where(WrongTag.receiver_id == bindparam("receiver"))
_OF_PROCEDURE = Procedure.code == bindparam("procedure")
_KNOWN = select(
    select(Procedure.name).where(_OF_PROCEDURE).scalar_subquery(),
    select(Procedure.is_open).where(_OF_PROCEDURE).scalar_subquery(),
    exists().where(Presentation.fingerprint == bindparam("fingerprint"), Presentation.accepted),
    _WRONG.scalar_subquery(),
    _WRONG.where(WrongTag.last_at >= bindparam("since")).scalar_subquery(),
)


def _receiver_record(receiver: Receiver, known: Known) -> ReceiverRecord:
    return ReceiverRecord(
        id=receiver.id,
        credential_issued_at=receiver.credential_issued_at,
        suspended=receiver.suspended_at is not None,
        not_before=receiver.not_before,
        failures_today=known.failures_today,
        failures=known.failures,
    )


def _filing_record(filing: Filing, digest: str) -> FilingRecord:
    return FilingRecord(id=filing.id, is_latest_sheet=filing.individual_digest == digest)
