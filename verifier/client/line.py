"""One line to a registry: deadlines, the same request again, and a circuit that opens and closes.

Whatever is sent here may be sent twice: every act has a key by which the registry knows it again.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Self

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from verifier.acts import RegistryLost

_log = logging.getLogger(__name__)

_CONNECTIONS = 8
_SHARE, _SHORTEST = 0.6, 0.3
_AGAIN = frozenset({502, 503, 504})
"""Answers of a balancer without a worker, or of a worker without its database."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. A registry that is lost stands on the screen within eight."""

    connect: float = 1.5
    act: float = 6.0
    """For one act with every repetition: a password takes the registry a third of a second."""
    look: float = 2.5
    """For a question that is asked again by itself."""
    pause: float = 0.2
    """Before a repetition."""
    rest: float = 1.0
    """While the circuit is open nobody asks for so long; then one question may try."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def looks(self) -> bool:
        """It changes nothing."""
        return self.method == "GET"


class Line:
    """Safe to share between threads. Ends with its block."""

    def __init__(
        self,
        url: str,
        patience: Patience | None = None,
        ca: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`url`: of the registry, without /api; `ca`: file of a private authority."""
        self._url = url.rstrip("/")
        self._patience = patience or Patience()
        self._monotonic = monotonic
        self._pool = urllib3.PoolManager(
            maxsize=_CONNECTIONS, block=False, retries=False, ca_certs=ca
        )
        self._lock = Lock()
        self._lost_at: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_of_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._pool.clear()

    def ask(self, call: Call) -> BaseHTTPResponse:
        """The registry's answer, whatever its status. Raises RegistryLost.

        Reads are given up sooner than acts, and try whether a lost registry is back.
        """
        self._require_chance(call)
        patience = self._patience.look if call.looks else self._patience.act
        until = self._monotonic() + patience
        trouble = ""
        while (left := until - self._monotonic()) > _SHORTEST:
            try:
                answer = self._send(call, left)
            except HTTPError as error:
                trouble = type(error).__name__
            else:
                if answer.status not in _AGAIN:
                    self._found()
                    return answer
                trouble = f"status {answer.status}"
            time.sleep(min(self._patience.pause, max(0.0, until - self._monotonic())))
        self._lose(trouble)
        raise RegistryLost(trouble)

    def _send(self, call: Call, left: float) -> BaseHTTPResponse:
        """One attempt. It gets most of what is left: a connection that is dead shows by silence."""
        share = max(left * _SHARE, _SHORTEST)
        timeout = urllib3.Timeout(connect=min(self._patience.connect, share), total=share)
        return self._pool.request(
            call.method,
            self._url + call.path,
            body=call.body,
            fields=dict(call.query) or None,
            headers=dict(call.headers),
            timeout=timeout,
            redirect=False,
        )

    def _require_chance(self, call: Call) -> None:
        """Raise RegistryLost at once while the circuit is open."""
        with self._lock:
            if self._lost_at is None:
                return
            rested = self._monotonic() - self._lost_at >= self._patience.rest
        if not (call.looks and rested):
            raise RegistryLost("the circuit is open")

    def _lose(self, trouble: str) -> None:
        with self._lock:
            if self._lost_at is None:
                _log.error("the registry does not answer: %s", trouble)
            self._lost_at = self._monotonic()

    def _found(self) -> None:
        with self._lock:
            if self._lost_at is not None:
                _log.info("the registry answers again")
            self._lost_at = None
