"""Every page of the portal in every state: no barrier, clean markup, keyboard, 320 px."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.accessible import MarkupChecker, assert_reflows, assert_walkable, barriers
from tests.issuer_world import World, a_press, make_world
from tests.portal_states import STATES, Visit, provoke
from tests.served import served

pytestmark = pytest.mark.browser
NEEDS_SCRIPT = {"p7-idle"}
"""The warning two minutes before the end; without a script the next page says what happened."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("portal"), a_press())
    provoke(made.app)
    yield made
    made.sessions.kw["bind"].dispose()


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[str]:
    with served(world.app) as url:
        yield url


@dataclass
class Seen:
    """What the browser saw on its way."""

    documents: list[Response] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def watch(page: Page, address: str) -> Seen:
    seen = Seen()

    def keep(answer: Response) -> None:
        if answer.request.is_navigation_request() and answer.headers.get("content-type"):
            seen.documents.append(answer)
        if not answer.url.startswith(address):
            seen.problems.append(f"left the site: {answer.url}")

    page.on("response", keep)
    page.on("pageerror", lambda error: seen.problems.append(str(error)))
    return seen


@pytest.mark.parametrize("name", STATES)
def test_every_state_is_open_to_everybody(
    chromium: Browser, world: World, address: str, markup: MarkupChecker, name: str
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    page = context.new_page()
    seen = watch(page, address)
    STATES[name](Visit(page, address, world))
    page.wait_for_load_state()
    assert markup.slips(seen.documents[-1].text()) == []
    assert barriers(page) == []
    assert page.locator("h1").count() == 1
    assert_walkable(page)
    page.set_viewport_size({"width": 320, "height": 640})  # 1280 px at 400 %
    assert_reflows(page)
    page.evaluate("document.documentElement.dataset.textSize = 'large'")
    assert_reflows(page)
    assert_walkable(page)
    assert barriers(page) == []
    assert seen.problems == []
    context.close()


@pytest.mark.parametrize("name", [n for n in STATES if n[0] == "p" and n not in NEEDS_SCRIPT])
def test_every_state_of_a_procedure_is_reached_without_a_script(
    chromium: Browser, world: World, address: str, name: str
) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    seen = watch(page, address)
    STATES[name](Visit(page, address, world))
    assert page.locator("h1").count() == 1
    assert page.locator("main form, main a.oss-button").count() >= 1
    assert seen.problems == []
    context.close()
