"""Windows on plans that are killed and restarted, and a registry that goes on without them."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.db.tables import Filing, HandOver, HandOverItem, ItemState, PlanConflict
from shared.domain import FilingStatus
from tests.builders import (
    CLERK,
    OTHER_WINDOW,
    WINDOW,
    House,
    house,
    own_keys,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from tests.planning import Window, a_window, allow_plans, on_another_machine
from tests.registries import new_sqlite
from tests.served_registry import Slot, slot
from verifier.acts import Confirming, Desk
from verifier.client.plans import Plans
from verifier.counter import Counter
from verifier.journal_check import check_registry

NAMES = [f"見本事務所　架空　{i}" for i in range(6)]
ROUNDS = 5


@pytest.fixture(scope="module")
def server() -> Iterator[Slot]:
    with slot() as served:
        yield served


@pytest.fixture
def at(tmp_path: Path) -> Iterator[House]:
    sessions = new_sqlite(tmp_path)
    registry = house(sessions)
    allow_plans(registry, hours=24, most=500)
    for name in NAMES:
        registry.receiver(name)
    yield registry
    sessions.kw["bind"].dispose()


def work_until_killed(window: Window, told: Connection) -> None:
    """Hand over one receiver after another, and say what was acknowledged."""
    window.plans = Plans(window.line, window.device, window.folder, window.trusted, time_of(window))
    counter = window.plans.at_work()
    assert counter is not None
    desk = window.desk()
    open_ = counter.unfinished(desk)
    for name in NAMES:
        shown = (
            counter.present(desk, showing(text_of(receiver_sheet(name=name))))
            if not open_
            else None
        )
        basket = open_ or (shown.basket if shown else None)
        open_ = None
        if basket is None:
            continue
        rows = tuple(row.filing_id for row in basket.rows[:1])
        wish = Confirming(
            basket.hand_over_id,
            rows,
            (),
            None,
            basket.hand_over_id,
            **seen_to(basket, rows),  # type: ignore[arg-type]
        )
        told.send((counter.confirm(desk, wish).number, rows))
    told.send(None)


def time_of(window: Window):  # type: ignore[no-untyped-def]
    return window.house.clock


def test_a_window_killed_in_the_middle_loses_nothing_that_was_acknowledged(
    server: Slot, at: House, tmp_path: Path
) -> None:
    for name in NAMES * ROUNDS:
        at.filing(receiver_name=name)
    acknowledged: list[tuple[str, tuple[int, ...]]] = []
    with server.serves(at), a_window(server, at, WINDOW, tmp_path / "w1") as window:
        window.plans.fetch()
        window.switch()
        window.plans.forget()
        fork = multiprocessing.get_context("fork")
        for attempt in range(ROUNDS):
            here, there = fork.Pipe()
            process = fork.Process(target=work_until_killed, args=(window, there))
            process.start()
            there.close()
            first = here.recv()
            assert first is not None, "nothing was left to hand over"
            acknowledged.append(first)
            time.sleep(0.01 * attempt)
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
            try:
                while (more := here.recv()) is not None:
                    acknowledged.append(more)
            except EOFError:
                pass
            here.close()
        window.restart()
        window.plans.close()
        window.plans.give_back()
    with at.sessions() as session:
        assert session.scalars(select(PlanConflict)).all() == []
        handed = {h.receipt_number: h for h in session.scalars(select(HandOver))}
        for number, rows in acknowledged:
            released = tuple(item.filing_id for item in handed[number].items)
            assert released == rows
        live = session.scalars(
            select(HandOverItem.filing_id).where(HandOverItem.state == ItemState.RELEASED)
        ).all()
        assert len(live) == len(set(live)) >= len(acknowledged)
    assert check_registry(at.sessions, publics=own_keys().checkpoint_publics).holds


class Days:
    """Random days of two windows, and what was released where.

    Windows move to other machines; the old ones stay somewhere, cut off, and go on on their plans.
    """

    def __init__(self, at: House, windows: list[Window], seed: int, folder: Path) -> None:
        self.at = at
        self.windows = windows
        self.replaced: list[Window] = []
        self.folder = folder
        self.chance = random.Random(seed)
        self.waiting: dict[str, list[str]] = {}
        """By device: released on its plan and not returned yet."""
        self.returned: list[str] = []
        self.by_registry: list[str] = []

    def step(self) -> None:
        """Do something somewhere, and let time pass."""
        window, name = self.chance.choice(self.windows), self.chance.choice(NAMES)
        acts = (
            self.fetch, self.fetch, self.switch, self.switch, self.hand_over, self.hand_over,
            self.hand_over, self.hand_over, self.restart, self.restart, self.arrive,
            self.release_at_the_registry, self.give_back, self.move, self.work_on_an_old_machine,
            self.work_on_an_old_machine,
        )  # fmt: skip
        self.chance.choice(acts)(window, name)
        self.at.clock.move(minutes=self.chance.choice((1, 30)))

    def fetch(self, window: Window, _name: str) -> None:
        if not window.plans.owes:
            window.plans.fetch()

    def switch(self, window: Window, _name: str) -> None:
        if window.plans.offered() is not None:
            window.switch()

    def hand_over(self, window: Window, name: str) -> None:
        counter = window.plans.at_work()
        if counter is not None:
            done = self.waiting.setdefault(window.device.credential, [])
            done += released(counter, window.desk(), name)

    def restart(self, window: Window, _name: str) -> None:
        window.restart()

    def arrive(self, _window: Window, _name: str) -> None:
        for name in NAMES:
            self.at.filing(receiver_name=name)

    def release_at_the_registry(self, _window: Window, name: str) -> None:
        self.by_registry += released(self.at.counter, Desk(OTHER_WINDOW, CLERK), name)

    def give_back(self, window: Window, _name: str = "") -> None:
        if window.plans.at_work() is not None:
            window.plans.close()
        window.plans.give_back()
        self.returned += self.waiting.pop(window.device.credential, [])

    def move(self, window: Window, _name: str) -> None:
        folder = self.folder / f"machine {len(self.replaced)}"
        self.replaced.append(window)
        self.windows[self.windows.index(window)] = on_another_machine(window, folder)

    def work_on_an_old_machine(self, _window: Window, name: str) -> None:
        if self.replaced:
            old = self.chance.choice(self.replaced)
            self.switch(old, name)
            self.hand_over(old, name)


def released(counter: Counter, desk: Desk, name: str) -> list[str]:
    """Show a receiver's sheet and release what it opens; the numbers."""
    shown = counter.present(desk, showing(text_of(receiver_sheet(name=name))))
    if shown.basket is None:
        return []
    rows = tuple(row.filing_id for row in shown.basket.rows)
    vouched = seen_to(shown.basket)
    wish = Confirming(
        shown.basket.hand_over_id,
        rows,
        (),
        None,
        shown.presentation_id,
        **vouched,  # type: ignore[arg-type]
    )
    counter.confirm(desk, wish)
    return [row.number.replace(" ", "") for row in shown.basket.rows]


@pytest.mark.parametrize("seed", range(8))
def test_two_machines_never_release_the_same_filing_whatever_happens(
    server: Slot, at: House, tmp_path: Path, seed: int
) -> None:
    with (
        server.serves(at),
        a_window(server, at, WINDOW, tmp_path / "w1") as one,
        a_window(server, at, OTHER_WINDOW, tmp_path / "w2") as other,
    ):
        days = Days(at, [one, other], seed, tmp_path)
        days.arrive(one, "")
        for window in days.windows:
            days.fetch(window, "")
        for _ in range(30):
            days.step()
        for window in days.windows:
            days.give_back(window)
        for window in days.replaced + days.windows:
            window.plans.forget()
    never_returned = [number for done in days.waiting.values() for number in done]
    on_plans = days.returned + never_returned
    assert on_plans, "nothing happened on a plan"
    assert len(on_plans) == len(set(on_plans)), "two machines released the same filing"
    with at.sessions() as session:
        listed = set(session.scalars(select(PlanConflict.filing_number)))
        live = select(Filing.number).join(HandOverItem, HandOverItem.filing_id == Filing.id)
        recorded = session.scalars(live.where(HandOverItem.state == ItemState.RELEASED)).all()
    assert len(recorded) == len(set(recorded)), "the registry has a filing released twice"
    assert set(recorded) == set(days.returned) | set(days.by_registry)
    assert listed >= set(days.returned) & set(days.by_registry), "a conflict is not listed"
    assert all(at.status_of(number) is FilingStatus.RELEASED for number in recorded)
