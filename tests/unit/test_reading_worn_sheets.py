"""Sheets that no engine reads at all: torn, covered, written on, washed out. Ours is read."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from threadpoolctl import threadpool_info

from hardware.scan import Grey
from hardware.tabletop import Pose, photograph
from kiosk.reading.allowance import Allowance, TimeIsUp
from kiosk.reading.engines import Sight, ZBar, ZXing
from kiosk.reading.grid import Sampling, prepare, rectify
from kiosk.reading.ladder import LIVE_BUDGET, Reader
from kiosk.reading.modules import decode
from kiosk.reading.places import unread
from kiosk.reading.views import around
from tests.crowding import slowness
from tests.media import DOTS_PER_MM, OURS, SYMBOL_MM, a_sheet
from tests.opencv_engine import OpenCV

LEFT, TOP, SIDE = (int(mm * DOTS_PER_MM) for mm in SYMBOL_MM)
FINDER = int(8 * SIDE / 61)
ENGINES = (ZXing(thorough=True), ZBar(), OpenCV())
TABLE = 96


def torn(page: Grey) -> Grey:
    """The corner with the top right finder pattern is gone; the table is seen."""
    corner = [(LEFT + SIDE - 110, 0), (page.shape[1], 0), (page.shape[1], TOP + 150)]
    return cv2.fillPoly(page, [np.array(corner)], TABLE)


def label_on(row: int, column: int, level: int) -> Callable[[Grey], Grey]:
    def cover(page: Grey) -> Grey:
        left, top = LEFT + column * (SIDE - FINDER), TOP + row * (SIDE - FINDER)
        page[top : top + FINDER, left : left + FINDER] = level
        return page

    return cover


def five_strokes(page: Grey) -> Grey:
    """A ball-point pen, half a millimetre wide, crossing the code from side to side."""
    ends = ((0.1, 0.35), (0.3, 0.2), (0.45, 0.75), (0.7, 0.55), (0.95, 0.8))
    for one, two in ends:
        start = (LEFT - 10, TOP + int(one * SIDE))
        cv2.line(page, start, (LEFT + SIDE + 10, TOP + int(two * SIDE)), 60, 3, cv2.LINE_AA)
    return page


def thumb(page: Grey) -> Grey:
    """A fifth of the code, from the right side."""
    middle = (LEFT + SIDE, TOP + SIDE // 2)
    return cv2.ellipse(page, middle, (int(0.4 * SIDE), int(0.32 * SIDE)), 0, 0, 360, 140, -1)


def glare(page: Grey) -> Grey:
    """A fifth of the code is as white as the lamp that is mirrored there."""
    middle = (LEFT + int(0.55 * SIDE), TOP + int(0.5 * SIDE))
    return cv2.circle(page, middle, int(0.252 * SIDE), 255, -1)


WORN = {
    "corner torn off": torn,
    "label on the top left": label_on(0, 0, 255),
    "label on the top right": label_on(0, 1, 40),
    "label on the bottom left": label_on(1, 0, 150),
    "five pen strokes": five_strokes,
    "thumb": thumb,
    "glare": glare,
}


@pytest.mark.parametrize("wear", WORN.values(), ids=WORN)
@pytest.mark.parametrize(
    "pose", [Pose(), Pose(turn=40, tilt=20), Pose(turn=-100, focus=(0.7, 0.2))], ids=str
)
def test_a_sheet_is_read_that_no_engine_reads(wear: Callable[[Grey], Grey], pose: Pose) -> None:
    frame = photograph(wear(a_sheet()), pose)
    assert not any(code.text == OURS for e in ENGINES for code in e.read(frame).codes)
    assert [code.text for code in Reader(LIVE_BUDGET * slowness()).read(frame).codes] == [OURS]


def test_a_frame_takes_no_second_core() -> None:
    prepare()
    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    assert set(pools) == {1}
    assert cv2.getNumThreads() == 1


def test_the_grid_of_a_located_code_can_be_taken_and_added_up() -> None:
    frames = [photograph(torn(a_sheet()), Pose(noise=25), seed) for seed in range(3)]
    (place, *_) = unread(frames[0], Sight())
    grids = [rectify(frame, place) for frame in frames]
    total = sum((grid for grid in grids[1:] if grid), start=grids[0])
    assert decode(total) == OURS


class Pieces(Allowance):
    """So many pieces of a step, whatever they cost."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.left = count

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TimeIsUp


def test_sampling_gives_up_wherever_its_time_ends_and_reads_with_enough() -> None:
    frame = photograph(torn(a_sheet()), Pose())
    (place, *_) = unread(frame, Sight())
    view = around(frame, place).grey
    plenty = Pieces(1000)
    assert [code.text for code in Sampling(plenty).read(view).codes] == [OURS]
    needed = 1000 - plenty.left
    assert needed > 5
    assert not any(Sampling(Pieces(count)).read(view).codes for count in range(needed))
