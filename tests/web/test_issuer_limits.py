"""A flood is turned away before it costs anything."""

from pathlib import Path

from issuer.limits import Limits
from tests.issuer_world import GOOD, make_world
from tests.issuer_world import a_press as press_for_tests


def test_an_address_that_issues_too_much_is_asked_to_wait(tmp_path: Path) -> None:
    world = make_world(tmp_path, press_for_tests(), Limits(issuing="3 per minute"))
    browser = world.browser()
    sent = browser.hidden("/codes/new") | GOOD
    answers = [browser.client.post("/codes/new", data=sent) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 61


def test_signing_in_is_limited_by_address(tmp_path: Path) -> None:
    world = make_world(tmp_path, press_for_tests(), Limits(signing_in="4 per minute"))
    browser = world.browser()
    answers = [browser.sign_in(password="wrong-password").status_code for _ in range(3)]
    assert answers == [422, 422, 429]


def test_everybody_together_is_limited_too(tmp_path: Path) -> None:
    world = make_world(tmp_path, press_for_tests(), Limits(everybody="3 per minute"))
    codes = []
    for host in range(5):
        browser = world.browser()
        browser.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{host}"
        codes.append(browser.send("/inquiry/", {"number": "1"}).status_code)
    assert codes == [422, 422, 422, 429, 429]
