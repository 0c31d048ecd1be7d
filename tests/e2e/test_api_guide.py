"""The API's documentation page in a real browser: without barriers, in well-formed markup."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.accessible import MarkupChecker, assert_reflows, assert_walkable, barriers
from tests.issuer_world import World, a_world
from tests.served import served

pytestmark = pytest.mark.browser
GUIDE = "/api/v1/"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from a_world(tmp_path)


@pytest.fixture
def page(world: World, chromium: Browser) -> Iterator[Page]:
    """The page, opened, and nothing amiss in its console."""
    opened = chromium.new_page(viewport={"width": 1280, "height": 900})
    troubles: list[str] = []
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("requestfailed", lambda request: troubles.append(request.url))
    with served(world.app) as address:
        opened.goto(address + GUIDE)
        yield opened
    opened.close()
    assert troubles == []


def test_the_guide_has_no_barriers_and_can_be_walked_by_keyboard(page: Page) -> None:
    assert barriers(page) == []
    assert_walkable(page)
    assert_reflows(page)


def test_its_markup_has_no_slips(world: World, markup: MarkupChecker) -> None:
    html = world.app.test_client().get(GUIDE).get_data(as_text=True)
    assert markup.slips(html) == []


def test_a_problem_leads_to_its_explanation(page: Page) -> None:
    page.goto(page.url.split("#")[0] + "#invalid-fields")
    assert page.locator(":target").inner_text().startswith("invalid-fields")
