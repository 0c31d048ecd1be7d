"""Successive frames of one code laid over each other to a fraction of a pixel, and added up.

What counts of a frame is its local contrast, where there is any: so shadows and a lamp's halo go
away, and what a reflection washes out in one frame is taken from others. Two pictures are kept.
The mean is free of noise. In the sharp one each pattern of lines counts most in the frames that
show it most strongly: a shaking hand blurs every frame along another line (Delbracio and Sapiro,
Burst deblurring by Fourier accumulation, 2015). Older frames fade. About 15 ms a frame.
"""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kiosk.reading.engines import Corners, Grey

SIDE = 384
"""Pixels of a cut-out: three to six a module."""
_MARGIN = 0.2
"""Of the place's side, around it."""
_WHITE = 240
"""Grey level from which nothing is known."""
_HALO = 25
"""Pixels around them that a lamp's halo spoils."""
_AROUND = 25
"""Pixels of the neighbourhood a pixel is compared with."""
_FAINTEST = 2.0
_FADE = 0.95
_SMOOTHED = SIDE / 50
"""Of a spectrum's magnitude, sigma in frequencies: single ones are noise."""
_SHRUNK = 2
_LEAST_LIKE = 0.4
"""Correlation with the frames before, below which a frame shows something else."""
_UNTIL = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 25, 1e-4)

Picture: TypeAlias = NDArray[np.float32]
Map: TypeAlias = NDArray[np.float64]
Points: TypeAlias = NDArray[np.float64]


class Burst:
    """Frames of one code. Begins with the first one."""

    def __init__(self, grey: Grey, place: Corners) -> None:
        self.count = 0
        """Frames that were added up."""
        self._to_frame = _map_to(place)
        self._shown = self._weight = np.zeros((SIDE, SIDE), np.float32)
        self._waves = np.zeros((SIDE, SIDE // 2 + 1), np.complex64)
        self._strengths = np.full((SIDE, SIDE // 2 + 1), 1e-12, np.float32)
        self._keep(*_contrast(_cut(grey, self._to_frame)))

    def add(self, grey: Grey, place: Corners | None) -> bool:
        """Lay a frame over those before; False when it shows something else.

        `place`: where the code was located in it, if it was.
        """
        for start in self._starts(place):
            like, to_frame = self._aligned(grey, start)
            if like >= _LEAST_LIKE:
                self._to_frame = to_frame
                self._keep(*_contrast(_cut(grey, to_frame)))
                return True
        return False

    @property
    def mean(self) -> Grey:
        """Free of noise; blurred as much as the frames are."""
        return _as_grey(self._known)

    @property
    def sharp(self) -> Grey:
        """From each frame what it shows best."""
        return _as_grey(np.fft.irfft2(self._waves / self._strengths, (SIDE, SIDE)))

    def in_frame(self, points: ArrayLike) -> Points:
        """Points of the pictures, in pixels of the newest frame: a row each."""
        there = np.asarray(points, np.float64).reshape(-1, 1, 2)
        return np.asarray(cv2.perspectiveTransform(there, self._to_frame)[:, 0], np.float64)

    @property
    def place(self) -> Corners:
        """Where the code lies in the pictures, as far as is known."""
        low, high = _MARGIN / (1 + 2 * _MARGIN) * SIDE, (1 + _MARGIN) / (1 + 2 * _MARGIN) * SIDE
        return (low, low), (high, low), (high, high), (low, high)

    @property
    def _known(self) -> Picture:
        return np.asarray(self._shown / np.maximum(self._weight, 1e-3), np.float32)

    def _starts(self, place: Corners | None) -> list[Map]:
        """Where the sheet may be now: where it was, or moved to where a code was located."""
        starts = [self._to_frame]
        if place is not None:
            before = self.in_frame((SIDE / 2, SIDE / 2))[0]
            move = np.eye(3)
            move[:2, 2] = np.mean(place, axis=0) - before
            starts.insert(0, move @ self._to_frame)
        return starts

    def _aligned(self, grey: Grey, to_frame: Map) -> tuple[float, Map]:
        """How alike frame and mean are at best, and the map that makes them so."""
        before = _small(self._known)
        shown, weight = _contrast(_cut(grey, to_frame))
        now = _small(shown)
        mask = (_small(np.minimum(weight, self._weight)) > 0.3).astype(np.uint8)
        window = cv2.createHanningWindow(before.shape[::-1], cv2.CV_32F)
        shift, _ = cv2.phaseCorrelate(before, now, window)
        warp = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]], np.float32)
        try:
            like, found = cv2.findTransformECC(
                before, now, warp, cv2.MOTION_HOMOGRAPHY, _UNTIL, mask, 3
            )
        except cv2.error:  # it diverges on pictures that have nothing in common
            return 0.0, to_frame
        grown = np.diag([_SHRUNK, _SHRUNK, 1.0])
        return float(like), to_frame @ grown @ np.asarray(found, np.float64) @ np.linalg.inv(grown)

    def _keep(self, shown: Picture, weight: Picture) -> None:
        self._shown = self._shown * np.float32(_FADE) + shown * weight
        self._weight = self._weight * np.float32(_FADE) + weight
        filled = shown * weight + self._known * (1 - weight)
        waves = np.fft.rfft2(filled).astype(np.complex64)
        strength = _strength(waves)
        self._waves = self._waves * np.float32(_FADE) + waves * strength
        self._strengths = self._strengths * np.float32(_FADE) + strength
        self.count += 1


def _map_to(place: Corners) -> Map:
    """From pixels of an upright cut-out to pixels of the frame."""
    x, y = np.mean(place, axis=0)
    across, down = np.ptp(np.array(place), axis=0)
    side = max(across, down) * (1 + 2 * _MARGIN)
    scale = side / SIDE
    return np.array([[scale, 0, x - side / 2], [0, scale, y - side / 2], [0, 0, 1]])


def _cut(grey: Grey, to_frame: Map) -> Picture:
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpPerspective(
        grey, to_frame, (SIDE, SIDE), flags=how, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, np.float32)


def _contrast(cut: Picture) -> tuple[Picture, Picture]:
    """How much lighter each pixel is than what is around it, and how much that says (0 to 1)."""
    seen = cv2.erode((cut < _WHITE).astype(np.uint8), np.ones((_HALO, _HALO), np.uint8))
    known = np.asarray(seen, np.float32)
    share = np.maximum(_box(known), np.float32(1e-3))
    off = np.asarray((cut - _box(cut * known) / share) * known, np.float32)
    spread = np.sqrt(np.maximum(_box(off * off), 0) / share)
    usual = max(_FAINTEST, float(np.percentile(spread[::8, ::8], 75)))
    weight = np.clip(spread / (0.5 * usual) - 0.3, 0, 1) * known
    shown = np.clip(off / np.maximum(spread, 0.25 * usual), -3, 3)
    return np.asarray(shown, np.float32), np.asarray(weight, np.float32)


def _box(picture: Picture) -> Picture:
    return np.asarray(cv2.boxFilter(picture, -1, (_AROUND, _AROUND)), np.float32)


def _small(picture: Picture) -> Picture:
    soft = cv2.GaussianBlur(picture, (0, 0), 2.0)
    return np.asarray(cv2.resize(soft, None, fx=1 / _SHRUNK, fy=1 / _SHRUNK), np.float32)


def _strength(waves: NDArray[np.complex64]) -> Picture:
    """How strongly a frame shows each pattern, to the eighth power: the strongest one wins."""
    rolled = np.fft.fftshift(np.abs(waves), axes=0) / np.float32(SIDE)
    soft = np.fft.ifftshift(cv2.GaussianBlur(rolled, (0, 0), _SMOOTHED), axes=0)
    return np.asarray(np.square(np.square(np.square(soft))) + 1e-12, np.float32)


def _as_grey(picture: NDArray[np.floating]) -> Grey:
    return np.asarray(np.clip(128 + 60 * picture, 0, 255), np.uint8)
