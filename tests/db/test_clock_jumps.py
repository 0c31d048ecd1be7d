"""The clock of the registry jumps amid work: nothing is done twice, nothing accepted early.

Asked in this process, and over HTTP as windows ask a registry on PostgreSQL.
"""

import uuid
from collections.abc import Callable

import pytest

from shared.db.session import Sessions
from shared.domain import FilingStatus
from tests.builders import DESK, House, house, receiver_sheet, seen_to, showing, text_of
from tests.once.invariants import at_the_end
from verifier.acts import Confirming, GiveUpReason
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Refused

HOUR, DAY = 1, 24
JUMPS = [-DAY, -HOUR, HOUR, DAY]


@pytest.fixture
def at(registry: Sessions, asked: Callable[[House], House]) -> House:
    built = house(registry)
    built.receiver()
    return asked(built)


def answer(at: House, text: str) -> Reason | None:
    """None when it is accepted; what it opens is given back."""
    presented = at.counter.present(DESK, showing(text))
    if isinstance(presented.verdict, Refused):
        return presented.verdict.reason
    assert presented.basket is not None
    at.counter.give_up(DESK, presented.basket.hand_over_id, GiveUpReason.CLERK)
    return None


@pytest.mark.parametrize("hours", JUMPS)
def test_a_basket_that_lies_open_over_a_jump_is_confirmed_once(at: House, hours: int) -> None:
    number = at.filing()
    opened = at.counter.present(DESK, showing(text_of(receiver_sheet())))
    assert opened.basket is not None
    rows = tuple(row.filing_id for row in opened.basket.rows)
    key = str(uuid.uuid4())
    wish = Confirming(opened.basket.hand_over_id, rows, (), None, key, **seen_to(opened.basket))
    at.clock.move(hours=hours)
    assert at.counter.unfinished(DESK) == opened.basket
    receipt = at.counter.confirm(DESK, wish)
    at.clock.move(hours=-hours)
    assert at.counter.confirm(DESK, wish) == receipt, "asked again on the other side of the jump"
    assert at.status_of(number) is FilingStatus.RELEASED
    at.clock.move(hours=-hours)
    assert answer(at, text_of(receiver_sheet(issued_at=at.clock.now))) is not None, "nothing left"
    end = at_the_end(at.sessions, ())
    assert (end.released, end.undone) == (1, 0)


@pytest.mark.parametrize("hours", JUMPS)
def test_a_sheet_counts_by_the_registrys_clock_on_both_sides_of_its_time(
    at: House, hours: int
) -> None:
    at.filing()
    issued = at.clock.now
    text = text_of(receiver_sheet(issued_at=issued, valid_days=1))
    assert answer(at, text) is None
    at.clock.move(hours=hours)
    early, late = Reason.NOT_YET_VALID, Reason.EXPIRED
    assert answer(at, text) is {-DAY: early, -HOUR: early, HOUR: None, DAY: late}[hours]
    at.clock.now = issued
    assert answer(at, text) is None, "a clock set right again undoes nothing"
