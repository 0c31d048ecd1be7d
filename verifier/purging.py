"""What has outlived its purpose is removed: names, plates, sealed texts, ended visits.

The journal stays whole: it holds codes and numbers. Rows that it counts on stay too, without what
tells of a person. Digests of wrong passwords are no matter of days: a hundred of them suspend the
password they were tried on, and were they to go by themselves, so would the suspension. There are
never more than a hundred for a receiver.

| what | where | until |
|---|---|---|
| receiver's name, password hash | receivers, former_passwords | registered |
| name, plate, chassis, inquiry password | filings | `keep_names_days` after it was settled |
| who collected | hand_overs | `keep_names_days` after |
| notes on a hold | holds | `keep_names_days` after it was lifted or its filing was settled |
| who collected on a plan | plan_entries | that hand-over is reconciled |
| sealed text of a sheet | issued_sheets | expired; individual: its filing settled or issued anew |
| sealed text of a sheet that waits with a number | tickets | its number or its day is over |
| digests of wrong passwords | wrong_tags | that password is changed: as long as they count |
| answers to repeated requests | idempotency_keys | 7 days |
| sign-ins and codes of the console | console_visits, enrolment_codes, recovery_codes | 30 days |
| staff: name, number, hashes | staff | kept: the record names them by number |
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Delete, delete, or_, select, update
from sqlalchemy.orm import Session

from shared.db.session import Sessions
from shared.db.sheets import purge_expired
from shared.db.tables import (
    ConsoleVisit,
    EnrolmentCode,
    Filing,
    HandOver,
    Hold,
    IdempotencyKey,
    IssuedSheet,
    RecoveryCode,
)
from shared.domain import FilingStatus, Purpose
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json

ANSWERS_KEPT = timedelta(days=7)
SIGN_INS_KEPT = timedelta(days=30)
_BATCH = 2_000
_GONE = (FilingStatus.RELEASED, FilingStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows of each kind lost what told of a person, or went."""

    filings: int = 0
    collectors: int = 0
    memos: int = 0
    sheets: int = 0
    answers: int = 0
    sign_ins: int = 0

    @property
    def total(self) -> int:
        """All together."""
        return sum(getattr(self, one.name) for one in fields(self))


def purge(sessions: Sessions, keep_names: timedelta, now: datetime) -> Purged:
    """Remove what is older than it may be, in short transactions; journalled when it was any."""
    before = now - keep_names
    answers = now - ANSWERS_KEPT
    done = Purged(
        filings=_in_batches(sessions, lambda session: _forget_filings(session, before)),
        collectors=_in_batches(sessions, lambda session: _forget_collectors(session, before)),
        memos=_in_batches(sessions, lambda session: _forget_memos(session, before)),
        sheets=_in_batches(sessions, lambda session: _shred_sheets(session, now)),
        answers=_gone(sessions, delete(IdempotencyKey).where(IdempotencyKey.at < answers)),
        sign_ins=sum(_gone(sessions, each) for each in _old_sign_ins(now - SIGN_INS_KEPT)),
    )
    if done.total:
        body: dict[str, Json] = {one.name: getattr(done, one.name) for one in fields(done)}
        with sessions.begin() as session:
            journal.append(session, Act.PURGED, Author(), body, now)
    return done


def _in_batches(sessions: Sessions, step: Callable[[Session], int]) -> int:
    total = 0
    while True:
        with sessions.begin() as session:
            done = step(session)
        total += done
        if done < _BATCH:
            return total


def _gone(sessions: Sessions, statement: Delete) -> int:
    with sessions.begin() as session:
        return int(getattr(session.execute(statement), "rowcount", 0))


def _forget_filings(session: Session, before: datetime) -> int:
    """By id, as the counter locks them; settled ones move only by an undo."""
    told = (Filing.receiver_name, Filing.plate, Filing.chassis, Filing.password_hash)
    old = select(Filing.id).where(
        Filing.status.in_(_GONE),
        Filing.updated_at < before,
        or_(*(column.is_not(None) for column in told)),
    )
    ids = session.scalars(old.order_by(Filing.id).limit(_BATCH).with_for_update()).all()
    nothing = dict.fromkeys(
        ("receiver_name", "receiver_key", "plate", "plate_tail", "chassis", "chassis_tail",
         "password_hash", "individual_digest"),
    )  # fmt: skip
    session.execute(
        update(Filing)
        .where(Filing.id.in_(ids))
        .values(nothing)
        .execution_options(synchronize_session=False)
    )
    return len(ids)


def _forget_collectors(session: Session, before: datetime) -> int:
    old = select(HandOver.id).where(HandOver.collector.is_not(None), HandOver.closed_at < before)
    ids = session.scalars(old.limit(_BATCH)).all()
    session.execute(update(HandOver).where(HandOver.id.in_(ids)).values(collector=None))
    return len(ids)


def _forget_memos(session: Session, before: datetime) -> int:
    """An import that withdraws a filing lifts no hold of it: what is settled is over, too."""
    settled = select(Filing.id).where(Filing.status.in_(_GONE), Filing.updated_at < before)
    over = or_(Hold.lifted_at < before, Hold.filing_id.in_(settled))
    old = select(Hold.id).where(Hold.memo.is_not(None), over)
    ids = session.scalars(old.limit(_BATCH)).all()
    session.execute(update(Hold).where(Hold.id.in_(ids)).values(memo=None))
    return len(ids)


def _shred_sheets(session: Session, now: datetime) -> int:
    """Expired ones at once; individual ones that no open filing names any more."""
    expired = purge_expired(session, now)
    still = select(Filing.individual_digest).where(
        Filing.individual_digest.is_not(None), Filing.status.not_in(_GONE)
    )
    superseded: ColumnElement[bool] = IssuedSheet.lookup_digest.not_in(still)
    individual = delete(IssuedSheet).where(IssuedSheet.purpose == Purpose.INDIVIDUAL, superseded)
    return expired + int(getattr(session.execute(individual), "rowcount", 0))


def _old_sign_ins(before: datetime) -> Iterator[Delete]:
    yield delete(ConsoleVisit).where(ConsoleVisit.began_at < before)
    yield delete(EnrolmentCode).where(EnrolmentCode.expires_at < before)
    yield delete(RecoveryCode).where(RecoveryCode.used_at < before)
