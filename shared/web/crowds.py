"""What one address, and everybody together, may have of a server: connections, turns and time.

Everything here happens in the server's own loop, before a thread or the application has been asked.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

REMEMBERED = 10_000
"""Addresses; when there are more the quiet ones are forgotten."""
BETWEEN_REQUESTS = 75.0
"""Seconds; longer than a proxy keeps an idle connection."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a server bears."""

    connections: int = 600
    each: int = 400
    """Connections of one address."""
    waiting: int = 300
    """Requests that wait for a thread."""
    a_second: float | None = None
    """Requests of one address; None: as many as there are turns."""
    burst: float = 120
    """Requests that may come at once before the rate counts."""
    to_ask: float = 15.0
    """Seconds in which a whole request must have come, from its first byte on."""


@dataclass(slots=True)
class Pace:
    """Requests a second of each address, by one number each (GCRA): when it will be on time again.

    The portal's limits are in the application; this one must cost less than what it keeps away.
    """

    a_second: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _on_time: dict[str, float] = field(default_factory=dict)

    def allows(self, address: str) -> bool:
        """Count one request, unless this address has been too fast."""
        now = self.clock()
        on_time = max(self._on_time.get(address, now), now)
        if on_time - now > self.burst / self.a_second:
            return False
        if len(self._on_time) >= REMEMBERED:
            self._on_time = {each: at for each, at in self._on_time.items() if at > now}
        self._on_time[address] = on_time + 1 / self.a_second
        return True


@dataclass(slots=True)
class Door:
    """Who is in, and who is let in."""

    crowd: Crowd
    clock: Callable[[], float] = time.monotonic
    _inside: Counter[str] = field(default_factory=Counter)
    _pace: Pace | None = None

    def __post_init__(self) -> None:
        if self.crowd.a_second is not None:
            self._pace = Pace(self.crowd.a_second, self.crowd.burst, self.clock)

    def lets_in(self, address: str) -> bool:
        """Whether this address may have one more connection; counts it."""
        if self._inside[address] >= self.crowd.each:
            return False
        self._inside[address] += 1
        return True

    def left(self, address: str) -> None:
        """A connection that was let in has ended."""
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]

    def refuses(self, address: str, waiting: int) -> int | None:
        """The status with which a whole request is sent away, or None: it gets a turn."""
        if self._pace is not None and not self._pace.allows(address):
            return 429
        return 503 if waiting >= self.crowd.waiting else None


@dataclass(slots=True)
class Asking:
    """How long a connection has been about to say something."""

    since: float
    """When its request began, or it opened, or its last answer went."""
    midway: bool = True
    """Part of a request is there, or nothing has come at all yet."""

    def is_over(self, now: float, crowd: Crowd) -> bool:
        """Whether it took too long: byte by byte, half open, or idle."""
        return now - self.since > (crowd.to_ask if self.midway else BETWEEN_REQUESTS)
