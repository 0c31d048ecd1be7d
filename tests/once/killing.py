"""Whatever can die is killed without a word, in turns, while people work; then what is left?"""

import random
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.once.invariants import End

Kill = Callable[[], None]
"""Kills something and starts it again, or sees that it is replaced."""
Worker = Callable[[threading.Event], None]
"""Goes on until the event is set."""
MOST_WAITING = 15.0
"""Seconds after which it is killed although nobody got on: it may be down for the others too."""


@dataclass(frozen=True, slots=True)
class Killed:
    """What came of it."""

    kills: Tally[str]
    done: Tally[str]
    end: End
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How long it goes on."""

    rounds: int
    within: float = 1.0
    """Seconds within which the moment of a kill is drawn, once somebody has got on."""
    until: float = float("inf")
    """By time.monotonic(); then it ends whatever was reached."""


def kill_in_turns(
    victims: Mapping[str, Kill], plan: Plan, look: Callable[[], None], done: Callable[[], int]
) -> Tally[str]:
    """Kill each of them so often, in the middle of work.

    `look` sees after every round that all is well; `done` counts what the workers have done.
    """
    chance, kills = random.Random(20261124), Tally[str]()
    for _ in range(plan.rounds):
        for name, kill in victims.items():
            _wait_for_work(done)
            time.sleep(chance.uniform(0, plan.within))
            kill()
            kills[name] += 1
        look()
        if time.monotonic() > plan.until:
            break
    return kills


def _wait_for_work(done: Callable[[], int]) -> None:
    before, until = done(), time.monotonic() + MOST_WAITING
    while done() == before and time.monotonic() < until:
        time.sleep(0.01)


@contextmanager
def at_work(workers: Sequence[Worker]) -> Iterator[None]:
    """They work for as long as the block; what one raises is raised at its end."""
    done, errors = threading.Event(), []

    def guarded(worker: Worker) -> None:
        try:
            worker(done)
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
