"""Serve an application with waitress: says when it is ready, ends cleanly, fails in one line."""

import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import click
from flask import Flask
from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from shared.supervised import supervised
from shared.web.errors import ADVICE
from shared.web.headers import HEADERS

BODY = 64 * 1024
"""Bytes; no form of ours is longer."""


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
    server = create_server(
        app,
        sockets=[bound(host, port)],
        threads=threads,
        max_request_body_size=BODY,
        ident=None,
        channel_timeout=60,
    )
    refuse_with_pages(server, app)

    def stop(_number: int, _frame: FrameType | None) -> None:
        before_stop()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with supervised(host, server.effective_port):
        server.run()


def refuse_with_pages(server: Any, app: Flask) -> None:
    """Let what waitress refuses before the application sees it (a huge body) have our pages too."""

    class Refusal(ErrorTask):  # type: ignore[misc]
        def execute(self) -> None:
            error = self.request.error
            advice = ADVICE.get(error.code, ADVICE[400])
            template = app.jinja_env.get_template("unserved.html")
            page = template.render(advice=advice, status=error.code).encode()
            self.status = f"{error.code} {error.reason}"
            html = ("Content-Type", "text/html; charset=utf-8")
            self.response_headers.extend([html, *HEADERS.items()])
            self.content_length = len(page)
            self.set_close_on_finish()
            self.write(page)

    class Channel(HTTPChannel):  # type: ignore[misc]
        error_task_class = Refusal

    server.channel_class = Channel


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
