"""A showing that was answered before: what it was told, from what was written down of it."""

from sqlalchemy.orm import Session

from shared.db.tables import Presentation
from shared.domain import Sheet
from verifier import judging
from verifier.acts import Claim, IdempotencyMismatch, Presented
from verifier.decision.reasons import Notice, Reason
from verifier.decision.verdict import Accepted, Refused, Verdict
from verifier.judging import Read
from verifier.registry import baskets, handovers, tickets


def again(session: Session, row: Presentation, read: Read) -> Presented:
    """The same showing asked for twice: the answer it got, not a second act."""
    if row.fingerprint != read.fingerprint:
        raise IdempotencyMismatch
    claim = judging.claim_of(session, read.sheet) if isinstance(read.sheet, Sheet) else None
    return answer_of(session, row, claim)


def answer_of(session: Session, row: Presentation, claim: Claim | None = None) -> Presented:
    """The answer a presentation got, from what was written down of it."""
    codes = row.reasons.split()
    verdict: Verdict
    if row.accepted:
        verdict = Accepted(tuple(Notice(code) for code in codes))
    else:
        verdict = Refused(tuple(Reason(code) for code in codes))
    hand_over = handovers.opened_by(session, row.id)
    basket = baskets.basket_of(session, hand_over) if hand_over else None
    called = hand_over.ticket if hand_over else tickets.of_call(session, row.id)
    number = called.number if called else None
    return Presented(row.id, row.at, verdict, claim, basket=basket, called=number)
