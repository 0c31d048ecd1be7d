"""Where in a picture a code lies: comparing places, and judging sizes by them."""

import math
from collections.abc import Iterable
from itertools import pairwise
from math import dist

from kiosk.reading.engines import Corners, Grey, Sight
from kiosk.reading.texture import blocks

USUAL_MODULES = 61
"""Across a version 11 symbol, which an ordinary sheet has; sizes in pixels are judged by it."""
_OVERLAP = 0.7
"""Of the larger side: two places nearer than this are one code."""


def module_pixels(corners: Corners) -> float:
    """Pixels of one module of a usual sheet whose code lies there."""
    one, two, three, _ = corners
    area = dist(one, two) * dist(two, three)
    return max(0.5, math.sqrt(area) / USUAL_MODULES)


def unread(grey: Grey, sight: Sight) -> list[Corners]:
    """Where codes may lie that were not read: squares of texture, and what an engine placed."""
    known = [code.corners for code in sight.codes]
    places: list[Corners] = []
    for place in (*blocks(grey), *sight.unread):
        places += without([place], [*known, *places])
    return places


def without(places: Iterable[Corners], others: Iterable[Corners]) -> list[Corners]:
    """The places where none of the others is."""
    known = tuple(others)
    return [place for place in places if not any(same(place, other) for other in known)]


def same(one: Corners, two: Corners) -> bool:
    """Whether two places are one code."""
    side = max(dist(a, b) for place in (one, two) for a, b in pairwise(place))
    return dist(_middle(one), _middle(two)) < _OVERLAP * side


def _middle(corners: Corners) -> tuple[float, float]:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4
