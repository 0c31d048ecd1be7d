"""Many kiosks at once, in a process of their own: each with its credential, clerk and visitors.

Reads what is to be done from a file and writes what happened to standard output, both JSON.
"""

import json
import random
import sys
import threading
import time
import uuid
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event
from typing import TypeVar

from kiosk.clockwork import REFRESH
from tests.builders import seen_to, showing
from tests.insisting import insist
from verifier.acts import Confirming, Desk, RegistryLost, Report
from verifier.client import Line, Patience, RemoteCounter

Answer = TypeVar("Answer")


@dataclass
class Plan:
    """What a crowd does."""

    address: str
    windows: list[dict[str, str]]
    """Code, clerk, credential and pass of each."""
    sheets: list[list[str]]
    """What is shown at each window, one after another."""
    think: float
    """Seconds, on average, from one visitor to the next; 0: at once."""
    patience: float = Patience().act
    """Seconds that a window waits for an act."""
    seconds: float = 1e9
    """After so long nobody begins with another visitor."""
    look_every: float = 0
    """Seconds from one time that a window asks the registry for the time to the next, as
    `kiosk.machine` does beside every visitor; 0: it does not."""


@dataclass
class Happened:
    """Milliseconds of each act until it was answered, and what went wrong."""

    present: list[float] = field(default_factory=list)
    basket: list[float] = field(default_factory=list)
    confirm: list[float] = field(default_factory=list)
    look: list[float] = field(default_factory=list)
    lost: Tally[str] = field(default_factory=Tally)
    """How often the registry was lost, by who asked; a visitor waits and is served after that."""
    errors: Tally[str] = field(default_factory=Tally)
    processor: float = 0
    elapsed: float = 0


def main(path: str) -> None:
    """Carry out a plan."""
    plan = Plan(**json.loads(Path(path).read_text()))
    happened = Happened()
    began = time.monotonic()
    with ExitStack() as lines:
        threads = [
            threading.Thread(target=_Window(plan, n, lines, happened).serve)
            for n in range(len(plan.windows))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    happened.elapsed, happened.processor = time.monotonic() - began, time.process_time()
    sys.stdout.write(json.dumps(vars(happened)))


def patience_of(plan: Plan) -> Patience:
    """No look is given more than a kiosk gives it, however long the acts may take."""
    return Patience(act=plan.patience, look=min(plan.patience, Patience().look))


class _Window:
    """One window with its visitors."""

    def __init__(self, plan: Plan, n: int, lines: ExitStack, happened: Happened) -> None:
        own = plan.windows[n]
        line = lines.enter_context(Line(plan.address, patience_of(plan)))
        self._counter = RemoteCounter(line, own["code"], own["credential"])
        self._counter.hold_pass(own["clerk"], own["pass"])
        self._desk = Desk(own["code"], own["clerk"])
        self._plan, self._sheets, self._happened = plan, plan.sheets[n], happened
        self._draw = random.Random(n)

    def serve(self) -> None:
        """Serve every visitor, one after another."""
        plan, until = self._plan, time.monotonic() + self._plan.seconds
        with self._looking():
            pause = self._draw.uniform(0, plan.think)
            for text in self._sheets:
                time.sleep(pause)
                if time.monotonic() > until:
                    break
                try:
                    self._visitor(text)
                except Exception as error:  # noqa: BLE001 - counted, and told in the end
                    self._happened.errors[type(error).__name__] += 1
                pause = self._draw.uniform(0.5, 1.5) * plan.think

    def _visitor(self, text: str) -> None:
        """Show a sheet, look at the basket, hand everything over."""
        counter, desk, happened = self._counter, self._desk, self._happened
        shown = showing(text)
        presented = self._insist(happened.present, lambda: counter.present(desk, shown))
        assert presented.basket is not None, presented.verdict
        basket = self._insist(happened.basket, lambda: counter.unfinished(desk))
        assert basket is not None
        rows = tuple(row.filing_id for row in basket.rows)
        wish = Confirming(basket.hand_over_id, rows, (), None, str(uuid.uuid4()), **seen_to(basket))
        self._insist(happened.confirm, lambda: counter.confirm(desk, wish))

    def _insist(self, took: list[float], ask: Callable[[], Answer]) -> Answer:
        """As a kiosk does, and note how long the visitor waited."""
        began = time.monotonic()
        lost = partial(self._happened.lost.update, ["visitor"])
        answer = insist(ask, self._counter, self._desk.kiosk, lost)
        took.append((time.monotonic() - began) * 1000)
        return answer

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """What a window asks while nobody does anything, for as long as the block."""
        ended = Event()
        thread = threading.Thread(target=self._look, args=(ended,))
        thread.start()
        yield
        ended.set()
        thread.join()

    def _look(self, ended: Event) -> None:
        every = self._plan.look_every
        rounds = round(REFRESH / every) if every else 1
        turn = count(self._draw.randrange(rounds))
        while every and not ended.wait(self._draw.uniform(0.9, 1.1) * every):
            began = time.monotonic()
            try:
                now = self._counter.registry_time()
                if next(turn) % rounds == 0:
                    self._counter.kiosk_facts(self._desk.kiosk)
                    self._counter.report(self._desk.kiosk, Report(now, frozenset()))
            except RegistryLost:
                self._happened.lost["look"] += 1
            except Exception as error:  # noqa: BLE001 - counted, and told in the end
                self._happened.errors[f"look: {type(error).__name__}"] += 1
            self._happened.look.append((time.monotonic() - began) * 1000)


if __name__ == "__main__":
    main(sys.argv[1])
