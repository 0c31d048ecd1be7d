"""The real process, with clip, keyboard scanner and folder: it ends within two seconds, always."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Thread, Timer
from urllib.parse import urlencode

import numpy as np
import psutil
import pytest

from shared.db import schema
from shared.db.session import open_registry
from shared.key_files import make_keys
from tests.builders import CLERK, PIN, WINDOW, furniture
from tests.crowding import crowding
from tests.devices.network_camera import streaming
from tests.devices.test_hid_scanner import ENTER, press, typed
from tests.e2e.counter_world import free_port, start, write_clip
from tests.media import a_sheet, write, write_pdf

LIMIT = 2.0


class Window:
    """One running `kiosk run`, and a browser at it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        self.process = start(folder, "kiosk", ["run"])
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.browser = urllib.request.build_opener(cookies)
        wait_for(lambda: self.state(), 60)

    def log(self) -> str:
        return (self.folder / "kiosk.log").read_text("utf-8")

    def page(self, path: str = "/") -> str:
        with self.browser.open(self.address + path, timeout=10) as answer:
            return str(answer.read().decode("utf-8"))

    def state(self) -> dict[str, object]:
        try:
            answer = json.loads(self.page("/api/state"))
        except OSError:
            assert self.process.poll() is None, self.log()
            return {}
        assert isinstance(answer, dict)
        return answer

    def sign_in(self) -> None:
        if self.state()["state"] == "checking_up":  # begins without what is missing
            self._post("/check/end", {})
        self._post("/sign-in", {"number": CLERK, "pin": PIN})
        # Its camera sees a sheet of others: "idle" may be over before anybody has looked.
        wait_for(lambda: self.state().get("state") in {"idle", "judging", "refused"})

    def _post(self, path: str, values: dict[str, str]) -> None:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page())
        assert token
        form = urlencode({"csrf_token": token[1]} | values).encode()
        with self.browser.open(self.address + path, form, 10):
            pass

    def watch(self) -> None:
        """Keep the event stream and the live picture open, as a page does."""
        for path in ("/events", "/preview"):
            Thread(target=self._drain, args=(path,), daemon=True).start()

    def _drain(self, path: str) -> None:
        try:
            with self.browser.open(self.address + path, timeout=30) as stream:
                while stream.read(4096):
                    pass
        except OSError:
            return

    def scan(self, text: str) -> None:
        (self.folder / "keys-fifo").write_bytes(typed(text) + press(ENTER))


def wait_for(happened: Callable[[], object], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    make_keys(tmp_path / "keys", datetime.now(UTC))
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    sessions = open_registry(url)
    schema.upgrade(sessions)
    with sessions.begin() as session:
        session.add_all(furniture())
    sessions.kw["bind"].dispose()
    write_clip(tmp_path / "clip.avi", a_sheet())
    os.mkfifo(tmp_path / "keys-fifo")
    (tmp_path / "verifier.toml").write_text(
        f'registry = "{url}"\nsystem_id = "tests"\nkeys = "keys/registry"\n'
    )
    return tmp_path


@pytest.fixture
def window(folder: Path, request: pytest.FixtureRequest) -> Iterator[Window]:
    with running(folder, getattr(request, "param", None) or str(folder / "clip.avi")) as window:
        yield window


@contextmanager
def running(folder: Path, camera: str) -> Iterator[Window]:
    port = free_port()
    (folder / "kiosk.toml").write_text(
        f'kiosk = "{WINDOW}"\nverifier = "verifier.toml"\nport = {port}\ncamera = "{camera}"\n'
        f'scanner = "hid:{folder / "keys-fifo"}"\ninbox = "inbox"\nvar = "var"\n'
    )
    window = Window(folder, port)
    yield window
    if window.process.poll() is None:
        window.process.kill()
        window.process.wait()


def signed_out(window: Window) -> None:
    wait_for(lambda: window.state().get("state") == "signed_out")


def idle_with_open_streams(window: Window) -> None:
    window.sign_in()
    window.watch()
    time.sleep(0.5)


def a_sheet_was_refused(window: Window) -> None:
    window.sign_in()
    window.scan("2/W1234567/000011112222333")
    wait_for(lambda: window.state().get("state") == "refused")


def a_file_is_being_decoded(window: Window) -> None:
    window.sign_in()
    part = write_pdf(window.folder / "stack.part", ["1"] * 50)
    part.rename(window.folder / "inbox" / "stack.pdf")
    wait_for(lambda: psutil.Process(window.process.pid).children())  # the one that decodes


def a_hard_page_is_being_read(window: Window) -> None:
    """Black and white blocks at 600 dpi: no code, and seconds of looking for one."""
    window.sign_in()
    blocks = np.random.default_rng(0).random((700, 500)) > 0.5
    page = np.kron(blocks, np.ones((10, 10))).astype(np.uint8) * 255
    write(window.folder / "page.png", page).rename(window.folder / "inbox" / "page.png")
    kiosk = psutil.Process(window.process.pid)

    def is_decoded() -> bool:
        return [child.status() for child in kiosk.children()] == [psutil.STATUS_ZOMBIE]

    wait_for(is_decoded)  # the child has given everything and waits to be counted
    time.sleep(0.3)
    assert (window.folder / "inbox" / "page.png").exists(), "it has been read already"


def the_registry_is_lost(window: Window) -> None:
    window.sign_in()
    for name in ("registry.db", "registry.db-wal"):  # in place: moved files would stay open
        os.truncate(window.folder / name, 0)
    wait_for(lambda: window.state().get("faults") == ["ERR-REGISTRY"])


def ends(window: Window, how: signal.Signals) -> float:
    """Seconds that it took to end, as they would be on a machine that does nothing else."""
    others, began = crowding(), time.monotonic()
    window.process.send_signal(how)
    try:
        code = window.process.wait(20)
    except subprocess.TimeoutExpired:
        pytest.fail("it did not end")
    assert code == 0, window.log()
    return (time.monotonic() - began) / min(others, crowding())


@pytest.mark.parametrize(
    "come_to",
    [
        signed_out, idle_with_open_streams, a_sheet_was_refused, a_file_is_being_decoded,
        the_registry_is_lost,
    ],
)  # fmt: skip
def test_the_window_ends_within_two_seconds(
    window: Window, come_to: Callable[[Window], None]
) -> None:
    come_to(window)
    assert ends(window, signal.SIGTERM) < LIMIT, window.log()
    assert "incident" not in window.log()
    assert "left behind" not in window.log()


def test_the_window_ends_while_it_reads_a_hard_page_and_leaves_it_for_the_next_start(
    window: Window,
) -> None:
    a_hard_page_is_being_read(window)
    assert ends(window, signal.SIGTERM) < LIMIT, window.log()
    assert "incident" not in window.log()
    assert (window.folder / "inbox" / "page.png").exists()


@pytest.fixture
def mute() -> Iterator[str]:
    """A network camera that takes connections and says nothing; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/stream"


@pytest.fixture
def falls_silent() -> Iterator[str]:
    """A network camera that films and stops in the middle; gives its address."""
    with streaming() as camera:
        Timer(4.0, camera.silent.set).start()
        yield camera.address
        camera.silent.clear()


@pytest.mark.parametrize("stream", ["mute", "falls_silent"])
def test_the_window_ends_while_a_stream_says_nothing(
    folder: Path, stream: str, request: pytest.FixtureRequest
) -> None:
    with running(folder, request.getfixturevalue(stream)) as window:
        window.sign_in()
        wait_for(lambda: window.state().get("faults") == ["ERR-CAM-SILENT"], 30)
        assert ends(window, signal.SIGTERM) < LIMIT, window.log()
        assert "incident" not in window.log()


@pytest.mark.parametrize("window", ["/dev/video97", "http://127.0.0.1:9/stream"], indirect=True)
def test_it_ends_as_fast_without_its_camera_and_by_an_interrupt(window: Window) -> None:
    wait_for(lambda: window.state().get("faults") == ["ERR-CAM-MISSING"])
    window.sign_in()
    assert ends(window, signal.SIGINT) < LIMIT, window.log()
