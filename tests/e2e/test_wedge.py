"""A scanner that types into the browser: keystroke by keystroke, fast, slow, torn, mistyped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from shared.db.tables import Filing, Presentation
from shared.domain import FilingStatus, Source
from tests.builders import receiver_sheet, text_of
from tests.e2e.counter_pages import (
    DEAF,
    served_counter,
    signed_in,
    standing_clock,
    state,
    strike,
    world_with_taro,
)
from tests.e2e.test_counter_states import REACH
from tests.kiosk_world import World

pytestmark = pytest.mark.browser
STILL = 2200
"""Milliseconds after which a scanner that stopped was cut off."""
FULL_WIDTH = {0x30 + digit: 0xFF10 + digit for digit in range(10)}
STAGES = [
    name for name in REACH if name not in {"slip", "receipt", "receipts", "guide", "number_slip"}
]
"""Pages beside the stage have no script that listens, and nothing on them releases."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from world_with_taro(tmp_path)


@pytest.fixture
def page(chromium: Browser, world: World) -> Iterator[Page]:
    with served_counter(world) as address, signed_in(chromium, address) as opened:
        yield opened


@pytest.fixture
def text(world: World) -> str:
    """A good sheet of three vehicles, as the scanner sends it."""
    for place in range(3):
        world.house.filing(plate=f"見本 580 あ 00-0{place}")
    return text_of(receiver_sheet())


def scan(page: Page, text: str, delay: float = 2, *, gap: float = 0) -> None:
    """Type like a scanner, Enter at the end; gaps in the prefix, in the middle, before the end."""
    parts = [text[:1], text[1:3], text[3:300], text[300:-1], text[-1:]] if gap else [text]
    with standing_clock(page):
        for part in parts:
            strike(page, part, delay)
            page.clock.run_for(gap)
        page.keyboard.press("Enter")


def scanned(world: World) -> list[str | None]:
    """The reason of every presentation by scanner in no order of time, None for an accepted one."""
    with world.house.sessions() as session:
        found = session.query(Presentation).filter_by(source=Source.SCANNER)
        return sorted((shown.reason for shown in found), key=str)


def released(world: World) -> int:
    with world.house.sessions() as session:
        return session.query(Filing).filter_by(status=FilingStatus.RELEASED).count()


def open_memo(page: Page) -> Locator:
    """The first row is kept back: its memo is shown."""
    page.locator("[name^=hold-]").first.select_option("not_found")
    return page.locator("[name^=memo-]").first


def misread(page: Page) -> str:
    expect(page.locator("#misread")).not_to_be_empty()
    return page.locator("#misread").inner_text()


@pytest.mark.parametrize(("delay", "gap"), [(1, 0), (1, 300), (5, 300), (30, 300)])
def test_a_code_arrives_whole_at_every_speed_with_and_without_gaps(
    world: World, page: Page, text: str, delay: int, gap: int
) -> None:
    page.wait_for_timeout(DEAF)
    scan(page, text, delay, gap=gap)
    state(page, "basket")
    assert scanned(world) == [None]
    assert page.locator("[data-row]:checked").count() == 0
    expect(page.locator("#misread")).to_be_empty()


@pytest.mark.parametrize("field", ["#find", "#collector", "[name^=memo-]"])
def test_a_code_scanned_into_a_field_leaves_the_field_as_it_was(
    world: World, page: Page, text: str, field: str
) -> None:
    scan(page, text)
    state(page, "basket")
    page.wait_for_timeout(DEAF)
    open_memo(page)
    page.locator(field).first.fill("あ 00-0")
    other = text_of(receiver_sheet(password="chigau-himitsu"))
    scan(page, other, 5)
    expect(page.locator("#banners")).to_contain_text("先に確定か中止をしてください")
    expect(page.locator(field).first).to_have_value("あ 00-0")
    state(page, "basket")


def test_a_code_scanned_into_the_search_key_is_judged_as_a_code(
    world: World, page: Page, text: str
) -> None:
    page.wait_for_timeout(DEAF)
    page.keyboard.press("F2")
    state(page, "typing")
    scan(page, text, 5)
    state(page, "basket")
    assert scanned(world) == [None]


def test_blanks_and_hyphens_in_a_code_tick_and_press_nothing(
    world: World, page: Page, text: str
) -> None:
    scan(page, text)
    state(page, "basket")
    page.wait_for_timeout(DEAF)
    page.locator("[data-row]").first.focus()
    other = text_of(receiver_sheet(password="chigau-himitsu"))
    scan(page, " ".join(other[i : i + 4] for i in range(0, 80, 4)) + "-" + other[80:])
    expect(page.locator("#banners")).to_contain_text("先に確定か中止をしてください")
    assert page.locator("[data-row]:checked").count() == 0


def test_blanks_in_a_code_do_not_change_it(world: World, page: Page, text: str) -> None:
    scan(page, " ".join(text[i : i + 8] for i in range(0, len(text), 8)))
    state(page, "basket")
    assert scanned(world) == [None]


def test_full_width_digits_are_the_same_code(world: World, page: Page, text: str) -> None:
    """As keys outside of fields, and as text without keys in one."""
    page.evaluate(
        """(text) => { for (const key of [...text, "Enter"]) document.body.dispatchEvent(
           new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); }""",
        text.translate(FULL_WIDTH),
    )
    state(page, "basket")
    page.wait_for_timeout(DEAF)
    page.locator("#find").fill("あ 00-0")
    page.locator("#find").focus()
    other = text_of(receiver_sheet(password="chigau-himitsu"))
    for digit in other.translate(FULL_WIDTH):
        page.keyboard.insert_text(digit)
    page.keyboard.press("Enter")
    expect(page.locator("#banners")).to_contain_text("先に確定か中止をしてください")
    expect(page.locator("#find")).to_have_value("あ 00-0")
    assert None in scanned(world)


def test_a_code_that_lost_its_tail_is_a_misread(world: World, page: Page, text: str) -> None:
    scan(page, text[:400])
    state(page, "refused")
    expect(page.locator(".k-verdict__code")).to_contain_text("NG-MISREAD")
    assert scanned(world) == ["NG-MISREAD"]


def test_a_code_that_lost_digits_within_is_a_misread(world: World, page: Page, text: str) -> None:
    scan(page, text[:200] + text[203:])
    state(page, "refused")
    assert scanned(world) == ["NG-MISREAD"]


def test_a_code_that_lost_its_head_goes_nowhere_and_says_so(
    world: World, page: Page, text: str
) -> None:
    with standing_clock(page):
        page.keyboard.type(text[1:])
        page.clock.run_for(300)  # no burst any more: its Enter must not press a button either
        page.keyboard.press("Enter")
    assert "始めが届きませんでした" in misread(page)
    state(page, "idle")
    assert scanned(world) == []


def test_a_code_cut_off_is_given_up_and_the_next_one_read(
    world: World, page: Page, text: str
) -> None:
    with standing_clock(page):
        page.keyboard.type(text[:300])
        page.clock.run_for(STILL)
    assert "途中で切れました" in misread(page)
    scan(page, text)
    state(page, "basket")
    assert scanned(world) == [None]
    expect(page.locator("#misread")).to_be_empty()


def test_a_letter_in_a_code_makes_it_a_misread(world: World, page: Page, text: str) -> None:
    scan(page, text[:100] + "q" + text[100:])
    assert "正しく読み取れませんでした" in misread(page)
    assert scanned(world) == []


def test_the_same_code_twice_in_moments_is_one_showing(world: World, page: Page, text: str) -> None:
    wrong = text_of(receiver_sheet(password="chigau-himitsu"))
    scan(page, wrong)
    state(page, "refused")
    with page.expect_response("**/scan"):
        scan(page, wrong)
    world.seconds.pass_(3)
    scan(page, text)
    state(page, "basket")
    assert scanned(world) == ["NG-PW", None]


def test_the_input_method_is_noticed_in_a_field_of_digits(
    world: World, page: Page, text: str
) -> None:
    page.wait_for_timeout(DEAF)
    page.keyboard.press("F2")
    state(page, "typing")
    compose(page, "９")
    assert misread(page) == "日本語入力がオンです。半角/全角キーでオフにしてください"


def test_a_code_through_the_input_method_is_taken_out_of_the_field(
    world: World, page: Page, text: str
) -> None:
    scan(page, text)
    state(page, "basket")
    page.wait_for_timeout(DEAF)
    memo = open_memo(page)
    memo.fill("伝言")
    compose(page, "のうぜい", "納税")  # what a memo is for
    expect(memo).to_have_value("伝言納税")
    expect(page.locator("#misread")).to_be_empty()
    compose(page, text.translate(FULL_WIDTH)[:50])
    page.keyboard.press("Enter")
    assert misread(page) == "日本語入力がオンです。半角/全角キーでオフにしてください"
    expect(memo).to_have_value("伝言納税")
    state(page, "basket")


def compose(page: Page, *texts: str) -> None:
    """What an input method does: shows something, changes it, puts the last of it in."""
    devtools = page.context.new_cdp_session(page)
    for text in texts:
        at = len(text)
        asked = {"text": text, "selectionStart": at, "selectionEnd": at}
        devtools.send("Input.imeSetComposition", asked)
    devtools.send("Input.insertText", {"text": texts[-1]})


@pytest.mark.parametrize("name", STAGES)
def test_bursts_of_blanks_and_enter_release_nothing_and_press_nothing_on_any_screen(
    world: World, page: Page, name: str
) -> None:
    REACH[name](world, page)
    world.seconds.pass_(1)
    page.evaluate("globalThis.clicked = 0; addEventListener('click', () => clicked++, true)")
    before, shown = released(world), page.locator("#scene").get_attribute("data-state")
    for torn in ("9101 23 45", "2345 6789 0123 4567 8901 23"):
        with standing_clock(page):
            strike(page, torn, 1)
            page.clock.run_for(300)
            for _ in range(3):
                page.keyboard.press("Enter")
                page.clock.run_for(100)
    page.wait_for_timeout(300)  # what it must not have set off would show by now
    assert released(world) == before
    now = page.locator("#scene").get_attribute("data-state")
    judged = {"idle", "done", "refused", "hold_list", "typing", "numbered", "queue_list"}
    assert now == shown or (now == "refused" and shown in judged)
    if name != "typing":  # its field has the focus: a short number in it is a person's
        assert page.evaluate("clicked") == 0


def test_what_a_person_types_reaches_the_fields(world: World, page: Page, text: str) -> None:
    page.wait_for_timeout(DEAF)
    page.keyboard.press("F2")
    state(page, "typing")
    page.wait_for_timeout(DEAF)
    with standing_clock(page):
        strike(page, "2123 4567-8901 2345", 70)
    expect(page.locator("#key")).to_have_value("2123 4567 8901 2345")
    page.clock.run_for(100)
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert] li").first).to_contain_text("打ち間違い")
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Escape")
    state(page, "idle")
    scan(page, text)
    state(page, "basket")
    page.wait_for_timeout(DEAF)
    page.keyboard.press("F7")
    with standing_clock(page):
        strike(page, "0002", 70)
    page.clock.run_for(100)
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]:checked")).to_have_count(1)
    memo = open_memo(page)
    memo.focus()
    with standing_clock(page):
        strike(page, "91 01 2345 6789 yen", 70)
    expect(memo).to_have_value("91 01 2345 6789 yen")
    expect(page.locator("#misread")).to_be_empty()
