"""The counter in a real browser: keys, swaps without reload, what cannot be pressed too early."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.state import Idle
from shared.db.tables import Filing
from shared.domain import FilingStatus, Purpose, Source
from tests.builders import CLERK, PIN, receiver_sheet
from tests.e2e.counter_pages import DEAF, ask, look, standing_clock, state
from tests.kiosk_world import World, make_world
from tests.served import served

pytestmark = pytest.mark.browser


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path)


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with served(world.app) as url:
        yield url
        world.station.scene.close()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    opened = context.new_page()
    problems: list[str] = []
    outside: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    opened.on(
        "request",
        lambda asked: outside.append(asked.url) if not asked.url.startswith(address) else None,
    )
    opened.clock.install()
    sign_in(opened, address)
    yield opened
    context.close()
    assert problems == []
    assert outside == []


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.fill("#number", CLERK)
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    state(page, "idle")
    expect(page.locator("[data-sound-switch]")).to_be_visible()  # the script is at work


def open_basket(world: World, page: Page, filings: int = 3) -> list[str]:
    world.house.receiver()
    numbers = [world.house.filing() for _ in range(filings)]
    world.show_authentication()
    state(page, "basket")
    return numbers


def test_a_basket_is_handed_over_by_keys_alone_without_a_reload(world: World, page: Page) -> None:
    page.evaluate("window.sameDocument = true")
    numbers = open_basket(world, page)
    assert page.title() == "受け渡しできます - 窓口1"
    expect(page.locator("[data-row]").first).to_be_focused()
    look(page, "k2")
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Space")
    expect(page.locator("[data-row]").nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("#summary")).to_contain_text("2件を受け渡した")
    ask(page)
    look(page, "confirm")
    world.seconds.pass_(1)
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Enter")
    state(page, "done")
    look(page, "done")
    assert [world.house.status_of(n) for n in numbers] == [
        FilingStatus.RELEASED, FilingStatus.READY, FilingStatus.RELEASED,
    ]  # fmt: skip
    assert page.evaluate("window.sameDocument") is True


def test_a_burst_of_enter_releases_nothing_on_any_screen(world: World, page: Page) -> None:
    numbers = open_basket(world, page, 1)
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Space")
    expect(page.locator("#summary")).to_contain_text("1件を受け渡した")
    page.keyboard.press("Enter")
    expect(page.locator("#check-by-eye")).to_be_focused()
    with standing_clock(page):  # the burst takes 480 ms, however busy the machine is
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        state(page, "confirm")
        page.evaluate("globalThis.clicked = 0; addEventListener('click', () => clicked++, true)")
        for _ in range(12):
            page.keyboard.press("Enter")
            page.clock.run_for(40)
    page.wait_for_timeout(200)
    state(page, "confirm")
    assert page.evaluate("clicked") == 0
    assert world.house.status_of(numbers[0]) is FilingStatus.HANDING


def test_a_scanner_that_types_presses_no_button(world: World, page: Page) -> None:
    open_basket(world, page)
    page.wait_for_timeout(DEAF)
    page.keyboard.type("9101 2345 6789 0123\n", delay=5)
    page.wait_for_timeout(200)
    state(page, "basket")
    assert page.locator("[data-row]:checked").count() == 0
    expect(page.locator("[role=alert] li")).to_have_count(0)


def test_nothing_that_releases_has_the_focus_on_arrival(world: World, page: Page) -> None:
    open_basket(world, page)
    page.keyboard.press("F6")  # too early: the screen is new
    assert page.locator("[data-row]:checked").count() == 0
    page.wait_for_timeout(DEAF)
    page.keyboard.press("F6")
    expect(page.locator("#summary")).to_contain_text("3件を受け渡した")
    ask(page)
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Escape")
    state(page, "basket")
    assert page.locator("[data-row]:checked").count() == 3


def test_a_double_click_on_confirm_is_one_hand_over(world: World, page: Page) -> None:
    open_basket(world, page, 2)
    page.wait_for_timeout(DEAF)
    page.keyboard.press("F6")
    expect(page.locator("#summary")).to_contain_text("2件を受け渡した")
    ask(page)
    world.seconds.pass_(1)
    page.wait_for_timeout(DEAF)
    page.dblclick("button:has-text('受け渡しを確定する')")
    state(page, "done")
    assert world.house.counter.kiosk_facts("W1").released == 2


def test_ticks_survive_a_reload(world: World, page: Page) -> None:
    open_basket(world, page)
    page.locator("[data-row]").nth(1).check()
    expect(page.locator("#summary")).to_contain_text("1件を受け渡した")
    page.reload()
    assert page.locator("[data-row]:checked").count() == 1
    expect(page.locator("[data-row]").nth(1)).to_be_checked()


def test_a_second_code_is_answered_without_losing_the_ticks(world: World, page: Page) -> None:
    open_basket(world, page)
    page.locator("[data-row]").first.check()
    world.show(receiver_sheet(procedure=2))
    expect(page.locator("#banners")).to_contain_text("受け渡しの確認中です")
    assert page.locator("[data-row]:checked").count() == 1


def test_each_family_is_told_by_word_mark_and_border(world: World, page: Page) -> None:
    seen: dict[str, tuple[str, str]] = {}
    world.show(receiver_sheet(password="chigau-himitsu"))
    seen["ng"] = family(page)
    world.show(receiver_sheet(Purpose.REGISTRATION))
    seen["act"] = family(page)
    world.station.scene.put(Idle())
    open_basket(world, page)
    seen["ok"] = family(page)
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Escape")
    state(page, "idle")
    for number in world_numbers(world):
        withdraw(world, number)
    world.show_authentication()
    seen["warn"] = family(page)
    assert set(seen) == {"ng", "act", "ok", "warn"}
    assert len({border for _, border in seen.values()}) == 4
    assert len({title for title, _ in seen.values()}) == 4
    look(page, "warn")


def family(page: Page) -> tuple[str, str]:
    """Title and border of the verdict that is shown now."""
    page.wait_for_timeout(400)
    verdict = page.locator(".k-verdict")
    expect(verdict.locator(".k-mark").first).to_be_visible()
    name = verdict.get_attribute("data-family")
    look(page, f"family-{name}")
    border = verdict.evaluate(
        "v => getComputedStyle(v.firstElementChild).borderTopStyle"
        " + getComputedStyle(v).backgroundImage.slice(0, 9)"
    )
    return str(verdict.locator("h1").text_content()), str(border)


def world_numbers(world: World) -> list[str]:
    with world.house.sessions() as session:
        return [number for (number,) in session.query(Filing.number)]


def withdraw(world: World, number: str) -> None:
    with world.house.sessions.begin() as session:
        session.query(Filing).filter_by(number=number).update({"status": FilingStatus.WITHDRAWN})


@pytest.mark.parametrize("size", ["medium", "large"])
def test_no_screen_scrolls_sideways_at_320_pixels(world: World, page: Page, size: str) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    page.evaluate("size => { document.documentElement.dataset.textSize = size }", size)
    open_basket(world, page)
    look(page, f"320-basket-{size}")
    assert overflow(page) == 0
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Escape")
    state(page, "idle")
    assert overflow(page) == 0
    world.show(receiver_sheet(Purpose.REGISTRATION, name="見本" * 29))
    state(page, "enrol")
    assert overflow(page) == 0
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Escape")
    state(page, "idle")
    world.show(receiver_sheet(password="chigau-himitsu"))
    state(page, "refused")
    look(page, f"320-refused-{size}")
    assert overflow(page) == 0


def overflow(page: Page) -> int:
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def test_the_main_button_and_the_keys_stay_in_sight(world: World, page: Page) -> None:
    world.house.receiver()
    for _ in range(30):
        world.house.filing()
    world.show_authentication()
    state(page, "basket")
    for selector in ("[data-key=Enter]", "[data-key=Escape]", "[data-key=F1]", ".k-strip"):
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 768
    page.wait_for_timeout(DEAF)
    for _ in range(29):
        page.keyboard.press("ArrowDown")
    focused = page.evaluate("document.activeElement.getBoundingClientRect().bottom")
    bar = page.locator(".k-bottom").bounding_box()
    assert bar is not None
    assert focused <= bar["y"] + 1
    look(page, "thirty")


def test_buttons_are_large_enough_for_a_finger(world: World, page: Page) -> None:
    open_basket(world, page)
    for button in page.locator("button:visible, a.oss-button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 56, button.text_content()


def test_a_typed_key_falls_into_fours_and_a_scan_brings_the_stage_back(
    world: World, page: Page
) -> None:
    page.wait_for_timeout(DEAF)
    page.keyboard.press("F2")
    state(page, "typing")
    page.wait_for_timeout(DEAF)
    page.keyboard.type("k12345678")
    assert page.input_value("#key") == "K123 4567 8"
    look(page, "k5")
    open_basket(world, page)


def test_a_refusal_waits_until_somebody_goes_on(world: World, page: Page) -> None:
    world.station.take("https://example.jp/", Source.CAMERA)
    state(page, "refused")
    expect(page.locator("#announcer")).to_contain_text("受け渡しできません")
    expect(page.locator("[data-countdown]")).to_contain_text("秒で待機に戻ります")
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Space")
    expect(page.locator("[data-countdown]")).to_have_count(0)
    page.keyboard.press("Enter")
    state(page, "idle")


def test_sound_is_muted_by_f4_and_stays_so(page: Page) -> None:
    page.wait_for_timeout(DEAF)
    before = page.locator("[data-sound-label]").text_content()
    assert re.search("音", str(before))
    page.keyboard.press("F4")
    if page.locator("[data-sound-label]").text_content() != "音：切":
        page.keyboard.press("F4")
    expect(page.locator("[data-sound-label]")).to_have_text("音：切")
    page.reload()
    expect(page.locator("[data-sound-label]")).to_have_text("音：切")


def test_another_browser_that_signs_in_takes_over(address: str, chromium: Browser) -> None:
    first, other = chromium.new_page(), chromium.new_page()
    sign_in(first, address)
    sign_in(other, address)
    expect(first.locator("h1")).to_have_text("担当者サインイン")
    first.close()
    other.close()


def test_without_a_script_everything_is_still_there(
    world: World, address: str, chromium: Browser
) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="ja-JP")
    plain = context.new_page()
    plain.goto(address)
    plain.fill("#number", CLERK)
    plain.fill("#pin", PIN)
    plain.click("button:has-text('業務を始める')")
    numbers = [world.house.filing() for _ in range(2)]
    world.house.receiver()
    world.show_authentication()
    plain.reload()
    plain.locator("[data-row]").first.check()
    plain.click("button:has-text('を受け渡した')")
    plain.check("#check-by-eye")
    plain.click("button:has-text('を受け渡した')")
    world.seconds.pass_(1)
    plain.click("button:has-text('受け渡しを確定する')")
    expect(plain.locator("h1")).to_contain_text("受け渡しを記録しました")
    assert world.house.status_of(numbers[0]) is FilingStatus.RELEASED
    context.close()
