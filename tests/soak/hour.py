"""One hour at a counter, compressed: the clock is ours, the program and its registry are real."""

import os
import random
import threading
from collections import Counter as Tally
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import psutil

from kiosk.clockwork import RETRY
from shared.domain import Source
from tests.builders import SUPERVISOR, keys, receiver_sheet, text_of
from tests.kiosk_world import World, make_world
from tests.soak.gauges import Course, Sample, courses, held_by
from verifier.acts import Desk

HOUR = 3600.0
SAMPLES = 60


def compressed_hour(folder: Path, presentations: int) -> tuple[Tally[str], list[Course]]:
    """Show so many sheets within an hour of the counter's own time; faults among them."""
    with contextmanager(make_world)(folder) as world:
        return _live_through(world, presentations)


def _live_through(world: World, presentations: int) -> tuple[Tally[str], list[Course]]:
    chance, done, samples = random.Random(7), Tally[str](), []
    own = psutil.Process(os.getpid())
    world.house.receiver()
    world.sign_in()
    sheets = _sheets(world)
    acts: list[Callable[[], str]] = [
        *[lambda: _hand_over(world, sheets[0])] * 2,
        *[lambda: _show(world, chance.choice(sheets))] * 5,
        lambda: _wrong(world, chance),
        lambda: _lose_the_registry(world, chance.choice(sheets)),
        lambda: _restart(world),
    ]
    for number in range(presentations):
        done[chance.choice(acts)()] += 1
        _pass(world, HOUR / presentations)
        if number % max(1, presentations // SAMPLES) == 0:
            samples.append(Sample(number * HOUR / presentations, held_by([own])))
    assert threading.active_count() < 10
    return done, courses(samples)


def _sheets(world: World) -> list[str]:
    return [text_of(receiver_sheet(issued_at=world.house.clock.now)) for _ in range(5)]


def _pass(world: World, seconds: float) -> None:
    world.house.clock.move(seconds=seconds)
    world.pass_(seconds)


def _show(world: World, text: str) -> str:
    """Nothing is ready: refused, and left."""
    world.station.take(text, Source.CAMERA)
    world.station.next()
    return "nothing to collect"


def _hand_over(world: World, text: str) -> str:
    """A vehicle becomes ready and is handed over by the clerk's page."""
    number = world.house.filing()
    clerk = world.clerk()
    world.station.take(text, Source.CAMERA)
    clerk.press("を受け渡した", {"released": clerk.rows(), "checked": ["by-eye", "identity"]})
    world.seconds.pass_(1)
    clerk.press("受け渡しを確定する")
    assert world.house.status_of(number).value == "released"
    clerk.post("/next")
    return "handed over"


def _wrong(world: World, chance: random.Random) -> str:
    """A forged sheet, a wrong password, no sheet at all; a supervisor unlocks."""
    other = keys(seed=2)
    texts = [
        text_of(receiver_sheet(by=other), other),
        text_of(receiver_sheet(password=f"chigau-himitsu-{chance.randrange(20)}")),
        str(chance.getrandbits(256)),
    ]
    world.station.take(chance.choice(texts), Source.CAMERA)
    if world.house.counter.kiosk_facts("W1").locked:
        desk = Desk("W1", SUPERVISOR)
        world.house.counter.unlock(desk, "W1", "見本の点検")
    world.station.next()
    return "wrong sheet"


def _lose_the_registry(world: World, text: str) -> str:
    world.lose_the_registry()
    world.station.take(text, Source.CAMERA)
    world.find_the_registry()
    world.pass_(RETRY + 0.1)
    world.station.next()
    return "registry lost"


def _restart(world: World) -> str:
    world.restart()
    world.sign_in()
    return "program restarted"
