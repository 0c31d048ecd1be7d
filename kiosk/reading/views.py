"""Part of a picture, enlarged and re-toned for a reader, and the way back to the whole picture."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import cv2
import numpy as np

from kiosk.reading.engines import Code, Corners, Grey, Sight, corners_of
from kiosk.reading.refocus import refocus

MARGIN = 0.18
"""Of the code's side, around it: the quiet zone, and slack for a badly estimated corner."""
_MOST_PIXELS = 1_500_000


@dataclass(frozen=True, slots=True)
class View:
    """A cut-out of a picture."""

    grey: Grey = field(repr=False)
    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0
    """Pixels of the view for one pixel of the picture."""

    def back(self, sight: Sight) -> Sight:
        """What was seen in the view, in pixels of the whole picture."""
        return Sight(
            tuple(Code(code.text, self.back_corners(code.corners)) for code in sight.codes),
            tuple(self.back_corners(corners) for corners in sight.unread),
        )

    def enlarged(self, factor: float) -> "View":
        """The view with more (or fewer) pixels, within a bound."""
        bounded = min(factor, (_MOST_PIXELS / self.grey.size) ** 0.5)
        if abs(bounded - 1) < 0.05:
            return self
        how = cv2.INTER_CUBIC if bounded > 1 else cv2.INTER_AREA
        grey = cv2.resize(self.grey, None, fx=bounded, fy=bounded, interpolation=how)
        return View(np.asarray(grey, np.uint8), self.left, self.top, self.scale * bounded)

    def toned(self, tone: "Tone") -> "View":
        """The view with other grey levels."""
        return View(_TONES[tone](self.grey), self.left, self.top, self.scale)

    def back_corners(self, corners: Corners) -> Corners:
        """Corners in the view, in pixels of the whole picture."""
        scale, left, top = self.scale, self.left, self.top
        return corners_of([(x / scale + left, y / scale + top) for x, y in corners])


def around(grey: Grey, corners: Corners) -> View:
    """The upright cut-out that holds a code and its quiet zone."""
    across, down = zip(*corners, strict=True)
    margin = MARGIN * max(max(across) - min(across), max(down) - min(down)) + 4
    left, top = max(0, int(min(across) - margin)), max(0, int(min(down) - margin))
    right, bottom = int(max(across) + margin), int(max(down) + margin)
    return View(np.ascontiguousarray(grey[top:bottom, left:right]), left, top)


class Tone(StrEnum):
    """How grey levels are changed before reading."""

    PLAIN = "plain"
    EVEN = "even"
    """Local contrast raised (CLAHE): uneven light, faint print."""
    SHARP = "sharp"
    """Unsharp mask: defocus."""
    CRISP = "crisp"
    """A stronger and wider unsharp mask: worse defocus, small motion."""
    SMOOTH = "smooth"
    """Noise of low light, dirt, moiré."""
    LIGHT = "light"
    """Gamma 0.4: detail in the dark."""
    REFOCUSED = "refocused"
    """A blur of 0.55 modules taken back, at 5 pixels a module."""
    REFOCUSED_BOLDLY = "refocused-boldly"
    """A blur of 0.65 modules taken back, at 5 pixels a module."""
    BLACK_WHITE = "black-white"
    """One threshold for all (Otsu)."""


def _even(grey: Grey) -> Grey:
    return np.asarray(cv2.createCLAHE(3.0, (4, 4)).apply(grey), np.uint8)


def _unsharp(grey: Grey, sigma: float, amount: float) -> Grey:
    soft = cv2.GaussianBlur(grey, (0, 0), sigma)
    return np.asarray(cv2.addWeighted(grey, 1 + amount, soft, -amount, 0), np.uint8)


def _black_white(grey: Grey) -> Grey:
    return np.asarray(cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[1], np.uint8)


_GAMMA = (255 * (np.arange(256) / 255) ** 0.4).astype(np.uint8)
_TONES: dict[Tone, Callable[[Grey], Grey]] = {
    Tone.PLAIN: lambda grey: grey,
    Tone.EVEN: _even,
    Tone.SHARP: lambda grey: _unsharp(grey, 3.0, 2.0),
    Tone.CRISP: lambda grey: _unsharp(grey, 5.0, 4.0),
    Tone.SMOOTH: lambda grey: np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.5), np.uint8),
    Tone.LIGHT: lambda grey: np.asarray(cv2.LUT(grey, _GAMMA), np.uint8),
    Tone.REFOCUSED: lambda grey: refocus(grey, 2.75, 0.003),
    Tone.REFOCUSED_BOLDLY: lambda grey: refocus(grey, 3.25, 0.001),
    Tone.BLACK_WHITE: _black_white,
}
