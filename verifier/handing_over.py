"""What becomes of a basket: confirmed, held row by row, given up; and a release taken back."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import Compared, Filing, HandOver, HandOverState, Kiosk, TicketState
from verifier.acts import (
    Basket,
    Confirming,
    Desk,
    GiveUpReason,
    HandOverClosed,
    Holding,
    Lifting,
    NothingReleased,
    NotPermitted,
    Receipt,
    Undoing,
)
from verifier.installation import Installation
from verifier.registry import (
    baskets,
    handovers,
    idempotency,
    journal,
    owed,
    plan_marks,
    staff,
    tickets,
)
from verifier.registry.journal import Act, Author, Json

_NOT_TICKED = "not_ticked"
_NOBODY_THERE = frozenset({GiveUpReason.ABSENT, GiveUpReason.TIMEOUT})
"""A number called for such a basket waits until somebody puts it back."""


def confirm(installation: Installation, desk: Desk, confirming: Confirming) -> Receipt:
    """Release what was ticked; see `verifier.counter.Counter.confirm`."""
    with installation.sessions.begin() as session:
        kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
        earlier = idempotency.answer_to_window(session, confirming.idempotency_key, confirming)
        if earlier is not None:
            return Receipt(**earlier | {"at": datetime.fromisoformat(earlier["at"])})
        if not confirming.released and not confirming.held:
            raise NothingReleased
        now = installation.clock()
        receipt = _confirm(session, installation, (desk, kiosk), confirming, now)
        idempotency.remember(session, confirming.idempotency_key, confirming, receipt, now)
        return receipt


def hold(installation: Installation, desk: Desk, hand_over_id: str, holding: Holding) -> Basket:
    """保留 one row of an open basket; a basket without rows left is closed."""
    with installation.sessions.begin() as session:
        staff.require(session, desk, staff.COUNTER_ROLES)
        now = installation.clock()
        hand_over = handovers.open_at(session, desk, hand_over_id)
        number = handovers.keep_back(session, hand_over, holding, desk, now)
        basket = baskets.basket_of(session, hand_over)
        if not basket.rows:
            handovers.close(hand_over, HandOverState.CONFIRMED, now)
            tickets.after_basket(hand_over, TicketState.SERVED)
        body = {"hand_over": hand_over_id, "filing": number, "reason": holding.reason.value}
        journal.append(session, Act.HELD, _author(desk), body, now)
        return basket


def look_at(installation: Installation, desk: Desk, hand_over_id: str) -> Basket:
    """A basket of this window as it stands now, open or not. Raises HandOverClosed for another."""
    with reading(installation.sessions) as session:
        hand_over = session.get(HandOver, hand_over_id)
        if hand_over is None or hand_over.kiosk_code != desk.kiosk:
            raise HandOverClosed
        return baskets.basket_of(session, hand_over)


def give_up(
    installation: Installation, desk: Desk, hand_over_id: str, reason: GiveUpReason
) -> None:
    """渡していない: every row in hand is ready again."""
    with installation.sessions.begin() as session:
        staff.require(session, desk, staff.COUNTER_ROLES)
        now = installation.clock()
        hand_over = handovers.open_at(session, desk, hand_over_id)
        returned = handovers.give_back(session, hand_over, reason.value, now)
        handovers.close(hand_over, HandOverState.GIVEN_UP, now)
        after = TicketState.ABSENT if reason in _NOBODY_THERE else TicketState.WAITING
        tickets.after_basket(hand_over, after)
        body = {"hand_over": hand_over_id, "reason": reason.value, "returned": returned}
        journal.append(session, Act.GIVEN_UP, _author(desk), body, now)


def undo(installation: Installation, desk: Desk, undoing: Undoing) -> None:
    """A supervisor takes a release back; nobody takes back their own."""
    with installation.sessions.begin() as session:
        staff.require_person(session, desk.staff, staff.SUPERVISING_ROLES)
        if idempotency.earlier_answer(session, undoing.idempotency_key, undoing) is not None:
            return
        now = installation.clock()
        item = handovers.take_back(session, undoing.filing_id, undoing.reason, now)
        hand_over = session.get_one(HandOver, item.hand_over_id)
        if hand_over.staff_number == desk.staff:
            raise NotPermitted
        body = {
            "hand_over": hand_over.id,
            "filing": item.filing.number,
            "reason": undoing.reason,
        }
        journal.append(session, Act.UNDONE, _author(desk), body, now)
        idempotency.remember(session, undoing.idempotency_key, undoing, undoing, now)


def lift(installation: Installation, desk: Desk, lifting: Lifting) -> None:
    """A supervisor ends a hold; nothing is handed over by it."""
    with installation.sessions.begin() as session:
        staff.require_person(session, desk.staff, staff.SUPERVISING_ROLES)
        if idempotency.earlier_answer(session, lifting.idempotency_key, lifting) is not None:
            return
        now = installation.clock()
        hold = handovers.lift(session, lifting.hold_id, desk.staff, now)
        body = {
            "hand_over": hold.hand_over_id,
            "filing": session.get_one(Filing, hold.filing_id).number,
            "reason": lifting.reason,
        }
        journal.append(session, Act.HOLD_LIFTED, _author(desk), body, now)
        idempotency.remember(session, lifting.idempotency_key, lifting, lifting, now)


def _confirm(
    session: Session,
    installation: Installation,
    at: tuple[Desk, Kiosk],
    confirming: Confirming,
    now: datetime,
) -> Receipt:
    desk, kiosk = at
    plan = installation.policy.plan
    plan_marks.require_room(session, plan, len(confirming.released))
    hand_over = handovers.open_at(session, desk, confirming.hand_over_id)
    handovers.check_ticks(hand_over, confirming)
    basket = baskets.in_hand(session, hand_over)
    owed.require_nothing(basket, confirming)
    under_hold = [row.filing_id for row in basket.rows if row.hold]
    released = handovers.release(session, hand_over, confirming.released, under_hold, now)
    handovers.note_papers(session, hand_over, confirming.taken)
    held: list[Json] = [
        {
            "filing": handovers.keep_back(session, hand_over, holding, desk, now),
            "reason": holding.reason.value,
        }
        for holding in confirming.held
    ]
    returned = handovers.give_back(session, hand_over, _NOT_TICKED, now)
    handovers.close(hand_over, HandOverState.CONFIRMED, now)
    hand_over.collector = confirming.collector or None
    hand_over.receipt_number = plan_marks.receipt_number(kiosk, plan)
    plan_marks.mark(session, hand_over, plan)
    tickets.after_basket(hand_over, TicketState.SERVED)
    receipt = Receipt(
        hand_over.receipt_number, now, len(released), len(held), returned, journal_head=""
    )
    body: dict[str, Json] = {
        "hand_over": hand_over.id,
        "presentation": hand_over.presentation_id,
        "released": [*released],
        "held": held,
        "returned": returned,
        "receipt": receipt.number,
        "taken": _taken(hand_over, confirming),
        "checked": [*sorted(check.value for check in confirming.checked)],
    }
    head = journal.append(session, Act.CONFIRMED, _author(desk), body, now)
    return replace(receipt, journal_head=head.hash[:12])


def _taken(hand_over: HandOver, confirming: Confirming) -> list[Json]:
    """What was given in exchange for what, for whoever asks later."""
    numbers = {item.filing_id: item.filing.number for item in hand_over.items}
    return [
        {"filing": numbers[t.filing_id], "paper": t.paper, "compared": t.compared.value}
        for t in confirming.taken
    ]


def differed(installation: Installation, desk: Desk, hand_over_id: str, compared: Compared) -> None:
    """Journal that a paper offered in exchange belongs to no vehicle of an open basket."""
    with installation.sessions.begin() as session:
        staff.require(session, desk, staff.COUNTER_ROLES)
        handovers.open_at(session, desk, hand_over_id)
        body: dict[str, Json] = {"hand_over": hand_over_id, "compared": compared.value}
        journal.append(session, Act.DIFFERED, _author(desk), body, installation.clock())


def _author(desk: Desk) -> Author:
    return Author(desk.kiosk or None, desk.staff)
