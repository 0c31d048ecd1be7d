"""What the portal remembers for a while: issued sheets, and failed sign-ins."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from issuer.attempts import LOCKED_FOR, Attempts, Busy, Gate
from issuer.drawer import SHOWN_FOR, Drawer
from issuer.layout import SheetFacts
from shared.domain import FilingNumber, Purpose

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FACTS = SheetFacts(purpose=Purpose.REGISTRATION, payload="91", search_key="1", issued_at=NOW)


def make() -> SheetFacts:
    return FACTS


def test_a_sheet_is_found_by_its_owner_until_its_time_is_over() -> None:
    drawer = Drawer()
    sheet = drawer.issue_once("mine", "token", make, NOW)
    assert drawer.find("mine", sheet, NOW + SHOWN_FOR - timedelta(seconds=1)) == FACTS
    assert drawer.find("mine", sheet, NOW + SHOWN_FOR) is None
    assert drawer.find("theirs", sheet, NOW) is None
    assert drawer.find("mine", "guessed", NOW) is None


def test_a_hundred_clicks_at_once_make_one_sheet() -> None:
    drawer, made, ids = Drawer(), [], []

    def click() -> None:
        ids.append(drawer.issue_once("mine", "token", lambda: made.append(1) or FACTS, NOW))

    clicks = [threading.Thread(target=click) for _ in range(100)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert len(made) == 1
    assert len(set(ids)) == 1


def test_the_same_token_of_another_visitor_is_another_sheet() -> None:
    drawer = Drawer()
    ids = {drawer.issue_once(who, "token", make, NOW) for who in ("mine", "theirs")}
    assert len(ids) == 2


def test_a_failure_can_be_tried_again_with_the_same_form() -> None:
    drawer = Drawer()

    def fail() -> SheetFacts:
        raise OSError("registry away")

    with pytest.raises(OSError, match="registry away"):
        drawer.issue_once("mine", "token", fail, NOW)
    sheet = drawer.issue_once("mine", "token", make, NOW)
    assert drawer.find("mine", sheet, NOW) == FACTS


def test_the_drawer_never_holds_more_than_it_can() -> None:
    drawer = Drawer(capacity=10)
    ids = [drawer.issue_once("mine", str(n), make, NOW) for n in range(25)]
    assert [drawer.find("mine", sheet, NOW) is not None for sheet in ids].count(True) == 10
    assert drawer.find("mine", ids[-1], NOW) == FACTS


def test_the_fifth_failure_locks_for_a_quarter_of_an_hour() -> None:
    attempts = Attempts()
    for _ in range(4):
        attempts = attempts.and_one_more(NOW)
        assert not attempts.are_locked(NOW)
    attempts = attempts.and_one_more(NOW)
    assert attempts.are_locked(NOW + LOCKED_FOR - timedelta(seconds=1))
    assert not attempts.are_locked(NOW + LOCKED_FOR)
    assert attempts.and_one_more(NOW + LOCKED_FOR) == Attempts(1)


def test_unknown_numbers_are_locked_like_known_ones_and_forgotten_in_the_end() -> None:
    gate, number = Gate(), FilingNumber("9" * 16)
    answers = [gate.count_unknown(number, NOW) for _ in range(6)]
    assert [locked for _, locked in answers] == [False] * 5 + [True]
    assert answers[4][0].locked_until == NOW + LOCKED_FOR
    for n in range(10_000):
        gate.count_unknown(FilingNumber(f"{n:016}"), NOW)
    assert gate.count_unknown(number, NOW) == (Attempts(1), False)


def test_who_cannot_get_a_turn_is_told_so() -> None:
    gate = Gate(checks=1, patience=0.01)
    with gate.turn(), pytest.raises(Busy), gate.turn():
        pytest.fail("two turns at once")
