"""The most memory that something takes while other things happen to it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EACH = 0.01
"""Seconds between two looks."""


@contextmanager
def peak_of(memory: Callable[[], int], each: float = EACH) -> Iterator[list[int]]:
    """The most bytes it told of during the block, looked at now and then; read it afterwards."""
    most, ended = [memory()], threading.Event()

    def look() -> None:
        while not ended.wait(each):
            most[0] = max(most[0], memory())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield most
    finally:
        ended.set()
        looking.join()
        most[0] = max(most[0], memory())
