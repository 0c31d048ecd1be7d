"""Each clerk's language: chosen at the counter or before the sign-in, and kept for the next."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hardware.keymaps import Layout, as_read
from hardware.scan import Cause, DeviceLost, Frame
from kiosk.app import create_app
from kiosk.faults import fault_of
from kiosk.house import House
from kiosk.keymap_test import TEST_TEXT
from kiosk.preview import Preview
from shared.domain import Source
from tests.builders import CLERK, PIN, SUPERVISOR
from tests.clerk_texts import JAPANESE
from tests.kiosk_world import SECRET, Clerk, World, make_world

EN, JA = '<html lang="en"', '<html lang="ja"'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path)


@pytest.fixture
def browser(world: World) -> Clerk:
    return Clerk(world.app.test_client())


def sign_in(browser: Clerk, number: str) -> str:
    browser.post("/sign-in", {"number": number, "pin": PIN})
    return browser.page()


def speak(browser: Clerk, language: str) -> None:
    assert browser.post("/language", {"language": language}).status_code == 303


def leave(browser: Clerk) -> str:
    browser.post("/sign-out")
    return browser.page()


def test_a_clerk_changes_the_language_and_back(world: World, browser: Clerk) -> None:
    assert JA in sign_in(browser, CLERK)
    speak(browser, "en")
    assert EN in browser.page()
    assert "Show the code on the sheet" in browser.text()
    assert JA in browser.page("/visitor")
    assert JA in browser.page("/console/sign-in")
    speak(browser, "ja")
    assert "二次元コードをかざしてください" in browser.text()


def test_the_choice_is_the_clerks_own_and_kept_for_the_next_sign_in(
    world: World, browser: Clerk
) -> None:
    sign_in(browser, CLERK)
    speak(browser, "en")
    assert JA in leave(browser), "the sign-in page is nobody's"
    assert JA in sign_in(browser, SUPERVISOR)
    leave(browser)
    assert EN in sign_in(browser, CLERK)
    world.restart()
    assert JA in browser.page()
    assert EN in sign_in(browser, CLERK)


def test_the_choice_before_the_sign_in_becomes_the_clerks(world: World, browser: Clerk) -> None:
    speak(browser, "en")
    assert "Staff number" in browser.text()
    wrong = browser.post("/sign-in", {"number": CLERK, "pin": "0000"})
    assert "or the PIN is not right. After 5 failures" in wrong.get_data(as_text=True)
    assert EN in sign_in(browser, CLERK)
    leave(browser)
    assert EN in sign_in(browser, CLERK)


def test_another_browser_has_no_say(world: World, browser: Clerk) -> None:
    sign_in(browser, CLERK)
    speak(Clerk(world.app.test_client()), "en")
    assert JA in browser.page()


@pytest.mark.parametrize("language", ["", "de", "ja; x", None])
def test_an_unknown_language_is_japanese(browser: Clerk, language: str | None) -> None:
    sign_in(browser, CLERK)
    browser.post("/language", {} if language is None else {"language": language})
    assert JA in browser.page()


@pytest.mark.parametrize("cookie", ["", "rubbish", "WyJ4Il0.c2ln"])
def test_a_cookie_that_is_not_ours_says_nothing(browser: Clerk, cookie: str) -> None:
    browser.client.set_cookie("languages", cookie)
    assert JA in sign_in(browser, CLERK)


def test_codes_receipts_and_slips_are_the_same_in_every_language(
    world: World, browser: Clerk
) -> None:
    world.house.receiver()
    sign_in(browser, CLERK)
    speak(browser, "en")
    world.show_authentication(password="chigau-himitsu")
    assert "NG-PW" in browser.text()
    assert "「登録内容と一致しないため、お渡しできません。」" in browser.text()
    assert world.app.test_client().get("/api/state").json["reason"] == "NG-PW"
    world.house.filing(plate="見本 580 あ 00-01", chassis="MIHON-000001")
    world.show_authentication()
    world.station.take("2/2400110/MIHON-000001/1", Source.CAMERA)
    browser.press("Handed over")
    world.seconds.pass_(1)
    browser.press("Confirm the hand-over")
    assert world.station.last is not None
    receipt = browser.text(f"/receipt/{world.station.last.receipt.number}")
    for words in ("受領書", "受け渡し日時", "旧自動車検査証（読取）", "Print on A4"):
        assert words in receipt


def test_a_page_that_is_not_there_is_said_in_the_clerks_language(browser: Clerk) -> None:
    sign_in(browser, CLERK)
    speak(browser, "en")
    assert "This page does not exist" in browser.text("/nothing-here")


def test_what_is_measured_at_commissioning_is_said_in_english(world: World, tmp_path: Path) -> None:
    world.station.devices = ("camera", "scanner")
    house = House(world.station, Preview(), has_camera=True, var=tmp_path / "var")
    browser = Clerk(create_app(house, SECRET, world.house.installation).test_client())
    sign_in(browser, SUPERVISOR)
    speak(browser, "en")
    browser.page("/commission")
    dim = np.full((720, 1280), 40, np.uint8)
    for number in range(8):
        house.trial.see(Frame(dim, time.monotonic() - 0.3, number))
    world.station.scene.device("camera", fault_of("camera", DeviceLost("", Cause.HELD, "cheese")))
    page = browser.page("/commission")
    house.trial.catches(as_read(TEST_TEXT, Layout.JIS, Layout.US).strip(), Source.SCANNER)
    page += browser.page("/commission/now")
    assert "Another program is using the camera (cheese)" in page
    for words in ("Brightness", "Switch the lamp on", "From picture to reading", "a jis keyboard"):
        assert words in page
    spoken = re.sub(r'<(\w+)[^>]* lang="ja"[^>]*>.*?</\1>', "", page, flags=re.S)
    assert not JAPANESE.search(re.sub(r"<title>.*?</title>", "", spoken))
