"""What every person of the console changes about themselves: password and second factor."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import RecoveryCode, Staff
from verifier import second_factor
from verifier.console_sign_in import Visit, end_visits
from verifier.installation import Installation
from verifier.own_secrets import seal
from verifier.registry import journal
from verifier.registry.journal import Act, Author
from verifier.second_factor import NewFactor


def password_hash(installation: Installation, visit: Visit) -> str:
    """The hash to compare the present password with."""
    with reading(installation.sessions) as session:
        stored = session.get_one(Staff, visit.person.number).password_hash
    assert stored is not None  # noqa: S101 - signed in with it
    return stored


def replace_password(installation: Installation, visit: Visit, hashed: str) -> None:
    """Set a new password; every other visit ends."""
    with installation.sessions.begin() as session:
        person = session.get_one(Staff, visit.person.number, with_for_update=True)
        person.password_hash, person.password_is_temporary = hashed, False
        end_visits(session, person.number, installation.clock(), keep=visit.digest)
        _note(session, installation, person, "own_password")


def use_factor(installation: Installation, visit: Visit, new: NewFactor, step: int) -> None:
    """Keep a second factor, of which the code of `step` has just been used."""
    key = installation.keys.console
    with installation.sessions.begin() as session:
        person = session.get_one(Staff, visit.person.number, with_for_update=True)
        person.second_factor = seal(new.secret, key)
        person.second_factor_step = step
        forget_recovery_codes(session, person)
        session.add_all(
            RecoveryCode(
                digest=second_factor.recovery_digest(person.number, code, key),
                staff_number=person.number,
            )
            for code in new.recovery_codes
        )
        session.flush()
        _note(session, installation, person, "second_factor_on")


def drop_factor(installation: Installation, visit: Visit) -> None:
    """Forget the second factor and its recovery codes."""
    with installation.sessions.begin() as session:
        person = session.get_one(Staff, visit.person.number, with_for_update=True)
        if person.second_factor is None:
            return
        person.second_factor = person.second_factor_step = None
        forget_recovery_codes(session, person)
        _note(session, installation, person, "second_factor_off")


def recovery_codes_left(installation: Installation, visit: Visit) -> int:
    """How many recovery codes of a person still count."""
    with reading(installation.sessions) as session:
        unused = select(func.count()).where(
            RecoveryCode.staff_number == visit.person.number, RecoveryCode.used_at.is_(None)
        )
        return session.scalar(unused) or 0


def forget_recovery_codes(session: Session, person: Staff) -> None:
    """Destroy a person's recovery codes."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_number == person.number))


def _note(session: Session, installation: Installation, person: Staff, change: str) -> None:
    session.flush()
    author = Author(None, person.number)
    body = {"person": person.number, "change": change}
    journal.append(session, Act.STAFF_CHANGED, author, body, installation.clock())
