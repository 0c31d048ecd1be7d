"""What can be wrong with a sheet before a camera, each in steps from mild to hopeless."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from hardware.scan import Grey
from tests.bench import wear
from tests.bench.lens import FULL_HD, HD, Bend, Glare, Shot, take
from tests.bench.papers import Paper, papers

Lot = np.random.Generator
Wear = Callable[[Paper, float, Lot], Paper]
_USUAL = 3.9
"""Pixels of a module: a sheet held so that its upper half fills the picture."""
_DARK = {1: (0.24, 7.0), 2: (0.14, 8.0), 3: (0.09, 8.0)}
"""Light and noise; an ordinary webcam in a room, at a lamp, in the evening."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong: with the shot, with the paper, or with both."""

    name: str
    steps: tuple[float, ...]
    shot: Callable[[float, Lot], dict[str, object]] = lambda _step, _lot: {}
    wear: Wear = lambda paper, _step, _lot: paper


@dataclass(frozen=True, slots=True)
class Case:
    """A picture and what stands on the sheet in it."""

    trouble: str
    step: float
    grey: Grey
    text: str


def _somewhere(step: float, lot: Lot) -> dict[str, object]:
    x, y = lot.uniform(-0.35, 0.35, 2)
    return {"glare": (Glare(float(x), float(y), step),)}


def _bent(step: float, lot: Lot, *, sharp: bool) -> dict[str, object]:
    across, at = float(lot.uniform(0, 180)), float(lot.uniform(-20, 20))
    return {"bend": Bend(step, across, at, sharp), "turn": float(lot.uniform(0, 360))}


def _a_little_of_all(step: float, lot: Lot) -> dict[str, object]:
    return {
        "tilt": 12 + 8 * step, "defocus": 0.9 + 0.3 * step, "light": 0.6 - 0.1 * step,
        "noise": 4 + step, "motion": (1 + step, float(lot.uniform(0, 180))),
        "bend": Bend(10 + 5 * step, float(lot.uniform(0, 180)), sharp=False),
    }  # fmt: skip


def _worn_a_little(paper: Paper, step: float, lot: Lot) -> Paper:
    return wear.creased(wear.stained(paper, step, lot), 2 * step, lot)


TROUBLES = (
    Trouble("pixels per module", (2, 2.5, 3, 4, 6, 8), lambda step, _: {"module": step}),
    Trouble("tilt, degrees", (20, 35, 50), lambda step, _: {"tilt": step}),
    Trouble("defocus, pixels", (1.5, 2, 2.5, 3), lambda step, _: {"defocus": step}),
    Trouble(
        "motion, pixels", (3, 5, 7), lambda step, lot: {"motion": (step, lot.uniform(0, 180))}
    ),
    Trouble(
        "low light, steps", (1, 2, 3),
        lambda step, _: dict(zip(("light", "noise"), _DARK[int(step)], strict=True)),
    ),
    Trouble("glare, share", (0.05, 0.1, 0.2), _somewhere),
    Trouble("fold, degrees", (15, 30, 45), lambda step, lot: _bent(step, lot, sharp=True)),
    Trouble("curl, degrees", (20, 40, 60), lambda step, lot: _bent(step, lot, sharp=False)),
    Trouble("creases", (3, 6, 10), wear=wear.creased),
    Trouble("stains", (4, 8, 12), wear=wear.stained),
    Trouble("coffee, cups", (1, 2, 3), wear=wear.coffee),
    Trouble("photocopies", (2, 4, 6), wear=wear.photocopied),
    Trouble("fax, lines per mm", (7.7, 3.85), wear=wear.faxed),
    Trouble("shrunk to", (0.8, 0.7, 0.6), lambda step, _: {"module": _USUAL * step}, wear.shrunk),
    Trouble("finders covered", (1, 2), wear=wear.finder_covered),
    Trouble("corner torn, modules", (7, 10), wear=wear.finder_torn),
    Trouble("thumb, share", (0.1, 0.15, 0.2), wear=wear.thumb),
    Trouble("pen strokes", (2, 5, 8), wear=wear.pen_strokes),
    Trouble("a little of all", (1, 2), _a_little_of_all, _worn_a_little),
)  # fmt: skip


def count(repeats: int) -> int:
    """How many pictures `cases` will give."""
    return sum(len(trouble.steps) for trouble in TROUBLES) * repeats


def cases(repeats: int, seed: int) -> Iterator[Case]:
    """Each step of each trouble, `repeats` times: papers take turns, and so do both sizes."""
    number = 0
    for trouble in TROUBLES:
        for step in trouble.steps:
            for _ in range(repeats):
                yield _case(trouble, step, number, seed)
                number += 1


def _case(trouble: Trouble, step: float, number: int, seed: int) -> Case:
    lot = np.random.default_rng((seed, number))
    sheet = papers()[number % len(papers())]
    paper = trouble.wear(sheet, step, lot)
    held = held_somehow(paper, (HD, FULL_HD)[(number // 2) % 2], lot)
    shot = _within_the_frame(replace(held, **trouble.shot(step, lot)), paper, lot)  # type: ignore[arg-type]
    return Case(trouble.name, step, take(paper, shot, int(lot.integers(2**31))), paper.text)


def held_somehow(paper: Paper, size: tuple[int, int], lot: Lot) -> Shot:
    """An ordinary shot: turned any way, tilted a little, about as sharp and bright as usual."""
    return Shot(
        size=size,
        module=_USUAL * float(lot.uniform(0.95, 1.08)),
        turn=float(lot.uniform(0, 360)),
        tilt=float(lot.uniform(0, 15)),
        defocus=float(lot.uniform(0.6, 0.9)),
        light=float(lot.uniform(0.8, 0.92)),
        gradient=float(lot.uniform(0.05, 0.3)),
    )


def _within_the_frame(shot: Shot, paper: Paper, lot: Lot) -> Shot:
    """Move the symbol off the middle as far as it stays whole; turn a large one upright."""
    side = paper.symbol.width / paper.module * shot.module * 1.12
    turn = shot.turn
    if side * 1.42 > shot.size[1]:
        turn = round(turn / 90) * 90 + float(lot.uniform(-3, 3))
        side *= 1.06
    else:
        side *= 1.42
    room = [max(0.0, (edge - side) / 2) for edge in shot.size]
    shift = tuple(float(lot.uniform(-0.8, 0.8)) * each for each in room)
    return replace(shot, turn=turn, shift=(shift[0], shift[1]))
