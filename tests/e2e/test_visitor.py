"""The display turned to the visitor beside a counter at work, in every state of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.state import Idle, Judging
from shared.db.tables import Filing, Presentation
from tests.accessible import MarkupChecker, barriers
from tests.builders import TARO
from tests.e2e.counter_pages import served_counter, signed_in, state, world_with_taro
from tests.e2e.test_counter_states import REACH
from tests.kiosk_world import World
from tests.served import served

pytestmark = pytest.mark.browser
SIZES = ((1280, 720), (1920, 1080), (1080, 1920), (720, 1280))
SAYS = {
    "idle": "受取用の用紙を係の者にお渡しください。",
    "basket": "3台お渡しできます。",
    "confirm": "1台分の書類をお渡しします。",
    "done": "1台分をお渡ししました。",
    "hold_list": "少々お待ちください。",
    "taking_over": "少々お待ちください。",
    "typing": "少々お待ちください。",
    "enrol": "新規登録を承ります。",
    "password_change": "パスワードの変更を承ります。",
    "refused": "登録内容と一致しないため、お渡しできません。",
    "near_miss": "登録内容と一致しないため、お渡しできません。",
    "warned": "この用紙でお渡しできるものは、ただいまありません。",
    "paused": "この窓口は休止中です。",
    "closing": "少々お待ちください。",
    "closed": "本日の受付は終了しました。",
    "hidden": "少々お待ちください。",
    "out_of_order": "ただいま確認ができません。",
    "numbered": "番号は 1番 です。",
    "queue_list": "少々お待ちください。",
    "called": "1番",
}
"""The first sentence of each state that can be reached by keys and sheets."""
BESIDE_THE_STAGE = {"camera_lost", "slip", "receipt", "receipts", "guide", "number_slip"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from world_with_taro(tmp_path)


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with served_counter(world) as url:
        yield url


@pytest.fixture
def display(chromium: Browser, address: str) -> Iterator[Page]:
    """The visitor's display: a browser of its own that nobody signed in with."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="ja-JP")
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    opened.goto(f"{address}/visitor")
    yield opened
    context.close()
    assert problems == []


def says(display: Page, sentence: str) -> None:
    expect(display.locator("#visitor .v-say").first).to_contain_text(sentence)


def secrets(world: World) -> set[str]:
    """What this registry knows of people, vehicles and sheets."""
    with world.house.sessions() as session:
        filings = session.query(Filing).all()
        tails = session.query(Presentation.key_tail).all()
    found = {TARO, "見本　一郎", "試験", "桜子", *(tail for (tail,) in tails if tail)}
    for filing in filings:
        found |= {filing.number, filing.plate or TARO, filing.chassis or TARO}
    return found


def assert_fits(display: Page, name: str) -> None:
    for width, height in SIZES:
        display.set_viewport_size({"width": width, "height": height})
        display.wait_for_timeout(100)
        over = display.evaluate(
            "[document.documentElement.scrollWidth - innerWidth,"
            " document.documentElement.scrollHeight - innerHeight]"
        )
        assert max(over) <= 0, f"{width}x{height}: sticks out by {over}"
        smallest = display.evaluate(
            "Math.min(...[...document.querySelectorAll('#visitor .v-say')]"
            ".map((line) => parseFloat(getComputedStyle(line).fontSize)))"
        )
        assert smallest >= min(width, height) / 24, "too small to be read from two metres"
        if folder := os.environ.get("SCREENSHOTS"):
            display.screenshot(path=f"{folder}/visitor-{name}-{width}.png")


def test_every_state_is_looked_at() -> None:
    assert set(SAYS) == set(REACH) - BESIDE_THE_STAGE


@pytest.mark.parametrize("name", SAYS)
def test_the_display_says_each_state_large_and_without_secrets(
    chromium: Browser, world: World, address: str, display: Page, name: str
) -> None:
    with signed_in(chromium, address) as counter:
        REACH[name](world, counter)
        says(display, SAYS[name])
        for line in display.locator("#visitor .v-say").all():
            assert line.locator("[lang=en]").inner_text().isascii()
        shown = display.content()
        assert [secret for secret in secrets(world) if secret in shown] == []
        assert_fits(display, name)
        assert barriers(display) == []


def test_the_display_before_anybody_works_here_and_while_a_sheet_is_judged(
    world: World, display: Page, markup: MarkupChecker
) -> None:
    says(display, "この窓口は準備中です。")
    assert_fits(display, "signed_out")
    assert barriers(display) == []
    world.sign_in()
    says(display, "受取用の用紙を係の者にお渡しください。")
    world.station.scene.put(Judging())
    says(display, "確認しています。")
    assert_fits(display, "judging")
    assert barriers(display) == []
    world.station.scene.put(Idle())
    page = world.app.test_client().get("/visitor").get_data(as_text=True)
    # A display without a script has no other way to follow the counter, and nobody reads on there.
    assert [slip for slip in markup.slips(page) if "meta-refresh" not in slip] == []


def test_what_is_asked_of_the_visitor_stands_below_the_count(
    chromium: Browser, world: World, address: str, display: Page
) -> None:
    with signed_in(chromium, address) as counter:
        REACH["basket"](world, counter)
        lines = display.locator("#visitor .v-say")
        expect(lines.nth(1)).to_contain_text("うち1台は納税証明書の確認が必要です。")
        expect(lines.nth(1)).to_contain_text("1 of them needs a tax certificate.")
        expect(lines.nth(2)).to_contain_text("ほかの1台は、まだお渡しできません。")


def test_a_vehicle_kept_back_is_said(
    chromium: Browser, world: World, address: str, display: Page
) -> None:
    with signed_in(chromium, address) as counter:
        REACH["slip"](world, counter)
        says(display, "1台は保留です。保留票をお受け取りください。")


def test_the_display_follows_without_a_script(
    chromium: Browser, world: World, address: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{address}/visitor")
    expect(plain.locator("#visitor")).to_contain_text("この窓口は準備中です。")
    world.sign_in()
    expect(plain.locator("#visitor")).to_contain_text("お渡しください")
    context.close()


def test_a_display_that_lost_the_program_asks_to_wait(chromium: Browser, world: World) -> None:
    """What it said last was said to somebody else."""
    context = chromium.new_context()
    display = context.new_page()
    with served(world.app) as address:
        world.sign_in()
        for _ in range(2):
            world.house.filing()
        world.show_authentication()
        display.goto(f"{address}/visitor")
        says(display, "2台お渡しできます。")
        world.station.scene.close()
    expect(display.locator("#away")).to_contain_text("少々お待ちください。")
    expect(display.locator("#visitor")).to_be_hidden()
    context.close()


def test_a_clerk_who_reads_sheet_after_sheet_is_followed(
    chromium: Browser, world: World, address: str, display: Page
) -> None:
    with signed_in(chromium, address) as counter:
        for _ in range(3):
            world.show_authentication(password="chigau-himitsu")
            state(counter, "refused")
            says(display, "登録内容と一致しないため")
            world.station.next()
            says(display, "受取用の用紙を")
