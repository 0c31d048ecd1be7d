"""The readers of QR codes behind one shape. None of them may end the program.

What they do with odd content differs: zbar guesses an encoding, zxing-cpp follows ECI. Ours are
digits, the same for both; for other codes any readable text will do, because it is only told that
they are foreign. OpenCV's detectors read nothing that these and our own sampling leave.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from pyzbar import pyzbar

Grey: TypeAlias = NDArray[np.uint8]
Point: TypeAlias = tuple[float, float]
Corners: TypeAlias = tuple[Point, Point, Point, Point]
"""In pixels of the picture that was given, clockwise; where the code's own top left is first."""

_QR_ONLY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])
"""Neither Micro QR nor rMQR, which the wider QRCode takes in."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code that was read."""

    text: str = field(repr=False)
    """Not logged: it is as good as the sheet."""
    corners: Corners


@dataclass(frozen=True, slots=True)
class Sight:
    """What an engine saw: codes it read, and places where it found a code it could not read."""

    codes: tuple[Code, ...] = ()
    unread: tuple[Corners, ...] = ()


class Engine(Protocol):
    """A reader of QR codes."""

    @property
    def name(self) -> str:
        """As it stands in logs and in the output of `kiosk read`."""

    def read(self, grey: Grey) -> Sight:
        """All codes in the picture."""


class ZXing:
    """zxing-cpp: cheap enough for every frame, and it reads down to two pixels a module."""

    name = "zxing-cpp"

    def __init__(self, *, thorough: bool) -> None:
        self._thorough = thorough

    def read(self, grey: Grey) -> Sight:
        """All codes; thorough also looks for turned and inverted ones on smaller copies."""
        found = zxingcpp.read_barcodes(
            grey,
            formats=_QR_ONLY,
            try_rotate=self._thorough,
            try_downscale=self._thorough,
            try_invert=self._thorough,
            text_mode=zxingcpp.TextMode.Plain,
            return_errors=True,
        )
        codes = [Code(code.text, _zxing_corners(code)) for code in found if code.valid]
        unread = [_zxing_corners(code) for code in found if not code.valid]
        return Sight(tuple(codes), tuple(unread))


class ZBar:
    """pyzbar, told to look for QR codes only: better than zxing-cpp under some covered spots."""

    name = "pyzbar"

    def read(self, grey: Grey) -> Sight:
        """All codes."""
        found = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
        codes = [Code(code.data.decode("utf-8", "replace"), _zbar_corners(code)) for code in found]
        return Sight(tuple(codes))


def corners_of(points: NDArray[np.floating] | Sequence[Point]) -> Corners:
    """Four points as plain numbers."""
    one, two, three, four = ((float(x), float(y)) for x, y in points)
    return one, two, three, four


def _zxing_corners(code: zxingcpp.Barcode) -> Corners:
    at = code.position
    return corners_of(
        [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
    )


def _zbar_corners(code: pyzbar.Decoded) -> Corners:
    if len(code.polygon) == 4:
        return corners_of([(p.x, p.y) for p in code.polygon])
    left, top, width, height = code.rect
    right, bottom = left + width, top + height
    return corners_of([(left, top), (right, top), (right, bottom), (left, bottom)])
