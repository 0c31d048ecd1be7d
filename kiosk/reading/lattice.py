"""Follows the lattice of a symbol's modules over folded, curled and creased paper.

Edges lie only on borders of modules, so the phase of the edges' spectrum at one period a module,
taken in a window that slides over the picture, tells how far the paper there is off the assumed
grid - without knowing a single module. Where the lattice is known (around the finder patterns the
grid was placed by) it is followed from there outwards, as a phase is unwrapped.
"""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8] | NDArray[np.float32]
Vertices: TypeAlias = NDArray[np.float32]
"""Pixel x, y of the corners of modules: one more row and column than there are modules."""

FINE = 6
"""Pixels a module is brought to."""
_REACHES = (9.0, 16.0, 26.0, 45.0, 90.0, 200.0)
"""Modules around what is known that are followed, step by step."""
_WINDOWS = (3.0, 3.0, 3.0, 2.5, 2.0, 1.6)
"""Modules, sigma of the sliding window, in the same steps: smaller ones bend more."""


def vertices_of(matrix: NDArray[np.float64], size: int) -> Vertices:
    """The lattice of a flat sheet."""
    y, x = np.mgrid[: size + 1, : size + 1].astype(np.float64)
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    points = [(matrix[i, 0] * x + matrix[i, 1] * y + matrix[i, 2]) / depth for i in (0, 1)]
    return np.stack(points, axis=-1).astype(np.float32)


def flattened(picture: Picture, vertices: Vertices, fine: int = FINE) -> NDArray[np.float32]:
    """The symbol's square, `fine` pixels a module, taken out of the picture along the lattice."""
    size = len(vertices) - 1
    steps = (np.arange(size * fine, dtype=np.float32) + 0.5) / fine
    x, y = np.meshgrid(steps, steps)
    at = np.asarray(cv2.remap(vertices, x, y, cv2.INTER_LINEAR)) - np.float32(0.5)
    flat = cv2.remap(
        picture, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, np.float32)


def followed(
    picture: NDArray[np.float32], vertices: Vertices, known: list[tuple[int, int]]
) -> Vertices:
    """The lattice bent to where the edges are. `known`: vertices (row, column) that are right."""
    base, shift = vertices, np.zeros_like(vertices)
    y, x = np.mgrid[: len(base), : len(base)]
    away = np.min([np.maximum(abs(y - r), abs(x - c)) for r, c in known], axis=0)
    for reach, window in zip(_REACHES, _WINDOWS, strict=True):
        bent = _moved(base, shift)
        off, sure = _phases(flattened(picture, bent), window)
        weight = sure * (away <= reach)
        shift = _spread(shift + off, weight, window)
    return _moved(base, shift)


def _moved(base: Vertices, shift: Vertices) -> Vertices:
    """Vertices after a shift in modules."""
    y, x = np.mgrid[: len(base), : len(base)].astype(np.float32)
    last = np.float32(len(base) - 1)
    to_x, to_y = x + shift[..., 0], y + shift[..., 1]
    inner_x, inner_y = np.clip(to_x, 0, last), np.clip(to_y, 0, last)
    inside = cv2.remap(base, inner_x, inner_y, cv2.INTER_LINEAR)
    right, down = np.gradient(base, axis=1), np.gradient(base, axis=0)
    outside = right * (to_x - inner_x)[..., None] + down * (to_y - inner_y)[..., None]
    return np.asarray(inside + outside, np.float32)


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
    size = edges.shape[0] // FINE
    turn = np.exp(2j * np.pi * (np.arange(size * FINE) + 0.5) / FINE)
    half = FINE // 2
    cells = np.pad(edges, half).reshape(size + 1, FINE, size + 1, FINE).sum(axis=1)
    turns = np.pad(turn, half).reshape(size + 1, FINE)
    wave = (cells * turns).sum(axis=2)
    real, imaginary, power = (
        cv2.GaussianBlur(part.astype(np.float32), (0, 0), window, borderType=cv2.BORDER_CONSTANT)
        for part in (wave.real, wave.imag, cells.sum(axis=2))
    )
    strength = np.hypot(real, imaginary)
    sure = strength / np.maximum(power, 1e-6) * np.minimum(1, power / max(1e-6, np.median(power)))
    return np.arctan2(imaginary, real) / np.float32(2 * np.pi), sure


def _spread(shift: Vertices, weight: NDArray[np.float32], window: float) -> Vertices:
    """The shift where it is known, smoothed; elsewhere as a gentle surface continues it."""
    y, x = np.mgrid[-1 : 1 : len(shift) * 1j, -1 : 1 : len(shift) * 1j]
    terms = np.stack((np.ones_like(x), x, y, x * x, x * y, y * y), axis=-1)
    rows = terms.reshape(-1, 6) * weight.reshape(-1, 1)
    ridge = np.diag((0, 0.1, 0.1, 3, 3, 3)) * len(shift) / 4
    wanted = rows.T @ shift.reshape(-1, 2)
    surface = terms @ np.linalg.solve(
        rows.T @ terms.reshape(-1, 6) + ridge + 1e-3 * np.eye(6), wanted
    )
    rest = (shift - surface) * weight[..., None]
    soft = cv2.GaussianBlur(rest.astype(np.float32), (0, 0), window)
    total = cv2.GaussianBlur(weight.astype(np.float32), (0, 0), window)
    return np.asarray(surface + soft / (total[..., None] + 0.02), np.float32)
