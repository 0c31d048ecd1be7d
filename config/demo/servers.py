"""The processes of a demo or rehearsal: started together, watched, and ended together."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

_STARTING_SECONDS = 60.0
_ENDING_SECONDS = 4.0
_LAST_LINES = 12


class Stopped(Exception):
    """A process did not start, did not answer or ended by itself; the message says how."""


@dataclass(frozen=True, slots=True)
class Server:
    """One process to start."""

    name: str
    command: Sequence[str]
    host: str
    port: int
    log: Path


@dataclass(frozen=True, slots=True)
class Running:
    """One process that was started."""

    server: Server
    process: subprocess.Popen[bytes]

    def last_words(self) -> str:
        """The end of what it wrote."""
        lines = self.server.log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:]
        return "\n".join(f"  {line}" for line in lines)


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


@contextmanager
def running(servers: Sequence[Server]) -> Iterator[list[Running]]:
    """Start all of them; whatever happens, end all of them. Raises Stopped."""
    started: list[Running] = []
    try:
        for server in servers:
            started.append(_start(server))
        yield started
    finally:
        _end(started)


def wait_until_ready(started: Sequence[Running], stop: Event) -> None:
    """Return when every server answers, or `stop` is set. Raises Stopped."""
    deadline = time.monotonic() + _STARTING_SECONDS
    for one in started:
        while not stop.is_set() and not _answers(one.server):
            _require_alive(started)
            if time.monotonic() > deadline:
                raise Stopped(f"{one.server.name} does not answer:\n{one.last_words()}")
            stop.wait(0.2)


def watch(started: Sequence[Running], stop: Event) -> None:
    """Return when `stop` is set. Raises Stopped when a process ends before that."""
    while not stop.wait(0.3):
        _require_alive(started)


def script(name: str) -> str:
    """The path of one of the project's commands, beside this Python."""
    return str(Path(sys.executable).parent / name)


def _start(server: Server) -> Running:
    try:
        return Running(server, _popen(server))
    except OSError as error:
        why = f"{error.filename}: {error.strerror}"
        raise Stopped(f"{server.name} cannot be started: {why}") from error


def _popen(server: Server) -> subprocess.Popen[bytes]:
    with server.log.open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own commands
            server.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C at the terminal is for the demo alone; the demo then ends its children.
            process_group=0,
        )


def _answers(server: Server) -> bool:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _require_alive(started: Sequence[Running]) -> None:
    for one in started:
        code = one.process.poll()
        if code is not None:
            raise Stopped(f"{one.server.name} ended with exit code {code}:\n{one.last_words()}")


def _end(started: Sequence[Running]) -> None:
    for one in started:
        one.process.terminate()
    deadline = time.monotonic() + _ENDING_SECONDS
    for one in started:
        try:
            one.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
