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
MISLABELLED = {"The 2005 USGS aerial photograph of the Washington Monument is censored."}
"""The symbol says "photography"; error correction leaves no doubt."""

pytestmark = pytest.mark.skipif(not PICTURES, reason=f"there are no photographs in {FOLDER}")


def said(text: str) -> str:
    """A text whatever its line ends, which files and codes write differently."""
    return "\n".join(text.splitlines()).strip()


def text_of(path: Path) -> str:
    return said(path.with_suffix(".txt").read_text("utf-8"))


def grey(path: Path) -> np.ndarray:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def test_more_photographs_are_read_than_by_the_best_engine_and_none_wrong() -> None:
    pictures = [path for path in PICTURES if text_of(path) not in MISLABELLED]
    zxing, ours, wrong = 0, 0, []
    for path in pictures:
        alone = {said(code.text) for code in ZXing(thorough=True).read(grey(path)).codes}
        texts = {said(code.text) for code in read_page(grey(path)).codes}
        zxing += text_of(path) in alone
        ours += text_of(path) in texts
        wrong += [(path.name, texts)] if texts and text_of(path) not in texts else []
    assert wrong == []
    assert ours >= max(zxing, 0.96 * len(pictures))
