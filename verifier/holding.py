"""保留 at one office: the list of what is kept back, and taking it up again without the sheet."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload

from shared.db.session import reading
from shared.db.tables import (
    Filing,
    HandOver,
    Hold,
    IssuedSheet,
    Kiosk,
    Presentation,
    Procedure,
    Receiver,
    Staff,
)
from shared.domain import FilingNumber, FilingStatus, PickupMethod, Purpose, Source
from verifier.acts import Desk, HoldPlaced, NoSuchHold, Presented, TypedReason
from verifier.answered import answer_of
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Accepted, Refused, Verdict
from verifier.desk_acts import HeldFiling, TakingUp
from verifier.installation import Installation
from verifier.presenting import note, take_in_hand
from verifier.registry import handovers, journal, presentations, staff
from verifier.registry.collected import is_held
from verifier.registry.journal import Act, Author

MOST_HELD = 500


@dataclass(frozen=True, slots=True)
class _Kept:
    """A held vehicle with the presentation under which it was kept back."""

    filing: Filing
    showing: Presentation


def holds(installation: Installation, desk: Desk) -> tuple[HeldFiling, ...]:
    """What is kept back at the office of this window, the newest first."""
    with reading(installation.sessions) as session:
        kiosk = staff.require_to_read(session, desk, staff.COUNTER_ROLES)
        rows = session.execute(
            select(Hold, Filing, Presentation.purpose, Kiosk.name, Staff.name)
            .join(Filing, Filing.id == Hold.filing_id)
            .join(HandOver, HandOver.id == Hold.hand_over_id)
            .join(Presentation, Presentation.id == HandOver.presentation_id)
            .join(Kiosk, Kiosk.code == HandOver.kiosk_code)
            .join(Staff, Staff.number == Hold.staff_number)
            .where(Filing.office_code == kiosk.office_code, Hold.lifted_at.is_(None))
            .options(joinedload(Filing.procedure))
            .order_by(Hold.placed_at.desc(), Filing.number)
            .limit(MOST_HELD)
        )
        return tuple(_held(hold, filing, purpose, by) for hold, filing, purpose, *by in rows)


def take_up(installation: Installation, desk: Desk, taking: TakingUp) -> Presented:
    """Open the basket of a held bundle; see `verifier.counter.Counter.take_up`."""
    with installation.sessions.begin() as session:
        now = installation.clock()
        kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
        earlier = presentations.of_kiosk(session, desk, taking.id)
        if earlier is not None:
            return answer_of(session, earlier)
        handovers.require_empty_hands(session, kiosk.code)
        kept = _kept(session, kiosk, taking.filing_id)
        filing_ids = handovers.lock_ready(session, _bundle(kept.filing))
        reasons = tuple(_objections(session, installation, kiosk, kept))
        row = _row(desk, taking, kept, reasons, now)
        session.add(row)
        session.flush()
        verdict: Verdict = Refused(reasons) if reasons else Accepted()
        basket = take_in_hand(session, row, filing_ids)
        note(session, kiosk, row, basket)
        return Presented(row.id, now, verdict, basket=basket)


def take_over(installation: Installation, desk: Desk) -> None:
    """引継ぎ: the person at this window has seen what is kept back."""
    with installation.sessions.begin() as session:
        kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
        held = session.scalars(
            select(Filing.number)
            .where(Filing.office_code == kiosk.office_code, is_held())
            .order_by(Filing.number)
        )
        body: dict[str, journal.Json] = {"held": [*held]}
        author = Author(desk.kiosk, desk.staff)
        journal.append(session, Act.TOOK_OVER, author, body, installation.clock())


def _held(hold: Hold, filing: Filing, purpose: Purpose | None, by: list[str]) -> HeldFiling:
    kiosk_name, clerk = by
    return HeldFiling(
        filing_id=filing.id,
        number=FilingNumber(filing.number).grouped(),
        plate=filing.plate,
        purpose=purpose or Purpose.AUTHENTICATION,
        receiver_name=filing.receiver_name if purpose is Purpose.AUTHENTICATION else None,
        procedure=filing.procedure.name,
        papers=tuple(paper.name for paper in filing.procedure.papers),
        hold=HoldPlaced(hold.reason, hold.memo, hold.placed_at),
        kiosk_name=kiosk_name,
        clerk=clerk,
    )


def _kept(session: Session, kiosk: Kiosk, filing_id: int) -> _Kept:
    row = session.execute(
        select(Filing, Presentation)
        .join(Hold, Hold.filing_id == Filing.id)
        .join(HandOver, HandOver.id == Hold.hand_over_id)
        .join(Presentation, Presentation.id == HandOver.presentation_id)
        .where(
            Filing.id == filing_id,
            Filing.office_code == kiosk.office_code,
            Hold.lifted_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise NoSuchHold
    return _Kept(*row)


def _bundle(filing: Filing) -> ColumnElement[bool]:
    """What is kept back together: of one receiver under one procedure, or one vehicle alone."""
    ready = and_(Filing.status == FilingStatus.READY, is_held())
    if filing.pickup_method is PickupMethod.INDIVIDUAL:
        return and_(ready, Filing.id == filing.id)
    return and_(
        ready,
        Filing.receiver_key == filing.receiver_key,
        Filing.procedure_code == filing.procedure_code,
        Filing.office_code == filing.office_code,
        Filing.pickup_method == PickupMethod.AUTHENTICATION,
    )


def _objections(
    session: Session, installation: Installation, kiosk: Kiosk, kept: _Kept
) -> list[Reason]:
    """What has come between since the sheet was accepted: the rules that need no sheet."""
    filing, showing = kept.filing, kept.showing
    found: list[Reason] = []
    if kiosk.locked_at is not None:
        found.append(Reason.KIOSK_LOCKED)
    if showing.purpose not in kiosk.purposes.split():
        found.append(Reason.WRONG_WINDOW)
    found += _about_the_receiver(session, showing)
    individual = filing.pickup_method is PickupMethod.INDIVIDUAL
    if individual and not _is_latest(session, installation, kept):
        switched = showing.purpose is Purpose.AUTHENTICATION
        found.append(Reason.INDIVIDUAL_ONLY if switched else Reason.SUPERSEDED)
    procedure = session.get_one(Procedure, filing.procedure_code)
    if not procedure.is_open:
        found.append(Reason.PROCEDURE_CLOSED)
    if filing.status is FilingStatus.HANDING:
        found.append(Reason.BEING_HANDED_OVER)
    return found


def _about_the_receiver(session: Session, showing: Presentation) -> list[Reason]:
    """A sheet from before a loss or a change of password counts no more, shown or not."""
    receiver = session.get(Receiver, showing.receiver_id) if showing.receiver_id else None
    if receiver is None:
        return []
    found = []
    if receiver.suspended_at is not None:
        found.append(Reason.SUSPENDED)
    if receiver.password_changed_at is not None and receiver.password_changed_at > showing.at:
        found.append(Reason.FORMER_PASSWORD)
    if receiver.not_before is not None and receiver.not_before > showing.at:
        found.append(Reason.NOT_BEFORE)
    return found


def _is_latest(session: Session, installation: Installation, kept: _Kept) -> bool:
    """The sheet that was shown is the last individual code of its filing."""
    digest = kept.filing.individual_digest
    stored = session.get(IssuedSheet, digest) if digest else None
    if stored is None:
        return False
    return installation.opener.fingerprint(stored.text) == kept.showing.fingerprint


def _row(
    desk: Desk, taking: TakingUp, kept: _Kept, reasons: tuple[Reason, ...], now: datetime
) -> Presentation:
    """Taken up by hand, in the name of the sheet that was accepted before."""
    showing = kept.showing
    return Presentation(
        id=taking.id,
        at=now,
        kiosk_code=desk.kiosk,
        staff_number=desk.staff,
        source=Source.TYPED,
        typed_reason=TypedReason.HOLD_LIST,
        purpose=showing.purpose,
        procedure_code=showing.procedure_code,
        receiver_id=showing.receiver_id,
        filing_id=kept.filing.id,
        key_tail=showing.key_tail,
        key_digest=showing.key_digest,
        fingerprint=showing.fingerprint,
        accepted=not reasons,
        reason=reasons[0] if reasons else None,
        reasons=" ".join(reason.value for reason in reasons),
        elapsed_ms=0,
    )
