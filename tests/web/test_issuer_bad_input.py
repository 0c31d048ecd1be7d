"""Bad input gets a message of its own, and nothing that was typed is lost but the passwords."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from werkzeug.test import TestResponse

from issuer.app import create_app
from issuer.portal import Portal
from shared.db.tables import Procedure
from tests.issuer_world import GOOD, NO_LIMITS, NUMBER, RECEIVER, Browser, World, a_press, a_world

FORM = "/codes/new"
URLENCODED = "application/x-www-form-urlencoded"
MIXED = "見本ﾀﾛｳ　Taro（１２３45678）"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from a_world(tmp_path)


def text_of(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def typed(page: str, name: str = "receiver_name") -> str:
    """What stands in a field."""
    found = re.search(rf'id="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def assert_kept(page: str, name: str) -> None:
    """The form is there as it was sent, without its passwords."""
    assert typed(page) == name
    assert 'value="authentication" checked' in page
    assert re.search(r'value="1" selected', page)
    assert "himitsu" not in page


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("見本😀太郎", "受取者名に使えない文字があります：「😀」"),
        ("見本\x07太郎", "受取者名に使えない文字があります：「U+0007」"),
        ("見本\u202e太郎", "「U+202E RIGHT-TO-LEFT OVERRIDE」"),
        ("見本\u200b太郎", "「U+200B ZERO WIDTH SPACE」"),
        ("見" * 61, "受取者名は60文字以内で入力してください"),
        ("見本\ufffd太郎", "受取者名に印刷できない文字があります：「\ufffd」"),
        ("", "受取者名（証明書等管理業者名）を入力してください"),
    ],
    ids=["emoji", "control", "bidi", "zero-width", "61", "replacement", "empty"],
)
def test_a_name_that_cannot_be_is_told_and_kept(world: World, name: str, said: str) -> None:
    answer = world.browser().send(FORM, GOOD | {"receiver_name": name})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert html.unescape(page).count(said) == 2  # in the summary and beside the field
    assert_kept(page, name)
    assert world.issued() == 0


@pytest.mark.parametrize(
    ("password", "confirmation", "said"),
    [
        ("1234567", "1234567", "パスワードは8文字以上で入力してください"),
        ("x1" * 64 + "y", "x1" * 64 + "y", "パスワードは128文字以内で入力してください"),
        ("mihon-no-himitsu", "mihon-no-himitsv", "確認用のパスワードが一致しません。"),
        ("ひみつのことばです", "ひみつのことばです", "使える文字は半角の英字・数字・記号です"),
        ("password", "password", "よく使われるパスワードです。"),
    ],
    ids=["7", "129", "differ", "kana", "common"],
)
def test_a_password_that_cannot_be_is_told_and_the_rest_kept(
    world: World, password: str, confirmation: str, said: str
) -> None:
    values = GOOD | {"password": password, "password_confirm": confirmation}
    answer = world.browser().send(FORM, values)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert page.count(said) == 2
    assert_kept(page, "見本行政書士事務所　試験　太郎（０００００００１）")
    assert password not in re.findall(r'value="([^"]*)"', page)


def test_mixed_widths_are_widened_and_shown_again_with_what_was_changed(world: World) -> None:
    page = text_of(world.browser().send(FORM, GOOD | {"receiver_name": MIXED, "password": ""}))
    assert typed(page) == "見本タロウ　Ｔａｒｏ（１２３４５６７８）"
    assert "半角の文字を全角に直しました：「ﾀﾛｳ」→「タロウ」、「Taro」→「Ｔａｒｏ」" in page


def test_a_procedure_closed_meanwhile_is_told_and_the_rest_kept(world: World) -> None:
    browser = world.browser()
    sent = browser.hidden(FORM) | GOOD
    with world.sessions.begin() as session:
        session.get_one(Procedure, 1).is_open = False
    answer = browser.client.post(FORM, data=sent)
    assert answer.status_code == 422
    said = "選んだ手続種別は受け付けていません。ほかの手続種別を選択してください"
    assert text_of(answer).count(said) == 2
    assert typed(text_of(answer)).startswith("見本行政書士事務所")


@pytest.mark.parametrize(
    ("number", "said"),
    [("", "を入力してください"), ("123", "は16けたまたは17けたの数字で入力してください"),
     ("1234-5678-９０１２-345x", "は16けたまたは17けたの数字で入力してください")],
)  # fmt: skip
def test_a_filing_number_that_cannot_be_is_told_and_kept(
    world: World, number: str, said: str
) -> None:
    answer = world.browser().send("/inquiry/", {"number": number})
    assert answer.status_code == 422
    assert text_of(answer).count(f"受付番号（到達番号）{said}") == 2
    assert typed(text_of(answer), "number") == number


def test_a_form_kept_open_over_a_restart_still_issues(world: World) -> None:
    """The key of the cookies is on disk; what was in memory is not missed."""
    browser = world.browser()
    sent = browser.hidden(FORM) | GOOD
    anew = create_app(
        Portal(world.sessions, a_press(), world.clock), b"a key for tests only", NO_LIMITS
    )
    after = Browser(anew.test_client())
    cookie = browser.client.get_cookie("portal")
    assert cookie is not None
    after.client.set_cookie("portal", cookie.value)
    answer = after.client.post(FORM, data=sent)
    assert answer.status_code == 303
    assert after.get(answer.location).status_code == 200


def test_a_stale_form_comes_back_as_it_was(world: World) -> None:
    browser = world.browser()
    sent = browser.hidden(FORM) | GOOD
    browser.client.delete_cookie("portal")
    answer = browser.client.post(FORM, data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "<title>エラー：" in page
    assert "画面を開いてから時間がたったため、送信できませんでした。" in page
    assert_kept(page, "見本行政書士事務所　試験　太郎（０００００００１）")
    again = dict(re.findall(r'name="(csrf_token|form_token)" value="([^"]+)"', page))
    assert browser.client.post(FORM, data=sent | again).status_code == 303
    assert world.issued() == 1


def test_a_stale_number_comes_back_as_it_was(world: World) -> None:
    answer = world.browser().client.post("/inquiry/", data={"number": NUMBER.grouped()})
    assert answer.status_code == 400
    assert typed(text_of(answer), "number") == NUMBER.grouped()
    assert "送信できませんでした" in text_of(answer)


def test_a_form_from_another_site_is_not_even_shown_again(world: World) -> None:
    """Nobody may fill our form in the name of a visitor, and let it look like theirs."""
    for path, values in ((FORM, GOOD), ("/inquiry/", {"number": NUMBER.digits})):
        answer = world.browser().client.post(
            path, data=values, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 400
        assert "画面の有効期限が切れました" in text_of(answer)
        assert RECEIVER[:4] not in text_of(answer)
        assert NUMBER.grouped() not in text_of(answer)


@pytest.mark.parametrize("size", [9 * 1024, 10_000_000])
def test_a_body_too_large_has_its_page_and_says_how_to_get_back(world: World, size: int) -> None:
    browser = world.browser()
    sent = urlencode(browser.hidden(FORM) | GOOD) + "&receiver_name=" + "x" * size
    answer = browser.client.post(FORM, data=sent, content_type=URLENCODED)
    assert answer.status_code == 413
    assert "ブラウザーの「戻る」で入力した画面に戻り" in text_of(answer)
    assert world.issued() == 0


@pytest.mark.parametrize(
    "name", [quote("見本", encoding="cp932"), "%FF%FE", "ÿ"], ids=["shift-jis", "broken", "raw"]
)
def test_another_encoding_is_named_and_never_becomes_a_name(world: World, name: str) -> None:
    browser = world.browser()
    values = browser.hidden(FORM) | {k: v for k, v in GOOD.items() if k != "receiver_name"}
    sent = f"{urlencode(values)}&receiver_name={name}".encode("latin-1")
    answer = browser.client.post(FORM, data=sent, content_type=URLENCODED)
    assert answer.status_code == 400
    assert "文字の種類（文字コード）がUTF-8ではありません" in text_of(answer)
    assert world.issued() == 0
