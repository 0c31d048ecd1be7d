"""A day plan from making to conflict, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from shared.db.session import Hurry, Sessions, open_registry
from shared.db.tables import (
    ConflictKind,
    Filing,
    HandOverItem,
    ItemState,
    Kiosk,
    PlanConflict,
    PlannedFiling,
)
from shared.domain import FilingStatus
from tests.builders import DESK, OTHER_DESK, OTHER_WINDOW, WINDOW, House, house, own_keys
from tests.planning import a_window, allow_plans, hand_over
from tests.served_registry import Slot, give_credential, slot
from verifier.dayplan.dealing import deal
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


@pytest.mark.parametrize(
    "registry", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_filings_come_in_while_an_office_is_dealing_and_no_other_window_is_dealt_to(
    at: House, registry_url: str
) -> None:
    """On SQLite one writer waits for the other anyway."""
    number, now = at.filing(), at.clock.now
    give_credential(at, WINDOW)
    hurried = open_registry(registry_url, Hurry(connections=2, for_lock=0.5))
    with at.sessions() as dealing, hurried() as other:
        deal(dealing, dealing.get_one(Kiosk, WINDOW), now, now)
        late = replace(at, sessions=hurried).filing()
        with pytest.raises(OperationalError, match="lock timeout"):
            deal(other, other.get_one(Kiosk, OTHER_WINDOW), now, now)
        dealing.commit()
    hurried.kw["bind"].dispose()
    with at.sessions() as session:
        held = session.scalars(select(Filing.number).join(PlannedFiling)).all()
    assert late not in held
    assert set(held) <= {number}
