"""What a basket asks for and a confirmation lacks is refused by the registry, whoever asks."""

import json
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import Compared, JournalEntry
from shared.domain import FilingStatus
from tests.builders import (
    DESK,
    NEW_CAR,
    House,
    filing_sheet,
    house,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from verifier.acts import (
    Basket,
    Calling,
    Check,
    Confirming,
    Holding,
    HoldReason,
    NotSeenTo,
    Presented,
)
from verifier.decision.reasons import Notice
from verifier.desk_acts import TakingUp
from verifier.registry.journal import Act

pytestmark = pytest.mark.parametrize("registry", ["sqlite"], indirect=True)


@pytest.fixture
def at(registry: Sessions) -> House:
    built = house(registry)
    built.receiver()
    return built


def opened(answer: Presented) -> Basket:
    assert answer.basket is not None, answer.verdict
    return answer.basket


def full(basket: Basket) -> Confirming:
    rows = tuple(row.filing_id for row in basket.rows)
    return Confirming(basket.hand_over_id, rows, (), None, str(uuid.uuid4()), **seen_to(basket))


def present(at: House, procedure: int = 1) -> Basket:
    sheet = receiver_sheet(procedure=procedure)
    return opened(at.counter.present(DESK, showing(text_of(sheet))))


def require_refused(at: House, number: str, wish: Confirming) -> None:
    with pytest.raises(NotSeenTo):
        at.counter.confirm(DESK, wish)
    assert at.status_of(number) is FilingStatus.HANDING, "nothing was changed"


def by_machine(wish: Confirming) -> Confirming:
    return replace(wish, taken=tuple(replace(t, compared=Compared.SCANNED) for t in wish.taken))


def test_a_paper_in_exchange_must_be_there_and_compared(at: House) -> None:
    number = at.filing()
    wish = full(present(at))
    require_refused(at, number, replace(wish, taken=(), checked=()))
    require_refused(at, number, replace(wish, taken=()))
    require_refused(at, number, replace(wish, checked=()))
    require_refused(at, number, replace(wish, checked=(Check.IDENTITY, Check.SLIP)))
    at.counter.confirm(DESK, replace(wish, checked=(Check.BY_EYE,)))
    assert at.status_of(number) is FilingStatus.RELEASED
    with at.sessions() as session:
        body = session.scalar(select(JournalEntry.body).where(JournalEntry.act == Act.CONFIRMED))
    assert json.loads(body)["checked"] == ["by-eye"]


def test_what_a_machine_compared_needs_no_eye(at: House) -> None:
    number = at.filing()
    at.counter.confirm(DESK, replace(by_machine(full(present(at))), checked=()))
    assert at.status_of(number) is FilingStatus.RELEASED


def test_one_of_two_seen_by_eye_still_asks(at: House) -> None:
    number, _other = at.filing(), at.filing()
    wish = full(present(at))
    half = (replace(wish.taken[0], compared=Compared.TYPED), *wish.taken[1:])
    require_refused(at, number, replace(wish, taken=half, checked=()))


def test_an_unconfirmed_tax_asks_for_its_paper(at: House) -> None:
    number = at.filing(tax_confirmed=False)
    wish = full(present(at))
    assert [paper.paper for paper in wish.taken] == ["旧自動車検査証", "納税証明書"]
    require_refused(at, number, replace(wish, taken=wish.taken[:1]))


def test_a_procedure_without_papers_owes_nothing(at: House) -> None:
    number = at.filing(procedure_code=NEW_CAR)
    at.counter.confirm(DESK, replace(full(present(at, NEW_CAR)), taken=(), checked=()))
    assert at.status_of(number) is FilingStatus.RELEASED


def test_a_single_vehicle_owes_the_same(at: House) -> None:
    number = at.filing(receiver_name=None)
    sheet = filing_sheet(number)
    at.individual(number, sheet)
    basket = opened(at.counter.present(DESK, showing(text_of(sheet))))
    require_refused(at, number, replace(full(basket), checked=()))


def test_after_wrong_passwords_an_identity_card_is_asked_for(at: House) -> None:
    number = at.filing()
    for wrong in range(5):
        at.counter.present(DESK, showing(text_of(receiver_sheet(password=f"chigau-{wrong}-mono"))))
    basket = present(at)
    assert Notice.STEP_UP in basket.notices
    require_refused(at, number, replace(full(basket), checked=(Check.BY_EYE,)))
    at.counter.confirm(DESK, replace(full(basket), checked=(Check.BY_EYE, Check.IDENTITY)))


def test_a_hold_taken_up_without_its_sheet_asks_who_stands_there(at: House) -> None:
    number = at.filing()
    basket = present(at)
    held = (Holding(basket.rows[0].filing_id, HoldReason.NOT_FOUND),)
    nothing = Confirming(basket.hand_over_id, (), held, None, str(uuid.uuid4()))
    at.counter.confirm(DESK, nothing)  # holding owes nothing
    taken = at.counter.take_up(DESK, TakingUp(str(uuid.uuid4()), held[0].filing_id))
    require_refused(at, number, replace(full(opened(taken)), checked=(Check.BY_EYE,)))


def test_a_called_number_asks_who_stands_there(at: House) -> None:
    number = at.filing()
    at.counter.queue_up(DESK, showing(text_of(receiver_sheet())))
    basket = opened(at.counter.call(DESK, Calling(str(uuid.uuid4()))))
    require_refused(at, number, replace(full(basket), checked=(Check.BY_EYE,)))
    at.counter.confirm(DESK, replace(full(basket), checked=(Check.BY_EYE, Check.NUMBER)))
    assert at.status_of(number) is FilingStatus.RELEASED
