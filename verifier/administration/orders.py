"""How an order of the console is carried out: by somebody who may, once, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from sqlalchemy.orm import Session

from shared.db.tables import Staff
from shared.domain import Role
from verifier.administration.why import NotDone, Why
from verifier.installation import Installation
from verifier.registry import idempotency, journal, staff
from verifier.registry.journal import Act, Author, Json

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Acting:
    """The transaction an order is carried out in, and who gave it when."""

    session: Session
    person: Staff
    now: datetime

    def note(self, act: Act, body: Mapping[str, Json]) -> None:
        """Journal what was done; call it last."""
        self.session.flush()
        journal.append(self.session, act, Author(None, self.person.number), body, self.now)


class Order(Protocol):
    """One change, fully described: a frozen dataclass whose secrets are not in its repr."""

    roles: ClassVar[frozenset[Role]]
    """Who may give it."""

    def carry_out(self, acting: Acting) -> None:
        """Do it and journal it. Raises NotDone."""
        ...


@dataclass(frozen=True, slots=True)
class _Done:
    """The answer that is kept of an order: that it was carried out."""

    at: datetime


def carry_out(installation: Installation, number: str, key: str, order: Order) -> None:
    """Let a person's order be done; the same key again changes nothing.

    Raises NotDone, NotPermitted, IdempotencyMismatch.
    """
    with installation.sessions.begin() as session:
        journal.take_turn(session)
        person = staff.require_person(session, number, order.roles)
        if idempotency.earlier_answer(session, key, order) is not None:
            return
        now = installation.clock()
        order.carry_out(Acting(session, person, now))
        idempotency.remember(session, key, order, _Done(now), now)


def reason_of(text: str) -> str:
    """A reason as it is kept. Raises NotDone."""
    reason = text.strip()
    if not reason:
        raise NotDone(Why.NO_REASON)
    if len(reason) > LONGEST_REASON:
        raise NotDone(Why.LONG_REASON)
    return reason
