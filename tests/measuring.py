"""Measures what stands on a rendered page, and reads it with an engine that is not ours."""

import numpy as np
import zxingcpp


def qr_codes(picture: np.ndarray) -> list[zxingcpp.Barcode]:
    """The QR codes of a picture; digits and rules of a page pass for other codes now and then."""
    return zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)


def symbol_sides_mm(picture: np.ndarray, dpi: int) -> tuple[float, float]:
    """Width and height of the only code on an upright page, outer edge to outer edge.

    The reader only says where to look; the ink itself is measured, inside the quiet zone.
    """
    [code] = qr_codes(picture)
    corners = (code.position.top_left, code.position.bottom_right)
    margin = round(2.5 / 25.4 * dpi)
    left, top = (max(0, v - margin) for v in (corners[0].x, corners[0].y))
    right, bottom = corners[1].x + margin, corners[1].y + margin
    dark = picture[top:bottom, left:right] < 128
    columns, rows = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
    width, height = (columns[-1] - columns[0] + 1), (rows[-1] - rows[0] + 1)
    return float(width / dpi * 25.4), float(height / dpi * 25.4)
