"""P4 to P8 without a browser: signing in, the irreversible switch, and the individual code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.db.tables import Filing, IssuedSheet
from shared.domain import FilingStatus, PickupMethod, Purpose
from tests.issuer_world import (
    FILING_PASSWORD,
    NUMBER,
    Browser,
    World,
    a_filing,
    a_press,
    a_world,
    make_world,
)

FILING = "/inquiry/filing"
SWITCH = "/inquiry/switch"
NO_MATCH = "受付番号または申請用パスワードが一致しません。"
LOCKED = "続けて確認できなかったため、15分間ログインできません。"
UNKNOWN = "9999000099990000"
OWN = r'value="?[^">]*|\d{4} \d{4} \d{4} \d{4}|継続検査|新車（新規検査・地方税申告）|終了した手続'
"""What differs between two visitors who typed different numbers: the number and the tokens."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from a_world(tmp_path)


def the_filing(world: World) -> Filing:
    with world.sessions() as session:
        return session.scalars(select(Filing).where(Filing.number == NUMBER.digits)).one()


def set_status(world: World, status: FilingStatus) -> None:
    with world.sessions.begin() as session:
        session.scalars(select(Filing).where(Filing.number == NUMBER.digits)).one().status = status


def key_on(page: str) -> str:
    found = re.search(r"K\d{3} \d{4} \d{4} \d{4}", page)
    assert found is not None
    return found[0]


def switch(browser: Browser) -> str:
    answer = browser.send(SWITCH, {})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def test_signing_in_shows_the_filing_and_the_manuals_warning(world: World) -> None:
    browser = world.browser()
    assert browser.sign_in().location == FILING
    page = browser.get(FILING).get_data(as_text=True)
    for text in (
        "1234 5678 9012 3456", "継続検査", "交付可", "見本事務所", "自動車検査証",
        "受取者（証明書等管理業者）認証用二次元コード",
        "一度受取方法を変更すると、元に戻すことはできません。",
    ):  # fmt: skip
        assert text in page


def test_the_second_step_names_the_procedure_and_asks_for_nothing_twice(world: World) -> None:
    browser = world.browser()
    browser.send("/inquiry/", {"number": "１２３４ ５６７８ ９０１２ ３４５６"})
    page = browser.get("/inquiry/password").get_data(as_text=True)
    assert "継続検査" in page
    assert 'value="1234 5678 9012 3456"' in page


def test_an_unknown_number_gets_the_same_pages_word_for_word(world: World) -> None:
    pages: list[list[str]] = []
    for number in (NUMBER.digits, UNKNOWN):
        browser, seen = world.browser(), []
        browser.send("/inquiry/", {"number": number})
        seen.append(browser.get("/inquiry/password").get_data(as_text=True))
        answer = browser.send("/inquiry/password", {"password": "wrong-password"})
        assert answer.status_code == 422
        seen.append(answer.get_data(as_text=True))
        pages.append([re.sub(OWN, "", page) for page in seen])
    assert pages[0] == pages[1]
    assert NO_MATCH in pages[0][1]


def test_an_unknown_number_always_has_the_same_procedure(world: World) -> None:
    shown = set()
    for _ in range(3):
        browser = world.browser()
        browser.send("/inquiry/", {"number": UNKNOWN})
        page = browser.get("/inquiry/password").get_data(as_text=True)
        shown.add(re.findall(r"継続検査|新車（新規検査・地方税申告）|終了した手続", page)[0])
    assert len(shown) == 1


@pytest.mark.parametrize("number", [NUMBER.digits, UNKNOWN])
def test_five_failures_lock_known_and_unknown_numbers_alike(world: World, number: str) -> None:
    browser = world.browser()
    texts = [browser.sign_in(number, "wrong-password").get_data(as_text=True) for _ in range(5)]
    assert [NO_MATCH in text for text in texts] == [True] * 4 + [False]
    assert LOCKED in texts[4]
    assert LOCKED in browser.sign_in(number, FILING_PASSWORD).get_data(as_text=True)


def test_a_lock_ends_after_a_quarter_of_an_hour(world: World) -> None:
    browser = world.browser()
    for _ in range(5):
        browser.sign_in(password="wrong-password")
    world.clock.move(minutes=14, seconds=59)
    assert LOCKED in browser.sign_in().get_data(as_text=True)
    world.clock.move(seconds=1)
    assert browser.sign_in().location == FILING


def test_the_right_password_forgives_earlier_failures(world: World) -> None:
    browser = world.browser()
    for _ in range(2):
        for _ in range(4):
            browser.sign_in(password="wrong-password")
        assert browser.sign_in().location == FILING
    assert the_filing(world).inquiry_failures == 0


def test_nothing_is_shown_without_signing_in(world: World) -> None:
    browser = world.browser()
    for path in (FILING, SWITCH, "/inquiry/password"):
        assert browser.get(path).location == "/inquiry/"
    hidden = browser.hidden("/inquiry/")
    for path in (SWITCH, "/inquiry/again"):
        assert browser.client.post(path, data=hidden).location == "/inquiry/"
    assert the_filing(world).pickup_method is PickupMethod.AUTHENTICATION


def test_twenty_idle_minutes_end_the_session_and_say_so(world: World) -> None:
    browser = world.browser()
    browser.sign_in()
    world.clock.move(minutes=19)
    assert browser.get(FILING).status_code == 200
    world.clock.move(minutes=20)
    assert browser.get(FILING).location == "/inquiry/"
    assert "20分間操作がなかった" in browser.get("/inquiry/").get_data(as_text=True)


def test_no_cache_keeps_a_page_of_a_filing(world: World) -> None:
    browser = world.browser()
    browser.sign_in()
    for path in (FILING, SWITCH):
        assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_leaving_signs_out(world: World) -> None:
    browser = world.browser()
    browser.sign_in()
    browser.client.post("/inquiry/leave", data=browser.hidden(FILING))
    assert browser.get(FILING).location == "/inquiry/"


def test_the_confirmation_page_changes_nothing(world: World) -> None:
    browser = world.browser()
    browser.sign_in()
    page = browser.get(SWITCH).get_data(as_text=True)
    assert "受取方法を変更します。元に戻すことはできません。" in page
    assert the_filing(world).pickup_method is PickupMethod.AUTHENTICATION


def test_the_switch_issues_the_individual_code_and_remembers_its_digest(world: World) -> None:
    browser = world.browser()
    browser.sign_in()
    page = browser.get(switch(browser)).get_data(as_text=True)
    assert "印刷して窓口へ提示してください。" in page
    assert "2026年 11月 23日 09時 05分 00秒" in page
    assert "1234 5678 9012 3456" in page
    key_on(page)
    filing = the_filing(world)
    assert filing.pickup_method is PickupMethod.INDIVIDUAL
    with world.sessions() as session:
        [stored] = session.scalars(select(IssuedSheet))
    assert stored.lookup_digest == filing.individual_digest
    assert (stored.purpose, stored.expires_at) == (Purpose.INDIVIDUAL, None)


def test_a_double_click_on_the_switch_is_one_code(world: World) -> None:
    browser = world.browser()
    browser.sign_in()
    sent = browser.hidden(SWITCH)
    answers = [browser.client.post(SWITCH, data=sent).location for _ in range(2)]
    assert answers[0] == answers[1]
    with world.sessions() as session:
        assert len(session.scalars(select(IssuedSheet)).all()) == 1


def test_showing_the_code_again_shows_the_same_one(world: World) -> None:
    browser = world.browser()
    browser.sign_in()
    first = key_on(browser.get(switch(browser)).get_data(as_text=True))
    digest = the_filing(world).individual_digest
    world.clock.move(minutes=16)
    assert "受取方法は変更済みです" in browser.get(FILING).get_data(as_text=True)
    again = browser.send(FILING, {}, to="/inquiry/again").location
    assert key_on(browser.get(again).get_data(as_text=True)) == first
    assert the_filing(world).individual_digest == digest


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (FilingStatus.RELEASED, "この申請の交付物は2026年 11月 23日 09時 05分に受け渡し済みです。"),
        (FilingStatus.HANDING, "ただいま窓口で受け渡しの処理中です。"),
        (FilingStatus.WITHDRAWN, "この申請は取り下げられています。"),
    ],
)
def test_a_filing_on_the_counter_or_gone_is_not_switched(
    world: World, status: FilingStatus, text: str
) -> None:
    """The page was opened before; meanwhile the counter was faster."""
    browser = world.browser()
    browser.sign_in()
    sent = browser.hidden(SWITCH)
    set_status(world, status)
    answer = browser.client.post(SWITCH, data=sent)
    assert answer.status_code == 409
    assert text in answer.get_data(as_text=True)
    assert the_filing(world).pickup_method is PickupMethod.AUTHENTICATION
    with world.sessions() as session:
        assert session.scalars(select(IssuedSheet)).all() == []
    page = browser.get(FILING).get_data(as_text=True)
    assert text in page
    assert 'href="/inquiry/switch"' not in page


def test_another_filings_number_opens_nothing_of_the_first(world: World) -> None:
    """Charlie signs in for a filing of his own and never sees the other one."""
    with world.sessions.begin() as session:
        session.add(a_filing("5555000055550000"))
    charlie = world.browser()
    charlie.sign_in("5555000055550000")
    page = charlie.get(FILING).get_data(as_text=True)
    assert "5555 0000 5555 0000" in page
    assert "1234 5678 9012 3456" not in page


def test_the_procedure_can_be_hidden_until_login(tmp_path: Path) -> None:
    """Then the second step is the same, letter by letter, for every number."""
    world = make_world(tmp_path, a_press(), hide_procedure_until_login=True)
    pages = set()
    for number in (NUMBER.digits, UNKNOWN):
        browser = world.browser()
        browser.send("/inquiry/", {"number": number})
        page = browser.get("/inquiry/password").get_data(as_text=True)
        assert not re.search("継続検査|新車|終了した手続", page)
        pages.add(re.sub(r'value="[^"]*"', "", page))
    assert len(pages) == 1
    assert browser.sign_in().location == FILING
    assert "継続検査" in browser.get(FILING).get_data(as_text=True)


def test_a_page_of_one_filing_never_switches_another(world: World) -> None:
    """Two tabs: the confirmation of the first is open while the second signs in for another."""
    second = "5555000055550000"
    with world.sessions.begin() as session:
        session.add(a_filing(second))
    browser = world.browser()
    browser.sign_in()
    sent = browser.hidden(SWITCH)
    browser.sign_in(second)
    answer = browser.client.post(SWITCH, data=sent)
    assert answer.status_code == 409
    assert "別の申請にログインしています" in answer.get_data(as_text=True)
    with world.sessions() as session:
        methods = set(session.scalars(select(Filing.pickup_method)))
        assert methods == {PickupMethod.AUTHENTICATION}
        assert session.scalars(select(IssuedSheet)).all() == []


def test_a_stale_confirmation_switches_nothing_and_says_so(world: World) -> None:
    browser = world.browser()
    browser.sign_in()
    sent = browser.hidden(SWITCH)
    browser.client.delete_cookie("portal")
    answer = browser.client.post(SWITCH, data=sent)
    assert answer.status_code == 400
    assert "受取方法は変更していません。" in answer.get_data(as_text=True)
    assert the_filing(world).pickup_method is PickupMethod.AUTHENTICATION
