"""Our own sampling, module by module: from a picture of another maker's symbol back to its matrix.

Every version that our sheets have, with every mask, flat and seen askew.
"""

import cv2
import numpy as np
import pytest
import segno

from hardware.scan import Grey
from kiosk.reading import known, symbol
from kiosk.reading.engines import Corners
from kiosk.reading.grid import rectify
from kiosk.reading.modules import decode
from shared.digits import checked

DOTS = 8
"""Pixels of a module as it is drawn."""
QUIET = 4
PAPER, INK = 235, 25
OUTLINES = {
    "flat": ((60, 60), (420, 60), (420, 420), (60, 420)),
    "askew": ((205, 40), (450, 150), (350, 430), (30, 300)),
}
"""Where the symbol's corners come to lie in a picture of 480 x 480: about five pixels a module."""
LONGEST = {6: 254, 7: 292, 8: 364, 9: 432, 10: 512, 11: 604, 12: 690, 13: 794}
"""Digits that fit at level M."""
UNSURE = 0.1
"""Below, a module is called grey: it says next to nothing, and must be rare."""


def drawn(version: int, mask: int) -> tuple[str, np.ndarray]:
    """A text of ours, and the matrix that another maker draws for it."""
    lot = np.random.default_rng((version, mask))
    digits = "".join(map(str, lot.integers(0, 10, LONGEST[version] - 6)))
    text = checked(f"9101{digits}")
    code = segno.make_qr(
        text, version=version, mask=mask, error="m", mode="numeric", boost_error=False
    )
    return text, np.array(code.matrix, bool)


def seen(matrix: np.ndarray, outline: Corners) -> Grey:
    """A picture of it, a little soft and noisy."""
    paper = np.where(np.pad(matrix, QUIET), INK, PAPER).astype(np.uint8)
    fine = cv2.resize(paper, None, fx=DOTS, fy=DOTS, interpolation=cv2.INTER_NEAREST)
    low, high = QUIET * DOTS, (QUIET + len(matrix)) * DOTS
    flat = np.array(((low, low), (high, low), (high, high), (low, high)), np.float32) - 0.5
    to_picture = cv2.getPerspectiveTransform(flat, np.array(outline, np.float32))
    soft = cv2.GaussianBlur(fine, (0, 0), 0.35 * DOTS)
    picture = cv2.warpPerspective(soft, to_picture, (480, 480), borderValue=PAPER)
    noise = np.random.default_rng(len(matrix)).normal(0, 5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("outline", OUTLINES.values(), ids=OUTLINES)
@pytest.mark.parametrize("version", known.VERSIONS)
def test_no_module_is_taken_for_what_it_is_not(version: int, outline: Corners) -> None:
    for mask in range(8):
        text, matrix = drawn(version, mask)
        modules = rectify(seen(matrix, outline), outline)
        assert modules is not None, mask
        assert len(modules.dark) == symbol.size_of(version)
        right = np.where(matrix, modules.dark, -modules.dark)
        assert np.argwhere(right < -UNSURE).tolist() == [], mask
        assert (right < UNSURE).mean() < 0.01, mask
        assert decode(modules) == text
