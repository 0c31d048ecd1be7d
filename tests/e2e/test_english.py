"""The counter for a clerk who reads English: every screen, in a browser, without a word of Japanese
but names, plates and what the visitor is told; and nothing that axe-core finds.

The screens are walked in one window, by acts and not by keys: those are tested elsewhere.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import get_args

import pytest
from playwright.sync_api import Browser, Page, expect

from hardware.scan import Cause
from kiosk import enrolling, handing, keeping, queueing, shift
from kiosk.checkup import look_around
from kiosk.clockwork import tick
from kiosk.faults import CAMERA, SLOW, clock_fault
from kiosk.handing import Ticks
from kiosk.house import EXTENSION, House
from kiosk.preview import Preview
from kiosk.state import Choice, Idle, InHand, Judging, State
from kiosk.station import Station
from shared.domain import FilingStatus, Purpose, Source
from tests.accessible import assert_reflows, barriers
from tests.builders import (
    CLERK,
    HANAKO,
    NEW_CAR,
    OSAKA,
    PIN,
    SUPERVISOR,
    WINDOW,
    filing_sheet,
    receiver_sheet,
)  # fmt: skip
from tests.kiosk_world import World, make_world
from tests.served import served
from verifier.acts import DeclineReason, GiveUpReason, Holding, HoldReason

pytestmark = pytest.mark.browser
PLATES = ("見本 580 あ 00-01", "見本 580 い 00-02", "見本 580 う 00-03")
LIKE_TARO = "見本行政書士事務所　試験　太朗（００００００１１）"
NEW = "見本行政書士事務所　試験　桜子（００００００７７）"
ALL_STATES = {kind.__name__ for kind in get_args(State)}
DATA = ("窓口1", *PLATES)
"""What may stand in a title or a label, where no part can be marked as Japanese."""
_JAPANESE = """(data) => {
  const kana = /[\\u3000-\\u30ff\\u3400-\\u9fff\\uff00-\\uffef]/;
  const plain = (text) => data.reduce((rest, name) => rest.replaceAll(name, ""), text ?? "");
  const found = [];
  const spoken = (e) => e.closest("[lang]").lang;
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement, data: text } = walker.currentNode;
    if (parentElement.closest("script, style") || spoken(parentElement) === "ja") continue;
    if (kana.test(plain(text))) found.push(text.trim());
  }
  for (const element of document.querySelectorAll("*")) {
    if (spoken(element) === "ja") continue;
    for (const { name, value } of element.attributes) {
      if (["value", "data-find"].includes(name)) continue;
      if (kana.test(plain(value))) found.push(`${name}: ${value}`);
    }
  }
  return [...new Set(found)];
}"""


@dataclass
class Walk:
    """One window in one browser, and the screens that were seen in it."""

    world: World
    page: Page
    address: str

    def __post_init__(self) -> None:
        self.seen: set[str] = set()
        self.found: list[str] = []

    def look(self, name: str, path: str = "/") -> None:
        """Open what is on the counter, or a page beside it, and judge it."""
        world, page = self.world, self.page
        page.goto(self.address + path)
        self.seen.add(type(world.station.scene.state).__name__)
        language = page.get_attribute("html", "lang")
        self.found += [] if language == "en" else [f"{name}: lang is {language}"]
        self.found += [f"{name}: {text}" for text in page.evaluate(_JAPANESE, list(DATA))]
        self.found += [f"{name}: {barrier}" for barrier in barriers(page)]
        keep(page, name)
        page.set_viewport_size({"width": 320, "height": 900})
        assert_reflows(page)
        page.set_viewport_size({"width": 1366, "height": 768})


def keep(page: Page, name: str) -> None:
    """A picture for people, where SCREENSHOTS says."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/english-{name}.png")


@pytest.fixture
def world(tmp_path) -> Iterator[World]:  # type: ignore[no-untyped-def]
    for made in make_world(tmp_path):
        made.house.receiver()
        made.house.receiver(HANAKO)
        yield made


@pytest.fixture
def walk(world: World, chromium: Browser) -> Iterator[Walk]:
    with served(world.app) as address, opened(chromium) as page:
        yield Walk(world, page, address)
        world.station.scene.close()


@contextmanager
def opened(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    yield context.new_page()
    context.close()


def sign_in(page: Page, address: str, number: str) -> None:
    page.goto(address)
    page.fill("#number", number)
    page.fill("#pin", PIN)
    page.click("form[action$=sign-in] button")
    expect(page.locator("[data-sound-switch]")).to_be_visible()


def test_every_screen_is_in_english_and_axe_finds_nothing(walk: Walk) -> None:
    before_the_sign_in(walk)
    resting(walk)
    refusals(walk)
    baskets(walk)
    enrolments(walk)
    beside_the_stage(walk)
    numbers(walk)
    the_end(walk)
    assert not walk.found, "\n".join(walk.found)
    assert walk.seen == ALL_STATES


def before_the_sign_in(walk: Walk) -> None:
    world, page = walk.world, walk.page
    at_work = world.station
    morning = Station(world.house.counter, WINDOW, monotonic=world.seconds, devices=("camera",))
    world.app.extensions[EXTENSION] = House(morning, Preview())
    world.station = morning
    page.goto(walk.address)
    page.click(".k-speak button")
    walk.look("checking-up")
    morning.scene.device("camera", CAMERA[Cause.HELD])
    look_around(morning.scene, ("camera",))
    walk.look("checking-up-away")
    morning.scene.close()
    world.app.extensions[EXTENSION] = House(at_work, Preview())
    world.station = at_work
    walk.look("sign-in")
    page.fill("#number", CLERK)
    page.fill("#pin", "0000")
    page.click("form[action$=sign-in] button")
    expect(page.locator("[role=alert]")).to_contain_text("PIN is not right")
    assert page.get_attribute("html", "lang") == "en"
    sign_in(page, walk.address, SUPERVISOR)


def resting(walk: Walk) -> None:
    world, station = walk.world, walk.world.station
    walk.look("idle")
    station.scene.device("camera", CAMERA[Cause.MISSING])
    station.scene.device("speed", SLOW)
    station.scene.device("clock", clock_fault(75))
    station.tell("操作がなかったため、サインアウトしました。")
    walk.look("idle-faults")
    for part in ("camera", "speed", "clock"):
        station.scene.device(part, None)
    keeping.begin_typing(station)
    keeping.ask_again(station, station.scene.state.__class__(problems=(
        ("key", "検索キーを入力してください"), ("reason", "手入力の理由を選んでください"),
    )))  # fmt: skip
    walk.look("typing")
    station.next()
    shift.pause(station)
    walk.look("paused")
    shift.reopen(station)
    station.scene.put(Judging())
    walk.look("judging")
    station.scene.put(Idle())
    world.seconds.pass_(1)


def refusals(walk: Walk) -> None:
    world, station = walk.world, walk.world.station
    world.house.filing(procedure_code=NEW_CAR)
    world.house.filing(office_code=OSAKA)
    world.house.filing(status=FilingStatus.EXAMINING)
    world.show_authentication()
    walk.look("refused-nothing-here")
    number = world.house.filing(receiver_name=HANAKO)
    world.show(receiver_sheet(name=LIKE_TARO))
    walk.look("refused-near-miss")
    for attempt in range(6):
        world.show_authentication(password=f"chigau-himitsu-{attempt}")
    walk.look("refused-password")
    single = filing_sheet(number)
    world.house.individual(number, single)
    world.show(receiver_sheet(name=HANAKO))
    walk.look("refused-individual")
    station.take("https://example.jp/", Source.CAMERA)
    walk.look("refused-not-ours")
    station.next()


def baskets(walk: Walk) -> None:
    world, station = walk.world, walk.world.station
    for place, plate in enumerate(PLATES, start=1):
        world.house.filing(plate=plate, chassis=f"MIHON-{place:06d}", tax_confirmed=place != 3)
    world.show_authentication()
    walk.look("basket")
    station.take("2/2400110/MIHON-000002/1", Source.CAMERA)
    walk.look("basket-compared")
    for paper, name in (("MIHON-0000", "ambiguous"), ("2/2400110/MIHON-000009/1", "not-here")):
        if name == "ambiguous":
            handing.compare(station, in_hand(station).basket.hand_over_id, "0000")
        station.take(paper, Source.CAMERA)
        walk.look(f"basket-{name}")
    basket = in_hand(station).basket
    first, second, third = (row.filing_id for row in basket.rows)
    everything = Choice(frozenset({first, second, third}))
    handing.ask(station, basket.hand_over_id, Ticks(everything))
    walk.look("basket-problems")
    kept = (Holding(third, HoldReason.PAPER_MISSING, "納税証明書の原本"),)
    chosen = Choice(frozenset({first}), kept, frozenset({"by-eye", "identity"}), "試験　一郎")
    handing.ask(station, basket.hand_over_id, Ticks(chosen))
    walk.look("confirm")
    keeping.cover(station)
    walk.look("hidden")
    keeping.uncover(station)
    world.seconds.pass_(1)
    key = station.scene.state.idempotency_key  # type: ignore[union-attr]
    released = station.scene.state.before.choice.released  # type: ignore[union-attr]
    handing.confirm(station, basket.hand_over_id, released, key)
    walk.look("done")
    world.show_authentication()
    walk.look("refused-held")
    keeping.list_holds(station)
    walk.look("holds")
    keeping.take_up(station, third)
    walk.look("basket-from-holds")
    world.lose_the_registry()
    station.refresh()
    walk.look("out-of-order")
    world.find_the_registry()
    world.seconds.pass_(3)
    tick(station)
    handing.give_up(station)
    walk.look("idle-notice")


def in_hand(station: Station) -> InHand:
    state = station.scene.state
    assert isinstance(state, InHand)
    return state


def enrolments(walk: Walk) -> None:
    world, station = walk.world, walk.world.station
    world.show(receiver_sheet(Purpose.REGISTRATION, name=NEW))
    state = station.scene.state
    enrolling.enrol(station, state.showing.answer.presentation_id, {})  # type: ignore[union-attr]
    walk.look("enrol-problems")
    form = {"paper": "scrivener_card", "same_name": "yes", "same_number": "yes"}
    enrolling.enrol(station, state.showing.answer.presentation_id, form)  # type: ignore[union-attr]
    walk.look("done-registered")
    world.show(receiver_sheet(Purpose.PASSWORD_CHANGE, password="atarashii-himitsu"))
    walk.look("password-change")
    presentation = station.scene.state.showing.answer.presentation_id  # type: ignore[union-attr]
    enrolling.decline(station, presentation, DeclineReason.NO_PAPER)
    walk.look("idle-declined")


def numbers(walk: Walk) -> None:
    """Rush mode: a number is drawn, listed, called again, and its holder does not come."""
    world, station = walk.world, walk.world.station
    station.next()
    queueing.list_queue(station)
    walk.look("queue-list-off")
    queueing.begin_rush(station)
    world.house.filing()
    world.house.clock.move(days=1)  # the sheets of before are of another day
    world.show_authentication(issued_at=world.house.clock.now)
    walk.look("numbered")
    walk.look("number-slip", "/queue/1/slip")
    queueing.call(station)
    queueing.call_again(station)
    walk.look("called")
    handing.give_up(station, GiveUpReason.ABSENT)
    walk.look("absent")
    queueing.list_queue(station)
    walk.look("queue-list")
    queueing.end_rush(station)
    station.next()
    walk.look("guide-again", "/guide")  # a page that follows nothing, before somebody else signs in


def beside_the_stage(walk: Walk) -> None:
    station = walk.world.station
    assert station.last is not None
    receipt, held = station.last.receipt.number, station.last.held[0]
    walk.look("receipts", "/receipts?number=W1-999999")
    walk.look("receipt", f"/receipt/{receipt}")
    walk.look("slip", f"/slip?filing={held}")
    walk.look("no-receipt", "/receipt/W1-999999")
    walk.look("no-slip", "/slip?filing=999999")
    walk.look("guide", "/guide")
    walk.look("commission", "/commission")
    walk.look("not-found", "/nothing-here")
    walk.page.goto(walk.address + "/visitor")
    assert walk.page.get_attribute("html", "lang") == "ja"
    station.next()


def the_end(walk: Walk) -> None:
    world, station, page = walk.world, walk.world.station, walk.page
    page.goto("about:blank")  # a page that follows would go to the sign-in by itself
    shift.sign_out(station)
    page.goto(walk.address)
    assert page.get_attribute("html", "lang") == "ja", "the sign-in page is nobody's"
    sign_in(page, walk.address, CLERK)
    assert page.get_attribute("html", "lang") == "ja"
    page.wait_for_timeout(600)  # a new screen is deaf at first
    page.keyboard.press("Home")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    walk.look("taking-over")
    shift.take_over(station)
    page.goto("about:blank")
    shift.sign_out(station)
    sign_in(page, walk.address, SUPERVISOR)
    assert page.get_attribute("html", "lang") == "en", "chosen before by this clerk"
    shift.take_over(station)
    shift.look_at_the_day(station)
    walk.look("closing")
    key = station.scene.state.idempotency_key  # type: ignore[union-attr]
    shift.close_day(station, key)
    walk.look("closed")
    page.goto("about:blank")
    shift.sign_out(station)
    page.goto(walk.address)
    page.click(".k-speak button")
    walk.look("signed-out")
    assert world.station is station
