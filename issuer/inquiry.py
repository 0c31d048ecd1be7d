"""状況照会: signing in with a filing number and its password.

Known and unknown numbers get the same answers, in words, in time and in being locked: an unknown
one has a procedure that stands for it, a check that cannot succeed, and a count of its own.
"""

import hmac
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from issuer.attempts import Attempts, Gate
from shared.db.filings import find_filing
from shared.db.session import Sessions, reading
from shared.db.tables import Filing, Procedure
from shared.domain import FilingNumber
from shared.passwords import check_secret, dummy_check, nobodys_hash

_USUAL_COST = 12
"""Of bcrypt, where no filing tells."""


class SignIn(StrEnum):
    """How a sign-in ended."""

    WELCOME = "welcome"
    NO_MATCH = "no_match"
    LOCKED = "locked"


def procedure_shown(session: Session, number: FilingNumber, secret: bytes) -> str:
    """The procedure named at the second step (manual, section 5), before anybody has signed in.

    For an unknown number it is one drawn by a keyed hash, always the same one: the page tells
    nobody which numbers exist.
    """
    filing = find_filing(session, number)
    if filing is not None:
        return filing.procedure.name
    names = session.scalars(select(Procedure.name).order_by(Procedure.code)).all()
    drawn = hmac.digest(secret, b"oss2d/v1/unknown-number\0" + number.digits.encode(), "sha256")
    return names[int.from_bytes(drawn) % len(names)] if names else ""


def sign_in(
    sessions: Sessions, gate: Gate, number: FilingNumber, password: str, now: datetime
) -> SignIn:
    """Check the password of a filing, outside any transaction. Raises Busy."""
    with gate.turn():
        stored, attempts, locked = _begin_attempt(sessions, gate, number, now)
        if locked:
            return SignIn.LOCKED
        if stored is None:
            dummy_check(password, _anybodys_hash(sessions))
        elif check_secret(password, stored):
            _forgive(sessions, number)
            return SignIn.WELCOME
        return SignIn.LOCKED if attempts.locked_until else SignIn.NO_MATCH


def _begin_attempt(
    sessions: Sessions, gate: Gate, number: FilingNumber, now: datetime
) -> tuple[str | None, Attempts, bool]:
    """The stored hash, the count with this attempt in it, and whether it was locked before."""
    with sessions.begin() as session:
        filing = session.scalar(
            select(Filing).where(Filing.number == number.digits).with_for_update()
        )
        if filing is None:
            return None, *gate.count_unknown(number, now)
        before = Attempts(filing.inquiry_failures, filing.inquiry_locked_until)
        if before.are_locked(now):
            return None, before, True
        after = before.and_one_more(now)
        filing.inquiry_failures, filing.inquiry_locked_until = after.failures, after.locked_until
        return filing.password_hash, after, False


def _anybodys_hash(sessions: Sessions) -> str:
    """The newest filing's: old ones have lost theirs."""
    newest = select(Filing.password_hash).order_by(Filing.id.desc()).limit(1)
    with reading(sessions) as session:
        return session.scalar(newest) or nobodys_hash(_USUAL_COST)


def _forgive(sessions: Sessions, number: FilingNumber) -> None:
    with sessions.begin() as session:
        session.execute(
            update(Filing)
            .where(Filing.number == number.digits)
            .values(inquiry_failures=0, inquiry_locked_until=None)
        )
