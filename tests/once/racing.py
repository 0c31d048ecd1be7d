"""Many processes on one registry, each a window, and the portal among them: who gets what?"""

import multiprocessing
import random
import time
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import select

from issuer.sheets import Press, issue_individual
from shared.db.filings import SwitchRefused
from shared.db.session import Sessions, open_registry
from shared.db.tables import Filing
from shared.domain import FilingNumber, FilingStatus
from tests.builders import CLERK, KEYS, LOOKUP_KEY, SYSTEM, Clock, house_on
from tests.once.acting import Diary, Told, Window
from tests.once.furnishing import Furnished, furnish, switched_texts
from tests.once.invariants import End, always, at_the_end
from verifier.acts import Desk
from verifier.counter import Counter

BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class Raced:
    """What came of a race."""

    done: Tally[str]
    end: End
    looks: int
    """How often the registry was looked at meanwhile."""
    seconds: float


class Now(Clock):
    """The real time: several processes agree on it."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


def race(url: str, folder: Path, processes: int, filings: int) -> Raced:
    """Let so many processes go over all filings of an empty registry; raises AssertionError."""
    sessions = open_registry(url)
    furnished = furnish(sessions, processes + 1, filings, KEYS)
    sessions.kw["bind"].dispose()  # nothing of it is carried into another process
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    answers, began = context.SimpleQueue(), time.monotonic()
    racers = [
        context.Process(target=_race, args=(url, folder, furnished, n, answers), daemon=True)
        for n in range(processes + 1)
    ]
    for racer in racers:
        racer.start()
    looks = _look_on(sessions, racers)
    done: Tally[str] = Tally()
    for racer in racers:
        racer.join()
        assert racer.exitcode == 0, f"{racer.name} failed"
        done += answers.get()
    done += _end_the_day(sessions, folder, furnished)
    end = at_the_end(sessions, Diary.read(folder))
    sessions.kw["bind"].dispose()
    return Raced(done, end, looks, time.monotonic() - began)


def _look_on(sessions: Sessions, racers: Sequence[BaseProcess]) -> int:
    looks = 0
    while any(racer.is_alive() for racer in racers):
        always(sessions)
        looks += 1
        time.sleep(BETWEEN_LOOKS)
    return looks


def _race(url: str, folder: Path, furnished: Furnished, number: int, answers: Any) -> None:
    """The last process is the portal; runs in a process of its own."""
    sessions = open_registry(url)
    window = window_at(house_on(sessions, Now()).counter, furnished.windows[number], folder)
    if number < len(furnished.windows) - 1:
        texts = list(furnished.texts)
        window.chance.shuffle(texts)
        for text in texts:
            window.visit(text)
            time.sleep(0.001)  # SQLite's queue is not fair: who asks again at once keeps it
    else:
        _switch(window, sessions, list(_numbers(sessions)))
    window.empty_hands()
    sessions.kw["bind"].dispose()
    answers.put(window.done)


def window_at(counter: Counter, code: str, folder: Path) -> Window:
    """A window with a chance of its own, the same in every run."""
    return Window(counter, Desk(code, CLERK), Diary(folder / f"{code}.diary"), random.Random(code))


def _numbers(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Filing.number)))


def _switch(window: Window, sessions: Sessions, numbers: list[str]) -> None:
    """The portal: every fourth filing to 個別申告用, and most of these shown at once."""
    press = Press(KEYS.signing, KEYS.sealing_public, KEYS.key_set, LOOKUP_KEY, SYSTEM)
    window.chance.shuffle(numbers)
    for number in numbers[: len(numbers) // 4]:
        try:
            facts = issue_individual(sessions, press, FilingNumber(number), datetime.now(UTC))
        except SwitchRefused:
            window.done["switch refused"] += 1
            continue
        window.done["switch"] += 1
        window.diary.write(Told("switched", (number,), at=time.time()))
        if window.chance.random() < 0.7:
            window.visit(facts.payload)
        time.sleep(0.001)


def _end_the_day(sessions: Sessions, folder: Path, furnished: Furnished) -> Tally[str]:
    """Hand everything over that is left; nothing may stay behind."""
    code = furnished.windows[0]
    window = window_at(house_on(sessions, Now()).counter, code, folder)
    window.chance = random.Random(1)
    for text in (*furnished.texts, *switched_texts(sessions)):
        window.release_all(text)
    with sessions() as session:
        assert set(session.scalars(select(Filing.status))) == {FilingStatus.RELEASED}
    return window.done
