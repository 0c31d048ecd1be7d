"""Sheets light on dark, as a negative copy or a dark screen shows them, and seen in a mirror."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from hardware.scan import Grey
from hardware.tabletop import Pose, photograph
from kiosk.reading.grid import Sampling
from kiosk.reading.ladder import LIVE_BUDGET, Reader
from kiosk.reading.pages import read_page
from kiosk.reading.texture import blocks
from kiosk.reading.views import around
from tests.crowding import slowness
from tests.media import DOTS_PER_MM, OURS, SYMBOL_MM, a_sheet

LEFT, TOP, SIDE = (int(mm * DOTS_PER_MM) for mm in SYMBOL_MM)
MODULE = SIDE // 61
POSES = {
    "upright": Pose(),
    "turned and tilted": Pose(turn=12, tilt=30),
    "past the first reader": Pose(blur=1.9),
}


def as_it_is(page: Grey) -> Grey:
    return page


def code_inverted(page: Grey) -> Grey:
    """White on black with its quiet zone, on a page that is printed as usual."""
    reach = slice(TOP - 3 * MODULE, TOP + SIDE + 3 * MODULE)
    across = slice(LEFT - 3 * MODULE, LEFT + SIDE + 3 * MODULE)
    page[reach, across] = 255 - page[reach, across]
    return page


def negative(page: Grey) -> Grey:
    return 255 - page


def mirrored(frame: Grey) -> Grey:
    return np.asarray(cv2.flip(frame, 1), np.uint8)


def corner_torn(page: Grey) -> Grey:
    """The top right finder pattern is gone."""
    return cv2.rectangle(page, (LEFT + SIDE - 9 * MODULE, 0), (page.shape[1], TOP + 60), 96, -1)


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
@pytest.mark.parametrize("seen", [as_it_is, mirrored])
@pytest.mark.parametrize("printed", [as_it_is, code_inverted, negative])
def test_an_inverted_or_mirrored_sheet_is_read(
    printed: Callable[[Grey], Grey], seen: Callable[[Grey], Grey], pose: Pose
) -> None:
    frame = seen(photograph(printed(a_sheet()), pose))
    reader = Reader(LIVE_BUDGET * slowness())
    for reading in (reader.read(frame), read_page(frame)):
        assert [code.text for code in reading.codes] == [OURS]


def test_our_own_sampling_reads_a_torn_sheet_in_a_mirror() -> None:
    frame = mirrored(photograph(corner_torn(a_sheet()), Pose(turn=12)))
    (place, *_) = blocks(frame)
    assert [code.text for code in Sampling().read(around(frame, place).grey).codes] == [OURS]
