"""One line to a registry: deadlines, the same request again, and a circuit that opens and closes.

Whatever is sent here may be sent twice: every act has a key by which the registry knows it again.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Self

import urllib3
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util import parse_url

from verifier.acts import RegistryLost
from verifier.client.addresses import Addresses

_log = logging.getLogger(__name__)

_CONNECTIONS = 8
_PORTS = {"http": 80, "https": 443}
_NEVER_SENT = (NewConnectionError, ConnectTimeoutError)
_SHARE, _SHORTEST = 0.6, 0.3
_AGAIN = frozenset({502, 503, 504})
"""Answers of a balancer without a worker, or of a worker without its database."""
_LOOKS_SENT = 2
"""Times a question is sent that is asked again by itself: more would only keep a slow registry
slow. Twice, because the first may go into a connection that died."""
_SPREAD = 1.5
"""Times a pause that the registry wishes for, at most: windows sent away together do not come back
together."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. A registry that is lost stands on the screen within eight."""

    connect: float = 1.5
    act: float = 6.0
    """For one act with every repetition: a password takes the registry a third of a second."""
    look: float = 2.5
    """For a question that is asked again by itself."""
    pause: float = 0.2
    """Before a repetition, unless the registry says when it wants to be asked again."""
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


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a request was not answered, and how long to wait before it is sent again."""

    what: str = ""
    pause: float = 0.0


class _NameNotFound(HTTPError):
    """The resolver said nothing in time, or nothing of use."""


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
        self._registry = parse_url(url.rstrip("/"))
        self._port = self._registry.port or _PORTS[self._registry.scheme or ""]
        self._name = (self._registry.host or "").strip("[]")
        self._addresses = Addresses(self._name, self._port)
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
        until, trouble = self._monotonic() + patience, _Trouble()
        for _ in range(_LOOKS_SENT) if call.looks else count():
            if until - self._monotonic() - trouble.pause <= _SHORTEST:
                break
            time.sleep(trouble.pause)
            said = self._attempt(call, until - self._monotonic())
            if not isinstance(said, _Trouble):
                self._found()
                return said
            trouble = said
        self._lose(trouble.what)
        raise RegistryLost(trouble.what)

    def _attempt(self, call: Call, left: float) -> "BaseHTTPResponse | _Trouble":
        try:
            answer = self._send(call, left)
        except HTTPError as error:
            return _Trouble(type(error).__name__, self._patience.pause)
        if answer.status not in _AGAIN:
            return answer
        return _Trouble(f"status {answer.status}", _wished(answer, self._patience.pause))

    def _send(self, call: Call, left: float) -> BaseHTTPResponse:
        """One attempt, at the first address that can be connected to. It gets most of what is
        left: a connection that is dead shows by silence.
        """
        until = self._monotonic() + max(left * _SHARE, _SHORTEST)
        trouble: HTTPError = _NameNotFound(self._name)
        addresses = self._addresses.within(until - self._monotonic())
        for untried, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            rest = until - self._monotonic()
            if rest <= 0:
                break
            connect = min(self._patience.connect, rest / untried)
            try:
                return self._send_to(address, call, Timeout(connect=connect, total=rest))
            except HTTPError as error:
                self._addresses.failed(address)
                trouble = error
                if not isinstance(error, _NEVER_SENT):
                    break
        raise trouble

    def _send_to(self, address: str, call: Call, timeout: Timeout) -> BaseHTTPResponse:
        """Connect to an address, and still speak to the name: the certificate must be its own."""
        pool = self._pool.connection_from_host(
            address, self._port, self._registry.scheme, {"server_hostname": self._name}
        )
        return pool.request(
            call.method,
            (self._registry.path or "") + call.path,
            body=call.body,
            fields=dict(call.query) or None,
            headers={"Host": self._registry.netloc or "", **call.headers},
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


def _wished(answer: BaseHTTPResponse, otherwise: float) -> float:
    """Seconds to wait before the same request, as the answer asks for (RFC 9110 10.2.3)."""
    try:
        seconds = float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return otherwise
    return max(otherwise, seconds * random.uniform(1, _SPREAD))  # noqa: S311 - no secret
