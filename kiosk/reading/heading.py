"""A sheet's own heading, which looks like a code: half ink, and as high as it is wide.

Of 140 worn sheets that are read at once, 109 show another place that may be a code, and of those
nine in ten are the mark of the kind with the lines around it. Where it lies is known from the code.
"""

from collections.abc import Iterable

import cv2
import numpy as np

from kiosk.reading.engines import Code, Corners
from shared.payload import looks_like_ours
from shared.sheet_places import HEADING, SYMBOL_SIDE

_SYMBOL = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) * SYMBOL_SIDE


def is_heading(place: Corners, codes: Iterable[Code]) -> bool:
    """Whether a place is the heading of a sheet whose code is among these."""
    return any(_lies_beside(place, code) for code in codes if looks_like_ours(code.text))


def _lies_beside(place: Corners, code: Code) -> bool:
    """By its middle, in millimetres of the sheet. A code whose corners were given from another one
    on has no heading there: then the place is looked at like any other."""
    to_sheet = cv2.getPerspectiveTransform(np.array(code.corners, np.float32), _SYMBOL)
    outline = cv2.perspectiveTransform(np.array([place], np.float32), to_sheet)[0]
    x, y = outline.mean(axis=0)
    left, top, right, bottom = HEADING
    return bool(left <= x <= right and top <= y <= bottom)
