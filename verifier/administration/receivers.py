"""受取者: suspend and resume, each seen by two people, and let no older sheet count."""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Decision, Receiver, ReceiverChange, ReceiverChangeKind
from shared.domain import Role
from verifier.administration.orders import Acting, reason_of
from verifier.administration.why import NotDone, Why
from verifier.registry.journal import Act, Json
from verifier.registry.staff import SUPERVISING_ROLES


@dataclass(frozen=True, slots=True)
class Propose:
    """Ask for a suspension or its end; nothing changes until a second person agrees."""

    roles: ClassVar[frozenset[Role]] = SUPERVISING_ROLES
    receiver_id: int
    kind: ReceiverChangeKind
    reason: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, NOTHING_TO_DO, ALREADY_PROPOSED, or for the reason."""
        reason = reason_of(self.reason)
        receiver = _locked(acting.session, self.receiver_id)
        if (receiver.suspended_at is None) is (self.kind is ReceiverChangeKind.RESUME):
            raise NotDone(Why.NOTHING_TO_DO)
        if open_change(acting.session, receiver.id) is not None:
            raise NotDone(Why.ALREADY_PROPOSED)
        change = ReceiverChange(
            receiver_id=receiver.id,
            kind=self.kind,
            reason=reason,
            proposed_by=acting.person.number,
            proposed_at=acting.now,
        )
        acting.session.add(change)
        _note(acting, change, "proposed", reason)


@dataclass(frozen=True, slots=True)
class Decide:
    """Agree with a proposed change, reject it, or, as the one who proposed it, withdraw it."""

    roles: ClassVar[frozenset[Role]] = SUPERVISING_ROLES
    change_id: int
    decision: Decision

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, STALE when it was decided before, SAME_PERSON."""
        found = acting.session.get(ReceiverChange, self.change_id)
        if found is None:
            raise NotDone(Why.MISSING)
        receiver = _locked(acting.session, found.receiver_id)
        acting.session.refresh(found)
        if found.decision is not None:
            raise NotDone(Why.STALE)
        own = found.proposed_by == acting.person.number
        if own is not (self.decision is Decision.WITHDRAWN):
            raise NotDone(Why.SAME_PERSON)
        found.decision, found.decided_by = self.decision, acting.person.number
        found.decided_at = acting.now
        if self.decision is Decision.DONE:
            _apply(found, receiver, acting)
        _note(acting, found, self.decision.value)


@dataclass(frozen=True, slots=True)
class RefuseOlderSheets:
    """Let no sheet of this receiver's count that was issued before now: one was lost."""

    roles: ClassVar[frozenset[Role]] = SUPERVISING_ROLES
    receiver_id: int
    reason: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, or for the reason."""
        reason = reason_of(self.reason)
        receiver = _locked(acting.session, self.receiver_id)
        receiver.not_before = acting.now
        who, now = acting.person.number, acting.now
        change = ReceiverChange(
            receiver_id=receiver.id,
            kind=ReceiverChangeKind.NOT_BEFORE,
            reason=reason,
            proposed_by=who,
            proposed_at=now,
            decision=Decision.DONE,
            decided_by=who,
            decided_at=now,
        )
        acting.session.add(change)
        _note(acting, change, Decision.DONE.value, reason)


def open_change(session: Session, receiver_id: int) -> ReceiverChange | None:
    """The change of a receiver that waits for a second person."""
    return session.scalar(
        select(ReceiverChange).where(
            ReceiverChange.receiver_id == receiver_id, ReceiverChange.decision.is_(None)
        )
    )


def _locked(session: Session, receiver_id: int) -> Receiver:
    receiver = session.get(Receiver, receiver_id, with_for_update=True)
    if receiver is None:
        raise NotDone(Why.MISSING)
    return receiver


def _apply(change: ReceiverChange, receiver: Receiver, acting: Acting) -> None:
    if change.kind is ReceiverChangeKind.SUSPEND:
        receiver.suspended_at, receiver.suspension_reason = acting.now, change.reason
    else:
        receiver.suspended_at = receiver.suspension_reason = None


def _note(acting: Acting, change: ReceiverChange, step: str, reason: str | None = None) -> None:
    body: dict[str, Json] = {
        "receiver": change.receiver_id,
        "change": change.kind.value,
        "step": step,
    }
    if reason is not None:
        body["reason"] = reason
    acting.note(Act.RECEIVER_CHANGED, body)
