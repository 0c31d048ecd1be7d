"""Two windows that hand over the same sheets, while trouble is made."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.builders import OTHER_WINDOW, WINDOW
from tests.registry_process import Running, Window, at_once, window


@contextmanager
def two_windows(served: Running, *addresses: str) -> Iterator[list[Window]]:
    """Two windows of one office; each over its own line."""
    lines = addresses or (served.address, served.address)
    with ExitStack() as stack:
        yield [
            stack.enter_context(window(served.house, line, code))
            for line, code in zip(lines, (WINDOW, OTHER_WINDOW), strict=True)
        ]


def race(
    windows: list[Window], texts: list[str], trouble: Callable[[threading.Event], None]
) -> None:
    """Both windows show every sheet, from both ends, while trouble is made until they are done."""
    done = threading.Event()
    running_ = [len(windows)]

    def work(one: Window, order: list[str]) -> None:
        try:
            for text in order:
                one.hand_over(text)
        finally:
            running_[0] -= 1
            if not running_[0]:
                done.set()

    first, second = windows
    at_once(
        lambda: work(first, texts),
        lambda: work(second, texts[::-1]),
        lambda: trouble(done),
    )
