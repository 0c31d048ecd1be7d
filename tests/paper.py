"""Sheets on paper, and what becomes of them on the way to a counter: printed at any resolution,
shrunk by a printer's dialogue, faxed, copied from a copy.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from pyzbar import pyzbar

from issuer.geometry import PAGE_HEIGHT, PAGE_WIDTH
from issuer.layout import SheetFacts
from kiosk.reading.pages import read_page
from shared.domain import FilingNumber, Purpose
from tests.measuring import qr_codes

Grey = NDArray[np.uint8]
DPI = (150, 200, 300, 600)
SHRUNK = 0.7
FAX_FINE, FAX_STANDARD = 196, 98
"""Lines per inch; across it is 204 dots per inch either way (ITU-T T.4)."""
_FAX_ACROSS = 204
_COPIER = 300
_LADDER = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0)

ISSUED = datetime(2026, 11, 22, 15, 5, 0, tzinfo=UTC)
LONG_NAME = "齋" * 50 + "（00000001）"


def digits(length: int) -> str:
    """Decimal text of that length without a pattern in it."""
    text = ""
    seed = 20260401
    while len(text) < length:
        seed = seed * 6364136223846793005 % 2**61
        text += str(seed)
    return "9101" + text[: length - 4]


def facts(purpose: Purpose = Purpose.AUTHENTICATION, name: str = "見本　太郎") -> SheetFacts:
    """What stands on a sheet of that kind; its code is as long as a real one and worth nothing."""
    individual = purpose is Purpose.INDIVIDUAL
    with_procedure = purpose in (Purpose.AUTHENTICATION, Purpose.INDIVIDUAL)
    return SheetFacts(
        purpose=purpose,
        payload=digits(240 if individual else 516),
        search_key="K111 1111 1111 1111" if individual else "2111 1111 1111 1111",
        issued_at=ISSUED,
        procedure="新車（新規検査・地方税申告）" if with_procedure else None,
        receiver_name=None if individual else name,
        filing_number=FilingNumber("12345678901234567") if individual else None,
    )


def rendered(pdf: bytes, dpi: float) -> Grey:
    """The only page of a PDF, in grey."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert len(document) == 1
        picture = document[0].render(scale=dpi / 72, grayscale=True).to_numpy()
        return np.array(picture.squeeze(), np.uint8)
    finally:
        document.close()


def shrunk(pdf: bytes, dpi: float) -> Grey:
    """Printed at 70 %, as a dialogue does that fits pages; the rest of the paper stays white."""
    page = rendered(pdf, dpi * SHRUNK)
    rows, columns = (round(side / 25.4 * dpi) for side in (PAGE_HEIGHT, PAGE_WIDTH))
    paper = np.full((rows, columns), 255, np.uint8)
    paper[: page.shape[0], : page.shape[1]] = page
    return paper


def faxed(pdf: bytes, lines_per_inch: int) -> Grey:
    """Black or white, in a fax's dots, and printed by the machine that received it."""
    rows = round(PAGE_HEIGHT / 25.4 * lines_per_inch)
    columns = round(PAGE_WIDTH / 25.4 * _FAX_ACROSS)
    dots = cv2.resize(rendered(pdf, 600), (columns, rows), interpolation=cv2.INTER_AREA)
    black_or_white = np.where(dots < 128, 0, 255).astype(np.uint8)
    taller = FAX_FINE // lines_per_inch
    return np.asarray(np.repeat(black_or_white, taller, axis=0), np.uint8)


def copied_twice(pdf: bytes) -> Grey:
    """A photocopy of a photocopy, at the copier's 300 dpi."""
    page, chance = rendered(pdf, _COPIER), np.random.default_rng(20261123)
    for turn in (0.4, -0.7):
        page = _copied(page, turn, chance)
    return page


def _copied(page: Grey, turn: float, chance: np.random.Generator) -> Grey:
    """Laid on the glass a little askew, seen a little unsharp, noisy, with harder contrast."""
    rows, columns = page.shape
    askew = cv2.getRotationMatrix2D((columns / 2, rows / 2), turn, 0.99)
    seen = cv2.warpAffine(page, askew, (columns, rows), borderValue=255)
    seen = cv2.GaussianBlur(seen, (0, 0), 1.4).astype(np.float32)
    noisy = seen + chance.normal(0, 12, seen.shape).astype(np.float32)
    return np.clip((noisy - 128) * 1.5 + 128, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Paper:
    """One way a sheet can come to a counter, and what a scanner makes of it."""

    name: str
    dpi: float
    """Of the picture."""
    look: Callable[[], Grey]
    scale: float = 1
    """Of the symbol against sixty millimetres."""
    dots: float = 1
    """Dots that were sampled for each pixel of the picture, along its coarser axis."""

    @cached_property
    def picture(self) -> Grey:
        """The page as a scanner sees it."""
        return self.look()

    def module_dots(self, module_mm: float) -> float:
        """Sampled dots a module, for modules that were meant to be so wide."""
        return module_mm * self.scale * self.dpi / 25.4 * self.dots


def papers(pdf: bytes) -> Iterator[Paper]:
    """Everything that can happen to a sheet of which this is the file or the browser's print."""
    for dpi in DPI:
        yield Paper(f"{dpi} dpi", dpi, partial(rendered, pdf, dpi))
    for dpi in DPI:
        yield Paper(f"{dpi} dpi, 70 %", dpi, partial(shrunk, pdf, dpi), scale=SHRUNK)
    copy = copied_twice(pdf)
    for dpi in DPI:
        yield Paper(f"{dpi} dpi, copy of a copy", dpi, partial(_at, copy, dpi), scale=0.98)
    for lines in (FAX_FINE, FAX_STANDARD):
        look, name = partial(faxed, pdf, lines), f"fax, 204 x {lines}"
        yield Paper(name, FAX_FINE, look, dots=lines / FAX_FINE)


def _at(copy: Grey, dpi: float) -> Grey:
    by = cv2.INTER_AREA if dpi < _COPIER else cv2.INTER_CUBIC
    size = dpi / _COPIER
    return np.asarray(cv2.resize(copy, None, fx=size, fy=size, interpolation=by), np.uint8)


_QR_ONLY = [pyzbar.ZBarSymbol.QRCODE]
READERS: dict[str, Callable[[Grey], list[str]]] = {
    "uketori": lambda grey: [code.text for code in read_page(grey).codes],
    "zxing-cpp": lambda grey: [code.text for code in qr_codes(grey)],
    "pyzbar": lambda grey: [code.data.decode() for code in pyzbar.decode(grey, _QR_ONLY)],
}


def least_dots(paper: Paper, module_mm: float, text: str, reader: str) -> float | None:
    """With how few dots a module the reader still reads this paper; None if it never does.

    The picture is made smaller and smaller: what is lost is sharpness, as with a worse scanner.
    """
    present = paper.module_dots(module_mm)
    for dots in (*(step for step in _LADDER if step < present), present):
        size = dots / present
        small = cv2.resize(paper.picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
        if text in READERS[reader](np.asarray(small, np.uint8)):
            return dots
    return None
