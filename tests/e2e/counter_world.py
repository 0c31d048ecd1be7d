"""The whole installation as processes: portal, counter, registry, and a table before a camera.

Nothing is replaced but the paper: a clip stands for the camera, and it is filmed from rendered
pages of the sheets that the portal issued.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pypdfium2

from hardware.scan import Grey
from hardware.tabletop import Pose, Table
from shared.db import schema
from shared.db.session import Sessions, open_registry
from shared.key_files import make_keys
from tests.builders import WINDOW, furniture

TILTED = Pose(turn=6.0, tilt=18.0, blur=1.3, gradient=0.3, noise=4.0)
"""A sheet as people hold it: not flat, not sharp, not evenly lit."""
RATE = 15
STARTING_SECONDS = 60.0
_ROOT = Path(__file__).parents[2]


@dataclass
class CounterWorld:
    """A folder with settings, keys and registry, and the two processes on it."""

    folder: Path
    sessions: Sessions
    portal: str
    counter: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def lay(self, page: Grey | None) -> None:
        """Put a page before the camera, or clear the table: a new clip in the place of the old."""
        write_clip(self.folder / "clip.avi", page)

    def drop(self, name: str, page: Grey) -> None:
        """Put a scanned page into the inbox."""
        part = self.folder / "inbox" / f"{name}.part"
        part.write_bytes(cv2.imencode(".png", page)[1].tobytes())
        part.replace(part.with_suffix(".png"))

    def log(self, name: str) -> str:
        """What a process wrote."""
        return (self.folder / f"{name}.log").read_text("utf-8")


def page_of(pdf: bytes) -> Grey:
    """The first page of a PDF at 150 dpi, in grey."""
    document = pypdfium2.PdfDocument(pdf)
    bitmap = document[0].render(scale=150 / 72, grayscale=True)
    page = np.array(bitmap.to_numpy().squeeze(), np.uint8)
    document.close()
    return page


def write_clip(path: Path, page: Grey | None) -> None:
    """Two seconds of the table, with the page on it for the last one and a half."""
    table, part = Table(7), path.with_suffix(".part.avi")
    size = (1280, 720)
    writer = cv2.VideoWriter(str(part), cv2.VideoWriter.fourcc(*"MJPG"), RATE, size, isColor=False)
    for number in range(2 * RATE):
        lies = page if number > RATE // 2 else None
        writer.write(table.empty(TILTED) if lies is None else table.photograph(lies, TILTED))
    writer.release()
    part.replace(path)


@contextmanager
def counter_world(folder: Path) -> Iterator[CounterWorld]:
    """Make the installation, start both processes, end both whatever happens."""
    (folder / "inbox").mkdir()
    make_keys(folder / "keys", datetime.now(UTC))
    url = f"sqlite:///{folder / 'registry.db'}"
    sessions = open_registry(url)
    schema.upgrade(sessions)
    with sessions.begin() as session:
        session.add_all(furniture())
    issuer_port, kiosk_port = free_port(), free_port()
    _write_settings(folder, url, (issuer_port, kiosk_port))
    write_clip(folder / "clip.avi", None)
    world = CounterWorld(
        folder, sessions, f"http://127.0.0.1:{issuer_port}", f"http://127.0.0.1:{kiosk_port}"
    )
    try:
        world.processes.append(start(folder, "issuer", ["serve"]))
        world.processes.append(start(folder, "kiosk", ["run"]))
        for address in (world.portal, world.counter):
            wait_for(address, world)
        yield world
    finally:
        stop(world.processes)
        sessions.kw["bind"].dispose()


def command(folder: Path, program: str, arguments: Sequence[str], settings: str) -> list[str]:
    """The command line of one of our programs, run with this interpreter."""
    entry = f"from {program}.cli import main; main(prog_name='{program}')"
    config = ["--config", str(folder / f"{settings}.toml")]
    return [sys.executable, "-c", entry, *arguments, *config]


def start(folder: Path, program: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start one of our programs on this installation."""
    with (folder / f"{program}.log").open("wb") as log:
        return subprocess.Popen(
            command(folder, program, arguments, program),
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=_ROOT,
            env=os.environ | {"PYTHONPATH": str(_ROOT)},
        )


def run(folder: Path, program: str, arguments: Sequence[str], settings: str = "") -> str:
    """Run one of our programs to its end; what it printed. Fails on another exit code than 0."""
    done = subprocess.run(
        command(folder, program, arguments, settings or program),
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask everybody to end, then wait."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def wait_for(address: str, world: CounterWorld) -> None:
    """Return when a server answers."""
    until = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            dead = [process for process in world.processes if process.poll() is not None]
            assert not dead, world.log("issuer") + world.log("kiosk")
            assert time.monotonic() < until, f"{address} does not answer"
            time.sleep(0.1)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_settings(folder: Path, url: str, ports: tuple[int, int]) -> None:
    issuer_port, kiosk_port = ports
    (folder / "issuer.toml").write_text(
        f'registry = "{url}"\nsystem_id = "tests"\nkeys = "keys/issuer"\nport = {issuer_port}\n'
    )
    (folder / "verifier.toml").write_text(
        f'registry = "{url}"\nsystem_id = "tests"\nkeys = "keys/registry"\n'
    )
    (folder / "kiosk.toml").write_text(
        f'kiosk = "{WINDOW}"\nverifier = "verifier.toml"\nport = {kiosk_port}\n'
        f'camera = "{folder / "clip.avi"}"\ninbox = "inbox"\n'
    )
