"""Maps from modules to pixels, told from two or three finder patterns."""

import numpy as np
import pytest

from kiosk.reading.finders import Finder
from kiosk.reading.perspectives import perspectives, through

SIZE = 61
TRUE = np.array([[6.1, 0.7, 90.0], [-0.4, 5.6, 60.0], [2e-4, -3e-4, 1.0]])
ORIGINS = np.array([(0, 0), (SIZE - 7, 0), (0, SIZE - 7)], np.float64)
RING = np.array([(1, 1), (6, 1), (6, 6), (1, 6)], np.float64)
EVERYWHERE = np.random.default_rng(5).uniform(0, SIZE, (50, 2))


def _finder(place: int, begun_at: int = 0) -> Finder:
    return Finder(np.roll(through(TRUE, ORIGINS[place] + RING), begun_at, axis=0))


@pytest.mark.parametrize("places", [(0, 1, 2), (0, 1), (1, 2)])
@pytest.mark.parametrize("begun_at", range(4))
def test_the_map_of_the_right_size_is_the_true_one(places: tuple[int, ...], begun_at: int) -> None:
    finders = [_finder(place, begun_at + n) for n, place in enumerate(places)]
    wrong, right = perspectives(finders, places, [SIZE - 8, SIZE])
    assert np.abs(through(right, EVERYWHERE) - through(TRUE, EVERYWHERE)).max() < 1e-3
    assert np.abs(through(wrong, EVERYWHERE) - through(TRUE, EVERYWHERE)).max() > 1


def test_a_size_beside_others_gets_the_map_it_gets_alone() -> None:
    finders, sizes = [_finder(0), _finder(1)], [53, 57, 61, 65]
    together = perspectives(finders, (0, 1), sizes)
    for size, given in zip(sizes, together, strict=True):
        (alone,) = perspectives(finders, (0, 1), [size])
        assert np.allclose(alone, given, rtol=1e-9)


def test_finder_patterns_upon_each_other_end_nothing() -> None:
    """Whatever map comes out: none fits what is seen."""
    assert perspectives([_finder(0), _finder(0)], (0, 1), [SIZE]).shape == (1, 3, 3)
