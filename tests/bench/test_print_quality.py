"""How much a sheet's print has to spare: the dots that a scanner gives a module, and with how few
three readers still read it.

Run on demand: ``./run bench``. The first figure is what a picture of the paper has, the others what
uketori, zxing-cpp and pyzbar need of it; the difference is the margin. Worst over all sheets of
`tests.printing` and both roads. That nothing is unread is asserted, here and in the gate.
"""

from collections import defaultdict
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.issuer_world import a_press, make_world
from tests.paper import READERS, least_dots, papers
from tests.printing import ROADS, SHEETS, Print, print_sheet

pytestmark = [pytest.mark.slow, pytest.mark.browser]
Margins = dict[str, dict[str, list[float]]]
_GROUPS = {"ordinary": 0.9, "densest": 0.0}
"""Narrowest module of the group in millimetres: the densest sheet is one nobody has to print."""


def test_how_much_every_print_has_to_spare(chromium: Browser, tmp_path: Path) -> None:
    tables: dict[str, dict[str, Margins]] = {
        group: {road: defaultdict(lambda: defaultdict(list)) for road in ROADS} for group in _GROUPS
    }
    for number, (purpose, name) in enumerate(SHEETS):
        folder = tmp_path / str(number)
        folder.mkdir()
        world = make_world(folder, a_press())
        sheet = print_sheet(world, chromium, purpose, name)
        world.sessions.kw["bind"].dispose()
        group = next(name for name, least in _GROUPS.items() if sheet.module_mm >= least)
        for road in ROADS:
            _measure(sheet, road, tables[group][road])
    for group, roads in tables.items():
        for road, margins in roads.items():
            _print(group, road, margins)


def _measure(sheet: Print, road: str, margins: Margins) -> None:
    for paper in papers(sheet.pdfs[road]):
        present = paper.module_dots(sheet.module_mm)
        margins[paper.name]["present"].append(present)
        for reader in READERS:
            least = least_dots(paper, sheet.module_mm, sheet.text, reader)
            assert least is not None, f"{reader} does not read {sheet.purpose}, {paper.name}"
            margins[paper.name][reader].append(least)


def _print(group: str, road: str, margins: Margins) -> None:
    print(f"\n{group} sheets, {road}: dots a module present, needed, and the least margin")
    print(f"| {'paper':24} | {'dots':>5} | " + " | ".join(f"{name:>13}" for name in READERS) + " |")
    print("|---|---|" + "---|" * len(READERS))
    for paper, found in margins.items():
        cells = []
        for reader in READERS:
            spare = min(a - b for a, b in zip(found["present"], found[reader], strict=True))
            cells.append(f"{max(found[reader]):5.2f}, +{spare:5.2f}")
        print(f"| {paper:24} | {min(found['present']):5.2f} | {' | '.join(cells)} |")
