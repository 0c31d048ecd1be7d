"""Who may act: sign-in with a lock after five failures, roles, windows that are in use."""

from datetime import datetime, timedelta

from sqlalchemy import Row, Select, select
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
    return person if person is not None and _works(person) else None


def is_locked(person: Staff, now: datetime) -> bool:
    """Too many wrong PINs, not long enough ago."""
    return person.locked_until is not None and person.locked_until > now


def count_failure(person: Staff, now: datetime) -> None:
    """Count one wrong PIN of a person whose row is locked; the fifth locks the person."""
    person.failures += 1
    if person.failures >= FAILURES_BEFORE_LOCK:
        person.failures = 0
        person.locked_until = now + LOCKED_FOR


def require(session: Session, desk: Desk, roles: frozenset[Role]) -> Kiosk:
    """The kiosk of a desk where this person may do this, locked. Raises NotPermitted.

    One act a kiosk at a time: two tabs cannot overtake each other.
    """
    found = session.execute(_at(desk).with_for_update(of=Kiosk)).first()
    return _permitted(found, roles)


def require_to_read(session: Session, desk: Desk, roles: frozenset[Role]) -> Kiosk:
    """Like `require`, for an act that changes nothing: locks no row. Raises NotPermitted."""
    return _permitted(session.execute(_at(desk)).first(), roles)


def require_person(session: Session, number: str, roles: frozenset[Role]) -> Staff:
    """The person, if at work and in one of these roles. Raises NotPermitted."""
    return _in_role(session.get(Staff, number), roles)


def require_kiosk(session: Session, code: str) -> Kiosk:
    """A kiosk in use, locked until the transaction ends. Raises NotPermitted."""
    locked = select(Kiosk).where(Kiosk.code == code).with_for_update(of=Kiosk)
    return _in_use(session.scalar(locked))


def _at(desk: Desk) -> Select[Staff, Kiosk]:
    """Person and kiosk in one round."""
    both = select(Staff, Kiosk).join(Kiosk, Kiosk.code == desk.kiosk)
    return both.where(Staff.number == desk.staff)


def _permitted(found: Row[Staff, Kiosk] | None, roles: frozenset[Role]) -> Kiosk:
    if found is None:
        raise NotPermitted
    person, kiosk = found
    _in_role(person, roles)
    return _in_use(kiosk)


def _in_role(person: Staff | None, roles: frozenset[Role]) -> Staff:
    if person is None or not _works(person) or person.role not in roles:
        raise NotPermitted
    return person


def _works(person: Staff) -> bool:
    return person.disabled_at is None


def _in_use(kiosk: Kiosk | None) -> Kiosk:
    if kiosk is None or kiosk.revoked_at is not None:
        raise NotPermitted
    return kiosk
