"""How well a camera sees: measures of one picture, for setting it up and for finding faults."""

from dataclasses import dataclass

import cv2
import numpy as np

from hardware.scan import Grey

ROWS, COLUMNS = 6, 8
"""Fields of the glare map: one is about as large as a thumb on a sheet."""
_WASHED_OUT = 250
SHARP = 0.35
"""Sharpness of a blur of 1.4 pixels; the usual sheet is lost at 2.0 to 2.5."""
DIM = 60.0
MOST_GLARE = 0.08
"""Share of washed-out pixels in a field above which a code there cannot be read."""


@dataclass(frozen=True, slots=True)
class Optics:
    """Measures of one picture."""

    width: int
    height: int
    sharpness: float
    """0 to 1: how much of an edge's contrast lies within one pixel. A whole one is 1."""
    brightness: float
    """Mean grey level."""
    glare: tuple[tuple[float, ...], ...]
    """Share of washed-out pixels in each field, row by row."""

    @property
    def worst_glare(self) -> float:
        """The share in the brightest field."""
        return max(max(row) for row in self.glare)


def measure(grey: Grey) -> Optics:
    """Measure a picture; about 12 ms for 720p."""
    rows, columns = grey.shape
    return Optics(columns, rows, sharpness(grey), round(float(np.mean(grey)), 1), _glare_map(grey))


def sharpness(grey: Grey) -> float:
    """How sharp the sharpest edges are, whatever the picture shows and however bright it is.

    The steepest step from one pixel to the next, against the contrast around it. Measured on
    photographed sheets, bright or dim, quiet or noisy: 0.42 at a blur of one pixel's sigma, 0.29
    at two, 0.21 at three. Without any edge it is 0.
    """
    calm = cv2.medianBlur(grey, 3)  # noise has the steepest steps of all
    step = np.abs(np.diff(calm.astype(np.int16), axis=1)).astype(np.float32)
    kernel = np.ones((1, 13), np.uint8)
    contrast = cv2.dilate(calm, kernel).astype(np.float32) - cv2.erode(calm, kernel)
    edges = contrast[:, :-1] > 40
    if np.count_nonzero(edges) < 50:
        return 0.0
    shares = step[edges] / contrast[:, :-1][edges]
    return round(float(np.percentile(shares, 95)), 2)


def _glare_map(grey: Grey) -> tuple[tuple[float, ...], ...]:
    bright = (grey >= _WASHED_OUT).astype(np.float32)
    fields = cv2.resize(bright, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    return tuple(tuple(round(float(share), 2) for share in row) for row in fields)
