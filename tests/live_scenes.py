"""Strange frames one after another, as a hand shows them to a camera, and strange pages.

A scene holds two strange pictures that take turns at one place: sums of frames then mix what never
was one sheet. Every other scene shows damaged codes. A number always gives the same scene.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from hardware.scan import Grey
from tests.strange_frames import strange

Lot = np.random.Generator
FRAMES = 12
"""Of a scene: nearly a second."""
_CODES, _OTHERS, _APART = 3, (0, 1, 2), 4
"""Numbers of strange frames, of eight: damaged codes, what is no code, and the next of a kind."""
_MIDDLE = (130, 130)
_PAGE = (877, 620)
_PAPER = 245


@dataclass(frozen=True, slots=True)
class Scene:
    """What is shown, and the texts that may be read in it."""

    frames: tuple[Grey, ...]
    page: Grey
    """Both pictures on one sheet of paper."""
    texts: frozenset[str]


def scene(number: int) -> Scene:
    """The scene of that number."""
    lot = np.random.default_rng((20261201, number))
    first = 8 * number + (int(lot.choice(_OTHERS)) if number % 2 else _CODES)
    (one, texts), (two, more) = strange(first), strange(first + _APART)
    return Scene(tuple(_filmed((one, two), lot)), _page(one, two, lot), texts | more)


def _filmed(pictures: tuple[Grey, Grey], lot: Lot) -> Iterator[Grey]:
    """Frames of the pictures, each held for a while under one light.

    Some scenes are read from the first frame, some only from several, some never.
    """
    light, noise, soft = lot.uniform(0.08, 0.6), lot.uniform(4, 16), lot.uniform(0.1, 1.5)
    held, lamp = int(lot.integers(1, FRAMES + 1)), max(0, int(lot.integers(-25, 36)))
    for at in range(FRAMES):
        move = cv2.getRotationMatrix2D(_MIDDLE, lot.normal(0, 0.4), lot.normal(1, 0.004))
        move[:, 2] += lot.normal(0, 1.5, 2)
        picture = pictures[at // held % 2]
        seen = cv2.warpAffine(picture, move, picture.shape, borderMode=cv2.BORDER_REPLICATE)
        seen = cv2.GaussianBlur(seen, (0, 0), soft)
        dark = np.clip(light * seen + lot.normal(0, noise, seen.shape), 0, 255).astype(np.uint8)
        yield _under_a_lamp(dark, lamp, at)


def _under_a_lamp(grey: Grey, reach: int, at: int) -> Grey:
    """The lamp is mirrored elsewhere in every frame; where it is, nothing is seen."""
    angle, away = 0.6 * at, 75
    x, y = (round(m + away * f(angle)) for m, f in zip(_MIDDLE, (np.cos, np.sin), strict=True))
    return np.asarray(cv2.circle(grey, (x, y), reach, 255, -1), np.uint8)


def _page(one: Grey, two: Grey, lot: Lot) -> Grey:
    """The first where our sheets have their code, the second anywhere below."""
    page = np.full(_PAGE, _PAPER, np.uint8)
    down, right = int(lot.integers(300, _PAGE[0] - 260)), int(lot.integers(0, _PAGE[1] - 260))
    page[20:280, 340:600] = one
    page[down : down + 260, right : right + 260] = two
    return page
