"""Acts whose answer is not kept by themselves: the request's key is written with the act.

Whatever worker a retry reaches, and whatever became of the first one: the act is done once.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from shared.db.session import only_reads, reading
from shared.db.tables import IdempotencyKey
from verifier.acts import Conflict, IdempotencyMismatch
from verifier.installation import Installation

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Request:
    """A request as far as it must be known again."""

    key: str
    content: bytes
    """All that tells it from another; only ever digested."""

    @property
    def fingerprint(self) -> str:
        """Of the content."""
        return hashlib.sha256(self.content).hexdigest()


def once(
    house: Installation,
    request: Request,
    act: Callable[[Installation], Answer],
    again: Callable[[], Answer],
) -> Answer:
    """Do the act and write its key in the same transaction, or give what it gave before.

    Raises IdempotencyMismatch when the key came with another request.
    """
    if _is_done(house, request):
        return again()
    try:
        return act(_writing(house, request))
    except (IntegrityError, Conflict):
        if _is_done(house, request):  # its twin was faster
            return again()
        raise


def _is_done(house: Installation, request: Request) -> bool:
    with reading(house.sessions) as session:
        stored = session.get(IdempotencyKey, request.key)
        if stored is not None and stored.fingerprint != request.fingerprint:
            raise IdempotencyMismatch
        return stored is not None


def _writing(house: Installation, request: Request) -> Installation:
    """The installation whose next act writes the key as well."""
    sessions = sessionmaker(**house.sessions.kw)

    def remember(session: Session) -> None:
        if not only_reads(session):
            session.add(_row(request, house))

    event.listen(sessions, "before_commit", remember)
    return replace(house, sessions=sessions)


def _row(request: Request, house: Installation) -> IdempotencyKey:
    values: dict[str, Any] = {"key": request.key, "fingerprint": request.fingerprint}
    return IdempotencyKey(**values, answer="", at=house.clock())
