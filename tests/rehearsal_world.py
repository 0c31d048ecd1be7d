"""A counter that rehearses: the world of the kiosk's tests with practice keys."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kiosk.app import create_app
from kiosk.house import House as KioskHouse
from kiosk.preview import Preview
from kiosk.station import Station
from shared.keys import TestKeys
from tests.builders import WINDOW, keys, opener
from tests.kiosk_world import SECRET, World, make_world
from verifier.counter import Counter

PRACTICE = keys(seed=7, key_id=129)


def make_rehearsal(folder: Path) -> Iterator[World]:
    """A counter of its own for one test or module: the body of a fixture."""
    for world in make_world(folder):
        installation = replace(world.house.installation, opener=opener(PRACTICE, TestKeys.ONLY))
        world.house.installation, world.house.counter = installation, Counter(installation)
        world.station.scene.close()
        world.station = Station(world.house.counter, WINDOW, monotonic=world.seconds)
        world.app = create_app(
            KioskHouse(world.station, Preview(), is_rehearsal=True), SECRET, installation
        )
        yield world
        world.station.scene.close()
