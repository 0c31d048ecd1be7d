"""Wrong passwords in a receiver's name: they stop no receiver and buy no more guesses."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from shared.db.session import Sessions
from shared.db.tables import Kiosk, Receiver, WrongTag
from shared.domain import IdentityPaper, Purpose
from tests.builders import (
    DESK,
    OTHER_DESK,
    SUPERVISOR,
    WINDOW,
    House,
    house,
    receiver_sheet,
    showing,
    text_of,
)
from tests.registry_process import at_once
from verifier.acts import Desk, Enrolled, Enrolling, GiveUpReason
from verifier.decision.evidence import FAILURES_BEFORE_PASSWORD_LOCK
from verifier.decision.reasons import Notice, Reason
from verifier.decision.verdict import Accepted, Refused

NEW_PASSWORD = "atarashii-himitsu"
BETWEEN = 40
"""Seconds: so few failures in ten minutes do not lock a window."""


@pytest.fixture
def at(registry: Sessions) -> House:
    built = house(registry)
    built.receiver()
    built.filing()
    return built


def wrong(number: int, at: House) -> str:
    return text_of(receiver_sheet(password=f"chigau-{number}-mono", issued_at=at.clock.now))


def answer(at: House, text: str, desk: Desk = DESK) -> Reason | None:
    """None when it is accepted; what it opens is given back."""
    presented = at.counter.present(desk, showing(text))
    if isinstance(presented.verdict, Refused):
        return presented.verdict.reason
    assert presented.basket is not None
    at.counter.give_up(desk, presented.basket.hand_over_id, GiveUpReason.CLERK)
    return None


def counted(at: House) -> int:
    with at.sessions() as session:
        return session.scalar(select(func.count()).select_from(WrongTag)) or 0


def test_an_attacker_with_two_hundred_wrong_sheets_does_not_stop_the_receiver(at: House) -> None:
    """The window is stopped after twenty; the receiver collects at the next one, with a card."""
    answers = [answer(at, wrong(number, at)) for number in range(200)]
    assert answers == 20 * [Reason.WRONG_PASSWORD] + 180 * [Reason.KIOSK_LOCKED]
    assert counted(at) == 20
    there = at.counter.present(OTHER_DESK, showing(text_of(receiver_sheet())))
    assert there.verdict == Accepted((Notice.STEP_UP,))
    assert there.basket is not None
    at.counter.give_up(OTHER_DESK, there.basket.hand_over_id, GiveUpReason.CLERK)
    at.counter.unlock(Desk(WINDOW, SUPERVISOR), WINDOW, "用紙を確認した")
    assert answer(at, text_of(receiver_sheet())) is None


def test_the_same_wrong_sheet_fifty_times_is_one_wrong_password(at: House) -> None:
    text = wrong(0, at)
    for _ in range(50):
        assert answer(at, text) is Reason.WRONG_PASSWORD
        at.clock.move(seconds=BETWEEN)
    assert counted(at) == 1
    first = at.counter.present(DESK, showing(text_of(receiver_sheet())))
    assert first.verdict == Accepted(()), "one wrong password asks for no card"


@contextmanager
def guessed_almost_to_the_cap(at: House, left: int) -> Iterator[None]:
    """What came in weeks before stands in the registry."""
    with at.sessions.begin() as session:
        receiver = session.scalars(select(Receiver.id)).one()
        session.add_all(
            WrongTag(receiver_id=receiver, tag_digest=f"{number:064x}", last_at=at.clock.now)
            for number in range(FAILURES_BEFORE_PASSWORD_LOCK - left)
        )
    yield
    assert counted(at) == FAILURES_BEFORE_PASSWORD_LOCK


def test_two_windows_at_once_cannot_guess_beyond_the_cap(at: House) -> None:
    """Ten guesses each, six are left; and both begin with the same sheet, which is one."""
    answers: list[Reason | None] = []
    start = threading.Barrier(2)

    def guess(desk: Desk, first: int) -> None:
        start.wait(30)
        for number in (500, *range(first, first + 9)):
            answers.append(answer(at, wrong(number, at), desk))

    with guessed_almost_to_the_cap(at, left=6):
        at_once(lambda: guess(DESK, 600), lambda: guess(OTHER_DESK, 700))
    assert len(answers) == 20
    assert set(answers) == {Reason.WRONG_PASSWORD, Reason.PASSWORD_LOCKED}
    assert answers.count(Reason.WRONG_PASSWORD) in (6, 7), "the shared sheet may be shown twice"
    assert answer(at, text_of(receiver_sheet())) is Reason.PASSWORD_LOCKED


def test_after_the_cap_the_change_sheet_is_the_way_out(at: House) -> None:
    with guessed_almost_to_the_cap(at, left=0):
        assert answer(at, text_of(receiver_sheet())) is Reason.PASSWORD_LOCKED
        assert answer(at, wrong(999, at)) is Reason.PASSWORD_LOCKED
    new = {"password": NEW_PASSWORD, "issued_at": at.clock.now}
    change = showing(text_of(receiver_sheet(Purpose.PASSWORD_CHANGE, **new)))
    presented = at.counter.present(DESK, change)
    assert presented.verdict == Accepted(())
    shown = Enrolling(
        change.id, change.text, change.source, IdentityPaper.SCRIVENER_CARD, "a-change"
    )
    assert isinstance(at.counter.change_password(DESK, shown), Enrolled)
    assert answer(at, text_of(receiver_sheet(**new))) is None
    with at.sessions() as session:
        assert session.get_one(Kiosk, WINDOW).locked_at is None
