"""One finder pattern seen whole tells where the others are, though lines go through them."""

import cv2
import numpy as np
import pytest

from hardware.scan import Grey
from hardware.tabletop import Pose, photograph
from kiosk.reading.allowance import Allowance
from kiosk.reading.engines import Sight
from kiosk.reading.finders import finders
from kiosk.reading.kindred import kindred
from kiosk.reading.ladder import LIVE_BUDGET, Reader
from kiosk.reading.places import unread
from kiosk.reading.placing import contrast
from kiosk.reading.views import around
from tests.crowding import slowness
from tests.media import DOTS_PER_MM, OURS, SYMBOL_MM, a_sheet

LEFT, TOP, SIDE = (int(mm * DOTS_PER_MM) for mm in SYMBOL_MM)
MODULE = SIDE / 61


def crossed(page: Grey) -> Grey:
    """A stroke through the middle of two finder patterns, from the top left to the top right."""
    high = TOP + int(3.5 * MODULE)
    cv2.line(page, (LEFT - 8, high - 3), (LEFT + SIDE + 8, high + 3), 40, int(1.2 * MODULE))
    return page


@pytest.mark.parametrize("pose", [Pose(), Pose(turn=90, tilt=10)], ids=str)
def test_two_patterns_with_a_stroke_through_are_found_by_the_third(pose: Pose) -> None:
    frame = photograph(crossed(a_sheet()), pose)
    (place, *_) = unread(frame, Sight())
    view = around(frame, place).enlarged(2.0)
    found = finders(view.grey, Allowance())
    assert len(found) == 1
    more = kindred(contrast(view.grey, int(9 * found[0].module)), found[0])
    sides = sorted(float(np.linalg.norm(f.centre - found[0].centre)) for f in more[:2])
    assert sides[0] == pytest.approx(54 * found[0].module, rel=0.1)
    assert sides[1] == pytest.approx(54 * 2**0.5 * found[0].module, rel=0.1)
    assert [code.text for code in Reader(LIVE_BUDGET * slowness()).read(frame).codes] == [OURS]


def test_where_nothing_is_like_it_none_is_found() -> None:
    frame = photograph(a_sheet(), Pose())
    (one, *_) = finders(frame, Allowance())
    assert kindred(np.zeros(frame.shape, np.float32), one) == []
