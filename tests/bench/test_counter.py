"""What a clerk waits for at the counter, in Chromium: beep, verdict, 300 rows, their record.

Run on demand: ``./run bench -k counter``. Each figure stands beside a floor of the same run;
nothing about time is asserted, because machines are shared.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kiosk import handing
from kiosk.handing import Ticks
from kiosk.state import Choice, Idle, InHand
from shared.domain import Source
from tests.bench.counter_page import (
    CounterPage,
    FirstSeen,
    bcrypt_alone,
    counter_page,
    field_house,
    now,
)
from tests.bench.tally import p95, table
from tests.builders import receiver_sheet, text_of

pytestmark = [pytest.mark.slow, pytest.mark.browser]
FEW, MANY = 12, 300
SHOWINGS, BASKETS = 25, 7
BEEP = 2000
"""Hertz of the read beep."""
HAND = 0.7
"""Seconds until a new screen listens to keys."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: milliseconds of many tries, beside a floor."""

    what: str
    took: list[float]
    wanted: str
    floor: str
    floors: list[float]

    def row(self) -> tuple[object, ...]:
        middle, floor = statistics.median(self.took), statistics.median(self.floors)
        return (
            self.what, f"{min(self.took):.0f}", f"{middle:.0f}", f"{p95(self.took):.0f}",
            self.wanted, f"{self.floor} {floor:.0f}", f"{middle / floor:.1f}x",
        )  # fmt: skip


@pytest.fixture
def at(tmp_path: Path, chromium: Browser) -> Iterator[CounterPage]:
    with field_house(tmp_path) as house, counter_page(house, chromium) as opened:
        yield opened


def test_how_long_the_counter_takes(at: CounterPage) -> None:
    swaps = [_swap(at) for _ in range(SHOWINGS)]
    lines = [*_few(at, swaps), *_many(at, swaps)]
    head = ("milliseconds", "best", "median", "p95", "wanted", "floor, median", "of the floor")
    print(f"\n{SHOWINGS} sheets of {FEW} vehicles, {BASKETS} of {MANY}")
    print(table(head, [line.row() for line in lines]))
    assert all(line.took for line in lines)


def _few(at: CounterPage, swaps: list[float]) -> list[Line]:
    """Sheets as most are."""
    for _ in range(FEW):
        at.house.filing()
    beeps, verdicts, hashing = [], [], []
    for _ in range(SHOWINGS):
        began, _seen = _show(at)
        verdicts.append(at.painted("basket") - began)
        if (beep := at.beep(began, BEEP)) is not None:
            beeps.append(beep - began)
        hashing.append(bcrypt_alone())
        handing.give_up(at.station)
        at.painted("idle")
    assert len(beeps) > SHOWINGS / 2, "the read beep was not heard"
    beyond = [took - statistics.median(hashing) for took in verdicts]
    return [
        Line("scan to read beep", beeps, "150", "a change painted", swaps),
        Line("scan to verdict painted", verdicts, "bcrypt + 100", "bcrypt", hashing),
        Line("... beyond bcrypt", beyond, "100", "a change painted", swaps),
    ]


def _many(at: CounterPage, swaps: list[float]) -> list[Line]:
    """A receiver with a whole fleet; each basket is handed over."""
    for _ in range(MANY - FEW):
        at.house.filing()
    painted, confirmed = [], []
    for _ in range(BASKETS):
        _began, seen = _show(at)
        painted.append(at.painted("basket") - seen)
        confirmed.append(_confirm(at))
        for _ in range(MANY):
            at.house.filing()
    return [
        Line(f"verdict to {MANY} rows painted", painted, "300", "a change painted", swaps),
        Line(f"Enter to {MANY} recorded, painted", confirmed, "500", "a change painted", swaps),
    ]


def _show(at: CounterPage) -> tuple[float, float]:
    """Scan a fresh sheet: when, and when its basket was known to the station."""
    at.house.clock.move(seconds=6)
    text = text_of(receiver_sheet(issued_at=at.house.clock.now))
    seen = FirstSeen(at.station, InHand)
    seen.start()
    began = now()
    at.station.take(text, Source.SCANNER)
    seen.join()
    return began, seen.at


def _confirm(at: CounterPage) -> float:
    """Tick everything, go to the second look, press Enter: until it stands there as recorded."""
    state = at.station.scene.state
    assert isinstance(state, InHand)
    every = frozenset(row.filing_id for row in state.basket.rows)
    assert len(every) == MANY
    choice = Choice(released=every, checked=frozenset({"by-eye"}))
    handing.ask(at.station, state.basket.hand_over_id, Ticks(choice))
    at.painted("confirm")
    time.sleep(HAND)
    at.page.keyboard.press("Enter")
    at.page.wait_for_selector("#scene[data-state=done]")
    took = at.painted("done") - at.pressed()
    at.station.next()
    at.painted("idle")
    return took


def _swap(at: CounterPage) -> float:
    """The floor of what is painted: the smallest screen, from the change to the frame."""
    began = now()
    at.station.scene.put(Idle())
    return at.painted("idle") - began
