"""A table under a camera, drawn: real A4 pages laid before it, one after another.

The demo plays such a clip instead of a camera, and the tests photograph pages with it. A pose and
a seed always give the same picture.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from math import cos, pi, radians, sin
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.scan import Grey

WIDTH, HEIGHT = 1280, 720
RATE = 15.0
"""Frames a second."""
PAGE_MM = (210.0, 297.0)
_FOCAL = 1400.0
"""Focal length in pixels: 49 degrees across, an ordinary webcam."""
_TABLE_GREY = 96
_SLIDE_SECONDS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How a page lies before the camera, and how well it is photographed."""

    pixels_per_mm: float = 3.6
    """In the middle of the page's shown part."""
    focus: tuple[float, float] = (0.5, 0.3)
    """The point of the page that is in the middle of the frame: fractions of width and height."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Moved from there, in pixels."""
    turn: float = 0.0
    """Degrees in the plane of the table."""
    tilt: float = 0.0
    """Degrees away from the camera: the upper edge is farther off."""
    blur: float = 0.8
    """Defocus, sigma in pixels."""
    light: float = 0.9
    """Brightness of white paper; 1 is white."""
    gradient: float = 0.25
    """How much darker the right side is than the left."""
    noise: float = 3.0
    """Sigma in grey levels."""


FLAT = Pose()


def photograph(page: Grey, pose: Pose = FLAT, seed: int = 0) -> Grey:
    """One picture of a page on the table, 1280 x 720."""
    return Table(seed).photograph(page, pose)


class Table:
    """The empty table, its light and the camera's noise, made once for many pictures."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        grain = self._random.normal(0, 6, (HEIGHT, WIDTH)).astype(np.float32)
        self._wood = _float(cv2.GaussianBlur(grain, (0, 0), 12, sigmaY=1.5)) * 4 + _TABLE_GREY
        self._noise = self._random.normal(0, 1, (HEIGHT * 2, WIDTH)).astype(np.float32)

    def photograph(self, page: Grey, pose: Pose) -> Grey:
        """A picture of the page as it lies."""
        matrix = _homography(page, pose)
        # INTER_AREA cannot warp: without a blur first, fine modules would alias.
        shrink = pose.pixels_per_mm * PAGE_MM[0] / page.shape[1]
        smooth = cv2.GaussianBlur(page, (0, 0), 0.4 / shrink) if shrink < 0.8 else page
        size = (WIDTH, HEIGHT)
        paper = cv2.warpPerspective(smooth, matrix, size, flags=cv2.INTER_LINEAR)
        cover = cv2.warpPerspective(np.full_like(page, 255), matrix, size)
        shade = _float(cv2.GaussianBlur(cover, (0, 0), 9)) * np.float32(-0.12)
        seen = self._wood + shade
        share = _float(cover) / np.float32(255)
        return self._expose(seen + share * (paper - seen), pose)

    def empty(self, pose: Pose = FLAT) -> Grey:
        """A picture of the table alone."""
        return self._expose(self._wood, pose)

    def _expose(self, scene: NDArray[np.float32], pose: Pose) -> Grey:
        light = pose.light * np.linspace(1, 1 - pose.gradient, WIDTH, dtype=np.float32)
        sharp = scene * light
        seen = _float(cv2.GaussianBlur(sharp, (0, 0), pose.blur)) if pose.blur else sharp
        top = int(self._random.integers(0, HEIGHT))
        seen = seen + self._noise[top : top + HEIGHT] * pose.noise
        return np.clip(seen, 0, 255).astype(np.uint8)


def _float(picture: NDArray[Any]) -> NDArray[np.float32]:
    return picture.astype(np.float32, copy=False)


def _homography(page: Grey, pose: Pose) -> NDArray[np.float64]:
    """Pixels of the page to pixels of the frame: a pinhole camera above the tilted sheet."""
    rows, columns = page.shape
    to_mm = np.diag([PAGE_MM[0] / columns, PAGE_MM[1] / rows, 1.0])
    to_mm[0, 2] = -pose.focus[0] * PAGE_MM[0]
    to_mm[1, 2] = -pose.focus[1] * PAGE_MM[1]
    turn, tilt = radians(pose.turn), radians(pose.tilt)
    turned = np.array([[cos(turn), -sin(turn), 0], [sin(turn), cos(turn), 0], [0, 0, 1]])
    distance = _FOCAL / pose.pixels_per_mm
    tilted = np.array([[1, 0, 0], [0, cos(tilt), 0], [0, -sin(tilt), distance]])
    centre = (WIDTH / 2 + pose.shift[0], HEIGHT / 2 + pose.shift[1])
    camera = np.array([[_FOCAL, 0, centre[0]], [0, _FOCAL, centre[1]], [0, 0, 1]])
    return np.asarray(camera @ tilted @ turned @ to_mm)


def walk(
    pages: Sequence[Grey], shown_seconds: float, empty_seconds: float, seed: int
) -> Iterator[Grey]:
    """The frames of a clip: empty table, a page slides in, lies, trembles, slides out; the next."""
    table = Table(seed)
    random = np.random.default_rng(seed)
    for page in pages:
        for _ in range(int(empty_seconds * RATE)):
            yield table.empty()
        lies = _some_pose(random)
        for pose in _visit(lies, shown_seconds, random):
            yield table.photograph(page, pose)
    for _ in range(int(empty_seconds * RATE)):
        yield table.empty()


def _some_pose(random: np.random.Generator) -> Pose:
    return Pose(
        pixels_per_mm=float(random.uniform(3.6, 4.2)),
        turn=float(random.uniform(-9, 9)),
        tilt=float(random.uniform(5, 24)),
        blur=float(random.uniform(0.6, 1.1)),
        light=float(random.uniform(0.8, 0.95)),
        gradient=float(random.uniform(0.1, 0.3)),
    )


def _visit(lies: Pose, seconds: float, random: np.random.Generator) -> Iterator[Pose]:
    """In from the right, out to the left; a moving sheet is blurred."""
    slide = int(_SLIDE_SECONDS * RATE)
    way = [0.5 * (1 + cos(pi * step / slide)) for step in range(slide)]
    for far in way:
        yield replace(lies, shift=(1500 * far, 60 * far), blur=lies.blur + 2 * far * (1 - far) * 4)
    for _ in range(int(seconds * RATE)):
        tremble = random.normal(0, 0.7, 2)
        yield replace(lies, shift=(float(tremble[0]), float(tremble[1])))
    for far in reversed(way):
        yield replace(lies, shift=(-1500 * far, 0.0), blur=lies.blur + 2 * far * (1 - far) * 4)


def record(
    pages: Sequence[Grey],
    path: Path,
    *,
    shown_seconds: float = 3.0,
    empty_seconds: float = 1.2,
    seed: int = 1,
) -> Generator[int, None, None]:
    """Write a clip of the pages as Motion JPEG in AVI; gives the frames written after each.

    A generator, so that the demo can show how far it is: exhaust it. Raises OSError when the file
    cannot be written. The file appears whole or not at all.
    """
    unfinished = path.with_name(f".{path.stem}.avi")
    fourcc = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(unfinished), fourcc, RATE, (WIDTH, HEIGHT), isColor=False)
    if not writer.isOpened():
        raise OSError(f"cannot write a clip at {path}")
    try:
        for number, grey in enumerate(walk(pages, shown_seconds, empty_seconds, seed), 1):
            writer.write(grey)
            yield number
    finally:
        writer.release()
    unfinished.replace(path)
