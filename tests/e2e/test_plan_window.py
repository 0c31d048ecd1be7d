"""A window on its day plan in a real browser: switched to by keys, worked on, gone back from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk import planning
from shared.domain import FilingStatus, Source
from tests.accessible import assert_reflows, barriers
from tests.builders import CLERK, PIN, SUPERVISOR, receiver_sheet, text_of
from tests.cut_line import Line as Cut
from tests.e2e.counter_pages import DEAF, ask, look, sign_in, state, window
from tests.plan_world import World, plan_world
from tests.served import served
from tests.served_registry import Slot

pytestmark = pytest.mark.browser
MARK = "計画で受け渡し中"


@pytest.fixture
def at(registry_server: Slot, tmp_path: Path) -> Iterator[World]:
    with plan_world(registry_server, tmp_path) as world:
        yield world


@pytest.fixture
def page(chromium: Browser, at: World) -> Iterator[Page]:
    with served(at.app) as address, window(chromium) as opened:
        sign_in(opened, address)
        yield opened
        at.station.scene.close()


def without_barrier(page: Page, name: str) -> None:
    """And a picture of it."""
    look(page, name)
    assert barriers(page) == []


def go_over(page: Page, number: str) -> None:
    """Fill the form of the plan page by keys alone."""
    page.keyboard.type(number)
    page.keyboard.press("Tab")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")


def test_a_supervisor_switches_by_keys_and_every_screen_says_so(at: World, page: Page) -> None:
    number = at.house.filing()
    planning.fetch(at.station)
    at.lose()
    state(page, "out_of_order")
    without_barrier(page, "plan-lost")

    page.get_by_role("link", name="計画に切り替える").click()
    expect(page.locator("#number")).to_be_focused()
    without_barrier(page, "plan-switch")
    go_over(page, CLERK)
    expect(page.get_by_role("alert")).to_contain_text("責任者または管理者の番号")
    expect(page.locator("#number")).to_have_value(CLERK)
    expect(page.locator("#pin")).to_be_focused()
    without_barrier(page, "plan-refused")
    page.fill("#number", "")
    page.focus("#number")
    go_over(page, SUPERVISOR)
    expect(page.get_by_text(MARK).first).to_be_visible()

    page.fill("#number", CLERK)
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    state(page, "idle")
    expect(page.get_by_text(MARK).first).to_be_visible()
    look(page, "plan-idle")
    at.station.take(text_of(receiver_sheet()), Source.CAMERA)
    state(page, "basket")
    expect(page.get_by_text(MARK).first).to_be_visible()
    without_barrier(page, "plan-basket")
    hand_over(at, page)
    at.wait()
    expect(page.locator("body")).to_contain_text("あと 6件")
    look(page, "plan-done")
    assert at.house.status_of(number) is FilingStatus.READY, "the registry does not know yet"

    page.wait_for_timeout(DEAF)
    page.keyboard.press("Enter")
    state(page, "idle")
    at.line.become(Cut.WHOLE)
    at.wait()
    expect(page.get_by_text("登録簿に戻りました")).to_be_visible()
    expect(page.get_by_text("登録簿に接続できません")).to_have_count(0)
    expect(page.get_by_text(MARK)).to_have_count(0)
    look(page, "plan-ended")
    assert at.house.status_of(number) is FilingStatus.RELEASED


def hand_over(at: World, page: Page) -> None:
    """The one vehicle that is on the screen, by keys."""
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Space")
    ask(page)
    at.seconds.pass_(1)
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Enter")
    state(page, "done")


def test_the_page_of_the_switch_needs_no_script_and_fits_a_narrow_screen(
    at: World, chromium: Browser
) -> None:
    at.house.filing()
    planning.fetch(at.station)
    at.lose()
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False
    )
    with served(at.app) as address:
        page = context.new_page()
        page.goto(f"{address}/plan")
        page.fill("#number", SUPERVISOR)
        page.fill("#pin", PIN)
        page.keyboard.press("Enter")
        expect(page.get_by_text(MARK).first).to_be_visible()
        context.close()
        wide = chromium.new_context(viewport={"width": 320, "height": 640})
        page = wide.new_page()
        page.goto(f"{address}/plan")
        assert_reflows(page)
        wide.close()
        at.station.scene.close()
