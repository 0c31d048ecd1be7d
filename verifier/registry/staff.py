"""Who may act: sign-in with a lock after five failures, roles, windows that are in use."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.db.tables import Kiosk, Staff
from shared.domain import Role
from verifier.acts import Desk, NotPermitted

FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=15)
COUNTER_ROLES = frozenset({Role.CLERK, Role.SUPERVISOR, Role.ADMINISTRATOR})
SUPERVISING_ROLES = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


def at_work(session: Session, number: str) -> Staff | None:
    """The member of staff with this number, unless disabled."""
    person = session.get(Staff, number)
    return None if person is None or person.disabled_at is not None else person


def is_locked(person: Staff, now: datetime) -> bool:
    """Too many wrong PINs, not long enough ago."""
    return person.locked_until is not None and person.locked_until > now


def count_failure(session: Session, person: Staff, now: datetime) -> datetime | None:
    """Count one wrong PIN; the end of the lock when this was the fifth."""
    failures = session.scalar(
        update(Staff)
        .where(Staff.number == person.number)
        .values(failures=Staff.failures + 1)
        .returning(Staff.failures)
    )
    if failures is None or failures < FAILURES_BEFORE_LOCK:
        return None
    person.failures = 0
    person.locked_until = now + LOCKED_FOR
    return person.locked_until


def require(session: Session, desk: Desk, roles: frozenset[Role]) -> Kiosk:
    """The kiosk of a desk where this person may do this. Raises NotPermitted."""
    person = at_work(session, desk.staff)
    kiosk = session.get(Kiosk, desk.kiosk)
    if person is None or person.role not in roles:
        raise NotPermitted
    if kiosk is None or kiosk.revoked_at is not None:
        raise NotPermitted
    return kiosk
