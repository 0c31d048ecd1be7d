"""Where a registry's name leads. The resolver is asked aside: its silence keeps nobody waiting."""

import logging
import socket
import time
from threading import Condition, Thread

_log = logging.getLogger(__name__)

_FRESH = 60.0
"""Seconds after which a name is asked for again, while what is known goes on being used."""
_TRIED = 3
"""Addresses that one attempt has the time for."""


class Addresses:
    """Of one name. Safe to share between threads.

    The system's resolver knows no deadline: it asks each silent name server twice, for five
    seconds. So it has a thread of its own, one at a time, and what it found last is kept for as
    long as it finds nothing newer.
    """

    def __init__(self, name: str, port: int) -> None:
        self._name = name
        self._port = port
        self._changed = Condition()
        self._known: list[str] = []
        self._known_at = 0.0
        self._asking = False
        self._trouble = ""

    def within(self, seconds: float) -> tuple[str, ...]:
        """Those to try, in this order; none when none was found in so many seconds."""
        with self._changed:
            if not self._known or time.monotonic() - self._known_at >= _FRESH:
                self._ask()
            self._changed.wait_for(lambda: self._known or not self._asking, seconds)
            return tuple(self._known[:_TRIED])

    def failed(self, address: str) -> None:
        """Try another one first from now on, and ask whether the registry has moved."""
        with self._changed:
            if address in self._known:
                self._known.remove(address)
                self._known.append(address)
            self._ask()

    def _ask(self) -> None:
        if not self._asking:
            self._asking = True
            Thread(target=self._resolve, name="resolver", daemon=True).start()

    def _resolve(self) -> None:
        found: list[str] = []
        trouble = ""
        try:
            answer = socket.getaddrinfo(self._name, self._port, type=socket.SOCK_STREAM)
            found = [str(where[0]) for *_, where in answer]
        except (OSError, UnicodeError) as error:
            trouble = str(error)
        with self._changed:
            self._asking = False
            self._note(trouble)
            if found:
                self._keep(found)
            self._changed.notify_all()

    def _keep(self, found: list[str]) -> None:
        """Those known already keep their order, for the first of them answered last."""
        still = [address for address in self._known if address in found]
        self._known = list(dict.fromkeys(still + found))
        self._known_at = time.monotonic()

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _log.warning("the registry's name is not found: %s", trouble)
        self._trouble = trouble
