"""Registration and password change: a clerk has compared the paper evidence with the sheet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import Kiosk, Presentation
from shared.domain import Purpose, ReceiverClaim, Sheet
from shared.passwords import hash_tag
from verifier import judging
from verifier.acts import (
    DeclineReason,
    Desk,
    Enrolled,
    Enrolling,
    Moved,
    NoSuchPresentation,
    Presented,
)
from verifier.decision.evidence import Intent
from verifier.decision.verdict import Refused
from verifier.installation import Installation
from verifier.judging import Judged, Occasion, Read
from verifier.registry import evidence, idempotency, journal, presentations, receivers, staff
from verifier.registry.journal import Act, Author, Json

MOST_LOOKS = 4
EVIDENCE_LASTS = timedelta(hours=1)
"""After this long the sheet is shown again: whoever stood there may have gone."""
PAPERWORK = frozenset({Purpose.REGISTRATION, Purpose.PASSWORD_CHANGE})


@dataclass(frozen=True, slots=True)
class _Enrolment:
    """An enrolment as far as it is prepared before its transaction."""

    asked: Enrolling
    purpose: Purpose
    read: Read
    password_hash: str


def enrol(
    installation: Installation, desk: Desk, asked: Enrolling, purpose: Purpose
) -> Enrolled | Presented:
    """Register a receiver or replace a password; Presented when the sheet is refused now."""
    with reading(installation.sessions) as session:  # before bcrypt is spent on it
        staff.require_to_read(session, desk, staff.COUNTER_ROLES)
    for _ in range(MOST_LOOKS):
        read = judging.read(installation, asked.text, installation.clock())
        if read.tag is None:
            raise NoSuchPresentation
        hashed = hash_tag(read.tag, installation.policy.bcrypt_cost)
        try:
            with installation.sessions.begin() as session:
                enrolment = _Enrolment(asked, purpose, read, hashed)
                return _enrol(session, installation, desk, enrolment)
        except (Moved, IntegrityError):
            continue  # another window registered the same name, or changed this password
    raise Moved


def decline(
    installation: Installation, desk: Desk, presentation_id: str, reason: DeclineReason
) -> None:
    """The evidence did not convince: nothing changes, and the journal says why."""
    with installation.sessions.begin() as session:
        staff.require(session, desk, staff.COUNTER_ROLES)
        row = _accepted_paperwork(session, desk, presentation_id)
        body: dict[str, Json] = {"presentation": row.id, "reason": reason.value}
        journal.append(session, Act.DECLINED, _author(desk), body, installation.clock())


def _enrol(
    session: Session, installation: Installation, desk: Desk, enrolment: _Enrolment
) -> Enrolled | Presented:
    asked, now = enrolment.asked, installation.clock()
    kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
    earlier = idempotency.earlier_answer(session, asked.idempotency_key, asked)
    if earlier is not None:
        return Enrolled(earlier["receiver_name"], datetime.fromisoformat(earlier["at"]))
    row = _accepted_paperwork(session, desk, asked.presentation_id)
    _require_same_sheet(row, enrolment, now)
    judged = _judge_again(session, installation, enrolment.read, (kiosk, now))
    if isinstance(judged.verdict, Refused):
        body: dict[str, Json] = {"presentation": row.id, "reason": judged.verdict.reason.value}
        journal.append(session, Act.DECLINED, _author(desk), body, now)
        return Presented(row.id, now, judged.verdict, judged.claim, judged.facts)
    enrolled = _write(session, desk, enrolment, now)
    idempotency.remember(session, asked.idempotency_key, asked, enrolled, now)
    return enrolled


def _judge_again(
    session: Session, installation: Installation, read: Read, at: tuple[Kiosk, datetime]
) -> Judged:
    kiosk, now = at
    receiver = receivers.lock(session, read.sheet) if isinstance(read.sheet, Sheet) else None
    occasion = Occasion(kiosk, Intent.COLLECT, now, receiver)
    return judging.judge(session, installation, read, occasion)


def _write(session: Session, desk: Desk, enrolment: _Enrolment, now: datetime) -> Enrolled:
    sheet, asked = enrolment.read.sheet, enrolment.asked
    if not isinstance(sheet, Sheet) or not isinstance(sheet.claim, ReceiverClaim):
        raise NoSuchPresentation
    if enrolment.purpose is Purpose.REGISTRATION:
        act = Act.REGISTERED
        receiver = receivers.register(session, sheet, enrolment.password_hash, asked.paper, now)
    else:
        act = Act.PASSWORD_CHANGED
        known = evidence.receiver_of(session, sheet)
        if known is None:
            raise Moved
        receiver = known
        receivers.replace_password(session, receiver, sheet, enrolment.password_hash, now)
    body: dict[str, Json] = {
        "presentation": asked.presentation_id,
        "receiver": receiver.id,
        "paper": asked.paper.value,
    }
    journal.append(session, act, _author(desk), body, now)
    return Enrolled(receiver.name, now)


def _accepted_paperwork(session: Session, desk: Desk, presentation_id: str) -> Presentation:
    row = presentations.of_kiosk(session, desk, presentation_id)
    if row is None or not row.accepted or row.purpose not in PAPERWORK:
        raise NoSuchPresentation
    return row


def _require_same_sheet(row: Presentation, enrolment: _Enrolment, now: datetime) -> None:
    """The sheet that is enrolled is the one that was shown here, not long ago."""
    same = row.fingerprint == enrolment.read.fingerprint and row.purpose is enrolment.purpose
    if not same or now - row.at > EVIDENCE_LASTS:
        raise NoSuchPresentation


def _author(desk: Desk) -> Author:
    return Author(desk.kiosk, desk.staff)
