"""P1 to P3 without a browser: what the form answers, and to whom an issued sheet is shown."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import event, select

from shared.db.tables import IssuedSheet
from shared.domain import Purpose
from tests.issuer_world import GOOD, Browser, World, a_world
from tests.measuring import qr_codes

FORM = "/codes/new"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from a_world(tmp_path)


def issue(browser: Browser, **changes: str) -> str:
    """Issue a sheet; the address of its page."""
    answer = browser.send(FORM, GOOD | changes)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


@pytest.mark.parametrize(
    "path", ["/", "/first", "/codes/", "/codes/manual", FORM, "/bulk", "/bulk/payment",
             "/bulk/correction", "/inquiry/", "/terms", "/faq", "/glossary", "/sitemap",
             "/contact"],
)  # fmt: skip
def test_every_menu_page_opens_with_one_heading_and_a_title(world: World, path: str) -> None:
    page = world.browser().get(path).get_data(as_text=True)
    assert page.count("<h1") == 1
    assert re.search(r"<title>[^<]+ - 軽自動車保有関係手続のワンストップサービス</title>", page)


def test_the_site_map_leads_to_every_page_that_stands_alone(world: World) -> None:
    page = world.browser().get("/sitemap").get_data(as_text=True)
    alone = [
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    within = {"/sitemap", "/inquiry/password", "/inquiry/filing", "/inquiry/switch"}
    within |= {"/api/v1/openapi.json", "/api/v1/procedures"}  # for programs; their page is there
    within |= {"/healthz", "/readyz"}
    missing = [path for path in alone if f'href="{path}"' not in page]
    assert set(missing) <= within
    for subject in ("payment", "correction"):
        assert f'href="/bulk/{subject}"' in page


def test_the_menu_leads_to_the_form_in_the_manuals_order(world: World) -> None:
    browser = world.browser()
    for page, link in [("/", "/first"), ("/first", "/codes/"), ("/codes/", FORM)]:
        assert f'href="{link}"' in browser.get(page).get_data(as_text=True)
    assert "事前の準備（一括申請）" in browser.get("/first").get_data(as_text=True)


@pytest.mark.parametrize("purpose", ["registration", "authentication", "password_change"])
def test_each_kind_is_issued_and_its_pdf_reads_back_to_the_stored_text(
    world: World, purpose: str
) -> None:
    browser = world.browser()
    page = issue(browser, purpose=purpose)
    document = pypdfium2.PdfDocument(io.BytesIO(browser.get(page + ".pdf").data))
    [code] = qr_codes(document[0].render(scale=4).to_numpy())
    document.close()
    with world.sessions() as session:
        [stored] = session.scalars(select(IssuedSheet))
    assert code.text == stored.text
    assert stored.purpose == Purpose(purpose)
    days = 30 if purpose == "authentication" else 90
    assert stored.expires_at is not None
    assert (stored.expires_at - stored.issued_at).days == days


def test_the_page_shows_what_the_manual_shows(world: World) -> None:
    browser = world.browser()
    page = browser.get(issue(browser)).get_data(as_text=True)
    for text in (
        "二次元コードが発行されました。印刷して窓口へ提出（提示）してください。",
        "受取者（証明書等管理業者）認証用二次元コード",
        "2026年 11月 23日",
        "継続検査",
        "見本行政書士事務所　試験　太郎",
    ):
        assert text in page
    assert re.search(r"2\d{3} \d{4} \d{4} \d{4}", page), "no search key"


def test_neither_name_nor_password_is_stored_and_the_key_only_as_a_digest(world: World) -> None:
    browser = world.browser()
    page = browser.get(issue(browser)).get_data(as_text=True)
    key = re.search(r"2\d{3} \d{4} \d{4} \d{4}", page)
    assert key is not None
    with world.sessions() as session:
        [stored] = session.scalars(select(IssuedSheet))
        columns = [str(getattr(stored, c.key)) for c in IssuedSheet.__table__.columns]
    row = " ".join(columns)
    assert key[0].replace(" ", "") not in stored.lookup_digest
    assert "himitsu" not in row
    assert "試験" not in row


def test_sending_the_same_form_twice_issues_one_code(world: World) -> None:
    browser = world.browser()
    sent = browser.hidden(FORM) | GOOD
    answers = [browser.client.post(FORM, data=sent) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert world.issued() == 1


def test_looking_again_issues_nothing(world: World) -> None:
    browser = world.browser()
    page = issue(browser)
    assert [browser.get(page).status_code for _ in range(3)] == [200] * 3
    assert world.issued() == 1


def test_a_sheet_is_shown_to_nobody_else(world: World) -> None:
    page = issue(world.browser())
    stranger = world.browser()
    stranger.get(FORM)
    for path in (page, page + ".pdf"):
        answer = stranger.get(path)
        assert answer.status_code == 410
        assert "試験" not in answer.get_data(as_text=True)


def test_a_sheet_is_shown_for_fifteen_minutes_and_never_kept_by_a_cache(world: World) -> None:
    browser = world.browser()
    page = issue(browser)
    assert browser.get(page).headers["Cache-Control"] == "no-store"
    assert browser.get(page + ".pdf").headers["Cache-Control"] == "no-store"
    world.clock.move(minutes=15)
    answer = browser.get(page)
    assert answer.status_code == 410
    assert "表示できる時間が過ぎました" in answer.get_data(as_text=True)


def test_an_error_keeps_what_was_typed_except_passwords_and_issues_nothing(world: World) -> None:
    browser = world.browser()
    answer = browser.send(FORM, GOOD | {"password_confirm": "something-else"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<title>エラー：" in page
    text = "確認用のパスワードが一致しません。もう一度両方に入力してください"
    assert page.count(text) == 2
    assert 'href="#password_confirm"' in page
    assert "試験" in page
    assert "himitsu" not in page
    assert "something-else" not in page
    assert world.issued() == 0


@pytest.mark.parametrize("missing", ["purpose", "procedure", "receiver_name", "password"])
def test_every_error_has_a_link_to_its_field(world: World, missing: str) -> None:
    page = world.browser().send(FORM, GOOD | {missing: ""}).get_data(as_text=True)
    assert f'href="#{missing}"' in page
    assert f'id="{missing}"' in page
    assert f'id="{missing}-error"' in page


def test_a_name_from_outside_is_never_markup(world: World) -> None:
    browser = world.browser()
    page = browser.get(issue(browser, receiver_name="＜script＞<script>")).get_data(as_text=True)
    assert "<script>" not in page.replace('<script type="module"', "")


def test_a_scrivener_without_a_number_is_told_but_not_refused(world: World) -> None:
    browser = world.browser()
    with_number = browser.get(issue(browser)).get_data(as_text=True)
    name = "見本行政書士事務所　試験　太郎"
    without = browser.get(issue(browser, receiver_name=name)).get_data(as_text=True)
    notice = "行政書士の登録番号（8けた）がありません"
    assert notice in without
    assert notice not in with_number


def test_correcting_a_sheet_brings_back_its_name_but_no_password(world: World) -> None:
    browser = world.browser()
    page = issue(browser)
    form = browser.get(f"{FORM}?again={page.rsplit('/', 1)[1]}").get_data(as_text=True)
    assert "試験" in form
    assert "himitsu" not in form
    assert 'value="authentication" checked' in form.replace("\n", " ")


def test_known_and_unknown_names_get_the_same_answer(world: World) -> None:
    """Safety, threat 1: the portal looks no name up, so it can tell nobody who is registered."""
    pages = []
    for name in ("見本　試験　太郎（０１２３４５６７）", "見本　試験　花子（７６５４３２１０）"):
        browser = world.browser()
        page = browser.get(issue(browser, receiver_name=name)).get_data(as_text=True)
        text = re.sub(r"<svg.*</svg>|/codes/[\w-]+|2\d{3} \d{4} \d{4} \d{4}", "", page, flags=re.S)
        text = re.sub(r"[?]again=[\w-]+|value=\"[^\"]+\"|太郎|花子|[０-９]{8}", "", text)
        pages.append(text)
    assert pages[0] == pages[1]


def test_the_same_form_corrected_is_another_sheet(world: World) -> None:
    """Who goes back from the sheet and corrects the name is shown the corrected one."""
    browser = world.browser()
    sent = browser.hidden(FORM) | GOOD
    first = browser.client.post(FORM, data=sent).location
    for change in (
        {"receiver_name": "見本　花子"},
        {"password": "x" * 9 + "1", "password_confirm": "x" * 9 + "1"},
    ):
        other = browser.client.post(FORM, data=sent | change).location
        assert other != first
    assert world.issued() == 3


def test_before_printing_the_page_tells_what_the_counter_would_stumble_over(world: World) -> None:
    browser = world.browser()
    page = browser.get(issue(browser, receiver_name=" ﾐﾎﾝタクシ一　髙見")).get_data(as_text=True)
    notices = page.split("印刷する前に", 1)[1].split("data-print", 1)[0]
    for text in (
        "前後の空白を取り除きました",
        "「ﾐﾎﾝ」→「ミホン」",
        "「一」（漢数字）があります",
        "「髙」と「高」は別の文字",
    ):
        assert text in notices
    assert notices.index("空白</span>") > notices.index("カタカナ</span>")


def test_a_name_that_is_markup_when_compared_is_shown_as_letters(world: World) -> None:
    browser = world.browser()
    for answer in (
        browser.get(issue(browser, receiver_name="＜script＞")),
        browser.send(FORM, GOOD | {"receiver_name": "<script>", "password": ""}),
    ):
        page = answer.get_data(as_text=True)
        assert "＜</span>" in page
        assert "<script>" not in page


def test_nothing_is_ever_looked_up_about_a_receiver(world: World) -> None:
    """So no page can tell who is registered, whatever is typed."""
    asked: list[str] = []
    engine = world.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    browser = world.browser()
    browser.get(issue(browser))
    browser.send(FORM, GOOD | {"password": ""})
    assert any("issued_sheets" in statement for statement in asked)
    assert not any("receivers" in statement for statement in asked)


def test_a_form_without_its_token_is_refused(world: World) -> None:
    assert world.browser().client.post(FORM, data=GOOD).status_code == 400
    assert world.issued() == 0


def test_a_body_too_large_is_refused_before_it_is_read(world: World) -> None:
    browser = world.browser()
    sent = browser.hidden(FORM) | GOOD | {"receiver_name": "見" * 9000}
    assert browser.client.post(FORM, data=sent).status_code == 413
