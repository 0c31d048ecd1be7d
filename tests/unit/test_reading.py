"""The reader: what it reads, in which order, within which time."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.tabletop import Pose, Table, photograph
from kiosk.reading.choice import chosen, each_once
from kiosk.reading.engines import Code, Corners, Engine, Grey, ZBar, ZXing, corners_of
from kiosk.reading.heading import is_heading
from kiosk.reading.ladder import Reader
from kiosk.reading.live import LiveReader
from kiosk.reading.pages import read_page
from kiosk.reading.places import without
from kiosk.reading.texture import blocks
from kiosk.reading.views import around
from tests.bench.lens import Shot, take
from tests.bench.papers import papers
from tests.media import (
    FOREIGN,
    OTHER_OF_OURS,
    OURS,
    a_certificate_with_a_sheet,
    a_sheet,
    empty_page,
    put,
    symbol,
)
from tests.opencv_engine import OpenCV

UPRIGHT = Pose()
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
ENGINES = [ZXing(thorough=False), ZXing(thorough=True), ZBar(), OpenCV()]


def texts(codes: tuple[Code, ...]) -> list[str]:
    return [code.text for code in codes]


@pytest.mark.parametrize(
    "pose",
    [
        UPRIGHT,
        Pose(turn=12, tilt=30),
        Pose(turn=180),
        Pose(turn=90),
        Pose(pixels_per_mm=2.4, focus=(0.5, 0.5)),
        Pose(light=0.4, noise=4),
        Pose(gradient=0.7),
    ],
    ids=["upright", "tilted", "upside down", "sideways", "whole A4", "dim", "half in shadow"],
)
def test_it_reads_a_sheet_however_it_lies(pose: Pose) -> None:
    pose = replace(pose, focus=(0.78, 0.15)) if abs(pose.turn) > 45 else pose
    reading = Reader().read(photograph(a_sheet(), pose))
    assert texts(reading.codes) == [OURS]


def test_it_reads_past_a_blur_that_stops_the_first_reader() -> None:
    frame = photograph(a_sheet(), Pose(blur=1.9))
    assert not ZXing(thorough=False).read(frame).codes
    assert texts(Reader().read(frame).codes) == [OURS]


@pytest.mark.parametrize("blur", [2.0, 2.3])
def test_it_takes_back_a_blur_that_no_reader_gets_past(blur: float) -> None:
    frame = photograph(a_sheet(), Pose(blur=blur))
    assert not any(engine.read(frame).codes for engine in ENGINES)
    assert texts(Reader().read(frame).codes) == [OURS]


def test_a_code_that_no_cheap_step_reads_is_not_forgotten_beside_a_larger_patch() -> None:
    """The patch looks more like a code, so the dear steps look there first."""
    frame = photograph(a_sheet(), Pose(blur=2.3))
    grain = np.random.default_rng(1).choice(np.array([40, 210], np.uint8), (42, 42))
    frame[310:646, 60:396] = np.kron(grain, np.ones((8, 8), np.uint8))
    likeliest, other = (np.mean(place, axis=0) for place in blocks(frame))
    assert likeliest[0] < 400 < other[0]
    assert texts(Reader(budget=1.0).read(frame).codes) == [OURS]


def test_corners_are_pixels_of_the_whole_frame_also_from_a_cut_out() -> None:
    sharp, blurred = (photograph(a_sheet(), Pose(blur=blur)) for blur in (0.8, 1.9))
    one, two = Reader().read(sharp).codes[0], Reader().read(blurred).codes[0]
    assert np.allclose(np.sort(one.corners, axis=0), np.sort(two.corners, axis=0), atol=6)


def test_a_frame_is_read_until_ours_is_and_then_whatever_lies_beside_it() -> None:
    frame = photograph(a_certificate_with_a_sheet(), UPRIGHT)
    reading = Reader().read(frame)
    assert texts(reading.codes) == [OURS]
    beside = Reader().beside(frame, reading)
    assert texts(beside.codes)[0] == OURS
    assert set(texts(beside.codes)) == {OURS, FOREIGN}
    assert all(ZXing(thorough=True).read(around(frame, c.corners).grey).codes for c in beside.codes)
    assert texts(chosen(beside.codes)) == [OURS]


def test_a_second_sheet_that_only_dear_steps_read_is_reported_too() -> None:
    """On its own it is read; beside one that is read at once it must not be passed over."""
    frame = _with_a_blurred_second_sheet()
    assert texts(ZXing(thorough=True).read(frame).codes) == [OURS]
    first = Reader(budget=1.0).read(frame)
    assert texts(first.codes) == [OURS]
    both = Reader(budget=1.0).beside(frame, first)
    assert set(texts(both.codes)) == {OURS, OTHER_OF_OURS}
    middles = [np.mean(code.corners, axis=0)[0] for code in both.codes]
    assert abs(middles[0] - middles[1]) > 300


def test_a_second_code_past_reading_is_located() -> None:
    frame = _with_a_blurred_second_sheet(sigma=4)
    reading = Reader().beside(frame, Reader().read(frame))
    assert texts(reading.codes) == [OURS]
    assert len(reading.located) == 1


def test_a_sheets_own_heading_is_known_however_the_sheet_lies_and_nothing_else_is() -> None:
    """It looks like a code: without that every new sheet would cost a frame's budget."""
    frames = [
        take(paper, Shot(turn=turn, tilt=20), 1) for paper in papers() for turn in (0, 40, 200)
    ]
    headings = 0
    for frame in frames:
        reading = Reader().read(frame)
        assert len(chosen(reading.codes)) == 1
        code = reading.codes[0].corners
        beside = without(blocks(frame), [code])
        found = [place for place in beside if is_heading(place, reading.codes)]
        headings += len(found)
        assert not is_heading(code, reading.codes)
        assert not is_heading(_moved(code, 1.5), reading.codes)
        assert set(found).isdisjoint(Reader().beside(frame, reading).located)
    assert headings > len(frames) / 2


def _moved(place: Corners, sides: float) -> Corners:
    """As far down the sheet as so many sides of the code."""
    top, bottom = np.array(place[0]), np.array(place[3])
    return corners_of(np.array(place) + sides * (bottom - top))


def test_what_lies_beside_a_sheet_is_looked_for_once_and_two_sheets_in_every_frame() -> None:
    hard, hopeless = _with_a_blurred_second_sheet(), _with_a_blurred_second_sheet(sigma=4)
    live = LiveReader(budget=1.0)
    for at in (0.0, 0.1):
        assert set(texts(live.read(hard, at).codes)) == {OURS, OTHER_OF_OURS}
    located = [len(live.read(hopeless, at).located) for at in (0.2, 0.3, 0.4)]
    assert located == [1, 0, 0]


def _with_a_blurred_second_sheet(sigma: float = 2.2) -> Grey:
    page = put(a_sheet(), OTHER_OF_OURS, 40, 12, 60)
    frame = photograph(page, UPRIGHT)
    one, two = ZXing(thorough=True).read(frame).codes
    other = one if one.text == OTHER_OF_OURS else two
    left, top = np.min(other.corners, axis=0).astype(int) - 14
    right, low = np.max(other.corners, axis=0).astype(int) + 14
    frame[top:low, left:right] = cv2.GaussianBlur(frame[top:low, left:right], (0, 0), sigma)
    return frame


def test_a_foreign_code_is_reported_when_it_is_alone() -> None:
    reading = Reader().read(photograph(put(empty_page(), FOREIGN, 90, 40, 40), UPRIGHT))
    assert texts(reading.codes) == [FOREIGN]


def test_two_sheets_at_once_are_reported_as_two() -> None:
    page = put(a_sheet(), OTHER_OF_OURS, 40, 12, 60)
    assert set(texts(Reader().read(photograph(page, UPRIGHT)).codes)) == {OURS, OTHER_OF_OURS}


def test_the_same_code_twice_is_reported_twice_and_counts_as_one() -> None:
    page = put(a_sheet(), OURS, 40, 12, 60)
    codes = Reader().read(photograph(page, UPRIGHT)).codes
    assert texts(codes) == [OURS, OURS]
    assert texts(chosen(codes)) == [OURS]


def test_what_two_readers_saw_at_one_place_is_one_code() -> None:
    nearly = tuple((x + 0.1, y) for x, y in SQUARE)
    apart = tuple((x + 9, y) for x, y in SQUARE)
    codes = [Code(FOREIGN, SQUARE), Code(OURS, SQUARE), Code(OURS, nearly), Code(OURS, apart)]
    assert texts(each_once(codes)) == [OURS, OURS, FOREIGN]


def test_an_empty_table_shows_nothing_and_costs_little() -> None:
    frames = [Table(seed).empty() for seed in range(9)]
    readings = [Reader().read(frame) for frame in frames]
    assert all(not reading.codes and not reading.located for reading in readings)
    assert sorted(reading.ms for reading in readings)[4] < 30


def test_a_sheet_too_blurred_to_read_is_located() -> None:
    reading = Reader().read(photograph(a_sheet(), Pose(blur=3.4)))
    assert not reading.codes
    assert reading.engine is None
    assert len(reading.located) == 1


def test_no_step_is_begun_after_the_budget() -> None:
    frame = photograph(a_sheet(), Pose(blur=1.9))
    assert not Reader(budget=0.0).read(frame).codes


def test_the_frame_of_an_unreadable_sheet_stays_near_its_budget() -> None:
    frame = photograph(a_sheet(), Pose(blur=3.4))
    assert sorted(Reader().read(frame).ms for _ in range(5))[2] < 240


def test_texture_points_at_the_code_and_not_at_writing() -> None:
    (place,) = blocks(photograph(a_sheet(), UPRIGHT))
    middle = np.mean(place, axis=0)
    assert np.allclose(middle, (640 + 57 * 3.6, 360 - 51 * 3.6), atol=25)


@pytest.mark.parametrize(
    "pose", [Pose(light=0.1, noise=8), Pose(light=0.2, noise=8, blur=1.5)], ids=["dark", "and soft"]
)
def test_texture_points_at_a_code_in_the_dark(pose: Pose) -> None:
    (place,) = blocks(photograph(a_sheet(), pose))
    middle = np.mean(place, axis=0)
    found = blocks(photograph(a_sheet(), UPRIGHT))
    assert np.allclose(middle, np.mean(found[0], axis=0), atol=20)
    assert blocks(Table(0).empty(pose)) == []


@pytest.mark.parametrize("engine", ENGINES, ids=["fast", "thorough", "zbar", "opencv"])
@pytest.mark.parametrize(
    "content",
    [
        "日本".encode("cp932"),
        "日本".encode(),
        b"\x00\xff\x81abc",
        b"\xef\xbb\xbf=cmd|'/C calc'!A1",
        bytes(range(256)),
    ],
    ids=["Shift_JIS", "UTF-8", "binary", "formula", "every byte"],
)
def test_odd_bytes_are_a_text_and_no_crash(engine: Engine, content: bytes) -> None:
    picture = np.pad(symbol(content, 400), 60, constant_values=255)
    for code in engine.read(picture).codes:
        code.text.encode("utf-8", "surrogatepass")


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1))
def test_any_picture_gives_a_reading(rows: int, columns: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)
    assert Reader().read(noise).codes == ()


@given(st.lists(st.sampled_from([OURS, OTHER_OF_OURS, FOREIGN, "https://example.org"])))
def test_chosen_codes_are_different_and_never_mixed(found: list[str]) -> None:
    kept = texts(chosen([Code(text, SQUARE) for text in found]))
    ours = {text for text in found if text.startswith("91")}
    assert sorted(kept) == sorted(ours or set(found))


def test_a_page_is_read_where_a_live_frame_gives_up() -> None:
    page = cv2.resize(a_sheet(), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    rough = np.random.default_rng(3).normal(0, 90, page.shape)
    noisy = np.clip(page + rough, 0, 255).astype(np.uint8)
    assert texts(read_page(noisy).codes) == [OURS]


def test_an_empty_page_has_no_code() -> None:
    assert read_page(empty_page()).codes == ()
