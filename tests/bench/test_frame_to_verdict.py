"""How long a clerk waits: from a frame that shows a sheet to the verdict painted on the page.

Run on demand: ``./run bench``. Prints the parts and their ratio to bcrypt, the floor that the
security of the passwords asks for; nothing is asserted about time, because machines are shared.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hardware.scan import Grey
from hardware.tabletop import photograph
from issuer import a4
from issuer.layout import SheetFacts
from kiosk import handing
from kiosk.reading.ladder import Reader
from shared.domain import ReceiverClaim, Source
from shared.search_key import printed
from tests.bench.counter_page import (
    COST,
    CounterPage,
    bcrypt_alone,
    counter_page,
    field_house,
    now,
)
from tests.builders import House, receiver_sheet, text_of
from tests.e2e.counter_world import TILTED, page_of

pytestmark = [pytest.mark.slow, pytest.mark.browser]
SHOWINGS = 25
VEHICLES = 12


@dataclass(frozen=True)
class Times:
    """Milliseconds of one showing."""

    read: float
    judge: float
    bcrypt: float
    paint: float
    all: float


@pytest.fixture
def at(tmp_path: Path, chromium: Browser) -> Iterator[CounterPage]:
    with field_house(tmp_path) as house:
        for _ in range(VEHICLES):
            house.filing()
        with counter_page(house, chromium) as opened:
            yield opened


def test_how_long_a_clerk_waits(at: CounterPage) -> None:
    taken = [_showing(at, number) for number in range(SHOWINGS)]
    _print(taken)
    assert len(taken) == SHOWINGS


def _showing(at: CounterPage, number: int) -> Times:
    frame = photograph(_paper(at.house), TILTED, number)
    began, wall = time.perf_counter(), now()
    (code,) = Reader().read(frame).codes
    was_read = time.perf_counter()
    at.station.take(code.text, Source.CAMERA)
    was_judged = time.perf_counter()
    painted = at.painted("basket") - wall
    bcrypt = bcrypt_alone()
    handing.give_up(at.station)
    at.painted("idle")
    return Times(
        read=(was_read - began) * 1000,
        judge=(was_judged - was_read) * 1000 - bcrypt,
        bcrypt=bcrypt,
        paint=painted - (was_judged - began) * 1000,
        all=painted,
    )


def _paper(house: House) -> Grey:
    """A fresh authentication sheet, printed and scanned at 150 dpi."""
    sheet = receiver_sheet(issued_at=house.clock.now)
    assert isinstance(sheet.claim, ReceiverClaim)
    facts = SheetFacts(
        purpose=sheet.purpose,
        payload=text_of(sheet),
        search_key=printed(sheet.search_key),
        issued_at=sheet.issued_at,
        procedure="継続検査",
        receiver_name=sheet.claim.name,
    )
    return page_of(a4.as_pdf(facts))


def _print(taken: list[Times]) -> None:
    floor = statistics.median(times.bcrypt for times in taken)
    print(f"\n{SHOWINGS} showings, {VEHICLES} vehicles each, bcrypt cost {COST}; milliseconds")
    print(f"{'part':8} {'median':>8} {'p90':>8} {'of bcrypt':>10}")
    for part in ("read", "judge", "bcrypt", "paint", "all"):
        values = sorted(getattr(times, part) for times in taken)
        median, p90 = statistics.median(values), values[int(0.9 * len(values))]
        print(f"{part:8} {median:8.1f} {p90:8.1f} {median / floor:9.2f}x")
