"""Photographs every page in three widths, for people to look at: ``./run screenshots [DIR]``."""

import html
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.issuer_world import World, a_world
from tests.portal_states import STATES, Visit, provoke
from tests.served import served

WIDTHS = (320, 768, 1280)
INDEX = """<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><title>画面の一覧</title><style>
body {{ font-family: sans-serif }} section {{ display: flex; gap: 1rem; align-items: start }}
img {{ border: 1px solid; max-height: 60vh }}
</style></head><body><h1>画面の一覧</h1>{sections}</body></html>
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("var/screenshots"))
@click.option("--only", default="", help="Only states whose names contain this.")
def main(folder: Path, only: str) -> None:
    """Photograph every page of the portal into FOLDER, and list them in its index.html."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in STATES if only in name]
    with _portal() as (world, address), _browser() as browser:
        for number, name in enumerate(names, 1):
            click.echo(f"{number}/{len(names)} {name}")
            _photograph(browser, world, address, folder / name)
    index = folder / "index.html"
    index.write_text(INDEX.format(sections="".join(map(_section, names))), "utf-8")
    click.echo(f"Open {index}")


def _photograph(browser: Browser, world: World, address: str, target: Path) -> None:
    context = browser.new_context(viewport={"width": WIDTHS[-1], "height": 900}, locale="ja-JP")
    page = context.new_page()
    STATES[target.name](Visit(page, address, world))
    page.wait_for_load_state()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=f"{target}-{width}.png", full_page=True)
    context.close()


def _section(name: str) -> str:
    shots = "".join(f'<img src="{name}-{width}.png" alt="{width} px">' for width in WIDTHS)
    return f"<h2>{html.escape(name)}</h2><section>{shots}</section>"


@contextmanager
def _portal() -> Iterator[tuple[World, str]]:
    with tempfile.TemporaryDirectory() as folder:
        for world in a_world(Path(folder)):
            provoke(world.app)
            with served(world.app) as address:
                yield world, address


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


if __name__ == "__main__":
    main()
