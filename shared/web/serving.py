"""Serve an application with waitress: says when it is ready, ends cleanly, fails in one line."""

import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import click
from flask import Flask
from waitress import create_server

from shared.supervised import supervised
from shared.web.channels import guard
from shared.web.crowds import Crowd

BODY = 64 * 1024
"""Bytes; no form of ours is longer."""
HEAD = 16 * 1024
"""Bytes of a request's headers; a browser sends one or two thousand."""


class CannotServe(click.ClickException):
    """The address cannot be had, most often because another process has it. Exit code 3."""

    exit_code = 3


def serve(
    app: Flask,
    host: str,
    port: int,
    threads: int,
    before_stop: Callable[[], None] = lambda: None,
) -> None:
    """Serve until Ctrl-C or SIGTERM; `before_stop` ends streams that would hold the end up.

    Every open stream holds one thread. Raises CannotServe.
    """
    server = make_server(app, bound(host, port), threads, Crowd())

    def stop(_number: int, _frame: FrameType | None) -> None:
        before_stop()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with supervised(host, server.effective_port):
        server.run()


def make_server(app: Flask, listener: socket.socket, threads: int, crowd: Crowd) -> Any:
    """A server on a bound socket that bears such a crowd; `run` it."""
    server = create_server(
        app,
        sockets=[listener],
        threads=threads,
        max_request_body_size=BODY,
        max_request_header_size=HEAD,
        connection_limit=crowd.connections,
        cleanup_interval=1,
        asyncore_use_poll=True,  # select() ends at 1024 descriptors
        ident=None,
    )
    guard(server, app, crowd)
    return server


def bound(host: str, port: int) -> socket.socket:
    """A socket at this address, for a server to listen on. Raises CannotServe."""
    try:
        return _listener(host, port)
    except OSError as error:
        busy = f"{host}:{port} cannot be used ({error.strerror})"
        raise CannotServe(f"{busy}. Stop what uses it, or choose another port.") from error


def _listener(host: str, port: int) -> socket.socket:
    """Bound by us: waitress leaves its socket open when it cannot have the address."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener
