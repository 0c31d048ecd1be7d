"""What is small to send and large to take: the servers' memory stays flat, and they answer on.

Real processes (`verifier serve`, `issuer serve`) on a socket; their resident memory, children
included, is looked at while the bombs arrive.
"""

import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from shared.key_files import make_keys
from tests.builders import WINDOW, house
from tests.registries import new_sqlite
from tests.registry_process import ROOT, STARTING_SECONDS
from tests.served_registry import give_credential

MOST = 50_000_000
"""Bytes by which a server may grow."""
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MEGABYTES = 1_000_000
DEEP = b"[" * 60_000
PARTS = b"".join(
    b'--b\r\nContent-Disposition: form-data; name="n%d"\r\n\r\nx\r\n' % number
    for number in range(100_000)
)
PUSH = json.dumps({"filings": [{"number": "9" * 30_000}] * 2}).encode()
BOMBS: dict[str, tuple[str, dict[str, str], bytes]] = {
    "20 MB of JSON": (JSON, {}, b'{"receiver_name": "' + b"a" * 20 * MEGABYTES + b'"}'),
    "60 000 brackets": (JSON, {}, DEEP),
    "60 000 objects in each other": (JSON, {}, b'{"a":' * 12_000),
    "a number of 60 000 digits": (JSON, {}, b'{"procedure":' + b"9" * 60_000 + b"}"),
    "100 MB in 100 kB of gzip": (
        JSON, {"Content-Encoding": "gzip"}, gzip.compress(bytes(100 * MEGABYTES)),
    ),
    "60 kB of gzip as a form": (
        FORM, {"Content-Encoding": "gzip"}, gzip.compress(bytes(50 * MEGABYTES)),
    ),
    "100 000 parts": ("multipart/form-data; boundary=b", {}, PARTS + b"--b--\r\n"),
    "1 000 parts": ("multipart/form-data; boundary=b", {}, PARTS[:55_000] + b"--b--\r\n"),
    "a part without an end": ("multipart/form-data; boundary=b", {}, PARTS[:50] + b"x" * 60_000),
    "a boundary of 60 000 characters": ("multipart/form-data; boundary=" + "b" * 60_000, {}, b""),
    "30 000 fields": (FORM, {}, b"&".join(b"a%d=" % number for number in range(8_000))),
    "a field of 20 MB": (FORM, {}, b"receiver_name=" + b"%E8%A6%8B" * 2 * MEGABYTES),
    "filings of 30 000 digits": (JSON, {}, PUSH),
}  # fmt: skip


@dataclass
class Server:
    """A process that serves, with its workers."""

    process: "subprocess.Popen[str]"
    port: int
    credential: str = ""

    def memory(self) -> int:
        """Resident bytes of the process and its children."""
        all_of_it = [psutil.Process(self.process.pid)]
        all_of_it += all_of_it[0].children(recursive=True)
        return sum(each.memory_info().rss for each in all_of_it)

    def answers(self) -> bool:
        """Whether somebody listens already."""
        try:
            return self.ask("GET", "/healthz", {}) == 200
        except ConnectionRefusedError:
            return False

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> int:
        """The status of the answer, also when it comes before the body was sent; 0 without one."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        given = headers | {"Content-Length": str(len(body))}
        head += "".join(f"{name}: {value}\r\n" for name, value in given.items()) + "\r\n"
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=60)) as wire:
            with suppress(OSError):  # refused meanwhile: the answer may be there all the same
                wire.sendall(head.encode() + body)
            try:
                status = re.match(rb"HTTP/1\.1 (\d+)", wire.recv(4096))
            except OSError:
                return 0
        return int(status[1]) if status else 0


@contextmanager
def peak_of(server: Server) -> Iterator[list[int]]:
    """The most memory it had during the block, looked at every 10 ms; read it afterwards."""
    most, ended = [server.memory()], threading.Event()

    def look() -> None:
        while not ended.wait(0.01):
            most[0] = max(most[0], server.memory())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield most
    finally:
        ended.set()
        looking.join()


@contextmanager
def serving(folder: Path, program: str, config: str) -> Iterator[Server]:
    """`issuer serve` or `verifier serve` on a free port."""
    (folder / f"{program}.toml").write_text(config)
    entry = f"from {program}.cli import main; main(prog_name='{program}')"
    command = [sys.executable, "-c", entry, "serve", "--config", str(folder / f"{program}.toml")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        found = re.search(r"http://[0-9.]+:(\d+)", process.stdout.readline())
        assert found, "it does not say where it serves"
        server = Server(process, int(found[1]))
        until = time.monotonic() + STARTING_SECONDS
        while not server.answers():
            assert time.monotonic() < until, "it does not answer"
            time.sleep(0.1)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("portal")
    new_sqlite(folder).kw["bind"].dispose()
    make_keys(folder / "keys", datetime.now(UTC))
    config = (
        f'registry = "sqlite:///{folder / "registry.db"}"\nsystem_id = "tests"\n'
        f'keys = "keys/issuer"\nport = {free_port()}\nthreads = 4\n'
        '[limits]\nissuing = "9999/hour"\nsigning_in = "9999/hour"\neverybody = "99999/hour"\n'
    )
    with serving(folder, "issuer", config) as server:
        yield server


@pytest.fixture(scope="module")
def registry_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("registry")
    sessions = new_sqlite(folder)
    credential = give_credential(house(sessions), WINDOW)
    sessions.kw["bind"].dispose()
    make_keys(folder / "keys", datetime.now(UTC))
    config = (
        f'registry = "sqlite:///{folder / "registry.db"}"\nsystem_id = "tests"\n'
        f'keys = "keys/registry"\nport = {free_port()}\nworkers = 1\nthreads = 4\n'
    )
    with serving(folder, "verifier", config) as server:
        server.credential = credential
        yield server


def require_flat(server: Server, paths: tuple[str, ...], alive: str) -> None:
    """Send every bomb to every path. A bomb is refused in words, and nothing grows."""
    given = {"Authorization": f"Bearer {server.credential}"} if server.credential else {}
    for path in paths:
        server.ask("POST", path, given | {"Content-Type": JSON}, b"{}")  # what is loaded at first
    assert server.ask("GET", alive, given) == 200
    before = server.memory()
    with peak_of(server) as most:
        for path in paths:
            for name, (kind, headers, body) in BOMBS.items():
                status = server.ask("POST", path, given | headers | {"Content-Type": kind}, body)
                assert 400 <= status < 500, (name, path, status)
    assert most[0] - before < MOST, f"it grew by {(most[0] - before) / 1e6:.0f} MB"
    assert server.ask("GET", alive, given) == 200


def test_the_portal_stays_as_large_as_it_is(portal: Server) -> None:
    require_flat(portal, ("/api/v1/sheets", "/codes/new", "/inquiry/"), "/")


def test_the_registry_stays_as_large_as_it_is(registry_server: Server) -> None:
    paths = ("/api/v1/counter/sign-in", "/api/v1/devices", "/api/v1/filings", "/console/sign-in")
    require_flat(registry_server, paths, "/healthz")
