"""Asks a registry that may be lost as a kiosk does: the same again, until it answers."""

import time
from collections.abc import Callable
from typing import TypeVar

from verifier.counter import LOST, Counter

SECONDS = 120.0
"""After which a registry that was lost counts as gone: a basket would be stuck."""
_PAUSE = 0.2

Answer = TypeVar("Answer")


def insist(
    ask: Callable[[], Answer], counter: Counter, kiosk: str, lost: Callable[[], object]
) -> Answer:
    """The answer, however often the registry is lost before; `lost` is told each time."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            return ask()
        except LOST:
            lost()
            assert time.monotonic() < until, "the registry did not come back"
            _look(counter, kiosk)


def _look(counter: Counter, kiosk: str) -> None:
    """What closes a line's circuit: a question by itself."""
    time.sleep(_PAUSE)
    try:
        counter.kiosk_facts(kiosk)
    except LOST:
        return
