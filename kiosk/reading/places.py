"""Where in a picture a code lies: comparing places, and judging sizes by them."""

import math
from collections.abc import Iterable
from math import dist

from kiosk.reading.engines import Corners, Grey, Sight
from kiosk.reading.texture import blocks

USUAL_MODULES = 61
"""Across a version 11 symbol, which an ordinary sheet has; sizes in pixels are judged by it."""
_OVERLAP = 0.5
"""Of a code's side: two places nearer than this are one code."""


def module_pixels(corners: Corners) -> float:
    """Pixels of one module of a usual sheet whose code lies there."""
    one, two, three, _ = corners
    area = dist(one, two) * dist(two, three)
    return max(0.5, math.sqrt(area) / USUAL_MODULES)


def unread(grey: Grey, sight: Sight) -> list[Corners]:
    """Where codes may lie that were not read: squares of texture, and what an engine placed."""
    read = [code.corners for code in sight.codes]
    textured = without(blocks(grey), read)
    return textured + without(sight.unread, [*read, *textured])


def without(places: Iterable[Corners], others: Iterable[Corners]) -> list[Corners]:
    """The places where none of the others is."""
    known = list(others)
    return [place for place in places if not any(same(place, other) for other in known)]


def same(one: Corners, two: Corners) -> bool:
    """Whether two places are one code."""
    side = max(dist(two[0], two[1]), dist(two[1], two[2]), 1.0)
    return dist(_middle(one), _middle(two)) < _OVERLAP * side


def _middle(corners: Corners) -> tuple[float, float]:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4
