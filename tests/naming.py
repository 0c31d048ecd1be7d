"""The system's resolver for one invented name: quick, silent, or of another opinion."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAME = "registry.test"
AS_LONG_AS_GLIBC = 20.0
"""Seconds that it waits for two silent name servers."""
_REAL = socket.getaddrinfo


class Resolver:
    """Stands in the place of `getaddrinfo`. Addresses need no name server: they go past it."""

    def __init__(self, addresses: tuple[str, ...]) -> None:
        self.addresses = addresses
        self.speaks = threading.Event()
        self.speaks.set()
        self.asked = 0

    def __call__(self, host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        if host != NAME:
            return list(_REAL(host, port, *more, **named))
        self.asked += 1
        in_time = self.speaks.wait(AS_LONG_AS_GLIBC)
        if not (in_time and self.addresses):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [found for one in self.addresses for found in _REAL(one, port, *more, **named)]


@contextmanager
def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> Iterator[Resolver]:
    """NAME leads to these, for as long as the block."""
    resolver = Resolver(addresses)
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    try:
        yield resolver
    finally:
        resolver.speaks.set()


def by_name(address: str) -> str:
    """The same URL, with the name in place of this machine's address."""
    return address.replace("127.0.0.1", NAME)
