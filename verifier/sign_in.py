"""Sign-in by staff number and PIN: the same words and the same time for every failure."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import Staff
from shared.domain import Role
from shared.passwords import check_secret, dummy_check, nobodys_hash
from verifier.acts import SignedIn, SignInRefused
from verifier.installation import Installation
from verifier.registry import journal, staff
from verifier.registry.journal import Act, Author


def sign_in(
    installation: Installation, number: str, pin: str, at: Author, roles: frozenset[Role]
) -> SignedIn | SignInRefused:
    """Check a number and PIN; five wrong ones lock the person for fifteen minutes.

    The PIN is compared before the transaction (bcrypt is slow on purpose).
    """
    with reading(installation.sessions) as session:
        known = staff.at_work(session, number)
        stored = known.pin_hash if known else None
    if stored is None:
        dummy_check(pin, nobodys_hash(installation.policy.bcrypt_cost))
    right = stored is not None and check_secret(pin, stored)
    with installation.sessions.begin() as session:
        now = installation.clock()
        person = session.get(Staff, number, with_for_update=True)
        if person is None or person.disabled_at is not None:
            return refuse(session, at, None, now)
        if staff.is_locked(person, now):
            return refuse(session, at, person, now)
        if not right or person.pin_hash != stored or person.role not in roles:
            staff.count_failure(person, now)
            return refuse(session, at, person, now)
        person.failures = 0
        author = Author(at.kiosk, person.number)
        journal.append(session, Act.SIGNED_IN, author, {"role": person.role.value}, now)
        return SignedIn(person.number, person.name, person.role)


def refuse(session: Session, at: Author, person: Staff | None, now: datetime) -> SignInRefused:
    """Journal a refused sign-in.

    A number nobody has is not written down: people type PINs into the wrong field.
    """
    body = {"person": person.number if person else None, "locked": False}
    locked_until = None
    if person is not None and staff.is_locked(person, now):
        locked_until = person.locked_until
        body["locked"] = True
    journal.append(session, Act.SIGN_IN_REFUSED, at, body, now)
    return SignInRefused(locked_until)
