"""Connections of waitress that keep to a `Crowd`, and that are refused with pages of ours."""

import logging
import socket
import time
from contextlib import suppress
from functools import cache, partial
from http import HTTPStatus
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from shared.web.crowds import Asking, Crowd, Door, Line
from shared.web.errors import ADVICE
from shared.web.headers import of_refusals

_log = logging.getLogger(__name__)
COME_BACK = 2
"""Seconds that whoever is sent away is told to wait."""
UNSEEN = 30_000
"""Milliseconds after which a peer that confirms nothing of what it was sent counts as gone."""
_A_ROUND = 64
_SHED_A_LINE = 1000
"""So many requests sent away make one line in the log: a flood must not fill the disk."""


class _SentAway(Exception):
    """What else a connection said is not read: reading it costs more than the answer did."""


class Refusal(ErrorTask):  # type: ignore[misc]
    """What waitress refuses before the application sees it (a huge body) has our page too."""

    def execute(self) -> None:
        """Write the page."""
        error = self.request.error
        page = _page(self.channel.server.pages, error.code)
        self.status = f"{error.code} {error.reason}"
        html = ("Content-Type", "text/html; charset=utf-8")
        self.response_headers.extend([html, *of_refusals(self.channel.server.pages).items()])
        self.content_length = len(page)
        self.set_close_on_finish()
        self.write(page)


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    error_task_class = Refusal

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:
        self.asking = Asking(time.monotonic())
        self.sent_away = False
        self.address: str = addr[0]
        super().__init__(server, sock, addr, adj, map=map)

    def received(self, data: bytes) -> bool:
        """Take what came in, and note since when a request has been coming."""
        if self.sent_away:
            return False
        before = self.request
        try:
            came = bool(super().received(data))
        except _SentAway:
            return True
        if self.request is None or self.request is not before:
            self.asking = Asking(time.monotonic(), midway=self.request is not None)
        return came

    def service(self) -> None:
        """Answer one request, in a thread."""
        try:
            super().service()
        except _SentAway:
            self.server.pull_trigger()
        finally:
            self.server.line.leave()

    def send_away(self, status: int) -> None:
        """Answer from the server's loop, and close."""
        answer = _answer(self.server.pages, status)
        with self.outbuf_lock:
            self.outbufs[-1].append(answer)
            self.total_outbufs_len += len(answer)
        self.sent_away = self.close_when_flushed = True
        self.requests.clear()

    def del_channel(self, map: Any = None) -> None:
        """The connection is gone."""
        if self._fileno in self.server.active_channels:
            self.server.door.left(self.address)
        super().del_channel(map)


def guard(server: Any, app: Flask, crowd: Crowd) -> None:
    """Let a server of waitress bear a crowd."""
    server.door, server.pages = Door(crowd), app
    server.line = Line(crowd, server.task_dispatcher.add_task)
    server.channel_class = _opened
    server.add_task = partial(_give_turn, server)
    server.maintenance = partial(_end_slow, server)
    server.handle_accept = partial(_accept, server)
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNSEEN)


def _accept(server: Any) -> None:
    """Everybody who waits outside, and not one a round: a flood would keep the others there."""
    for _ in range(_A_ROUND):
        try:
            sock, addr = server.socket.accept()
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                _log.warning("a connection was not accepted: %s", error.strerror)
            return
        server.set_socket_options(sock)
        server.channel_class(server, sock, addr, server.adj, server._map)


def _opened(server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any) -> Channel | None:
    """A connection, unless its address has too many; the slowest makes room when all are taken."""
    floods = server.line.is_long and server.door.is_spent(addr[0])
    if floods or not server.door.lets_in(addr[0]):
        _shed(server, HTTPStatus.TOO_MANY_REQUESTS)
        with sock, suppress(OSError):
            sock.settimeout(0)
            sock.send(_answer(server.pages, HTTPStatus.TOO_MANY_REQUESTS))
        return None
    if len(server.active_channels) >= server.door.crowd.connections - _RESERVE:
        _make_room(server)
    return Channel(server, sock, addr, adj, map)


_RESERVE = 8
"""The listener and the trigger count as connections for waitress, which accepts none when full."""


def _make_room(server: Any) -> None:
    quiet = [channel for channel in server.active_channels.values() if not channel.requests]
    if quiet:
        min(quiet, key=lambda channel: float(channel.asking.since)).will_close = True


def _give_turn(server: Any, channel: Channel) -> None:
    """A whole request has come."""
    hasty = server.door.is_hasty(channel.address)
    status = (server.line.join_at_the_end if hasty else server.line.join)(channel)
    if status is not None:
        _shed(server, status)
        channel.send_away(status)
        raise _SentAway


def _end_slow(server: Any, _now: float) -> None:
    now, crowd = time.monotonic(), server.door.crowd
    for channel in list(server.active_channels.values()):
        if not channel.requests and channel.asking.is_over(now, crowd):
            channel.will_close = True


def _shed(server: Any, status: int) -> None:
    """Say in the log that requests are sent away, at the first and then now and then."""
    server.shed = getattr(server, "shed", 0) + 1
    if server.shed % _SHED_A_LINE == 1:
        _log.warning("sent away before a turn: %d so far, now with %d", server.shed, status)


@cache
def _page(app: Flask, status: int) -> bytes:
    advice = ADVICE.get(status, ADVICE[400])
    template = app.jinja_env.get_template("unserved.html")
    return template.render(advice=advice, status=status).encode()


@cache
def _answer(app: Flask, status: int) -> bytes:
    page = _page(app, status)
    head = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Retry-After: {COME_BACK}",
        "Connection: close",
        "Cache-Control: no-store",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(page)}",
        *(f"{name}: {text}" for name, text in of_refusals(app).items()),
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + page
