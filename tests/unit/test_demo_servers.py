"""The demo's processes, with Python's own web server in their place."""

import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from config.demo.servers import Running, Server, Stopped, is_free, running, wait_until_ready, watch

STUBBORN = """
import signal, sys, http.server
signal.signal(signal.SIGTERM, signal.SIG_IGN)
handler = http.server.SimpleHTTPRequestHandler
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def web_server(folder: Path, name: str) -> Server:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    return Server(name, command, "127.0.0.1", port, folder / f"{name}.log")


def stop_soon() -> threading.Event:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    return stop


def are_gone(started: list[Running]) -> bool:
    return all(one.process.poll() is not None for one in started)


def test_servers_answer_until_they_are_told_to_end(tmp_path: Path) -> None:
    servers = [web_server(tmp_path, name) for name in ("one", "two")]
    with running(servers) as started:
        wait_until_ready(started, threading.Event())
        assert [is_free(server.host, server.port) for server in servers] == [False, False]
        watch(started, stop_soon())
        assert not are_gone(started)
    assert are_gone(started)


def test_a_server_that_ends_takes_the_other_along_and_leaves_its_last_words(
    tmp_path: Path,
) -> None:
    broken = [sys.executable, "-c", "raise SystemExit('no registry here')"]
    servers = [
        web_server(tmp_path, "one"),
        Server("two", broken, "127.0.0.1", free_port(), tmp_path / "two.log"),
    ]
    with pytest.raises(Stopped, match="two ended with exit code 1:\n  no registry here"):  # noqa: SIM117
        with running(servers) as started:
            wait_until_ready(started, threading.Event())
    assert are_gone(started)


def test_a_server_that_dies_later_is_noticed(tmp_path: Path) -> None:
    with running([web_server(tmp_path, "one")]) as started:
        wait_until_ready(started, threading.Event())
        started[0].process.kill()
        with pytest.raises(Stopped, match="one ended with exit code -9"):
            watch(started, threading.Event())


def test_a_server_that_will_not_end_is_ended_within_five_seconds(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", STUBBORN, str(port)]
    with running([Server("one", command, "127.0.0.1", port, tmp_path / "log")]) as started:
        wait_until_ready(started, threading.Event())
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert are_gone(started)


def test_waiting_ends_when_somebody_stops_the_demo(tmp_path: Path) -> None:
    silent = [sys.executable, "-c", "import time; time.sleep(60)"]
    server = Server("one", silent, "127.0.0.1", free_port(), tmp_path / "log")
    with running([server]) as started:
        began = time.monotonic()
        wait_until_ready(started, stop_soon())
        assert time.monotonic() - began < 3


def test_a_port_that_is_taken_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not is_free("127.0.0.1", taken.getsockname()[1])
    assert is_free("127.0.0.1", free_port())
