"""Day plans on a real server: the registry goes away, papers are handed over, and it comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.db.tables import ConflictKind, DayPlan, HandOver, PlanConflict, PlanHandOver
from shared.domain import FilingStatus
from tests.builders import DESK, WINDOW, House, house
from tests.planning import Window, a_window, allow_plans, hand_over
from tests.registries import new_sqlite
from tests.served_registry import Slot, slot


@pytest.fixture(scope="module")
def server() -> Iterator[Slot]:
    with slot() as served:
        yield served


@pytest.fixture
def at(tmp_path: Path) -> Iterator[House]:
    sessions = new_sqlite(tmp_path)
    yield house(sessions)
    sessions.kw["bind"].dispose()


@pytest.fixture
def window(server: Slot, at: House, tmp_path: Path) -> Iterator[Window]:
    at.receiver()
    with server.serves(at), a_window(server, at, WINDOW, tmp_path / "w1") as window:
        yield window


def conflicts(at: House) -> list[tuple[str, ConflictKind, bool]]:
    with at.sessions() as session:
        found = session.scalars(select(PlanConflict).order_by(PlanConflict.id))
        return [(c.filing_number, c.kind, c.is_recorded) for c in found]


def test_without_an_administrators_word_there_is_no_plan(window: Window, at: House) -> None:
    at.filing()
    assert window.plans.fetch() is None
    assert window.plans.offered() is None


def test_the_whole_road(window: Window, at: House) -> None:
    allow_plans(at)
    number = at.filing()
    head = window.plans.fetch()
    assert head is not None
    assert head.number == 1
    counter = window.switch()
    receipt = hand_over(counter, DESK)
    assert receipt.number.startswith(f"{WINDOW}-P1-")
    assert at.status_of(number) is FilingStatus.READY
    window.plans.close()
    window.plans.give_back()
    assert at.status_of(number) is FilingStatus.RELEASED
    assert conflicts(at) == []
    with at.sessions() as session:
        handed = session.scalars(select(HandOver)).one()
        mark = session.scalars(select(PlanHandOver)).one()
        plan = session.scalars(select(DayPlan)).one()
    assert handed.receipt_number == receipt.number
    assert handed.collector == "見本　受取人"
    assert mark.entry is not None
    assert mark.entry.startswith(receipt.journal_head)
    assert plan.released == 1
    assert plan.returned_at is not None
    assert not window.plans.owes
