"""The print-quality gate: every sheet, by both roads, is read back from whatever became of it.

What can happen to paper is in `tests.paper`; the bench of the same name prints the margins,
and what other readers make of the same paper.
"""

from collections.abc import Iterator

import cv2
import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import Browser

from issuer import geometry as g
from kiosk.reading.pages import read_page
from tests.issuer_world import World, a_press, make_world
from tests.measuring import symbol_sides_mm
from tests.paper import Grey, papers, rendered
from tests.printing import ROADS, SHEETS, Print, print_sheet

pytestmark = pytest.mark.browser
WITHIN = 0.5
"""Millimetres."""


@pytest.fixture(scope="module", params=SHEETS, ids=lambda sheet: f"{sheet[0]}-{len(sheet[1])}")
def sheet(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Print]:
    """Each of SHEETS, printed once."""
    world: World = make_world(tmp_path_factory.mktemp("portal"), a_press())
    yield print_sheet(world, chromium, *request.param)
    world.sessions.kw["bind"].dispose()


@pytest.mark.parametrize("road", ROADS)
def test_every_sheet_is_read_back_whatever_became_of_it(sheet: Print, road: str) -> None:
    unread = [
        paper.name
        for paper in papers(sheet.pdfs[road])
        if [code.text for code in read_page(paper.picture).codes] != [sheet.text]
    ]
    assert unread == []


def test_both_roads_lead_to_the_same_page(sheet: Print) -> None:
    print_, file = (rendered(sheet.pdfs[road], 600) < 128 for road in ROADS)
    assert print_.shape == pytest.approx(file.shape, abs=WITHIN * 600 / 25.4)
    rows, columns = (min(sides) for sides in zip(print_.shape, file.shape, strict=True))
    one, two = print_[:rows, :columns], file[:rows, :columns]
    assert max(_farthest_mm(one, two), _farthest_mm(two, one)) <= WITHIN


@pytest.mark.parametrize("road", ROADS)
def test_the_page_is_a4_and_its_code_and_rule_are_to_scale(sheet: Print, road: str) -> None:
    document = pypdfium2.PdfDocument(sheet.pdfs[road])
    size = [side / 72 * 25.4 for side in document[0].get_size()]
    words = document[0].get_textpage().get_text_bounded()
    document.close()
    assert size == pytest.approx([g.PAGE_WIDTH, g.PAGE_HEIGHT], abs=WITHIN)
    assert "http" not in words
    page = rendered(sheet.pdfs[road], 600)
    assert symbol_sides_mm(page, 600) == pytest.approx((60, 60), abs=WITHIN)
    assert _rule_mm(page) == pytest.approx(g.RULE_LENGTH, abs=WITHIN)


def _farthest_mm(ink: np.ndarray, other: np.ndarray) -> float:
    """How far a dot of one page is from the nearest one of the other, at most."""
    away = cv2.distanceTransform((~other).astype(np.uint8), cv2.DIST_L2, 5)
    return float(away[ink].max() / 600 * 25.4)


def _rule_mm(page: Grey) -> float:
    """Length of the longest line in the lower right corner, below the rule across the page."""
    dots = 600 / 25.4
    corner = page[round(262 * dots) : round(280 * dots), round(g.PAGE_WIDTH / 2 * dots) :] < 128
    lines = [np.flatnonzero(row) for row in corner]
    longest = max(lines, key=len)
    return float((longest[-1] - longest[0] + 1) / dots)
