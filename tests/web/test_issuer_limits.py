"""A flood is turned away before it costs anything, and people are told when to come back."""

import logging
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from issuer.attempts import Gate
from issuer.limits import Limits
from issuer.turns import Turns
from tests.issuer_world import FILING_PASSWORD, GOOD, NO_LIMITS, NUMBER, World, make_world
from tests.issuer_world import a_press as press_for_tests

FORM = "/codes/new"
WHEN = r"<strong>およそ(\d+)秒後</strong>に、もう一度操作してください。"


def a_world(folder: Path, limits: Limits = NO_LIMITS, **portal: object) -> World:
    return make_world(folder, press_for_tests(), limits, **portal)


def test_an_address_that_issues_too_much_is_told_when_to_come_back(tmp_path: Path) -> None:
    world = a_world(tmp_path, Limits(issuing="3 per minute"))
    browser = world.browser()
    sent = browser.hidden(FORM) | GOOD
    answers = [browser.client.post(FORM, data=sent) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    page = answers[3].get_data(as_text=True)
    told = re.search(WHEN, page)
    assert told is not None
    assert 0 < int(told[1]) <= 61
    assert abs(int(answers[3].headers["Retry-After"]) - int(told[1])) <= 1
    assert "送信された内容は受け付けていません" in page
    assert "お問い合わせ" in page


def test_a_limit_that_cannot_be_read_is_refused_with_the_settings() -> None:
    with pytest.raises(ValidationError, match="drawing"):
        Limits(drawing="many")


def test_an_hour_is_told_in_minutes(tmp_path: Path) -> None:
    world = a_world(tmp_path, Limits(issuing="1 per hour"))
    browser = world.browser()
    page = [browser.send(FORM, GOOD) for _ in range(2)][1].get_data(as_text=True)
    assert re.search(r"およそ(59|60|61)分後", page)


def test_forms_without_a_token_count_too(tmp_path: Path) -> None:
    """Otherwise a flood of stale forms would cost a page each."""
    browser = a_world(tmp_path, Limits(issuing="3 per minute")).browser()
    codes = [browser.client.post(FORM, data=GOOD).status_code for _ in range(4)]
    assert codes == [400, 400, 400, 429]


def test_signing_in_is_limited_by_address(tmp_path: Path) -> None:
    browser = a_world(tmp_path, Limits(signing_in="4 per minute")).browser()
    answers = [browser.sign_in(password="wrong-password").status_code for _ in range(3)]
    assert answers == [422, 422, 429]


def test_looking_at_sheets_is_limited_by_address(tmp_path: Path) -> None:
    browser = a_world(tmp_path, Limits(drawing="2 per minute")).browser()
    sheet = browser.send(FORM, GOOD).location
    assert [browser.get(sheet).status_code for _ in range(3)] == [200, 200, 429]


def test_everybody_together_is_limited_too(tmp_path: Path) -> None:
    world = a_world(tmp_path, Limits(everybody="3 per minute"))
    codes = []
    for host in range(5):
        browser = world.browser()
        browser.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{host}"
        codes.append(browser.send("/inquiry/", {"number": "1"}).status_code)
    assert codes == [422, 422, 422, 429, 429]


def test_a_limit_that_is_reached_is_logged_without_what_was_sent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    browser = a_world(tmp_path, Limits(signing_in="1 per minute")).browser()
    with caplog.at_level(logging.WARNING):
        browser.send("/inquiry/", {"number": NUMBER.digits})
        browser.send("/inquiry/", {"number": NUMBER.digits})
    [line] = [record.getMessage() for record in caplog.records if record.name == "issuer.limits"]
    assert line == "limit 1 per 1 minute by 127.0.0.1 at inquiry.take_number"


def test_when_all_turns_are_taken_a_sign_in_is_told_when_to_come_back(tmp_path: Path) -> None:
    """Nothing was checked or counted: the next try is the first."""
    gate = Gate(at_once=1, waiting=0, patience=8)
    world = a_world(tmp_path, gate=gate)
    browser = world.browser()
    with gate.turn():
        answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "8")
    page = answer.get_data(as_text=True)
    assert "ただいま混み合っています" in page
    assert re.search(WHEN, page)
    assert browser.send("/inquiry/password", {"password": FILING_PASSWORD}).status_code == 303


@pytest.mark.parametrize("end", ["", ".pdf"])
def test_when_all_turns_are_taken_a_sheet_is_told_when_to_come_back(
    tmp_path: Path, end: str
) -> None:
    drawing = Turns(at_once=1, waiting=0, patience=4)
    browser = a_world(tmp_path, drawing=drawing).browser()
    sheet = browser.send(FORM, GOOD).location + end
    with drawing.turn():
        answer = browser.get(sheet)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "4")
    assert browser.get(sheet).status_code == 200
