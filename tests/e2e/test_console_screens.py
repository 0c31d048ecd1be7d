"""The console's pages in a real browser: barriers, markup, keyboard, narrow windows, no script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from shared.db.schema import upgrade
from shared.db.session import open_registry
from tests.accessible import MarkupChecker, assert_reflows, assert_walkable, barriers
from tests.acting_world import console_app
from tests.builders import CONSOLE_PASSWORD, DESK, SUPERVISOR, House, house, showing
from tests.console_day import play
from tests.served import served

pytestmark = pytest.mark.browser
PAGES = {
    "overview": "/console/",
    "log": "/console/journal",
    "narrowed": "/console/journal?period=today&outcome=refused",
    "nothing": "/console/journal?reason=NG-STOP",
    "entry": "/console/entries/3",
    "refused": "/console/entries/5",
    "holds": "/console/holds",
    "lift": "/console/holds/1/lift",
    "search": "/console/search",
    "found": "/console/search?filing=1.2.3.4.5.6.7.8.9.10.11",
    "export": "/console/export?period=today",
}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[House]:
    """A morning at the counters."""
    sessions = open_registry(f"sqlite:///{tmp_path / 'registry.db'}")
    upgrade(sessions)
    built = house(sessions)
    play(built)
    yield built
    sessions.kw["bind"].dispose()


@pytest.fixture
def app(at: House) -> Flask:
    return console_app(at)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    yield context
    context.close()


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/console/sign-in")
    page.fill("#number", SUPERVISOR)
    page.fill("#password", CONSOLE_PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_have_text("今日の概要")


def test_no_page_has_barriers_slips_or_unreachable_controls(
    context: BrowserContext, address: str, markup: MarkupChecker
) -> None:
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, address)
    wrong: dict[str, list[str]] = {}
    for name, path in PAGES.items():
        page.set_viewport_size({"width": 1366, "height": 768})
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.status == 200, name
        wrong[name] = [*barriers(page), *markup.slips(answer.text())]
        assert_walkable(page)
        page.set_viewport_size({"width": 320, "height": 640})
        assert_reflows(page)
    assert {name: found for name, found in wrong.items() if found} == {}
    assert errors == []


def test_a_form_that_found_nothing_says_so_without_barriers(
    context: BrowserContext, address: str, markup: MarkupChecker
) -> None:
    page = context.new_page()
    sign_in(page, address)
    page.goto(f"{address}/console/journal")
    page.fill("#receiver_name", "居ない名前")
    page.fill("#search_key", "1234")
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.press("#search_key", "Enter")
    assert sent.value.status == 422
    expect(page.locator("#receiver_name")).to_have_value("居ない名前")
    assert [*barriers(page), *markup.slips(sent.value.text())] == []
    page.get_by_role("link", name="検索キーが違います").click()
    expect(page.locator("#search_key")).to_be_focused()


def test_large_text_and_many_entries_do_not_stick_out(
    context: BrowserContext, address: str, at: House
) -> None:
    for _ in range(60):
        at.counter.present(DESK, showing("12345"))
    page = context.new_page()
    sign_in(page, address)
    page.get_by_role("button", name="大").click()
    expect(page.locator("html")).to_have_attribute("data-text-size", "large")
    page.set_viewport_size({"width": 320, "height": 640})
    for name in ("overview", "log", "entry"):
        page.goto(address + PAGES[name])
        assert page.locator("html").get_attribute("data-text-size") == "large"
        assert_reflows(page)
    page.goto(address + PAGES["log"])
    page.get_by_role("link", name="これより古い記録").click()
    expect(page.get_by_text("最初のページに戻る")).to_be_visible()


def test_new_entries_are_announced_and_move_nothing(
    context: BrowserContext, address: str, at: House
) -> None:
    page = context.new_page()
    page.clock.install()
    sign_in(page, address)
    page.goto(f"{address}/console/journal?act=presented")
    rows = page.locator("tbody tr")
    before = rows.all_inner_texts()
    at.counter.present(DESK, showing("12345"))
    page.clock.run_for(6_000)
    bar = page.get_by_role("status").filter(has_text="新しい記録")
    expect(bar).to_contain_text("1 件あります")
    assert rows.all_inner_texts() == before
    bar.get_by_role("link").click()
    expect(rows).to_have_count(len(before) + 1)


def test_all_is_done_without_a_script(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    sign_in(page, address)
    page.locator("svg a").first.locator("rect").first.click()
    expect(page.locator("h1")).to_have_text("読み取り記録")
    page.get_by_role("link", name="車両から探す").click()
    page.fill("#text", "0007")
    page.click("main form[role=search] button")
    expect(page.locator(".oss-hits__sentence")).to_contain_text("渡しました")
    assert "0007" not in page.url
    page.get_by_role("link", name="この車両の記録").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="書き出す").click()
    page.fill("#why", "問い合わせへの回答")
    page.get_by_role("button", name="書き出す").click()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="を受け取る").click()
    assert fetched.value.suggested_filename == "scanlog_all-20261130_JST.csv"
    assert Path(fetched.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")
    context.close()
