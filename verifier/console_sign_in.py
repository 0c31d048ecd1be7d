"""Sign-in to the console: number, password and, for whoever uses one, a second factor.

The browser gets a token; the registry keeps its digest, so that a sign-in can be ended from here.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import ConsoleVisit, RecoveryCode, Staff
from shared.domain import Role
from shared.passwords import check_secret, dummy_check, nobodys_hash
from verifier import second_factor
from verifier.acts import SignedIn, SignInRefused
from verifier.installation import Installation
from verifier.own_secrets import unseal
from verifier.registry import journal, staff
from verifier.registry.journal import Act, Author
from verifier.sign_in import refuse

CONSOLE_ROLES = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed to get in."""

    number: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    """A one-time or a recovery code."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A sign-in that still counts."""

    person: SignedIn
    digest: str
    proved_at: datetime
    must_choose_password: bool
    has_second_factor: bool


def sign_in(installation: Installation, given: Credentials) -> str | SignInRefused:
    """The token of a new visit; five wrong attempts lock the person for fifteen minutes."""
    right, stored = _compare(installation, given)
    with installation.sessions.begin() as session:
        now = installation.clock()
        person = session.get(Staff, given.number, with_for_update=True)
        how = _proved(session, installation, person, given) if right else None
        if person is None or how is None or person.password_hash != stored:
            return _refused(session, person, now)
        person.failures = 0
        token = secrets.token_urlsafe(32)
        session.add(
            ConsoleVisit(
                digest=_digest(token), staff_number=person.number, began_at=now, proved_at=now
            )
        )
        session.flush()
        body = {"role": person.role.value, "console": True, "second_factor": how}
        journal.append(session, Act.SIGNED_IN, Author(None, person.number), body, now)
        return token


def prove_again(installation: Installation, visit: Visit, given: Credentials) -> bool:
    """Whether whoever sits there is still who signed in; failures count as at sign-in."""
    right, stored = _compare(installation, given)
    with installation.sessions.begin() as session:
        now = installation.clock()
        person = session.get_one(Staff, visit.person.number, with_for_update=True)
        how = _proved(session, installation, person, given) if right else None
        if how is None or person.password_hash != stored:
            _refused(session, person, now)
            return False
        session.get_one(ConsoleVisit, visit.digest).proved_at = now
        return True


def visit_of(session: Session, token: str, now: datetime) -> Visit | None:
    """The visit a browser's token stands for, unless it has ended by whatever cause."""
    found = session.get(ConsoleVisit, _digest(token))
    if found is None or found.ended_at is not None or now - found.began_at > LONGEST:
        return None
    person = staff.at_work(session, found.staff_number)
    if person is None or person.role not in CONSOLE_ROLES or person.password_hash is None:
        return None
    return Visit(
        SignedIn(person.number, person.name, person.role),
        found.digest,
        found.proved_at,
        person.password_is_temporary,
        person.second_factor is not None,
    )


def end_visits(session: Session, number: str, now: datetime, keep: str = "") -> None:
    """End every visit of a person, but for the one whose digest is to be kept."""
    session.execute(
        update(ConsoleVisit)
        .where(
            ConsoleVisit.staff_number == number,
            ConsoleVisit.ended_at.is_(None),
            ConsoleVisit.digest != keep,
        )
        .values(ended_at=now)
    )


def sign_out(installation: Installation, token: str) -> None:
    """End the visit; a copied cookie is worth nothing afterwards."""
    with installation.sessions.begin() as session:
        found = session.get(ConsoleVisit, _digest(token))
        if found is not None and found.ended_at is None:
            found.ended_at = installation.clock()


def _compare(installation: Installation, given: Credentials) -> tuple[bool, str | None]:
    """Before the transaction: bcrypt is slow on purpose."""
    with reading(installation.sessions) as session:
        known = staff.at_work(session, given.number)
        stored = known.password_hash if known else None
    if stored is None:
        dummy_check(given.password, nobodys_hash(installation.policy.bcrypt_cost))
        return False, None
    return check_secret(given.password, stored), stored


def _proved(
    session: Session, installation: Installation, person: Staff | None, given: Credentials
) -> str | None:
    """How a person whose password is right proved the rest; None when they did not."""
    now = installation.clock()
    if person is None or person.disabled_at is not None or person.role not in CONSOLE_ROLES:
        return None
    if staff.is_locked(person, now):
        return None
    if person.second_factor is None:
        return "none"
    key = installation.keys.console
    secret = unseal(person.second_factor, key)
    step = second_factor.step_of(secret, given.code, now, person.second_factor_step)
    if step is not None:
        person.second_factor_step = step
        return "totp"
    digest = second_factor.recovery_digest(person.number, given.code, key)
    recovery = session.get(RecoveryCode, digest, with_for_update=True)
    if recovery is None or recovery.used_at is not None:
        return None
    recovery.used_at = now
    return "recovery"


def _refused(session: Session, person: Staff | None, now: datetime) -> SignInRefused:
    if person is not None and person.disabled_at is None and not staff.is_locked(person, now):
        staff.count_failure(person, now)
    known = None if person is None or person.disabled_at is not None else person
    return refuse(session, Author(), known, now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
