"""The one line of guidance, and the debounce: time is an argument."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.tabletop import Pose, Table, photograph
from kiosk.reading.debounce import Debounce, OneSheet
from kiosk.reading.engines import Code, Corners, Grey
from kiosk.reading.guidance import TEXTS, Guidance, Line
from kiosk.reading.ladder import Reader, Reading
from tests.bench.lens import Glare, Shot, take
from tests.bench.papers import papers
from tests.media import FOREIGN, OTHER_OF_OURS, OURS, a_sheet, put


def square(left: float, top: float, side: float) -> Corners:
    right, bottom = left + side, top + side
    return (left, top), (right, top), (right, bottom), (left, bottom)


def grey(level: int) -> Grey:
    return np.full((720, 1280), level, np.uint8)


NEAR_ENOUGH = Reading(located=(square(400, 200, 260),))
NOTHING = Reading()


def test_every_line_has_its_words() -> None:
    assert set(TEXTS) == set(Line)


@pytest.mark.parametrize(
    ("frame", "reading", "line"),
    [
        (grey(120), NOTHING, Line.ALIGN),
        (grey(40), NOTHING, Line.TOO_DARK),
        (grey(252), NEAR_ENOUGH, Line.GLARE),
        (grey(120), Reading(located=(square(400, 200, 150),)), Line.NEARER),
        (grey(120), Reading(located=(square(300, 20, 640),)), Line.FARTHER),
        (grey(120), NEAR_ENOUGH, Line.HOLD_STILL),
        (grey(120), Reading(located=(square(1030, 200, 260),)), Line.CUT_OFF),
    ],
    ids=lambda value: value.value if isinstance(value, Line) else "",
)
def test_each_trouble_has_its_line(frame: Grey, reading: Reading, line: Line) -> None:
    assert Guidance().line(frame, reading, 0.0) is line


def test_two_sheets_are_asked_for_one_by_one() -> None:
    codes = (Code(OURS, square(0, 0, 200)), Code(OTHER_OF_OURS, square(300, 0, 200)))
    assert Guidance().line(grey(120), Reading(codes=codes), 0.0) is Line.TWO_CODES


def test_a_line_stays_at_least_700_milliseconds() -> None:
    guidance = Guidance()
    assert guidance.line(grey(40), NOTHING, 1.0) is Line.TOO_DARK
    assert guidance.line(grey(120), NEAR_ENOUGH, 1.69) is Line.TOO_DARK
    assert guidance.line(grey(120), NEAR_ENOUGH, 1.71) is Line.HOLD_STILL


@given(st.lists(st.tuples(st.floats(0.01, 0.4), st.sampled_from([40, 120, 252])), max_size=60))
def test_lines_never_change_faster(frames: list[tuple[float, int]]) -> None:
    guidance, now, changes, last = Guidance(), 0.0, [], Line.ALIGN
    for pause, level in frames:
        now += pause
        if (line := guidance.line(grey(level)[:9, :9], NOTHING, now)) is not last:
            changes.append(now)
            last = line
    assert all(b - a >= 0.7 for a, b in pairwise(changes))


def shown(guidance: Guidance, reading: Reading, first: float, last: float) -> Line:
    line = Line.ALIGN
    for tenth in range(int(first * 10), int(last * 10) + 1):
        line = guidance.line(grey(120), reading, tenth / 10)
    return line


def test_after_ten_seconds_unread_the_search_key_is_offered() -> None:
    guidance = Guidance()
    assert shown(guidance, NEAR_ENOUGH, 0, 9.9) is Line.HOLD_STILL
    assert shown(guidance, NEAR_ENOUGH, 10, 10.8) is Line.TYPE_KEY


def test_a_key_that_was_read_is_said_while_its_code_is_there() -> None:
    guidance = Guidance()
    shown(guidance, NEAR_ENOUGH, 0, 3)
    guidance.offer_key()
    assert shown(guidance, NEAR_ENOUGH, 3.1, 4) is Line.CONFIRM_KEY
    assert shown(guidance, NOTHING, 4.1, 7) is Line.ALIGN
    assert shown(guidance, NEAR_ENOUGH, 7.1, 8) is Line.HOLD_STILL


def test_a_glimpse_of_the_table_does_not_start_the_ten_seconds_anew() -> None:
    guidance = Guidance()
    shown(guidance, NEAR_ENOUGH, 0, 5)
    shown(guidance, NOTHING, 5.1, 6)
    assert shown(guidance, NEAR_ENOUGH, 6.1, 10.9) is Line.TYPE_KEY


def test_the_next_sheet_starts_its_own_ten_seconds() -> None:
    guidance = Guidance()
    shown(guidance, NEAR_ENOUGH, 0, 8)
    shown(guidance, NOTHING, 8.1, 11)
    assert shown(guidance, NEAR_ENOUGH, 11.1, 15) is Line.HOLD_STILL


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        (Table(0).empty(), Line.ALIGN),
        (Table(0).empty(Pose(light=0.3)), Line.TOO_DARK),
        (photograph(a_sheet(), Pose(blur=3.4, pixels_per_mm=4)), Line.HOLD_STILL),
        (photograph(a_sheet(), Pose(blur=1.6, pixels_per_mm=2.2)), Line.NEARER),
        (photograph(a_sheet(), Pose(blur=3.4, shift=(430, 0))), Line.CUT_OFF),
        (take(papers()[2], Shot(module=10.5, motion=(25, 20)), 1), Line.FARTHER),
        (take(papers()[2], Shot(glare=(Glare(0, 0, 0.3),)), 1), Line.GLARE),
        (take(papers()[2], Shot(motion=(16, 20)), 1), Line.HOLD_STILL),
        (photograph(put(a_sheet(), OTHER_OF_OURS, 40, 12, 60)), Line.TWO_CODES),
    ],
    ids=["empty table", "dark", "blurred", "far", "cut off", "near", "glare", "shaken", "two"],
)
def test_real_frames_get_the_line_that_helps(frame: Grey, line: Line) -> None:
    assert Guidance().line(frame, Reader().read(frame), 0.0) is line


def test_a_code_that_fills_the_frame_is_too_near() -> None:
    modules = np.random.default_rng(1).integers(0, 2, (61, 61), dtype=np.uint8)
    frame = np.full((720, 1280), 200, np.uint8)
    frame[10:681, 300:971] = np.kron(modules * 140 + 60, np.ones((11, 11), np.uint8))
    reading = Reader().read(frame)
    assert Guidance().line(frame, reading, 0.0) is Line.FARTHER


def test_a_showing_passes_once() -> None:
    debounce = Debounce(5)
    assert [debounce.is_new(OURS, now) for now in (0, 0.1, 4.9)] == [True, False, False]


def test_the_pause_counts_from_the_last_sight() -> None:
    debounce = Debounce(5)
    seen = [debounce.is_new(OURS, now) for now in (0, 4, 8, 12, 17.1)]
    assert seen == [True, False, False, False, True]


def test_another_sheet_passes_at_once() -> None:
    debounce = Debounce(5)
    assert debounce.is_new(OURS, 0)
    assert debounce.is_new(OTHER_OF_OURS, 0.1)
    assert not debounce.is_new(OURS, 0.2)


def test_a_forgotten_showing_passes_again() -> None:
    debounce = Debounce(5)
    debounce.is_new(OURS, 0)
    debounce.forget()
    assert debounce.is_new(OURS, 0.1)


@given(st.lists(st.floats(0.0, 9.0), min_size=1, max_size=40))
def test_a_text_is_new_exactly_after_a_gap(gaps: list[float]) -> None:
    debounce, now = Debounce(5), 100.0
    assert debounce.is_new(OURS, now)
    for gap in gaps:
        before, now = now, now + gap
        assert debounce.is_new(OURS, now) is (now - before >= 5)


ONE, TWO = Code(OURS, square(0, 0, 200)), Code(OTHER_OF_OURS, square(300, 0, 200))
CERTIFICATE = Code(FOREIGN, square(600, 0, 90))


def test_a_sheet_counts_beside_a_certificate_and_beside_its_own_copy() -> None:
    assert OneSheet().alone((ONE, CERTIFICATE), 1.0) is ONE
    assert OneSheet().alone((ONE, Code(OURS, square(300, 0, 200))), 1.0) is ONE
    assert OneSheet().alone((CERTIFICATE,), 1.0) is CERTIFICATE
    assert OneSheet().alone((), 1.0) is None


def test_of_two_sheets_none_counts_until_one_was_alone_for_a_second() -> None:
    sheet = OneSheet()
    assert sheet.alone((ONE, TWO), 1.0) is None
    assert sheet.alone((ONE,), 1.9) is None
    assert sheet.alone((ONE, TWO), 2.0) is None
    assert sheet.alone((TWO,), 3.1) is TWO
