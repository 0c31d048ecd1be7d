"""The portal as people use it: mistakes, second tabs, long pauses, keys alone, no script."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from shared.db.tables import Filing
from shared.domain import FilingStatus, PickupMethod
from tests.issuer_world import FILING_PASSWORD, NUMBER, RECEIVER, World, a_world
from tests.portal_states import PASSWORD, Visit
from tests.served import served

pytestmark = pytest.mark.browser
ISSUE = "button:has-text('二次元コードを発行する')"
MOST_BYTES = 100_000
"""Of the form's first paint, fonts apart."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from a_world(tmp_path)


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with served(world.app) as url:
        yield url


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    problems: list[str] = []
    opened.on("weberror", lambda error: problems.append(str(error.error)))
    yield opened
    opened.close()
    assert problems == []


@pytest.fixture
def visit(context: BrowserContext, address: str, world: World) -> Visit:
    return Visit(context.new_page(), address, world)


def method_of(world: World, number: str) -> PickupMethod:
    with world.sessions() as session:
        return session.scalars(select(Filing).where(Filing.number == number)).one().pickup_method


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("receiver_name", "", "受取者名（証明書等管理業者名）を入力してください"),
        ("receiver_name", "見本😀", "受取者名に使えない文字があります：「😀」"),
        ("receiver_name", "見" * 61, "受取者名は60文字以内で入力してください"),
        ("password", "", "パスワードを入力してください"),
        ("password", "1234567", "パスワードは8文字以上で入力してください"),
        ("password", "x1" * 64 + "y", "パスワードは128文字以内で入力してください"),
        ("password", "ひみつのことば", "パスワードに使える文字は半角の英字・数字・記号です"),
        ("password_confirm", "", "確認用のパスワードを入力してください"),
        ("password_confirm", "another-word",
         "確認用のパスワードが一致しません。もう一度両方に入力してください"),
    ],
)  # fmt: skip
def test_each_error_is_said_twice_has_the_focus_and_leads_to_its_field(
    visit: Visit, world: World, field: str, value: str, text: str
) -> None:
    page = visit.page
    visit.fill_form("authentication")
    page.fill(f"#{field}", value)
    page.click(ISSUE)
    assert page.title().startswith("エラー：")
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator(f"#{field}-error")).to_have_text(f"エラー：{text}")
    page.click(f"#errors a:has-text('{text}')")
    expect(page.locator(f"#{field}")).to_be_focused()
    expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#{field}")).to_have_accessible_description(re.compile(re.escape(text)))
    for password in page.locator("input[data-password]").all():
        expect(password).to_have_value("")
    expect(page.locator("#procedure")).to_have_value("1")
    assert world.issued() == 0


def test_the_purpose_and_the_procedure_have_their_errors(visit: Visit) -> None:
    page = visit.page
    visit.fill_form("authentication")
    page.select_option("#procedure", "")
    page.click(ISSUE)
    page.click("#errors a:has-text('手続種別を選択してください')")
    expect(page.locator("#procedure")).to_be_focused()
    visit.go("/codes/new")
    page.click(ISSUE)
    page.click("#errors a:has-text('使用目的を選択してください')")
    expect(page.locator("#purpose")).to_be_focused()


def test_going_back_and_correcting_issues_the_corrected_one(visit: Visit, world: World) -> None:
    page = visit.page
    visit.issue("registration", "見本　太郎")
    page.go_back()
    page.fill("#receiver_name", "見本　花子")
    page.fill("#password", PASSWORD)
    page.fill("#password_confirm", PASSWORD)
    page.click(ISSUE)
    expect(page.locator("dd.oss-name")).to_have_text("見本　花子")
    assert world.issued() == 2


def test_before_printing_the_notices_stand_before_the_print_button(visit: Visit) -> None:
    visit.issue("registration", "見本行政書士　髙見")
    order = visit.page.evaluate(
        "document.querySelector('.oss-name-check').compareDocumentPosition("
        "document.querySelector('[data-print]')) & Node.DOCUMENT_POSITION_FOLLOWING"
    )
    assert order
    expect(visit.page.locator(".oss-name-check")).to_contain_text("「髙」と「高」は別の文字")


def test_keys_alone_issue_a_sheet(visit: Visit, world: World) -> None:
    page = visit.page
    visit.go("/codes/")
    tab_to(page, "a:has-text('こちらから')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#purpose")
    tab_to(page, ".oss-skip")
    page.keyboard.press("Enter")
    tab_to(page, "input[name=purpose]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("input[value=authentication]")).to_be_checked()
    tab_to(page, "#procedure")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#procedure")).not_to_have_value("")
    for field, typed in {
        "#receiver_name": RECEIVER, "#password": PASSWORD, "#password_confirm": PASSWORD,
    }.items():  # fmt: skip
        tab_to(page, field)
        page.keyboard.insert_text(typed)
    page.keyboard.press("Enter")
    page.wait_for_selector(".oss-paper svg")
    assert world.issued() == 1


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the first such element has the focus, as nobody should have to for long."""
    wanted = page.locator(selector).first
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    expect(wanted).to_be_focused()


def test_bigger_letters_lose_nothing_that_was_typed(visit: Visit) -> None:
    page = visit.page
    visit.fill_form("authentication")
    with page.expect_response("**/text-size"):
        page.click(".oss-text-size button:has-text('大')")
    expect(page.locator("html")).to_have_attribute("data-text-size", "large")
    expect(page.locator("#receiver_name")).to_have_value(RECEIVER)
    expect(page.locator("#password")).to_have_value(PASSWORD)
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 20
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-text-size", "large")


def test_escape_closes_the_menu_and_opening_one_closes_the_other(visit: Visit) -> None:
    visit.go("/")
    first, second = visit.page.locator(".oss-menu summary").all()
    first.click()
    expect(visit.page.locator("details[open] a").first).to_be_visible()
    second.click()
    expect(visit.page.locator(".oss-menu details[open]")).to_have_count(1)
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator(".oss-menu details[open]")).to_have_count(0)
    expect(second).to_be_focused()


def test_a_session_left_for_18_minutes_is_warned_and_goes_on(visit: Visit, world: World) -> None:
    page = visit.page
    page.clock.install()
    visit.sign_in()
    bar = page.get_by_text("あと2分で接続が切れます")
    page.clock.fast_forward("17:59")
    expect(bar).to_be_hidden()
    page.clock.fast_forward("00:02")
    expect(bar).to_be_visible()
    world.clock.move(minutes=18)
    page.click("a:has-text('続ける')")
    expect(page.locator("h1")).to_have_text("申請詳細")
    expect(bar).to_be_hidden()


def test_a_session_left_for_20_minutes_has_ended_and_switches_nothing(
    visit: Visit, world: World
) -> None:
    page = visit.page
    number = visit.sign_in()
    visit.press("個別申告用二次元コードの発行")
    world.clock.move(minutes=20)
    visit.press("変更して発行する")
    expect(page.locator("#trouble")).to_be_focused()
    expect(page.locator("#trouble")).to_contain_text("20分間操作がなかったため、接続が切れました")
    assert method_of(world, number) is PickupMethod.AUTHENTICATION


def test_a_page_of_a_sheet_left_for_20_minutes_says_what_to_do(visit: Visit, world: World) -> None:
    visit.issue("authentication")
    world.clock.move(minutes=20)
    visit.page.reload()
    expect(visit.page.locator("main")).to_contain_text("認証用は何度でも再発行できます")
    visit.press("二次元コード発行へ")
    expect(visit.page.locator("h1")).to_have_text("二次元コード発行")


def test_a_second_tab_signed_in_for_another_filing_protects_the_first(
    visit: Visit, context: BrowserContext, world: World
) -> None:
    first = visit.sign_in()
    visit.press("個別申告用二次元コードの発行")
    other = Visit(context.new_page(), visit.address, world)
    second = other.sign_in()
    visit.press("変更して発行する")
    expect(visit.page.locator("h1")).to_have_text("別の申請にログインしています")
    assert {method_of(world, first), method_of(world, second)} == {PickupMethod.AUTHENTICATION}


def test_two_tabs_issue_a_sheet_each(visit: Visit, context: BrowserContext, world: World) -> None:
    other = Visit(context.new_page(), visit.address, world)
    visit.fill_form("registration", "見本　太郎")
    other.issue("registration", "見本　花子")
    visit.page.click(ISSUE)
    expect(visit.page.locator("dd.oss-name")).to_have_text("見本　太郎")
    expect(other.page.locator("dd.oss-name")).to_have_text("見本　花子")
    assert world.issued() == 2


def test_a_second_tab_that_leaves_ends_the_first_too(visit: Visit, context: BrowserContext) -> None:
    visit.sign_in()
    other = Visit(context.new_page(), visit.address, visit.world)
    other.go("/inquiry/filing")
    other.press("終了")
    visit.press("個別申告用二次元コードの発行")
    expect(visit.page.locator("h1")).to_have_text("状況照会 ログイン")


def test_who_sits_down_next_sees_nothing_by_going_back(visit: Visit) -> None:
    number = visit.sign_in()
    visit.press("終了")
    visit.page.wait_for_url("**/bulk")
    visit.page.go_back()
    expect(visit.page.locator("h1")).to_have_text("状況照会 ログイン")
    expect(visit.page.locator("main")).not_to_contain_text(number[-4:])


def test_a_double_click_on_the_switch_issues_one_code(visit: Visit, world: World) -> None:
    visit.sign_in()
    visit.press("個別申告用二次元コードの発行")
    visit.page.dblclick("button:has-text('変更して発行する')")
    visit.page.wait_for_selector(".oss-paper svg")
    assert world.issued() == 1


def test_reload_and_back_after_the_switch_issue_nothing(visit: Visit, world: World) -> None:
    page = visit.page
    visit.sign_in()
    visit.press("個別申告用二次元コードの発行")
    visit.press("変更して発行する")
    page.wait_for_selector(".oss-paper svg")
    page.reload()
    page.go_back()
    page.reload()
    expect(page.locator("main")).to_contain_text("受取方法は変更済みです")
    assert world.issued() == 1


def test_a_stale_form_comes_back_as_it_was_and_then_issues(visit: Visit, world: World) -> None:
    page = visit.page
    visit.fill_form("authentication")
    visit.forget()
    page.click(ISSUE)
    expect(page.locator("#trouble")).to_be_focused()
    expect(page.locator("input[value=authentication]")).to_be_checked()
    expect(page.locator("#procedure")).to_have_value("1")
    page.fill("#password", PASSWORD)
    page.fill("#password_confirm", PASSWORD)
    page.click(ISSUE)
    page.wait_for_selector(".oss-paper svg")
    assert world.issued() == 1


def test_ten_megabytes_get_our_page_and_going_back_loses_nothing(
    context: BrowserContext, world: World
) -> None:
    """The server refuses such a body before the application sees it."""
    with served(world.app) as address:
        visit = Visit(context.new_page(), address, world)
        visit.go("/codes/new")
        visit.page.evaluate("document.querySelector('#receiver_name').value = '見'.repeat(1200000)")
        visit.page.click(ISSUE)
        expect(visit.page.locator("h1")).to_have_text("送信された内容が大きすぎます")
        visit.page.go_back()
        kept = visit.page.evaluate("document.querySelector('#receiver_name').value.length")
        visit.page.close()
    assert kept == 1200000


def test_without_a_script_the_inquiry_is_open_to_its_end(
    chromium: Browser, address: str, world: World
) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="ja-JP")
    visit = Visit(context.new_page(), address, world)
    visit.go("/bulk")
    visit.press("状況の照会")
    visit.page.fill("#number", NUMBER.grouped())
    visit.press("次へ")
    visit.try_password("wrong-password")
    expect(visit.page.locator("#errors")).to_contain_text("一致しません。")
    visit.try_password(FILING_PASSWORD)
    visit.press("個別申告用二次元コードの発行")
    visit.press("変更して発行する")
    visit.page.wait_for_selector(".oss-paper svg")
    with visit.page.expect_download() as download:
        visit.press("PDFを保存")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    visit.go("/codes/new")
    expect(visit.page.locator("#procedure")).to_be_visible()
    visit.page.locator(".oss-menu summary").first.click()
    expect(visit.page.locator(".oss-menu a:has-text('操作手順')")).to_be_visible()
    visit.page.click(".oss-text-size button:has-text('大')")
    expect(visit.page.locator("html")).to_have_attribute("data-text-size", "large")
    context.close()


def test_a_filing_taken_meanwhile_is_not_switched(visit: Visit, world: World) -> None:
    number = visit.sign_in()
    visit.press("個別申告用二次元コードの発行")
    visit.set_status(number, FilingStatus.HANDING)
    visit.press("変更して発行する")
    expect(visit.page.locator("main")).to_contain_text("窓口で受け渡しの処理中です")
    assert method_of(world, number) is PickupMethod.AUTHENTICATION


def test_the_first_paint_of_the_form_is_small(chromium: Browser, address: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: dict[str, float] = {}
    kinds: dict[str, str] = {}
    network.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    network.on(
        "Network.loadingFinished",
        lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}),
    )
    page.goto(f"{address}/codes/new", wait_until="networkidle")
    total = sum(size for request, size in sizes.items() if kinds.get(request) != "Font")
    context.close()
    assert len(sizes) > 5
    assert total < MOST_BYTES, f"{total:.0f} bytes"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_in_forced_colours_nothing_depends_on_a_background(
    chromium: Browser, address: str, world: World, colours: str
) -> None:
    context = chromium.new_context(forced_colors="active", color_scheme=colours)  # type: ignore[arg-type]
    visit = Visit(context.new_page(), address, world)
    visit.fill_form("authentication")
    for mark in ("button[aria-pressed=true]", ".oss-ok >> nth=0", ISSUE, "#receiver_name"):
        lined = visit.page.locator(mark).first.evaluate(
            "element => { const style = getComputedStyle(element);"
            " return parseFloat(style.borderTopWidth) + parseFloat(style.outlineWidth); }"
        )
        assert lined >= 1, mark
    context.close()
