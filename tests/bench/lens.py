"""A camera over a sheet that may be bent: one picture of it, as a webcam would deliver it.

`hardware.tabletop` shows flat pages at one size, which is enough for a demo; here the paper is a
curved surface, the light may be reflected, and the picture goes through Motion JPEG. A shot and a
seed always give the same picture.
"""

from dataclasses import dataclass
from math import cos, radians, sin, tan
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.scan import Grey
from tests.bench.papers import DOTS_PER_MM, Paper

Field: TypeAlias = NDArray[np.float32]
HD, FULL_HD = (1280, 720), (1920, 1080)
_VIEW = 49.0
"""Degrees across: an ordinary webcam."""
_COARSE = 4
"""Pixels between the points at which the paper's surface is worked out."""
_JPEG_QUALITY = 90
_TABLE = 96.0


@dataclass(frozen=True, slots=True)
class Bend:
    """How the paper leaves the plane, across one straight line over it."""

    degrees: float
    """Of a fold; of a curl, over 100 mm."""
    across: float
    """Direction of the bend on the page, degrees; 0 bends left and right."""
    at: float = 0.0
    """Millimetres from the middle of the symbol."""
    sharp: bool = True
    """A fold; otherwise a curl."""

    def raise_(self, along: Field) -> tuple[Field, Field, Field]:
        """Where points of the page come to lie: along the bend, above the table, and the slope."""
        beyond, angle = along - np.float32(self.at), radians(self.degrees)
        if self.sharp:
            lifted = np.maximum(beyond, 0)
            flat = np.minimum(beyond, 0)
            slope = np.where(beyond > 0, np.float32(angle), np.float32(0))
            return self.at + flat + lifted * cos(angle), lifted * sin(angle), slope
        radius = 100 / angle
        slope = np.clip(beyond / radius, -1.1, 1.1)
        rest = beyond - slope * radius
        return (
            self.at + radius * np.sin(slope) + rest * np.cos(slope),
            radius * (1 - np.cos(slope)) + rest * np.sin(slope),
            slope,
        )


@dataclass(frozen=True, slots=True)
class Glare:
    """A lamp mirrored by the paper."""

    x: float
    y: float
    """Its middle, from the middle of the symbol; 1 is the symbol's side."""
    share: float
    """Of the symbol's area that is washed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """How a sheet lies before the camera, and how well it is photographed."""

    size: tuple[int, int] = HD
    module: float = 4.0
    """Pixels of a module in the middle of the symbol."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Pixels of the symbol's middle from the middle of the frame."""
    turn: float = 0.0
    tilt: float = 0.0
    """Degrees; the upper edge of the frame is farther off."""
    bend: Bend | None = None
    defocus: float = 0.8
    """Sigma in pixels."""
    motion: tuple[float, float] = (0.0, 0.0)
    """Pixels, and their direction in degrees."""
    light: float = 0.88
    gradient: float = 0.2
    noise: float = 3.0
    """Sigma in grey levels."""
    glare: tuple[Glare, ...] = ()


def take(paper: Paper, shot: Shot, seed: int) -> Grey:
    """The picture."""
    lot = np.random.default_rng(seed)
    x, y, slope = _surface(paper, shot)
    # A remap takes single pixels: without a blur first, fine modules would alias.
    shrink = shot.module / (paper.module * DOTS_PER_MM)
    page = cv2.GaussianBlur(paper.page, (0, 0), 0.4 / shrink) if shrink < 0.8 else paper.page
    sheet = cv2.remap(page, x, y, cv2.INTER_LINEAR, borderValue=255).astype(np.float32)
    high, wide = page.shape
    inside = ((x > 0) & (y > 0) & (x < wide) & (y < high)).astype(np.float32)
    share = cv2.blur(inside, (3, 3))
    scene = _table(shot.size, lot) * (1 - share) + sheet * share * (1 - 0.3 * np.abs(np.sin(slope)))
    return _exposed(scene, shot, paper, lot)


def empty(size: tuple[int, int], seed: int) -> Grey:
    """A table with nothing on it."""
    lot = np.random.default_rng(seed)
    return _developed(_lit(_table(size, lot), Shot(size=size)), Shot(size=size), lot)


def _surface(paper: Paper, shot: Shot) -> tuple[Field, Field, Field]:
    """For each pixel of the frame, the point of the page it sees, and the paper's slope there.

    The page seen flat gives a first guess; each round moves it by what the bend displaces.
    """
    wide, high = shot.size
    across = np.arange(0, wide + _COARSE, _COARSE, dtype=np.float32)
    down = np.arange(0, high + _COARSE, _COARSE, dtype=np.float32)
    pixels = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 1, 2)
    flat = _flat(paper, shot)
    back = np.linalg.inv(flat)
    points = cv2.perspectiveTransform(pixels, back)
    slope = np.zeros(points.shape[:1], np.float32)
    for _ in range(12 if shot.bend else 0):
        seen, slope = _seen(points, paper, shot)
        moved = seen - cv2.perspectiveTransform(points, flat)
        points = cv2.perspectiveTransform((pixels - moved).astype(np.float32), back)
    dots = points.reshape(len(down), len(across), 2) + np.asarray(_middle(paper), np.float32)
    fine = [_finer(dots[..., axis] * DOTS_PER_MM, shot.size) for axis in (0, 1)]
    return fine[0], fine[1], _finer(slope.reshape(len(down), len(across)), shot.size)


def _finer(coarse: Field, size: tuple[int, int]) -> Field:
    """Values at every fourth pixel, filled in between."""
    wide, high = size
    x, y = np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32)
    where = np.meshgrid(x / _COARSE, y / _COARSE)
    return np.asarray(cv2.remap(coarse.astype(np.float32), *where, cv2.INTER_LINEAR), np.float32)


def _seen(points: Field, paper: Paper, shot: Shot) -> tuple[Field, Field]:
    """Where points of the bent page appear in the frame."""
    assert shot.bend
    angle = radians(shot.bend.across)
    axis, other = np.array([cos(angle), sin(angle)]), np.array([-sin(angle), cos(angle)])
    along, above, slope = shot.bend.raise_((points[:, 0] @ axis).astype(np.float32))
    plane = along[:, None] * axis + (points[:, 0] @ other)[:, None] * other
    space = np.column_stack([plane, above, np.ones(len(plane))])
    seen = space @ _camera(paper, shot).T
    return (seen[:, None, :2] / seen[:, None, 2:]).astype(np.float32), slope


def _camera(paper: Paper, shot: Shot) -> NDArray[np.float64]:
    """Millimetres around the symbol's middle, in space, to pixels of the frame: 3 x 4."""
    focal = shot.size[0] / 2 / tan(radians(_VIEW / 2))
    turn, tilt = radians(shot.turn), radians(shot.tilt)
    turned = np.array([[cos(turn), -sin(turn), 0], [sin(turn), cos(turn), 0], [0, 0, 1]])
    tilted = np.array([[1, 0, 0], [0, cos(tilt), sin(tilt)], [0, -sin(tilt), cos(tilt)]])
    flip = np.diag([1.0, 1.0, -1.0])  # above the table is towards the camera
    distance = focal * paper.module / shot.module
    outside = np.column_stack([tilted @ turned @ flip, [0, 0, distance]])
    middle = (shot.size[0] / 2 + shot.shift[0], shot.size[1] / 2 + shot.shift[1])
    inside = np.array([[focal, 0, middle[0]], [0, focal, middle[1]], [0, 0, 1]])
    return np.asarray(inside @ outside)


def _flat(paper: Paper, shot: Shot) -> NDArray[np.float64]:
    return _camera(paper, shot)[:, [0, 1, 3]]


def _middle(paper: Paper) -> tuple[float, float]:
    box = paper.symbol
    return box.left + box.width / 2, box.top + box.height / 2


def _table(size: tuple[int, int], lot: np.random.Generator) -> Field:
    grain = lot.normal(0, 24, (size[1] // 2, size[0] // 2)).astype(np.float32)
    wood = cv2.GaussianBlur(grain, (0, 0), 6, sigmaY=1) + np.float32(_TABLE)
    return np.asarray(cv2.resize(wood, size), np.float32)


def _exposed(scene: Field, shot: Shot, paper: Paper, lot: np.random.Generator) -> Grey:
    lit = _lit(scene, shot)
    for glare in shot.glare:
        lit = np.maximum(lit, _lamp(glare, shot, paper))
    return _developed(lit, shot, lot)


def _lit(scene: Field, shot: Shot) -> Field:
    return scene * (shot.light * np.linspace(1, 1 - shot.gradient, shot.size[0], dtype=np.float32))


def _lamp(glare: Glare, shot: Shot, paper: Paper) -> Field:
    """A bright ellipse with a soft edge, which hides what lies under it."""
    side = paper.symbol.width
    at = np.array([[[glare.x * side, glare.y * side]]], np.float32)
    x, y = cv2.perspectiveTransform(at, _flat(paper, shot))[0, 0]
    radius = (glare.share / np.pi) ** 0.5 * side * shot.module / paper.module
    across = (np.arange(shot.size[0], dtype=np.float32) - x) / (radius * 1.3)
    down = (np.arange(shot.size[1], dtype=np.float32)[:, None] - y) / (radius / 1.3)
    return np.asarray(330 * np.exp(-0.26 * (across**2 + down**2) ** 2), np.float32)


def _developed(lit: Field, shot: Shot, lot: np.random.Generator) -> Grey:
    """Lens, sensor and compression."""
    seen = cv2.GaussianBlur(lit, (0, 0), shot.defocus) if shot.defocus else lit
    if shot.motion[0] > 1:
        seen = cv2.filter2D(seen, -1, _smear(*shot.motion))
    grains = lot.standard_normal(seen.shape, dtype=np.float32) * np.float32(shot.noise)
    sensed = np.clip(seen + grains, 0, 255).astype(np.uint8)
    jpeg = cv2.imencode(".jpg", sensed, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8)


def _smear(length: float, degrees: float) -> Field:
    """A straight line of that many pixels, as a kernel."""
    reach = int(length / 2) + 2
    fine, scale = np.zeros((2 * reach + 1,) * 2, np.float32), 8
    big = cv2.resize(fine, None, fx=scale, fy=scale)
    middle = big.shape[0] / 2
    away = np.array([cos(radians(degrees)), sin(radians(degrees))]) * length / 2 * scale
    ends = [tuple(int(v) for v in middle + way * away) for way in (-1, 1)]
    cv2.line(big, ends[0], ends[1], 1.0, scale)
    kernel = cv2.resize(big, fine.shape, interpolation=cv2.INTER_AREA)
    return np.asarray(kernel / kernel.sum(), np.float32)
