"""How long to wait before a lost device is tried again."""

from collections.abc import Iterator

FIRST = 0.5
LONGEST = 5.0
"""A clerk who pushed the plug back in looks at the screen for about as long."""


def pauses(first: float = FIRST) -> Iterator[float]:
    """Seconds before each next try: doubled up to five seconds, for ever."""
    pause = first
    while True:
        yield pause
        pause = min(2 * pause, LONGEST)
