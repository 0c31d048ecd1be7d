"""Real photographs with their texts, where there are some: a folder of NN.png beside NN.txt.

They are not ours to copy. The folder is PHOTOGRAPHS in the environment, or lies beside the
checkout.
"""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.reading.engines import ZXing
from kiosk.reading.pages import read_page

FOLDER = Path(os.environ.get("PHOTOGRAPHS", Path(__file__).parents[2].parent / "shared" / "photos"))
PICTURES = sorted(path for path in FOLDER.rglob("*.png") if path.with_suffix(".txt").is_file())
WANTED, OF = 172, 179
"""At least so many of the photographs beside the checkout, and as large a share of others."""
MISLABELLED = {
    "The 2005 USGS aerial photograph of the Washington Monument is censored.": (
        "The 2005 USGS aerial photography of the Washington Monument is censored."
    )
}
"""What the symbol says instead; error correction leaves no doubt. It does not count as read."""
BESIDE = {"[内側QRコード]\n\n*ダブルQR*\nhttp://d-qr.net/ex/"}
"""Texts of further codes in the photographs: one symbol has another in its middle."""

pytestmark = pytest.mark.skipif(not PICTURES, reason=f"there are no photographs in {FOLDER}")


def said(text: str) -> str:
    """A text whatever its line ends, which files and codes write differently."""
    return "\n".join(text.splitlines()).strip()


def text_of(path: Path) -> str:
    return said(path.with_suffix(".txt").read_text("utf-8"))


def grey(path: Path) -> np.ndarray:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def wrong_texts(given: set[str], right: str) -> set[str]:
    """Whatever was read and is not in the picture, also beside the right text."""
    return given - BESIDE - {right, MISLABELLED.get(right, right)}


def test_more_photographs_are_read_than_by_the_best_engine_and_none_wrong() -> None:
    zxing, ours, wrong = 0, 0, []
    for path in PICTURES:
        right = text_of(path)
        alone = {said(code.text) for code in ZXing(thorough=True).read(grey(path)).codes}
        texts = {said(code.text) for code in read_page(grey(path)).codes}
        zxing += right in alone
        ours += right in texts
        wrong += [(path.name, text) for text in wrong_texts(texts, right)]
    assert wrong == []
    assert ours >= max(zxing, len(PICTURES) * WANTED / OF)


def test_a_wrong_text_beside_the_right_one_is_wrong() -> None:
    (label, symbol), (inner,) = next(iter(MISLABELLED.items())), BESIDE
    assert wrong_texts({"right", "wrong", inner}, "right") == {"wrong"}
    assert wrong_texts({symbol}, label) == set()
