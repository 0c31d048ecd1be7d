"""Sign-in by staff number and PIN: the same words and the same time for every failure."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import Staff
from shared.domain import Role
from shared.passwords import check_secret, dummy_check, nobodys_hash
from verifier.acts import SignedIn, SignInRefused
from verifier.installation import Installation
from verifier.registry import idempotency, journal, staff
from verifier.registry.journal import Act, Author, Json

_DOMAIN = b"oss2d/v1/sign-in\0"


@dataclass(frozen=True, slots=True)
class SigningIn:
    """Somebody says who they are, at a window."""

    number: str
    pin: str = field(repr=False)
    idempotency_key: str

    def known_again(self, at: Author, key: bytes) -> "_Asked":
        """As it is kept: a plain digest of so short a secret would give the secret away."""
        said = "\0".join((at.kiosk or "", self.number, self.pin)).encode()
        return _Asked(hmac.digest(key, _DOMAIN + said, "sha256").hex())


@dataclass(frozen=True, slots=True)
class _Asked:
    digest: str


@dataclass(frozen=True, slots=True)
class _Answered:
    """What is kept of an answer: no name."""

    signed_in: bool


def sign_in(
    installation: Installation, asked: SigningIn, at: Author, roles: frozenset[Role]
) -> SignedIn | SignInRefused:
    """Check a number and PIN; five wrong ones lock the person for fifteen minutes.

    The PIN is compared before the transaction (bcrypt is slow on purpose). Asked again with the
    same key nothing is counted or journalled again. Raises IdempotencyMismatch.
    """
    with reading(installation.sessions) as session:
        known = staff.at_work(session, asked.number)
        stored = known.pin_hash if known else None
    if stored is None:
        dummy_check(asked.pin, nobodys_hash(installation.policy.bcrypt_cost))
    right = stored is not None and check_secret(asked.pin, stored)
    request = asked.known_again(at, installation.keys.console)
    with installation.sessions.begin() as session:
        now = installation.clock()
        earlier = idempotency.earlier_answer(session, asked.idempotency_key, request)
        person = session.get(Staff, asked.number, with_for_update=True)
        fits = right and person is not None and person.pin_hash == stored and person.role in roles
        if earlier is not None:
            return _again(person, now, let_in=fits and earlier["signed_in"])
        answer = _judged(session, person, at, now, fits=fits)
        kept = _Answered(isinstance(answer, SignedIn))
        idempotency.remember(session, asked.idempotency_key, request, kept, now)
        return answer


def _judged(
    session: Session, person: Staff | None, at: Author, now: datetime, *, fits: bool
) -> SignedIn | SignInRefused:
    """Count, journal, answer."""
    if person is None or person.disabled_at is not None:
        return refuse(session, at, None, now)
    if staff.is_locked(person, now):
        return refuse(session, at, person, now)
    if not fits:
        staff.count_failure(person, now)
        return refuse(session, at, person, now)
    person.failures = 0
    author = Author(at.kiosk, person.number)
    journal.append(session, Act.SIGNED_IN, author, {"role": person.role.value}, now)
    return _let_in(person)


def _again(person: Staff | None, now: datetime, *, let_in: bool) -> SignedIn | SignInRefused:
    """Who was let in before is let in unless something came between; nobody else is."""
    if person is None or person.disabled_at is not None:
        return SignInRefused()
    let_in = let_in and not staff.is_locked(person, now)
    return _let_in(person) if let_in else SignInRefused()


def _let_in(person: Staff) -> SignedIn:
    return SignedIn(person.number, person.name, person.role)


def refuse(session: Session, at: Author, person: Staff | None, now: datetime) -> SignInRefused:
    """Journal a refused sign-in; that the number is locked now stands in the journal alone.

    A number nobody has is not written down: people type PINs into the wrong field.
    """
    locked = person is not None and staff.is_locked(person, now)
    body: dict[str, Json] = {"person": person.number if person else None, "locked": locked}
    journal.append(session, Act.SIGN_IN_REFUSED, at, body, now)
    return SignInRefused()
