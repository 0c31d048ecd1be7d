"""The search key read off the paper, where the code beside it is lost."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from issuer.fonts.key_glyphs import draw
from issuer.geometry import SEARCH_KEY
from kiosk.reading.ladder import Reading
from kiosk.reading.pages import key_on_page
from kiosk.reading.printed_key import printed_key
from kiosk.reading.texture import blocks
from shared.domain import SearchKey
from shared.search_key import canonical
from shared.sheet_places import KEY_PITCH
from tests.bench import wear
from tests.bench.lens import Shot, take
from tests.bench.papers import DOTS_PER_MM, Paper, papers

HELD = Shot(module=3.3, shift=(240.0, -20.0), turn=4.0, tilt=8.0)
UPSIDE_DOWN = replace(HELD, shift=(-240.0, 20.0), turn=176.0)
INDIVIDUAL = papers()[5]
"""Its key begins with K, and its modules are the largest."""


def key_in(paper: Paper, shot: Shot, seed: int = 1) -> SearchKey | None:
    frame = take(paper, shot, seed)
    return printed_key(frame, blocks(frame))


def without_key(paper: Paper) -> Paper:
    page, box = paper.page.copy(), SEARCH_KEY.grown(1)
    left, top, right, bottom = (
        int(mm * DOTS_PER_MM) for mm in (box.left, box.top, box.right, box.bottom)
    )
    page[top:bottom, left:right] = 255
    return paper.with_page(page)


def with_a_digit_overprinted(paper: Paper) -> Paper:
    """The last digit of the key becomes the one before it: no check digits fit."""
    page = paper.page.copy()
    pitch, box = KEY_PITCH, SEARCH_KEY
    top, bottom = int(box.top * DOTS_PER_MM), int(box.bottom * DOTS_PER_MM)
    one, two = (round((box.left + pitch * place) * DOTS_PER_MM) for place in (17, 18))
    wide = int(pitch * DOTS_PER_MM)
    page[top:bottom, two : two + wide] = page[top:bottom, one : one + wide]
    return paper.with_page(page)


def test_the_characters_are_those_of_the_sheet_s_font() -> None:
    stored = Image.open("kiosk/reading/fonts/key_glyphs.png")
    difference = np.abs(np.asarray(stored, int) - np.asarray(draw(), int))
    assert difference.mean() < 1, "run python -m issuer.fonts.key_glyphs"


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("shot", [HELD, UPSIDE_DOWN], ids=["upright", "upside down"])
def test_the_key_beside_a_code_is_read(number: int, shot: Shot) -> None:
    paper = papers()[number]
    key = key_in(paper, replace(shot, module=shot.module * paper.module / papers()[2].module))
    assert key is not None
    assert canonical(key) == paper.search_key


@pytest.mark.parametrize(
    ("damage", "step"),
    [
        (wear.finder_torn, 10), (wear.pen_strokes, 8), (wear.finder_covered, 2),
        (wear.faxed, 3.85), (wear.photocopied, 6),
    ],
    ids=["torn", "crossed out", "covered", "faxed", "copied"],
)  # fmt: skip
def test_the_key_beside_a_lost_code_is_read(
    damage: Callable[[Paper, float, np.random.Generator], Paper], step: float
) -> None:
    paper = papers()[2]
    key = key_in(damage(paper, step, np.random.default_rng(4)), HELD)
    assert key is not None
    assert canonical(key) == paper.search_key


def test_a_key_out_of_focus_is_read_where_the_code_is_not() -> None:
    key = key_in(papers()[2], replace(HELD, defocus=2.2))
    assert key is not None
    assert canonical(key) == papers()[2].search_key


@pytest.mark.parametrize(
    "paper",
    [
        without_key(papers()[2]),
        without_key(INDIVIDUAL),
        with_a_digit_overprinted(papers()[2]),
    ],
    ids=["no key", "no key beside a filing number", "check digits do not fit"],
)
def test_in_doubt_there_is_no_key(paper: Paper) -> None:
    assert [key_in(paper, HELD, seed) for seed in range(3)] == [None] * 3


def test_other_pictures_hold_no_key() -> None:
    lot = np.random.default_rng(2)
    for _ in range(10):
        noise = cv2.GaussianBlur(lot.normal(128, 60, (720, 1280)), (0, 0), lot.uniform(0.5, 4))
        frame = np.clip((noise - 128) * 3 + 128, 0, 255).astype(np.uint8)
        place = ((900.0, 200.0), (1100.0, 200.0), (1100.0, 400.0), (900.0, 400.0))
        assert printed_key(frame, [place]) is None


@pytest.mark.parametrize("quarters", range(4))
def test_the_key_on_a_scanned_page_is_found_however_it_was_put_in(quarters: int) -> None:
    paper = wear.pen_strokes(papers()[2], 30, np.random.default_rng(1))
    page = np.ascontiguousarray(np.rot90(paper.page, quarters))
    key = key_on_page(page, Reading())
    assert key is not None
    assert canonical(key) == paper.search_key


def test_a_picture_that_is_no_page_holds_no_key() -> None:
    assert key_on_page(papers()[2].page[:1200], Reading()) is None
