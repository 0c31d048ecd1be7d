"""Every state of the counter in a real browser: by keyboard alone, judged by axe-core, in other
colours; and what two tabs, a torn connection or a killed program do to it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from hardware.scan import Cause
from kiosk.faults import CAMERA
from shared.db.tables import Filing
from shared.domain import FilingStatus, Purpose, Source
from tests.accessible import assert_reflows, barriers
from tests.builders import DESK, HANAKO, PIN, SUPERVISOR, WINDOW, receiver_sheet
from tests.e2e.counter_pages import (
    DEAF,
    served_counter,
    signed_in,
    standing_clock,
    state,
    strike,
    world_with_taro,
)
from tests.kiosk_world import World
from verifier.acts import Desk

pytestmark = pytest.mark.browser
PLATES = ("見本 580 あ 00-01", "見本 580 い 00-02", "見本 580 う 00-03")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from world_with_taro(tmp_path)


@pytest.fixture
def page(chromium: Browser, world: World) -> Iterator[Page]:
    with served_counter(world) as address, signed_in(chromium, address) as opened:
        yield opened


def press(page: Page, *keys: str) -> None:
    """As a person does: not before the screen listens."""
    page.wait_for_timeout(DEAF)
    for key in keys:
        page.keyboard.press(key)


def look(page: Page, name: str) -> None:
    """Keep pictures for people, where SCREENSHOTS says."""
    folder = os.environ.get("SCREENSHOTS")
    if not folder:
        return
    for width, height in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(250)
        page.screenshot(path=f"{folder}/{name}-{width}.png")
    page.set_viewport_size({"width": 1366, "height": 768})


# How each state is reached, by keys and sheets alone.


def basket(world: World, page: Page) -> None:
    for place, plate in enumerate(PLATES, start=1):
        world.house.filing(plate=plate, chassis=f"MIHON-{place:06d}", tax_confirmed=place != 3)
    world.house.filing(plate="見本 580 え 00-04", status=FilingStatus.CORRECTION)
    world.house.filing(procedure_code=2)
    world.show_authentication()
    state(page, "basket")
    world.station.take("2/2400110/MIHON-000002/1", Source.CAMERA)
    expect(page.locator("#heard")).to_contain_text("2行目")


def confirm(world: World, page: Page) -> None:
    basket(world, page)
    press(page, "Enter")
    state(page, "confirm")


def done(world: World, page: Page) -> None:
    confirm(world, page)
    world.seconds.pass_(1)
    press(page, "Enter")
    state(page, "done")


def keep_back(world: World, page: Page) -> None:
    world.house.filing(plate="見本 580 ほ 77-77")
    world.show_authentication()
    state(page, "basket")
    press(page)
    page.locator("[name^=hold-]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("納税証明書の原本", delay=70)
    page.keyboard.press("Enter")
    state(page, "confirm")
    world.seconds.pass_(1)
    press(page, "Enter")
    state(page, "done")


def hold_list(world: World, page: Page) -> None:
    keep_back(world, page)
    press(page, "F3")
    state(page, "hold_list")


def taking_over(world: World, page: Page) -> None:
    keep_back(world, page)
    press(page, "F8")
    page.fill("#number", "1002")
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    state(page, "taking_over")


def typing(world: World, page: Page) -> None:
    press(page, "F2")
    state(page, "typing")
    expect(page.locator("#key")).to_be_focused()
    with standing_clock(page):
        strike(page, "2123", 70)
    page.clock.run_for(100)
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert] li")).to_have_count(2)


def enrol(world: World, page: Page) -> None:
    world.show(
        receiver_sheet(Purpose.REGISTRATION, name="見本事務所　試験　桜子（００００００７７）")
    )
    state(page, "enrol")


def password_change(world: World, page: Page) -> None:
    world.show(receiver_sheet(Purpose.PASSWORD_CHANGE, password="atarashii-himitsu"))
    state(page, "enrol")


def refused(world: World, page: Page) -> None:
    world.show_authentication(password="chigau-himitsu")
    state(page, "refused")


def near_miss(world: World, page: Page) -> None:
    world.show(receiver_sheet(name="見本行政書士事務所　試験　太朗（００００００１１）"))
    state(page, "refused")


def warned(world: World, page: Page) -> None:
    world.show_authentication()
    state(page, "refused")


def paused(world: World, page: Page) -> None:
    press(page, "F9")
    state(page, "paused")


def closing(world: World, page: Page) -> None:
    press(page, "End")
    state(page, "closing")


def closed(world: World, page: Page) -> None:
    closing(world, page)
    press(page, "Enter")
    state(page, "closed")


def hidden(world: World, page: Page) -> None:
    basket(world, page)
    press(page, "F10")
    state(page, "hidden")


def out_of_order(world: World, page: Page) -> None:
    basket(world, page)
    world.lose_the_registry()
    world.station.refresh()
    state(page, "out_of_order")


def camera_lost(world: World, page: Page) -> None:
    world.station.scene.device("camera", CAMERA[Cause.MISSING])
    expect(page.locator("#banners")).to_contain_text("カメラが見つかりません")


def idle(world: World, page: Page) -> None:
    state(page, "idle")


def other_screen(path: str) -> Callable[[World, Page], None]:
    def reach(world: World, page: Page) -> None:
        done(world, page)
        assert world.station.last is not None
        number = world.station.last.receipt.number
        page.goto(page.url.rstrip("/") + path.format(number=number))
        expect(page.locator("h1")).to_be_visible()

    return reach


def slip(world: World, page: Page) -> None:
    keep_back(world, page)
    page.click("a:has-text('保留票を表示する')")
    expect(page.locator("h1")).to_have_text("保留票")


def numbered(world: World, page: Page) -> None:
    world.house.counter.begin_rush(Desk(WINDOW, SUPERVISOR))
    world.station.refresh()
    world.house.filing(receiver_name=HANAKO)
    world.house.receiver(HANAKO)
    world.show_authentication(name=HANAKO)
    state(page, "numbered")


def queue_list(world: World, page: Page) -> None:
    numbered(world, page)
    world.house.filing()
    world.show_authentication()
    expect(page.locator(".k-numbered__number")).to_have_text("番号 2")
    world.house.clock.move(minutes=83)
    press(page, "PageUp")
    state(page, "queue_list")


def called(world: World, page: Page) -> None:
    queue_list(world, page)
    press(page, "PageDown")
    state(page, "basket")
    press(page, "Insert")
    expect(page.locator("#called")).to_contain_text("1番 を呼び出しています（2回目）")


def number_slip(world: World, page: Page) -> None:
    numbered(world, page)
    press(page, "Insert")
    expect(page.locator("h1")).to_have_text("番号票")


REACH: dict[str, Callable[[World, Page], None]] = {
    "idle": idle, "basket": basket, "confirm": confirm, "done": done, "hold_list": hold_list,
    "taking_over": taking_over, "typing": typing, "enrol": enrol,
    "password_change": password_change, "refused": refused, "near_miss": near_miss,
    "warned": warned, "paused": paused, "closing": closing, "closed": closed, "hidden": hidden,
    "out_of_order": out_of_order, "camera_lost": camera_lost, "slip": slip,
    "receipt": other_screen("/receipt/{number}"), "receipts": other_screen("/receipts"),
    "guide": other_screen("/guide"), "numbered": numbered, "queue_list": queue_list,
    "called": called, "number_slip": number_slip,
}  # fmt: skip


@pytest.mark.parametrize("name", REACH)
def test_the_state_is_reached_by_keys_and_axe_finds_nothing(
    world: World, page: Page, name: str
) -> None:
    REACH[name](world, page)
    look(page, name)
    assert barriers(page) == []
    assert page.evaluate("document.activeElement !== document.body") or name in {
        "receipt", "guide", "slip", "number_slip", "camera_lost", "idle",
    }  # fmt: skip
    page.set_viewport_size({"width": 320, "height": 900})
    page.wait_for_timeout(100)
    assert_reflows(page)


FAMILIES: dict[str, tuple[Callable[[World, Page], None], str]] = {
    "ok": (basket, "受け渡しできます"),
    "act": (enrol, "新規登録の受付"),
    "warn": (warned, "確認が必要です"),
    "ng": (refused, "受け渡しできません"),
    "stop": (out_of_order, "端末を使えません"),
}
EYES = ["protanopia", "deuteranopia", "achromatopsia"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_verdict_is_told_in_every_colouring_of_the_world(
    world: World, page: Page, family: str
) -> None:
    reach, title = FAMILIES[family]
    reach(world, page)
    verdict = page.locator(".k-verdict")
    devtools = page.context.new_cdp_session(page)
    pictures = set()
    for eyes in ["none", *EYES]:
        devtools.send("Emulation.setEmulatedVisionDeficiency", {"type": eyes})
        shot = verdict.screenshot()
        pictures.add(shot)
        keep(f"{family}-{eyes}", shot)
    devtools.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
    page.emulate_media(forced_colors="active")
    keep(f"{family}-forced", verdict.screenshot())
    assert verdict.get_attribute("data-family") == family
    expect(verdict.locator("h1")).to_have_text(title)
    expect(verdict.locator(".k-mark").first).to_be_visible()
    border = verdict.evaluate(
        "v => [v, v.firstElementChild].map((e) => getComputedStyle(e).borderTopStyle).join(' ')"
    )
    assert border == {
        "ok": "none solid", "act": "none double", "warn": "none dashed", "ng": "ridge none",
        "stop": "none solid",
    }[family]  # fmt: skip
    assert family == "stop" or len(pictures) > 1, "the deficiency was not emulated"
    assert barriers(page) == []


def keep(name: str, shot: bytes) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        (Path(folder) / f"verdict-{name}.png").write_bytes(shot)


# The basket by keys: exchange check and 300 rows


def test_papers_are_compared_by_typing_one_after_another(world: World, page: Page) -> None:
    basket(world, page)
    press(page, "F7")
    expect(page.locator("#find")).to_be_focused()
    for digits in ("0001", "0003"):
        with standing_clock(page):  # the next paper is picked up
            strike(page, digits, 70)
        expect(page.locator("tr[data-find]:not([hidden])")).to_have_count(1)
        page.clock.run_for(100)
        page.keyboard.press("Enter")
        expect(page.locator("#find")).to_have_value("")
        expect(page.locator("#find")).to_be_focused()
    expect(page.locator("[data-row]:checked")).to_have_count(3)
    expect(page.locator("#summary")).to_contain_text("照合 3件")
    with standing_clock(page):
        strike(page, "9999", 70)
    page.clock.run_for(100)
    page.keyboard.press("Enter")
    expect(page.locator("#heard")).to_have_attribute("data-family", "error")
    expect(page.locator("#announcer")).to_contain_text("どの車両の書面でもありません")


def test_a_scan_while_ticking_keeps_both(world: World, page: Page) -> None:
    basket(world, page)
    press(page)
    page.locator("[data-row]").first.focus()
    page.keyboard.press("Space")
    world.station.take("2/2400110/MIHON-000003/1", Source.SCANNER)
    expect(page.locator("[data-row]").nth(2)).to_be_focused()
    expect(page.locator("[data-row]:checked")).to_have_count(3)
    expect(page.locator("#summary")).to_contain_text("3件を受け渡した")


def test_three_hundred_vehicles_are_found_ticked_and_handed_over_by_keys(
    world: World, page: Page
) -> None:
    for place in range(300):
        plate = f"見本 58{place % 10} あ {place // 100:02d}-{place % 100:02d}"
        world.house.filing(plate=plate, chassis=f"MIHON-{place:06d}")
    world.show_authentication()
    state(page, "basket")
    look(page, "three-hundred")
    press(page, "F7")
    page.keyboard.type("あ 02-50", delay=70)
    expect(page.locator(".k-finder__count")).to_have_text("1件")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("#summary")).to_contain_text("1件を受け渡した")
    press(page, "F7", "Backspace")
    expect(page.locator("tr[data-find]:not([hidden])")).to_have_count(300)
    page.keyboard.press("F6")
    expect(page.locator("#summary")).to_contain_text("300件を受け渡した")
    box = page.locator("#summary").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768
    page.keyboard.press("Enter")
    expect(page.locator("#check-by-eye")).to_be_focused(timeout=15_000)
    press(page, "Space", "Enter")
    state(page, "confirm")
    world.seconds.pass_(1)
    press(page, "Enter")
    state(page, "done")
    with world.house.sessions() as session:
        released = session.query(Filing).filter_by(status=FilingStatus.RELEASED).count()
    assert released == 300


@pytest.mark.parametrize(("layout", "width"), [("a4", 210), ("80mm", 80)])
def test_a_receipt_fits_its_paper_and_holds_what_it_must(
    world: World, page: Page, layout: str, width: int
) -> None:
    done(world, page)
    page.click("a:has-text('受領書を表示する')")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    number = page.url.rsplit("/", 1)[1]
    shown = f"{page.url}?layout={layout}"
    page.click(f"button[value='{layout}']")
    page.goto(shown)
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    text = document[0].get_textpage().get_text_range()
    assert len(document) == 1
    assert document[0].get_width() / 72 * 25.4 == pytest.approx(width, abs=1)
    document.close()
    receipt = world.house.counter.receipt(DESK, number)
    assert receipt.prints == 1
    for part in (number, receipt.journal_head, "見本", "い 00-02", "自動車検査証", "窓口1"):
        assert part in text
    assert "印刷する" not in text


# Races


def test_enter_held_down_on_every_screen_releases_nothing(world: World, page: Page) -> None:
    basket(world, page)
    page.keyboard.down("Enter")
    for _ in range(40):
        page.keyboard.down("Enter")  # what the keyboard repeats
        page.clock.run_for(20)
    page.keyboard.up("Enter")
    state(page, "basket")
    press(page)
    for _ in range(40):
        page.keyboard.down("Enter")
        page.clock.run_for(20)
    page.keyboard.up("Enter")
    state(page, "confirm")
    with world.house.sessions() as session:
        assert session.query(Filing).filter_by(status=FilingStatus.RELEASED).count() == 0


def test_another_sheet_during_a_basket_changes_nothing_but_says_so(
    world: World, page: Page
) -> None:
    basket(world, page)
    world.show(receiver_sheet(name=HANAKO))
    expect(page.locator("#banners")).to_contain_text("受け渡しの確認中です")
    expect(page.locator("[data-row]:checked")).to_have_count(1)


def test_a_row_that_went_meanwhile_brings_the_fresh_list(world: World, page: Page) -> None:
    confirm(world, page)
    with world.house.sessions.begin() as session:
        gone = session.query(Filing).filter_by(plate=PLATES[1]).one()
        gone.status = FilingStatus.RELEASED
    world.seconds.pass_(1)
    page.wait_for_timeout(DEAF)
    with page.expect_response("**/confirm") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 409
    state(page, "basket")
    expect(page.locator("#banners")).to_contain_text("先に受け渡された車両があります")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator("[data-row]:checked")).to_have_count(0)


def test_a_second_tab_takes_over_and_the_first_lets_go(world: World, page: Page) -> None:
    basket(world, page)
    other = page.context.new_page()
    other.goto(page.url)
    state(other, "basket")
    expect(page.locator("#other-tab")).to_be_visible()
    expect(page.locator("#other-tab")).to_contain_text("別のタブで開いています")
    press(page, "F6")
    expect(other.locator("[data-row]:checked")).to_have_count(1)
    look(page, "second-tab")
    page.bring_to_front()
    page.keyboard.press("Enter")
    expect(page.locator("#other-tab")).to_be_hidden()
    state(page, "basket")
    expect(other.locator("#other-tab")).to_be_visible()


def test_a_cut_stream_covers_the_screen_and_comes_back_with_the_truth(
    world: World, page: Page
) -> None:
    basket(world, page)
    page.context.set_offline(True)
    page.locator("[data-row]").first.focus()
    press(page, "F6")
    expect(page.locator("#offline")).to_be_visible(timeout=15_000)
    world.station.take("2/2400110/MIHON-000003/1", Source.SCANNER)
    page.context.set_offline(False)
    page.reload()
    state(page, "basket")
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator("[data-row]").nth(2)).to_be_checked()
