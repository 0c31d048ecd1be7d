"""What systemd is told of a process: ready, alive, stopping (sd_notify). Silent without systemd.

Alive means that a request is answered: a process that hangs is started again.
"""

import logging
import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

HEALTH = "/healthz"
_PATIENCE = 5.0
"""Seconds for one answer, at most half of the time between two beats."""
_log = logging.getLogger(__name__)


def notify(state: str) -> bool:
    """Tell systemd one thing, such as ``READY=1``; False when nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        try:
            told.sendto(state.encode(), address)
        except OSError as error:
            _log.warning("systemd is not told: %s", error.strerror)
            return False
    return True


@contextmanager
def supervised(host: str, port: int) -> Iterator[None]:
    """Say that the process serves at this address, and go on saying so while it answers."""
    notify("READY=1")
    beats, process = _interval(), os.getpid()
    try:
        if beats is None:
            yield
        else:
            with _Pulse(f"http://{_reachable(host)}:{port}{HEALTH}", beats):
                yield
    finally:
        if os.getpid() == process:  # a worker that was forked meanwhile ends here too
            notify("STOPPING=1")


def _interval() -> float | None:
    """A quarter of WatchdogSec, in seconds; None when systemd does not watch this process."""
    watched = int(os.environ.get("WATCHDOG_USEC", "0"))
    return watched / 4_000_000 if watched else None


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "") else f"[{host}]" if ":" in host else host  # noqa: S104


class _Pulse:
    """Asks the process's own address at intervals, and tells systemd of every answer.

    A busy process may be late once: without an answer it is asked again soon, so that only one
    that stays silent for the watchdog's whole time is taken for dead.
    """

    def __init__(self, url: str, every: float) -> None:
        self._url, self._every, self._soon = url, every, every / 4
        self._patience = min(_PATIENCE, every / 2)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="watchdog", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(_PATIENCE)

    def _beat(self) -> None:
        while True:
            answers = self._answers()
            if answers:
                notify("WATCHDOG=1")
            if self._ended.wait(self._every if answers else self._soon):
                return

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self._url, timeout=self._patience) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except OSError as error:
            _log.warning("no answer from %s: %s", self._url, type(error).__name__)
            return False
