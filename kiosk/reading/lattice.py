"""Follows the lattice of a symbol's modules over folded, curled and creased paper.

Edges lie only on borders of modules, so the phase of the edges' spectrum at one period a module,
taken in a window that slides over the picture, tells how far the paper there is off the assumed
grid - without knowing a single module. Where the lattice is known (around the finder patterns the
grid was placed by) it is followed from there outwards, as a phase is unwrapped.
"""

from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reading.allowance import Allowance

Picture: TypeAlias = NDArray[np.uint8] | NDArray[np.float32]
Vertices: TypeAlias = NDArray[np.float32]
"""Pixel x, y of the corners of modules: one more row and column than there are modules."""

FINE = 6
"""Pixels a module is brought to."""
_STEP = 4
"""Pixels a module is brought to for measuring phases."""
_RIDGE = 1.2
_WIDE = 0.0004
"""Weight of vertices farther off, for where nothing near is known."""
_WAVES = np.column_stack(
    (
        *(
            wave(2 * np.pi * (np.arange(_STEP) + 0.5 + _STEP // 2) / _STEP)
            for wave in (np.cos, np.sin)
        ),
        np.ones(_STEP),
    )
).astype(np.float32)
"""What turns a module's pixels into the phase of the edges in them, and their sum."""
_STRIDE = 6.0
"""Modules gone at once from what is known into what is not, in an ordinary symbol."""
_STRAIGHT, _FARTHEST = 0.1, 4
"""Modules of correction below which the next stride may be longer, and how many times."""
_WINDOW, _LAST_WINDOWS = 3.0, (2.0, 1.6)
"""Modules, sigma of the sliding window while going on, and at the end: smaller ones bend more."""
_START = 8.0
"""Modules around a known vertex that are known too: the finder pattern."""


def vertices_of(matrix: NDArray[np.float64], size: int) -> Vertices:
    """The lattice of a flat sheet."""
    y, x = np.mgrid[: size + 1, : size + 1].astype(np.float64)
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    points = [(matrix[i, 0] * x + matrix[i, 1] * y + matrix[i, 2]) / depth for i in (0, 1)]
    return np.stack(points, axis=-1).astype(np.float32)


def flattened(picture: Picture, vertices: Vertices, fine: int = FINE) -> NDArray[np.float32]:
    """The symbol's square, `fine` pixels a module, taken out of the picture along the lattice.

    `fine`: even. Between vertices the lattice is what OpenCV's resize makes of it, half a module
    beyond the outermost ones left away: a fifth of the time of looking every pixel's place up.
    """
    steps = len(vertices) * fine
    between = np.asarray(cv2.resize(vertices - np.float32(0.5), (steps, steps)))
    at = between[fine // 2 : -(fine // 2), fine // 2 : -(fine // 2)]
    x, y = cv2.split(at)
    flat = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.float32)


def followed(
    picture: NDArray[np.float32],
    vertices: Vertices,
    known: list[tuple[int, int]],
    left: Allowance,
) -> Vertices:
    """The lattice bent to where the edges are. `known`: vertices (row, column) that are right.

    Raises TimeIsUp.
    """
    shift = np.zeros_like(vertices)
    y, x = np.mgrid[: len(vertices), : len(vertices)]
    away = np.min([np.maximum(abs(y - r), abs(x - c)) for r, c in known], axis=0)
    usual = stride = _STRIDE * max(1.0, len(vertices) / 61)
    reach = _START
    while reach < away.max() + stride:
        left.check()
        before, shift = shift, _pulled(picture, vertices, shift, (away <= reach, _WINDOW))
        front = np.abs(away - reach) < 1
        bent = float(np.abs(shift - before)[front].max(initial=0))
        # Flat paper is gone over in a few steps.
        stride = min(2 * stride, _FARTHEST * usual) if bent < _STRAIGHT else usual
        reach += stride
    for window in _LAST_WINDOWS:
        left.check()
        shift = _pulled(picture, vertices, shift, (away >= 0, window))
    return _moved(vertices, shift)


def _pulled(
    picture: NDArray[np.float32],
    base: Vertices,
    shift: Vertices,
    where: tuple[NDArray[np.bool_], float],
) -> Vertices:
    """The shift corrected by the phases seen within a mask, and continued from there."""
    mask, window = where
    off, sure = _phases(flattened(picture, _moved(base, shift), _STEP), window)
    return _continued(shift + off, sure * sure * mask, window)


def _moved(base: Vertices, shift: Vertices) -> Vertices:
    """Vertices after a shift in modules."""
    to = _places(len(base)) + shift
    inner = np.clip(to, 0, np.float32(len(base) - 1))
    x, y = cv2.split(inner)
    moved = np.asarray(cv2.remap(base, x, y, cv2.INTER_LINEAR), np.float32)
    over = to - inner
    if over.any():  # beyond the outermost vertices the lattice goes on as it ends
        right, down = np.gradient(base, axis=1), np.gradient(base, axis=0)
        moved += right * over[..., :1] + down * over[..., 1:]
    return moved


@cache
def _places(size: int) -> Vertices:
    """Of each vertex, in modules."""
    steps = np.arange(size, dtype=np.float32)
    return np.stack(np.meshgrid(steps, steps), axis=-1)


def _phases(flat: NDArray[np.float32], window: float) -> tuple[Vertices, NDArray[np.float32]]:
    """How far edges are off each vertex, in modules, and how sure that is (0 to 1)."""
    across = np.abs(cv2.Sobel(flat, cv2.CV_32F, 1, 0, ksize=3))
    down = np.abs(cv2.Sobel(flat, cv2.CV_32F, 0, 1, ksize=3))
    found = [_phase(across, window), _phase(down.T, window)]
    off = np.stack((found[0][0], found[1][0].T), axis=-1)
    return off, np.sqrt(found[0][1] * found[1][1].T)


def _phase(
    edges: NDArray[np.float32], window: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    half = _STEP // 2
    framed = cv2.copyMakeBorder(edges, half, half, half, half, cv2.BORDER_CONSTANT)
    size = len(framed) // _STEP
    cells = framed.reshape(size, _STEP, size, _STEP).sum(axis=1, dtype=np.float32)
    parts = np.moveaxis(cells @ _WAVES, -1, 0)
    near = _kernels(size, window)[0]
    real, imaginary, power = near @ parts @ near.T
    strength = np.hypot(real, imaginary)
    sure = strength / np.maximum(power, 1e-6) * np.minimum(1, power / max(1e-6, np.median(power)))
    return np.arctan2(imaginary, real) / np.float32(2 * np.pi), sure


def _continued(shift: Vertices, weight: NDArray[np.float32], window: float) -> Vertices:
    """A shift smoothed where it is known, and led on in a straight line beyond.

    At every vertex a plane is laid through what is known around it (moving least squares); it is
    kept level where too little is known to tell a slope.
    """
    size = len(shift)
    one, far, square = _kernels(size, window)
    weights = np.stack((weight, weight * shift[..., 0], weight * shift[..., 1]))
    rows = one @ weights, far @ weights, square @ weights[0]
    heights, along_x, along_y = rows[0] @ one.T, rows[0] @ far.T, rows[1] @ one.T
    (total, *_), (mx, *_), (my, *_) = heights, along_x, along_y
    total = total + np.float32(1e-9)
    stiff = _RIDGE / window**2 * total
    mxx, myy = rows[0][0] @ square.T + stiff, rows[2] @ one.T + stiff
    mxy = rows[1][0] @ far.T
    a, b, c = mxx * myy - mxy * mxy, my * mxy - mx * myy, mx * mxy - my * mxx
    scale = total * a + mx * b + my * c
    planes = heights[1:] * a + along_x[1:] * b + along_y[1:] * c
    return np.asarray(np.moveaxis(planes / scale, 0, -1), np.float32)


@cache
def _kernels(size: int, window: float) -> NDArray[np.float32]:
    """Weights of all vertices along a line for each of them: near ones count, far ones a little.

    Three such matrices: plain, times the distance, times its square.
    """
    away = (np.arange(size)[None, :] - np.arange(size)[:, None]) / window
    near = np.exp(-away * away / 2) / (window * np.sqrt(2 * np.pi)) + _WIDE / (1 + away * away)
    return np.stack((near, near * away, near * away * away)).astype(np.float32)
