"""Who may act: sign-in with a lock after five failures, roles, windows that are in use."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, lazyload

from shared.db.tables import Kiosk, Staff
from shared.domain import Role
from verifier.acts import Desk, NotPermitted

FAILURES_BEFORE_LOCK = 5
LOCKED_MINUTES = 15
LOCKED_FOR = timedelta(minutes=LOCKED_MINUTES)
COUNTER_ROLES = frozenset({Role.CLERK, Role.SUPERVISOR, Role.ADMINISTRATOR})
SUPERVISING_ROLES = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


def at_work(session: Session, number: str) -> Staff | None:
    """The member of staff with this number, unless disabled."""
    person = session.get(Staff, number)
    return None if person is None or person.disabled_at is not None else person


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
    return _in_use(session.scalar(_AT_DESK_LOCKED, _of(desk, roles)))


def require_to_read(session: Session, desk: Desk, roles: frozenset[Role]) -> Kiosk:
    """Like `require`, for an act that changes nothing: locks no row. Raises NotPermitted."""
    return _in_use(session.scalar(_AT_DESK, _of(desk, roles)))


def require_person(session: Session, number: str, roles: frozenset[Role]) -> Staff:
    """The person, if at work and in one of these roles. Raises NotPermitted."""
    person = at_work(session, number)
    if person is None or person.role not in roles:
        raise NotPermitted
    return person


def require_kiosk(session: Session, code: str) -> Kiosk:
    """A kiosk in use, locked until the transaction ends. Raises NotPermitted."""
    locked = select(Kiosk).where(Kiosk.code == code).with_for_update(of=Kiosk)
    return _in_use(session.scalar(locked))


def _of(desk: Desk, roles: frozenset[Role]) -> dict[str, object]:
    return {"kiosk": desk.kiosk, "number": desk.staff, "roles": list(roles)}


_AT_DESK = (
    select(Kiosk)
    .join(Staff, Staff.number == bindparam("number"))
    .where(
        Kiosk.code == bindparam("kiosk"),
        Staff.disabled_at.is_(None),
        Staff.role.in_(bindparam("roles", expanding=True)),
    )
    .options(lazyload(Kiosk.office))
)
"""A kiosk, when this person may do this: in one round, for it begins every act."""
_AT_DESK_LOCKED = _AT_DESK.with_for_update(of=Kiosk)


def _in_use(kiosk: Kiosk | None) -> Kiosk:
    if kiosk is None or kiosk.revoked_at is not None:
        raise NotPermitted
    return kiosk
