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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from threading import Event

from kiosk.clockwork import REFRESH
from tests.builders import seen_to, showing
from verifier.acts import Confirming, Desk, Report
from verifier.client import Line, Patience, RemoteCounter


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
    """Milliseconds of each act, and what went wrong."""

    present: list[float] = field(default_factory=list)
    basket: list[float] = field(default_factory=list)
    confirm: list[float] = field(default_factory=list)
    look: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    processor: float = 0
    elapsed: float = 0


def main(path: str) -> None:
    """Carry out a plan."""
    plan = Plan(**json.loads(Path(path).read_text()))
    happened, errors = Happened(), Tally[str]()
    began = time.monotonic()
    with ExitStack() as lines:
        threads = [
            threading.Thread(target=_window, args=(plan, n, lines, happened, errors))
            for n in range(len(plan.windows))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    happened.errors, happened.elapsed = dict(errors), time.monotonic() - began
    happened.processor = time.process_time()
    sys.stdout.write(json.dumps(asdict(happened)))


def _window(plan: Plan, n: int, lines: ExitStack, happened: Happened, errors: Tally[str]) -> None:
    own, draw = plan.windows[n], random.Random(n)
    patience = Patience(act=plan.patience, look=plan.patience)
    line = lines.enter_context(Line(plan.address, patience))
    counter = RemoteCounter(line, own["code"], own["credential"])
    counter.hold_pass(own["clerk"], own["pass"])
    desk, until = Desk(own["code"], own["clerk"]), time.monotonic() + plan.seconds
    ended = lines.enter_context(_looking(plan, counter, own["code"], happened, errors))
    time.sleep(draw.uniform(0, plan.think))
    for text in plan.sheets[n]:
        if time.monotonic() > until:
            break
        try:
            _visitor(counter, desk, text, happened)
        except Exception as error:  # noqa: BLE001 - counted, and told in the end
            errors[type(error).__name__] += 1
        time.sleep(draw.uniform(0.5, 1.5) * plan.think)
    ended.set()


@contextmanager
def _looking(
    plan: Plan, counter: RemoteCounter, code: str, happened: Happened, errors: Tally[str]
) -> Iterator[Event]:
    """What a window asks while nobody does anything, until told to end."""
    ended, draw = Event(), random.Random(code)
    rounds = round(REFRESH / plan.look_every) if plan.look_every else 1
    turn = count(draw.randrange(rounds))

    def look() -> None:
        while plan.look_every and not ended.wait(draw.uniform(0.9, 1.1) * plan.look_every):
            began = time.perf_counter()
            try:
                now = counter.registry_time()
                if next(turn) % rounds == 0:
                    counter.kiosk_facts(code)
                    counter.report(code, Report(now, frozenset()))
            except Exception as error:  # noqa: BLE001 - counted, and told in the end
                errors[f"look: {type(error).__name__}"] += 1
            happened.look.append((time.perf_counter() - began) * 1000)

    thread = threading.Thread(target=look)
    thread.start()
    yield ended
    ended.set()
    thread.join()


def _visitor(counter: RemoteCounter, desk: Desk, text: str, happened: Happened) -> None:
    """Show a sheet, look at the basket, hand everything over."""
    began = time.perf_counter()
    presented = counter.present(desk, showing(text))
    happened.present.append((time.perf_counter() - began) * 1000)
    assert presented.basket is not None, presented.verdict
    began = time.perf_counter()
    basket = counter.unfinished(desk)
    happened.basket.append((time.perf_counter() - began) * 1000)
    assert basket is not None
    rows = tuple(row.filing_id for row in basket.rows)
    wish = Confirming(basket.hand_over_id, rows, (), None, str(uuid.uuid4()), **seen_to(basket))
    began = time.perf_counter()
    counter.confirm(desk, wish)
    happened.confirm.append((time.perf_counter() - began) * 1000)


if __name__ == "__main__":
    main(sys.argv[1])
