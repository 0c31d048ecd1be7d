"""How long a clerk waits: from a frame that shows a sheet to the verdict painted on the page.

Run on demand: ``./run bench``. Prints the parts and their ratio to bcrypt, the floor that the
security of the passwords asks for; nothing is asserted about time, because machines are shared.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from hardware.tabletop import photograph
from issuer import a4
from issuer.layout import SheetFacts
from kiosk import handing
from kiosk.app import create_app
from kiosk.house import House as KioskHouse
from kiosk.preview import Preview
from kiosk.reading.ladder import Reader
from kiosk.station import Station
from shared.db import schema
from shared.db.session import open_registry
from shared.domain import ReceiverClaim, Source
from shared.names import compare_key
from shared.passwords import check_tag, hash_tag, password_tag
from shared.search_key import printed
from tests.builders import (
    CLERK,
    PASSWORD,
    PIN,
    TARO,
    WINDOW,
    Clock,
    House,
    furniture,
    house_on,
    receiver_sheet,
    text_of,
)
from tests.e2e.counter_world import TILTED, page_of
from tests.served import served
from verifier.installation import Policy

pytestmark = [pytest.mark.slow, pytest.mark.browser]
SHOWINGS = 25
VEHICLES = 12
COST = 12
_WATCH = """() => {
  delete document.documentElement.dataset.painted;
  new MutationObserver(() => {
    const scene = document.getElementById("scene");
    if (scene && scene.dataset.state === "basket" && !document.documentElement.dataset.painted)
      requestAnimationFrame(() => requestAnimationFrame(() => {
        document.documentElement.dataset.painted ||= Date.now();
      }));
  }).observe(document.body, { childList: true, subtree: true, attributes: true });
}"""


@dataclass(frozen=True)
class Times:
    """Milliseconds of one showing."""

    read: float
    judge: float
    bcrypt: float
    paint: float
    all: float


@pytest.fixture
def at(tmp_path: Path) -> Iterator[House]:
    """A registry on disk, with a receiver whose password is hashed as in the field."""
    sessions = open_registry(f"sqlite:///{tmp_path / 'registry.db'}")
    schema.upgrade(sessions)
    with sessions.begin() as session:
        session.add_all(furniture())
    built = house_on(sessions, Clock(datetime.now(UTC)), Policy(bcrypt_cost=COST))
    built.receiver(password_hash=hash_tag(_tag(), COST))
    for _ in range(VEHICLES):
        built.filing()
    yield built
    sessions.kw["bind"].dispose()


def test_how_long_a_clerk_waits(at: House, chromium: Browser) -> None:
    station = Station(at.counter, WINDOW)
    app = create_app(KioskHouse(station, Preview()), b"a key for a benchmark", at.installation)
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    with served(app) as address:
        page.goto(address)
        page.fill("#number", CLERK)
        page.fill("#pin", PIN)
        page.keyboard.press("Enter")
        page.wait_for_selector("#scene[data-state=idle]")
        taken = [_showing(at, station, page, number) for number in range(SHOWINGS)]
        page.close()
        station.scene.close()
    _print(taken)
    assert len(taken) == SHOWINGS


def _showing(at: House, station: Station, page: Page, number: int) -> Times:
    frame = photograph(_paper(at), TILTED, number)
    page.evaluate(_WATCH)
    stored = hash_tag(_tag(), COST)
    began, wall = time.perf_counter(), time.time()
    (code,) = Reader().read(frame).codes
    was_read = time.perf_counter()
    station.take(code.text, Source.CAMERA)
    was_judged = time.perf_counter()
    page.wait_for_selector("html[data-painted]")
    painted = float(page.get_attribute("html", "data-painted") or 0) / 1000 - wall
    bcrypt_began = time.perf_counter()
    assert check_tag(_tag(), stored)
    bcrypt = time.perf_counter() - bcrypt_began
    handing.give_up(station)
    page.wait_for_selector("#scene[data-state=idle]")
    judged = was_judged - was_read
    return Times(
        read=(was_read - began) * 1000,
        judge=(judged - bcrypt) * 1000,
        bcrypt=bcrypt * 1000,
        paint=(painted - (was_judged - began)) * 1000,
        all=painted * 1000,
    )


def _paper(at: House):  # type: ignore[no-untyped-def]
    """A fresh authentication sheet, printed and scanned at 150 dpi."""
    sheet = receiver_sheet(issued_at=at.clock.now)
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


def _tag() -> bytes:
    return password_tag(compare_key(TARO), PASSWORD)


def _print(taken: list[Times]) -> None:
    floor = statistics.median(times.bcrypt for times in taken)
    print(f"\n{SHOWINGS} showings, {VEHICLES} vehicles each, bcrypt cost {COST}; milliseconds")
    print(f"{'part':8} {'median':>8} {'p90':>8} {'of bcrypt':>10}")
    for part in ("read", "judge", "bcrypt", "paint", "all"):
        values = sorted(getattr(times, part) for times in taken)
        median, p90 = statistics.median(values), values[int(0.9 * len(values))]
        print(f"{part:8} {median:8.1f} {p90:8.1f} {median / floor:9.2f}x")
