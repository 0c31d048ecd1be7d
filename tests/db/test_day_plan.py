"""A day plan from making to conflict, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import ConflictKind, HandOverItem, ItemState, PlanConflict, PlannedFiling
from shared.domain import FilingStatus
from tests.builders import DESK, OTHER_DESK, OTHER_WINDOW, WINDOW, House, house, own_keys
from tests.planning import a_window, allow_plans, hand_over
from tests.served_registry import Slot, slot
from verifier.state_check import check_everything


@pytest.fixture
def at(registry: Sessions) -> House:
    return house(registry)


@pytest.fixture
def server() -> Iterator[Slot]:
    with slot() as served:
        yield served


def test_the_road_of_a_plan(at: House, server: Slot, tmp_path: Path) -> None:
    at.receiver()
    allow_plans(at)
    numbers = [at.filing() for _ in range(3)]
    with (
        server.serves(at),
        a_window(server, at, WINDOW, tmp_path / "w1") as one,
        a_window(server, at, OTHER_WINDOW, tmp_path / "w2") as other,
    ):
        for window in (one, other, one, other):
            window.plans.fetch()
        with at.sessions() as session:
            holders = set(session.scalars(select(PlannedFiling.kiosk_code)))
        assert len(holders) == 1, "one receiver, one window"
        holder = one if holders == {WINDOW} else other
        hand_over(holder.switch(), holder.desk())
        here = OTHER_DESK if holder is one else DESK
        hand_over(at.counter, here)
        late = at.filing()
        for window in (one, other):
            window.plans.close()
            window.plans.give_back()
    with at.sessions() as session:
        listed = session.execute(select(PlanConflict.filing_number, PlanConflict.kind)).all()
        released = session.scalars(
            select(HandOverItem.filing_id).where(HandOverItem.state == ItemState.RELEASED)
        ).all()
        assert session.scalars(select(PlannedFiling)).all() == []
    assert sorted(listed) == [(number, ConflictKind.ALREADY_RELEASED) for number in numbers]
    assert len(released) == len(set(released)) == 3
    assert at.status_of(late) is FilingStatus.READY
    assert check_everything(at.sessions, publics=own_keys().checkpoint_publics).holds
