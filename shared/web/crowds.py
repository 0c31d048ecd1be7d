"""What one address, and everybody together, may have of a server: connections, turns and time.

Everything here happens in the server's own loop, before a thread or the application has been asked.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Asked = TypeVar("Asked")

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
    in_hand: int = 300
    """Requests being answered or waiting for a thread."""
    a_second: float | None = None
    """What faster addresses ask is answered when nothing else is asked; None: all are alike."""
    burst: float = 60
    """Requests that may come at once before the rate counts."""
    later: int = 40
    """Requests of fast addresses that wait until nothing else is asked."""
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

    def is_spent(self, address: str) -> bool:
        """Whether this address has been too fast."""
        now = self.clock()
        return self._on_time.get(address, now) - now > self.burst / self.a_second

    def allows(self, address: str) -> bool:
        """Count one request, unless this address has been too fast."""
        if self.is_spent(address):
            return False
        now = self.clock()
        on_time = max(self._on_time.get(address, now), now)
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

    def is_spent(self, address: str) -> bool:
        """Whether whatever this address asks now is too fast."""
        return self._pace is not None and self._pace.is_spent(address)

    def is_hasty(self, address: str) -> bool:
        """Whether this address, with the request it sends now, asks faster than it may."""
        return self._pace is not None and not self._pace.allows(address)


class Line(Generic[Asked]):
    """Whole requests on their way to a thread; those of hasty addresses let all others pass.

    Whoever floods gets what is left over, one answer at a time, so that anybody else waits for no
    more than one request of theirs.
    """

    def __init__(self, crowd: Crowd, start: Callable[[Asked], None]) -> None:
        self._crowd, self._start = crowd, start
        self._in_hand = 0
        self._later: deque[Asked] = deque()
        self._lock = threading.Lock()

    @property
    def is_long(self) -> bool:
        """Whether nobody more may wait at its end."""
        return len(self._later) >= self._crowd.later

    def join(self, request: Asked) -> int | None:
        """Start it, or say the status with which it is sent away."""
        with self._lock:
            if self._in_hand >= self._crowd.in_hand:
                return 503
            self._in_hand += 1
        self._start(request)
        return None

    def join_at_the_end(self, request: Asked) -> int | None:
        """Start it when nothing else is in hand, or say the status with which it is sent away."""
        with self._lock:
            if self._in_hand:
                if self.is_long:
                    return 429
                self._later.append(request)
                return None
            self._in_hand = 1
        self._start(request)
        return None

    def leave(self) -> None:
        """One that was started is answered."""
        with self._lock:
            self._in_hand -= 1
            if self._in_hand or not self._later:
                return
            self._in_hand = 1
            request = self._later.popleft()
        self._start(request)


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
