"""The portal in a real browser: what people see, and what comes out of their printer."""

import os
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from shared.db.tables import Filing, IssuedSheet
from shared.domain import PickupMethod
from tests.issuer_world import FILING_PASSWORD, NUMBER, RECEIVER, World, a_world
from tests.measuring import qr_codes, symbol_sides_mm
from tests.served import served

pytestmark = pytest.mark.browser

PASSWORD = "mihon-no-himitsu"
LONG_NAME = "齋" * 50 + "（00000001）"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from a_world(tmp_path)


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with served(world.app) as url:
        yield url


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert problems == []


def look(page: Page, name: str) -> None:
    """Keep a picture for people, where SCREENSHOTS says."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def fill_form(page: Page, name: str = RECEIVER) -> None:
    page.check("input[value=authentication]")
    page.select_option("#procedure", label="継続検査")
    page.fill("#receiver_name", name)
    page.fill("#password", PASSWORD)
    page.fill("#password_confirm", PASSWORD)


def issue(page: Page, address: str, name: str = RECEIVER) -> None:
    page.goto(f"{address}/codes/new")
    fill_form(page, name)
    page.click("button:has-text('二次元コードを発行する')")
    page.wait_for_selector(".oss-paper svg")


def stored_text(world: World) -> str:
    with world.sessions() as session:
        [stored] = session.scalars(select(IssuedSheet))
        return stored.text


def assert_prints_well(pdf: bytes, text: str) -> None:
    """One A4 page without an address on it, whose code is 60 mm wide and reads back."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    paper = document[0]
    assert [side / 72 * 25.4 for side in paper.get_size()] == pytest.approx([210, 297], abs=0.3)
    words = paper.get_textpage()
    assert "http" not in words.get_text_bounded()
    words.close()
    picture = paper.render(scale=600 / 72, grayscale=True).to_numpy().squeeze().copy()
    document.close()
    [code] = qr_codes(picture)
    assert code.text == text
    assert symbol_sides_mm(picture, 600) == pytest.approx((60, 60), abs=0.5)


def printed(page: Page) -> bytes:
    return page.pdf(prefer_css_page_size=True, display_header_footer=True)


def test_from_the_menu_to_the_printed_sheet(page: Page, world: World, address: str) -> None:
    page.goto(address)
    look(page, "top")
    page.click("a.oss-button:has-text('はじめての方')")
    look(page, "first")
    page.click("main a:has-text('二次元コードの発行')")
    look(page, "p1")
    page.click("a:has-text('こちらから')")
    look(page, "p2-empty")
    fill_form(page)
    look(page, "p2")
    page.click("button:has-text('二次元コードを発行する')")
    page.wait_for_selector(".oss-paper svg")
    look(page, "p3")
    expect(page.locator("[data-print]")).to_be_visible()
    assert_prints_well(printed(page), stored_text(world))


@pytest.mark.parametrize("name", [LONG_NAME, "𠮷田髙﨑　太郎（00000001）"])
def test_difficult_names_print_the_same(page: Page, world: World, address: str, name: str) -> None:
    issue(page, address, name)
    assert_prints_well(printed(page), stored_text(world))


def test_large_letters_and_a_narrow_window_change_nothing_on_paper(
    page: Page, world: World, address: str
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    issue(page, address)
    page.evaluate("document.documentElement.dataset.textSize = 'large'")
    page.evaluate("document.documentElement.style.fontSize = '125%'")
    look(page, "p3-320")
    assert_prints_well(printed(page), stored_text(world))


def test_the_file_prints_like_the_page(page: Page, world: World, address: str) -> None:
    issue(page, address)
    with page.expect_download() as download:
        page.click("a:has-text('PDFを保存')")
    assert_prints_well(Path(download.value.path()).read_bytes(), stored_text(world))


def test_without_a_script_the_whole_way_is_open(
    chromium: Browser, world: World, address: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    issue(page, address)
    expect(page.locator("[data-print]")).to_be_hidden()
    with page.expect_download() as download:
        page.click("a:has-text('PDFを保存')")
    assert_prints_well(Path(download.value.path()).read_bytes(), stored_text(world))
    context.close()


def test_a_double_click_issues_one_code(page: Page, world: World, address: str) -> None:
    page.goto(f"{address}/codes/new")
    fill_form(page)
    page.dblclick("button:has-text('二次元コードを発行する')")
    page.wait_for_selector(".oss-paper svg")
    stored_text(world)


def test_reload_and_back_issue_nothing(page: Page, world: World, address: str) -> None:
    issue(page, address)
    page.reload()
    page.go_back()
    page.go_forward()
    page.wait_for_selector(".oss-paper svg")
    stored_text(world)


def test_errors_have_the_focus_and_their_links_lead_to_the_fields(page: Page, address: str) -> None:
    page.goto(f"{address}/codes/new")
    page.click("button:has-text('二次元コードを発行する')")
    summary = page.locator("#errors")
    expect(summary).to_be_focused()
    look(page, "p2-errors")
    for name in ("purpose", "receiver_name", "password"):
        page.click(f"#errors a[href='#{name}']")
        expect(page.locator(f"#{name}")).to_be_focused()
    fill_form(page)
    page.click("button:has-text('二次元コードを発行する')")
    page.wait_for_selector(".oss-paper svg")


def test_the_form_follows_the_purpose(page: Page, address: str) -> None:
    page.goto(f"{address}/codes/new")
    expect(page.locator("#procedure")).to_be_hidden()
    page.check("input[value=authentication]")
    page.select_option("#procedure", "1")
    page.check("input[value=password_change]")
    expect(page.locator("#procedure")).to_be_hidden()
    expect(page.locator("#procedure")).to_have_value("")
    expect(page.locator("label[for=password]")).to_contain_text("新しいパスワード")
    page.fill("#password", PASSWORD)
    page.check("[data-reveal] input")
    expect(page.locator("#password")).to_have_attribute("type", "text")
    page.uncheck("[data-reveal] input")
    expect(page.locator("#password")).to_have_attribute("type", "password")


def test_from_the_filing_number_to_the_individual_code(
    page: Page, world: World, address: str
) -> None:
    page.goto(f"{address}/bulk")
    look(page, "p4")
    page.click("main a:has-text('状況の照会')")
    page.fill("#number", NUMBER.grouped())
    look(page, "p5")
    page.click("button:has-text('次へ')")
    page.fill("#password", "wrong-password")
    page.click("button:has-text('ログイン')")
    expect(page.locator("#errors")).to_be_focused()
    look(page, "p6-error")
    page.fill("#password", FILING_PASSWORD)
    page.click("button:has-text('ログイン')")
    page.wait_for_selector("h1:has-text('申請詳細')")
    look(page, "p7")
    page.click("a:has-text('個別申告用二次元コードの発行')")
    look(page, "p8")
    page.click("button:has-text('変更して発行する')")
    page.wait_for_selector(".oss-paper svg")
    look(page, "p3-individual")
    assert_prints_well(printed(page), stored_text(world))
    with world.sessions() as session:
        filing = session.scalars(select(Filing).where(Filing.number == NUMBER.digits)).one()
    assert filing.pickup_method is PickupMethod.INDIVIDUAL


@pytest.mark.parametrize("path", ["/", "/first", "/codes/", "/codes/new", "/bulk", "/inquiry/"])
def test_no_page_scrolls_sideways_on_a_narrow_screen(page: Page, address: str, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{address}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
