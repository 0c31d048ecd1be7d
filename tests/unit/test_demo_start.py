"""`python -m config.demo` as a person starts it: from a busy port to the second start."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.demo.servers import Server, Stopped, is_free, running, script

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
NO_CAMERA = "/dev/no-such-camera"
needs_commands = pytest.mark.skipif(
    not all(Path(script(name)).exists() for name in ("issuer", "kiosk")),
    reason="the commands issuer and kiosk are not beside this Python; ./run setup puts them there",
)


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind((HOST, 0))
        other.bind((HOST, 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def command(var: Path, ports: tuple[int, int]) -> list[str]:
    numbers = ["--issuer-port", str(ports[0]), "--kiosk-port", str(ports[1])]
    return [sys.executable, "-m", "config.demo", "--var", str(var), "--camera", NO_CAMERA, *numbers]


def start(var: Path, ports: tuple[int, int]) -> "subprocess.CompletedProcess[str]":
    """A start that is expected to fail at once."""
    return subprocess.run(
        command(var, ports), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def started(var: Path, ports: tuple[int, int]) -> Iterator["subprocess.Popen[str]"]:
    """A start that is ended at last, whatever the test found."""
    with subprocess.Popen(
        command(var, ports), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as demo:
        try:
            yield demo
        finally:
            if demo.poll() is None:
                demo.terminate()


def until(demo: "subprocess.Popen[str]", words: str) -> str:
    """What it says up to these words."""
    assert demo.stdout is not None
    said = ""
    for line in demo.stdout:
        said += line
        if words in line:
            return said
    pytest.fail(f"it ended before it said {words!r}:\n{said}")


def children(demo: "subprocess.Popen[str]") -> dict[str, int]:
    """The process ids of its two servers, by the command's name."""
    listed = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
    lines = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in listed}
    return {
        name: pid
        for pid, line in lines.items()
        for name in ("issuer", "kiosk")
        if f"{name}.toml" in line
    }


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    connection.request("GET", "/")
    status = connection.getresponse().status
    connection.close()
    return status < 400


@pytest.mark.parametrize("which", [0, 1], ids=["portal", "counter"])
def test_a_busy_port_is_said_in_one_line_before_anything_is_made(
    tmp_path: Path, which: int
) -> None:
    var, ports = tmp_path / "var", free_ports()
    with socket.socket() as taken:
        taken.bind((HOST, ports[which]))
        taken.listen()
        done = start(var, ports)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"Port {ports[which]} " in line
    assert ("--issuer-port", "--kiosk-port")[which] in line
    assert not var.exists()


def test_one_port_cannot_serve_both(tmp_path: Path) -> None:
    port, _other = free_ports()
    done = start(tmp_path / "var", (port, port))
    assert done.returncode == 1
    assert "two different ports" in done.stderr


def test_a_command_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    first = Server("issuer", sleeps, HOST, 1, tmp_path / "issuer.log")
    lost = Server("kiosk", [str(tmp_path / "kiosk")], HOST, 1, tmp_path / "kiosk.log")
    told = f"^kiosk cannot be started: {tmp_path / 'kiosk'}: No such file or directory$"
    with pytest.raises(Stopped, match=told), running([first, lost]):
        pytest.fail("the second was started")


@needs_commands
def test_it_starts_ends_starts_again_and_leaves_nothing_running(tmp_path: Path) -> None:
    var, ports = tmp_path / "var", free_ports()
    (var / "keys").mkdir(parents=True)
    with started(var, ports) as demo:
        said = until(demo, "Uketori is ready")
        assert "An earlier start did not finish preparing" in said
        assert all(answers(port) for port in ports)
        assert set(children(demo)) == {"issuer", "kiosk"}
        began = time.monotonic()
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
        assert time.monotonic() - began < 5
    assert all(is_free(HOST, port) for port in ports)
    sign_ins = (var / "demo-sign-ins.txt").read_bytes()
    with started(var, ports) as demo:
        assert "Preparing" not in until(demo, "Uketori is ready")
        demo.terminate()
        assert demo.wait(30) == 0
    assert (var / "demo-sign-ins.txt").read_bytes() == sign_ins
    assert all(is_free(HOST, port) for port in ports)


@needs_commands
def test_a_server_that_dies_ends_the_demo_and_says_why(tmp_path: Path) -> None:
    var, ports = tmp_path / "var", free_ports()
    with started(var, ports) as demo:
        until(demo, "Uketori is ready")
        os.kill(children(demo)["issuer"], signal.SIGKILL)
        assert "issuer ended with exit code -9" in until(demo, "issuer ended")
        assert demo.wait(30) == 1
    assert all(is_free(HOST, port) for port in ports)
