"""Makes the README's picture from the real screens: ``./run flow-picture``.

An installation of its own, a sheet issued at its portal, filmed, judged and handed over at its
counter, and found in its journal: what the picture shows has happened.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, expect, sync_playwright

from hardware.scan import Grey
from tests.builders import (
    CLERK,
    CONSOLE_PASSWORD,
    INSPECTION,
    PASSWORD,
    PIN,
    SUPERVISOR,
    TARO,
    Clock,
    house_on,
)
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.e2e.counter_world import CounterWorld, counter_world, page_of

SCREEN = {"width": 1366, "height": 768}
PANEL = (900, 506)
GAP, CAPTION = 24, 44
CAPTIONS = ("1  Issue at the portal", "2  Print on A4", "3  Tick at the counter", "4  Prove later")
FONT = Path(__file__).parents[1] / "issuer" / "fonts" / "bold.ttf"
PATIENCE = 60_000
"""Milliseconds to wait for a screen on a busy machine."""


@click.command()
@click.argument("out", type=click.Path(path_type=Path), default=Path("flow.png"))
def main(out: Path) -> None:
    """Walk one sheet from the form to the journal, and put its four screens into OUT."""
    with tempfile.TemporaryDirectory() as folder, _browser() as browser:
        shots = Path(folder) / "shots"
        shots.mkdir()
        world_folder = Path(folder) / "world"
        world_folder.mkdir()
        with counter_world(world_folder) as world:
            _bundle(world)
            sheet = _issue(world, browser, shots)
            Image.fromarray(sheet).save(shots / "2.png")
            _hand_over(world, browser, sheet, shots)
            _prove(world, browser, shots)
        _compose([shots / f"{number}.png" for number in range(1, 5)]).save(out, optimize=True)
    click.echo(f"Look at {out}")


def _bundle(world: CounterWorld) -> None:
    house = house_on(world.sessions, Clock())
    house.receiver()
    for number in range(1, 4):
        house.filing(plate=f"見本 580 あ 00-0{number}", tax_confirmed=number != 3)


def _issue(world: CounterWorld, browser: Browser, shots: Path) -> Grey:
    page = browser.new_page(viewport=SCREEN, locale="ja-JP")
    page.goto(f"{world.portal}/codes/new")
    page.check("input[name=purpose][value=authentication]")
    page.select_option("select[name=procedure]", str(INSPECTION))
    page.fill("input[name=receiver_name]", TARO)
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=password_confirm]", PASSWORD)
    page.locator("h1").scroll_into_view_if_needed()
    page.screenshot(path=shots / "1.png")
    page.click("button[type=submit]:has-text('二次元コードを発行する')")
    with page.expect_download() as download:
        page.click("a:has-text('PDF')")
    pdf = Path(download.value.path()).read_bytes()
    page.close()
    return page_of(pdf)


def _hand_over(world: CounterWorld, browser: Browser, sheet: Grey, shots: Path) -> None:
    page = browser.new_page(viewport=SCREEN, locale="ja-JP")
    page.goto(world.counter)
    page.fill("#number", CLERK)
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    _wait_for(page, "idle")
    world.lay(sheet)
    _wait_for(page, "basket")
    rows = page.locator("input[name=released]")
    for number in range(2):
        rows.nth(number).check()
    page.wait_for_timeout(700)
    page.screenshot(path=shots / "3.png")
    for check in page.locator("input[name=checked]").all():
        check.check()
    page.click("button[data-key=Enter]:has-text('件を受け渡した')")
    page.check("#check-by-eye")
    page.click("button[data-key=Enter]:has-text('件を受け渡した')")
    _wait_for(page, "confirm")
    page.wait_for_timeout(700)
    page.click("button:has-text('受け渡しを確定する')")
    _wait_for(page, "done")
    page.close()


def _prove(world: CounterWorld, browser: Browser, shots: Path) -> None:
    page = browser.new_page(viewport=SCREEN, locale="ja-JP")
    page.goto(f"{world.counter}/console")
    page.fill("[name=number]", SUPERVISOR)
    page.fill("[name=password]", CONSOLE_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/")
    page.goto(f"{world.counter}/console/journal")
    page.wait_for_load_state()
    page.screenshot(path=shots / "4.png")
    page.close()


def _wait_for(page: Page, state: str) -> None:
    expect(page.locator("#scene")).to_have_attribute("data-state", state, timeout=PATIENCE)


def _compose(shots: list[Path]) -> Image.Image:
    """Two by two, each under its caption; the sheet stands upright amid its panel."""
    width = 2 * PANEL[0] + 3 * GAP
    height = 2 * (PANEL[1] + CAPTION) + 3 * GAP
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(FONT), 26)
    for number, shot in enumerate(shots):
        left = GAP + number % 2 * (PANEL[0] + GAP)
        top = GAP + number // 2 * (PANEL[1] + CAPTION + GAP)
        draw.text((left, top), CAPTIONS[number], "black", font)
        _put(picture, shot, (left, top + CAPTION))
    return picture.quantize(128)


def _put(picture: Image.Image, shot: Path, corner: tuple[int, int]) -> None:
    with Image.open(shot) as opened:
        panel = opened.convert("RGB")
    panel.thumbnail(PANEL, Image.Resampling.LANCZOS)
    left = corner[0] + (PANEL[0] - panel.width) // 2
    picture.paste(panel, (left, corner[1]))
    frame = (left - 1, corner[1] - 1, left + panel.width, corner[1] + panel.height)
    ImageDraw.Draw(picture).rectangle(frame, outline="#8c8c8c")


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


if __name__ == "__main__":
    main()
