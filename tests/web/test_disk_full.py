"""No page more fits on the disk: the counter says so, loses nothing, and goes on with room.

SQLite's own limit stands for the disk: the same error, at the same place in a transaction.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from kiosk import handing
from kiosk.clockwork import RETRY
from kiosk.handing import Ticks
from kiosk.state import Choice, Confirming, Done, InHand, OutOfOrder, Trouble
from shared.db.tables import Filing, HandOver
from shared.domain import FilingStatus
from shared.names import compare_key
from tests.builders import TARO
from tests.kiosk_world import World, make_world
from tests.once.invariants import always, at_the_end
from verifier.acts import Check

PLENTY = 1_000_000


class Disk:
    """How many pages fit, for every connection."""

    def __init__(self, world: World) -> None:
        self._engine = world.house.sessions.kw["bind"]
        self._pages = PLENTY
        event.listen(self._engine, "checkout", self._limit)

    def fill(self) -> None:
        """No page more."""
        with self._engine.connect() as connection:
            self._pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

    def clear(self) -> None:
        """Room again."""
        self._pages = PLENTY

    def _limit(self, connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {self._pages}")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path)


def hand_over(world: World) -> bool:
    """One vehicle, until the registry does not take it; whether it was acknowledged."""
    state = world.station.scene.state
    if not isinstance(state, InHand):
        world.show_authentication()
        state = world.station.scene.state
    if not isinstance(state, InHand):
        return False
    rows = frozenset(row.filing_id for row in state.basket.rows)
    choice = Choice(released=rows, checked=frozenset({Check.BY_EYE}))
    handing.ask(world.station, state.basket.hand_over_id, Ticks(choice))
    asked = world.station.scene.state
    assert isinstance(asked, Confirming)
    world.seconds.pass_(1)
    id_, key = state.basket.hand_over_id, asked.idempotency_key
    handing.confirm(world.station, id_, choice.released, key)
    return isinstance(world.station.scene.state, Done)


def test_a_full_disk_stands_on_the_screen_and_costs_no_acknowledged_release(world: World) -> None:
    world.house.receiver()
    filings = 40
    numbers = [world.house.filing(receiver_name=None) for _ in range(filings)]
    world.sign_in()
    disk, acknowledged = Disk(world), 0
    disk.fill()
    for number in numbers:
        _give_to_taro(world, number)
        if not hand_over(world):
            break
        acknowledged += 1
        world.station.next()
    lost = world.station.scene.state
    assert isinstance(lost, OutOfOrder), "the disk was never full"
    assert lost.trouble is Trouble.REGISTRY
    always(world.house.sessions)
    assert released(world) == acknowledged

    disk.clear()
    world.pass_(RETRY + 0.1)
    assert not isinstance(world.station.scene.state, OutOfOrder)
    assert hand_over(world)
    assert released(world) == acknowledged + 1
    assert at_the_end(world.house.sessions, ()).released == acknowledged + 1
    with world.house.sessions() as session:
        receipts = list(session.scalars(select(HandOver.receipt_number)))
    assert len(receipts) == len(set(receipts)) == acknowledged + 1


def _give_to_taro(world: World, number: str) -> None:
    """The filing becomes his; that takes no page more."""
    with world.house.sessions.begin() as session:
        filing = session.query(Filing).filter_by(number=number).one()
        filing.receiver_name, filing.receiver_key = TARO, compare_key(TARO)


def released(world: World) -> int:
    with world.house.sessions() as session:
        statuses = list(session.scalars(select(Filing.status)))
    return statuses.count(FilingStatus.RELEASED)
