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
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from shared.key_files import PUSH, make_keys, write_secrets
from tests.builders import WINDOW, house
from tests.peaks import peak_of
from tests.registries import new_sqlite
from tests.registry_process import ROOT, STARTING_SECONDS
from tests.served_registry import give_credential

MOST = 50_000_000
"""Bytes by which a server may grow."""
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MEGABYTES = 1_000_000
DEEP = b"[" * 60_000
PUSH_KEY = "p" * 64
FILINGS = "/api/v1/filings"


def parts(count: int) -> bytes:
    """So many fields of a form, each a part of its own, without the end."""
    one = b'--b\r\nContent-Disposition: form-data; name="n%d"\r\n\r\nx\r\n'
    return b"".join(one % number for number in range(count))


IN_PARTS = "multipart/form-data; boundary=b"


def pushed(number: str) -> bytes:
    """Two filings of that number, which may be none."""
    one = f'{{"number": {number}, "procedure": 1, "office": "S1", "status": "ready"}}'
    return f'{{"filings": [{one}, {one}]}}'.encode()


PORTAL = ("/api/v1/sheets", "/codes/new", "/inquiry/")
Bombs = dict[str, tuple[str, dict[str, str], bytes]]
BOMBS: Bombs = {
    "20 MB of JSON": (JSON, {}, b'{"receiver_name": "' + b"a" * 20 * MEGABYTES + b'"}'),
    "60 000 brackets": (JSON, {}, DEEP),
    "12 000 objects in each other": (JSON, {}, b'{"a":' * 12_000),
    "a number of 60 000 digits": (JSON, {}, b'{"procedure":' + b"9" * 60_000 + b"}"),
    "100 MB in 100 kB of gzip": (
        JSON, {"Content-Encoding": "gzip"}, gzip.compress(bytes(100 * MEGABYTES)),
    ),
    "60 kB of gzip as a form": (
        FORM, {"Content-Encoding": "gzip"}, gzip.compress(bytes(50 * MEGABYTES)),
    ),
    "100 000 parts": (IN_PARTS, {}, parts(100_000) + b"--b--\r\n"),
    "950 parts": (IN_PARTS, {}, parts(950) + b"--b--\r\n"),
    "a part without an end": (IN_PARTS, {}, parts(1)[:50] + b"x" * 60_000),
    "a boundary of 60 000 characters": ("multipart/form-data; boundary=" + "b" * 60_000, {}, b""),
    "8 000 fields": (FORM, {}, b"&".join(b"a%d=" % number for number in range(8_000))),
    "a field of 20 MB": (FORM, {}, b"receiver_name=" + b"%E8%A6%8B" * 2 * MEGABYTES),
    "filings of 30 000 digits": (JSON, {}, pushed('"' + "9" * 30_000 + '"')),
    "filings whose number has 30 000 digits": (JSON, {}, pushed("9" * 30_000)),
    "200 filings of nothing": (JSON, {}, json.dumps({"filings": [{}] * 200}).encode()),
    "a filing of 4 000 fields": (
        JSON, {}, json.dumps({"filings": [{f"a{n}": n for n in range(4_000)}]}).encode(),
    ),
}  # fmt: skip
SMALL: Bombs = {
    "7 000 brackets": (JSON, {}, b"[" * 7_000),
    "1 400 objects in each other": (JSON, {}, b'{"a":' * 1_400),
    "a number of 7 000 digits": (JSON, {}, b'{"procedure":' + b"9" * 7_000 + b"}"),
    "a number of that many nines": (JSON, {}, b'{"procedure":9e99999999}'),
    "1 000 names": (
        JSON, {}, b"{" + b",".join(b'"%d":1' % n for n in range(1_000)) + b',"a":1}',
    ),
    "7 MB in 7 kB of gzip": (
        JSON, {"Content-Encoding": "gzip"}, gzip.compress(bytes(7 * MEGABYTES)),
    ),
    "7 MB in 7 kB of gzip as a form": (
        FORM, {"Content-Encoding": "gzip"}, gzip.compress(bytes(7 * MEGABYTES)),
    ),
    "125 parts": (IN_PARTS, {}, parts(125) + b"--b--\r\n"),
    "a part without an end, in 7 kB": (IN_PARTS, {}, parts(1)[:50] + b"x" * 7_000),
    "a boundary of 7 000 characters": ("multipart/form-data; boundary=" + "b" * 7_000, {}, b""),
    "1 300 fields": (FORM, {}, b"&".join(b"a%d=" % n for n in range(1_300))),
    "a field of 7 kB": (FORM, {}, b"receiver_name=" + b"%E8%A6%8B" * 770),
    "filings whose number has 3 500 digits": (JSON, {}, pushed("9" * 3_500)),
}  # fmt: skip
"""Below the portal's 8 KiB: these are read, and not refused by their length."""


@dataclass
class Server:
    """A process that serves, with its workers."""

    process: "subprocess.Popen[str]"
    port: int
    credentials: dict[str, str] = field(default_factory=dict)
    """What the address that begins so asks for."""

    def headers(self, path: str) -> dict[str, str]:
        """With which somebody who counts there asks."""
        given = [each for begin, each in self.credentials.items() if path.startswith(begin)]
        return {"Authorization": f"Bearer {given[0]}"} if given else {}

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
    write_secrets(folder / "keys/registry", {PUSH: PUSH_KEY.encode()})
    config = (
        f'registry = "sqlite:///{folder / "registry.db"}"\nsystem_id = "tests"\n'
        f'keys = "keys/registry"\nport = {free_port()}\nworkers = 1\nthreads = 4\n'
    )
    with serving(folder, "verifier", config) as server:
        server.credentials = {FILINGS: PUSH_KEY, "/api/": credential}
        yield server


def statuses(server: Server, paths: tuple[str, ...], bombs: Bombs) -> dict[str, Counter[int]]:
    """Send the bombs to every path; gives how often each path answered with what."""
    seen: dict[str, Counter[int]] = {path: Counter() for path in paths}
    for path in paths:
        for name, (kind, headers, body) in bombs.items():
            given = server.headers(path) | headers | {"Content-Type": kind}
            status = server.ask("POST", path, given, body)
            hung_up = status == 0 and len(kind) > 10_000  # headers: nobody reads on
            taken = status == 200 and path == FILINGS  # and each filing refused in words
            assert hung_up or taken or 400 <= status < 500, (name, path, status)
            seen[path][status] += 1
    return seen


def require_flat(server: Server, paths: tuple[str, ...], bombs: Bombs) -> dict[str, Counter[int]]:
    """Bombs are refused in words, nothing grows, and the server answers on. Gives the answers."""
    for path in paths:  # what is loaded at first
        server.ask("POST", path, server.headers(path) | {"Content-Type": JSON}, b"{}")
    before = server.memory()
    with peak_of(server.memory) as most:
        seen = statuses(server, paths, bombs)
    assert most[0] - before < MOST, f"it grew by {(most[0] - before) / 1e6:.0f} MB"
    assert server.answers()
    return seen


def test_the_portal_stays_as_large_as_it_is(portal: Server) -> None:
    require_flat(portal, PORTAL, BOMBS)


def test_the_portal_reads_small_bombs_and_stays_as_large_as_it_is(portal: Server) -> None:
    for path, seen in require_flat(portal, PORTAL, SMALL).items():
        assert not seen[413], f"{path} looked at their length alone"


def test_the_registry_stays_as_large_as_it_is(registry_server: Server) -> None:
    paths = ("/api/v1/counter/sign-in", "/api/v1/devices", FILINGS, "/console/sign-in")
    for path, seen in require_flat(registry_server, paths, BOMBS | SMALL).items():
        assert not seen[401], f"{path} looked at the credential alone"
    assert seen_to_push(registry_server) == 200


def seen_to_push(server: Server) -> int:
    """The status of an ordinary push."""
    given = server.headers(FILINGS) | {"Content-Type": JSON}
    return server.ask("POST", FILINGS, given, pushed('"2600000000000001"'))
