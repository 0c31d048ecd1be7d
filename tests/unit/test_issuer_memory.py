"""What the portal remembers for a while: issued sheets, and failed sign-ins."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from issuer.attempts import LOCKED_FOR, Attempts, Gate
from issuer.drawer import SHOWN_FOR, Drawer, Issued, Wish
from issuer.layout import SheetFacts
from issuer.turns import Busy, Turns
from shared.domain import FilingNumber, Purpose

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FACTS = SheetFacts(purpose=Purpose.REGISTRATION, payload="91", search_key="1", issued_at=NOW)
ISSUED = Issued(FACTS)
MINE = Wish("mine", "token", "a name and a password")


def make() -> Issued:
    return ISSUED


def test_a_sheet_is_found_by_its_owner_until_its_time_is_over() -> None:
    drawer = Drawer()
    sheet = drawer.issue_once(MINE, make, NOW)
    assert drawer.find("mine", sheet, NOW + SHOWN_FOR - timedelta(seconds=1)) == ISSUED
    assert drawer.find("mine", sheet, NOW + SHOWN_FOR) is None
    assert drawer.find("theirs", sheet, NOW) is None
    assert drawer.find("mine", "guessed", NOW) is None


def test_a_hundred_clicks_at_once_make_one_sheet() -> None:
    drawer, made, ids = Drawer(), [], []

    def click() -> None:
        ids.append(drawer.issue_once(MINE, lambda: made.append(1) or ISSUED, NOW))

    clicks = [threading.Thread(target=click) for _ in range(100)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert len(made) == 1
    assert len(set(ids)) == 1


def test_the_same_token_of_another_visitor_is_another_sheet() -> None:
    drawer = Drawer()
    ids = {drawer.issue_once(replace(MINE, owner=who), make, NOW) for who in ("mine", "theirs")}
    assert len(ids) == 2


def test_the_same_form_changed_is_another_sheet() -> None:
    """Who goes back and corrects the name must not be shown the sheet with the old one."""
    drawer = Drawer()
    ids = {drawer.issue_once(replace(MINE, content=name), make, NOW) for name in ("old", "new")}
    assert len(ids) == 2


def test_presses_without_a_form_token_are_never_taken_for_one() -> None:
    drawer = Drawer()
    assert len({drawer.issue_once(replace(MINE, token=""), make, NOW) for _ in range(3)}) == 3


def test_what_was_asked_for_is_kept_nowhere() -> None:
    drawer = Drawer()
    drawer.issue_once(MINE, make, NOW)
    assert MINE.content not in repr(vars(drawer)) + repr(MINE)


def test_a_failure_can_be_tried_again_with_the_same_form() -> None:
    drawer = Drawer()

    def fail() -> Issued:
        raise OSError("registry away")

    with pytest.raises(OSError, match="registry away"):
        drawer.issue_once(MINE, fail, NOW)
    sheet = drawer.issue_once(MINE, make, NOW)
    assert drawer.find("mine", sheet, NOW) == ISSUED


def test_the_drawer_never_holds_more_than_it_can() -> None:
    drawer = Drawer(capacity=10)
    ids = [drawer.issue_once(replace(MINE, token=str(n)), make, NOW) for n in range(25)]
    assert [drawer.find("mine", sheet, NOW) is not None for sheet in ids].count(True) == 10
    assert drawer.find("mine", ids[-1], NOW) == ISSUED


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


def test_who_cannot_get_a_turn_is_told_when_to_come_back() -> None:
    turns = Turns(at_once=1, waiting=1, patience=0.01)
    with turns.turn(), pytest.raises(Busy) as busy, turns.turn():
        pytest.fail("two turns at once")
    assert busy.value.get_response().headers["Retry-After"] == "1"
    with turns.turn():
        pass


def test_who_may_not_even_wait_is_turned_away_at_once() -> None:
    """Threads that wait are threads that serve nobody."""
    turns = Turns(at_once=1, waiting=0, patience=3600)
    with turns.turn(), pytest.raises(Busy), turns.turn():
        pytest.fail("two turns at once")
