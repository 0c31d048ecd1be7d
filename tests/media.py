"""Stand-ins drawn on the spot: codes, A4 pages, photographs of them. Invented content only."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import segno

from hardware.scan import Grey
from hardware.tabletop import PAGE_MM
from shared.digits import checked

OURS = checked("9101" + "0123456789" * 51)
"""As long as an ordinary sheet: version 11 at level M. Its signature is worth nothing."""
OTHER_OF_OURS = checked("9101" + "9876543210" * 51)
FOREIGN = "2/W1234567/000011112222333/A1B2C3/1"
"""Like the text on a vehicle certificate."""
DOTS_PER_MM = 6.0
SYMBOL_MM = (132.0, 8.0, 60.0)
"""Left, top and side of the code on our sheets."""


def symbol(text: str | bytes, side: int) -> Grey:
    """A QR code at level M without quiet zone, `side` pixels across."""
    modules = np.array(segno.make_qr(text, error="m").matrix, np.uint8)
    ink = np.asarray((1 - modules) * 255, np.uint8)
    return np.asarray(cv2.resize(ink, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)


def empty_page() -> Grey:
    """A4 with some lines of writing in the lower part."""
    columns, rows = (int(side * DOTS_PER_MM) for side in PAGE_MM)
    page = np.full((rows, columns), 255, np.uint8)
    for line in range(9):
        where = (90, 620 + 100 * line)
        cv2.putText(page, "Sample text of a sheet", where, cv2.FONT_HERSHEY_SIMPLEX, 1.4, 0, 3)
    return page


def put(page: Grey, text: str | bytes, left_mm: float, top_mm: float, side_mm: float) -> Grey:
    """The page with a code in it."""
    placed = page.copy()
    side = int(side_mm * DOTS_PER_MM)
    left, top = int(left_mm * DOTS_PER_MM), int(top_mm * DOTS_PER_MM)
    placed[top : top + side, left : left + side] = symbol(text, side)
    return placed


def a_sheet(text: str = OURS) -> Grey:
    """A page with the code where our sheets have it: top right, 60 mm."""
    return put(empty_page(), text, *SYMBOL_MM)


def a_certificate_with_a_sheet(text: str = OURS) -> Grey:
    """A foreign code of 25 mm beside ours."""
    return put(a_sheet(text), FOREIGN, 60, 30, 25)


def write(path: Path, grey: Grey) -> Path:
    """Save a picture in the format its name says."""
    assert cv2.imwrite(str(path), grey)
    return path


def write_pdf(path: Path, texts: Sequence[str], password: str | None = None) -> Path:
    """A PDF with one code a page, as vectors."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    left, top, side = SYMBOL_MM
    canvas = Canvas(
        str(path), A4, encrypt=StandardEncryption(password, strength=128) if password else None
    )
    for text in texts:
        matrix = segno.make_qr(text, error="m").matrix
        module = side * mm / len(matrix)
        for row, line in enumerate(matrix):
            for column, dark in enumerate(line):
                if dark:
                    x, y = left * mm + column * module, A4[1] - top * mm - (row + 1) * module
                    canvas.rect(x, y, module, module, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return path
