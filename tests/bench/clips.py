"""Clips of sheets in which no engine reads a single frame: two seconds in a hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from hardware.scan import Grey
from tests.bench.lens import FULL_HD, HD, Glare, Shot, take
from tests.bench.papers import papers
from tests.bench.readers import Answer, Read, ask
from tests.bench.troubles import Lot, held_somehow

FRAMES = 30


@dataclass(frozen=True, slots=True)
class Clip:
    """Successive frames of one sheet."""

    trouble: str
    frames: tuple[Grey, ...]
    text: str

    def shown_to(self, read: Read) -> list[Answer]:
        """What a reader says to its frames, one after another."""
        return [ask(read, frame, self.text) for frame in self.frames]


def _dark(_at: int, lot: Lot) -> dict[str, object]:
    return {"light": 0.075, "noise": 10.0, "defocus": 1.0}


def _trembling(_at: int, lot: Lot) -> dict[str, object]:
    return {"motion": (float(lot.uniform(8, 12)), float(lot.uniform(0, 180))), "defocus": 1.2}


def _wandering_glare(at: int, lot: Lot) -> dict[str, object]:
    """A lamp that walks over the code as the hand turns the sheet."""
    way = -0.45 + 0.9 * at / FRAMES
    return {"glare": (Glare(way, 0.3 * np.sin(7 * way), 0.34),)}


def _blurred_and_noisy(_at: int, lot: Lot) -> dict[str, object]:
    return {"defocus": 2.1, "light": 0.3, "noise": 11.0}


def _all_together(at: int, lot: Lot) -> dict[str, object]:
    way = -0.45 + 0.9 * at / FRAMES
    glare = (Glare(way, 0.3 * np.sin(7 * way), 0.1),)
    motion = (float(lot.uniform(4, 6)), float(lot.uniform(0, 180)))
    return {"motion": motion, "light": 0.35, "noise": 9.0, "defocus": 1.3, "glare": glare}


TROUBLES: dict[str, Callable[[int, Lot], dict[str, object]]] = {
    "dark and noisy": _dark,
    "trembling hand": _trembling,
    "glare that wanders": _wandering_glare,
    "out of focus and noisy": _blurred_and_noisy,
    "all together": _all_together,
}


def unreadable(each: int, seed: int, readers: dict[str, Read]) -> Iterator[Clip]:
    """For every trouble that many clips of which no reader reads any frame; others are dropped.

    Raises ValueError where most can be read from one frame: then the trouble is too mild.
    """
    for number, trouble in enumerate(TROUBLES):
        found, attempt = 0, 0
        while found < each:
            clip = filmed(trouble, seed + 1000 * number + attempt)
            attempt += 1
            if not any(_reads_any(read, clip) for read in readers.values()):
                found += 1
                yield clip
            elif attempt > 5 * each:
                raise ValueError(f"{trouble}: most clips can be read from one frame")


def filmed(trouble: str, seed: int, frames: int = FRAMES) -> Clip:
    """A clip, or its beginning; the same seed gives the same one."""
    lot = np.random.default_rng(seed)
    paper = papers()[seed % len(papers())]
    shot = replace(held_somehow(paper, (HD, FULL_HD)[seed // 2 % 2], lot), tilt=lot.uniform(3, 18))
    taken = [
        take(paper, replace(held, **TROUBLES[trouble](at, lot)), int(lot.integers(2**31)))  # type: ignore[arg-type]
        for at, held in enumerate(islice(_in_a_hand(shot, lot), frames))
    ]
    return Clip(trouble, tuple(taken), paper.text)


def _in_a_hand(shot: Shot, lot: Lot) -> Iterator[Shot]:
    """The same sheet, frame after frame: it drifts a little and never lies quite still."""
    drift, turning = lot.uniform(-1.2, 1.2, 2), float(lot.uniform(-0.25, 0.25))
    for at in range(FRAMES):
        x, y = drift * at + lot.normal(0, 1.5, 2)
        tilt = shot.tilt + 0.12 * at + float(lot.normal(0, 0.2))
        yield replace(shot, shift=(x, y), turn=shot.turn + turning * at, tilt=tilt)


def _reads_any(read: Read, clip: Clip) -> bool:
    return any(ask(read, frame, clip.text).read for frame in clip.frames)
