"""A counter page in a browser with a clerk signed in: what several files of tests begin with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.builders import CLERK, PIN
from tests.kiosk_world import World, make_world
from tests.served import served

DEAF = 600
"""Milliseconds after which a new screen listens to keys."""


def world_with_taro(folder: Path) -> Iterator[World]:
    """A counter whose registry knows TARO: the body of a fixture."""
    for made in make_world(folder):
        made.house.receiver()
        yield made


@contextmanager
def served_counter(world: World) -> Iterator[str]:
    """Serve it for as long as the block; its event streams end with it."""
    with served(world.app) as address:
        yield address
        world.station.scene.close()


@contextmanager
def signed_in(chromium: Browser, address: str) -> Iterator[Page]:
    """A page in a browser of its own in which the clerk signed in; nothing may go wrong in it."""
    with window(chromium) as page:
        sign_in(page, address)
        yield page


@contextmanager
def window(chromium: Browser) -> Iterator[Page]:
    """An empty page in a browser of its own; nothing may go wrong in it.

    `page.clock` can wind its time forward between keys. A new screen is waited for in real time:
    what the program still has to say draws it anew.
    """
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    page = context.new_page()
    page.clock.install()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.fill("#number", CLERK)
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    expect(page.locator("[data-sound-switch]")).to_be_visible()  # the script is at work


@contextmanager
def standing_clock(page: Page) -> Iterator[None]:
    """The page's time passes only as the test says, however busy the machine is; then it runs on.

    A second has passed at the start: the page listens to keys.
    """
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    yield
    page.clock.resume()


def strike(page: Page, text: str, delay: float) -> None:
    """Press one key after another while the clock stands, so many milliseconds apart."""
    for character in text:
        page.keyboard.press(character)
        page.clock.run_for(delay)


def state(page: Page, name: str) -> None:
    """Wait until the page shows a state."""
    expect(page.locator("#scene")).to_have_attribute("data-state", name)


def ask(page: Page) -> None:
    """To the second look, by keys; the program asks how the old certificates were compared."""
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Enter")
    expect(page.locator("#check-by-eye")).to_be_focused()
    page.wait_for_timeout(DEAF)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    state(page, "confirm")


def look(page: Page, name: str) -> None:
    """Keep a picture for people, where SCREENSHOTS says."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(200)
        page.screenshot(path=f"{folder}/{name}.png")
