"""The camera, on video files and on a stream from a real socket."""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import cv2
import numpy as np
import pytest

from hardware.camera import Camera
from hardware.capture import FrozenCheck
from hardware.scan import DeviceClosed, DeviceLost, Frame
from hardware.tabletop import RATE, Pose, Table, photograph, record
from kiosk.reading.ladder import Reader
from tests.media import OURS, a_sheet


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "table.avi"
    frames = list(record([a_sheet()], path, shown_seconds=0.6, empty_seconds=0.2))
    assert frames[-1] == len(frames) == 39
    return path


def frames_of(camera: Camera, count: int) -> list[Frame]:
    found: list[Frame] = []
    while len(found) < count:
        frame = camera.read(2.0)
        assert frame is not None
        found.append(frame)
    return found


def lost(camera: Camera) -> str:
    """Read until the camera says that it is lost."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            camera.read(0.2)
        except DeviceLost as why:
            return str(why)
    pytest.fail("the camera was not lost")


def test_a_clip_plays_at_its_own_rate(clip: Path) -> None:
    with Camera(str(clip)) as camera:
        frames = frames_of(camera, 16)
    took = frames[-1].at - frames[0].at
    grabbed = frames[-1].sequence - frames[0].sequence
    assert took / grabbed == pytest.approx(1 / RATE, rel=0.3)


def test_a_clip_starts_again_at_its_end(clip: Path) -> None:
    with Camera(str(clip)) as camera:
        assert frames_of(camera, 45)[-1].sequence > 39


def test_frames_are_grey_and_show_the_sheet(clip: Path) -> None:
    with Camera(str(clip)) as camera:
        frames = frames_of(camera, 39)
    assert {frame.grey.shape for frame in frames} == {(720, 1280)}
    assert {frame.grey.dtype for frame in frames} == {np.dtype(np.uint8)}
    texts = {code.text for frame in frames for code in Reader().read(frame.grey).codes}
    assert texts == {OURS}


def test_a_slow_reader_gets_the_newest_frame_and_none_twice(clip: Path) -> None:
    with Camera(str(clip)) as camera:
        frames_of(camera, 1)
        frames = []
        for _ in range(4):
            time.sleep(0.3)
            frame = frames_of(camera, 1)[0]
            frames.append((frame.sequence, time.monotonic() - frame.at))
    sequences = [sequence for sequence, _ in frames]
    assert all(b - a >= 3 for a, b in pairwise(sequences))
    assert max(age for _, age in frames) < 0.15


def test_no_new_frame_within_the_time_is_none(clip: Path) -> None:
    with Camera(str(clip)) as camera:
        frames_of(camera, 1)
        assert camera.read(0.0) is None


@pytest.mark.parametrize("address", ["/dev/video97", "97", "no/such/clip.avi"])
def test_a_missing_camera_is_lost(address: str) -> None:
    with Camera(address) as camera:
        assert lost(camera) == "camera: cannot be opened"


def test_a_file_that_is_no_video_is_lost(tmp_path: Path) -> None:
    (tmp_path / "clip.avi").write_text("not a video")
    with Camera(str(tmp_path / "clip.avi")) as camera:
        assert lost(camera).startswith(("camera: cannot be opened", "clip: no picture"))


def test_a_camera_that_appears_is_opened(clip: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.avi"
    with Camera(str(later)) as camera:
        lost(camera)
        later.write_bytes(clip.read_bytes())
        deadline = time.monotonic() + 8
        frame = None
        while frame is None and time.monotonic() < deadline:
            try:
                frame = camera.read(0.5)
            except DeviceLost:
                continue
    assert frame is not None


def test_closing_ends_a_read_at_once_and_twice_is_fine(clip: Path, tmp_path: Path) -> None:
    camera = Camera(str(tmp_path / "none.avi"))
    ended: list[float] = []

    def wait() -> None:
        assert camera.read(20.0) is None
        ended.append(time.monotonic())

    reader = Thread(target=wait)
    reader.start()
    time.sleep(0.1)
    closed = time.monotonic()
    camera.close()
    camera.close()
    reader.join(3)
    assert ended[0] - closed < 1
    with pytest.raises(DeviceClosed):
        camera.read(0.1)


@pytest.mark.parametrize("seconds", [4.9, 5.0])
def test_a_repeated_picture_is_frozen_after_five_seconds(seconds: float) -> None:
    check, picture = FrozenCheck(5.0), Table(0).empty()
    assert not check.is_frozen(picture, 10.0)
    assert check.is_frozen(picture.copy(), 10.0 + seconds) is (seconds >= 5.0)


def test_a_living_picture_is_never_frozen() -> None:
    check, table = FrozenCheck(5.0), Table(0)
    assert not any(check.is_frozen(table.empty(), 3.0 * frame) for frame in range(6))


def test_a_covered_lens_is_not_a_fault() -> None:
    check, black = FrozenCheck(5.0), np.zeros((72, 128), np.uint8)
    assert not any(check.is_frozen(black, 3.0 * frame) for frame in range(6))


class Stream(ThreadingHTTPServer):
    """A network camera: Motion JPEG over HTTP, until `unplugged`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pictures)
        self.unplugged = Event()
        self.address = f"http://127.0.0.1:{self.server_port}/stream.mjpg"


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Stream)
        if self.server.unplugged.is_set():
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        table = Table(0)
        while not self.server.unplugged.wait(0.04):
            jpeg = cv2.imencode(".jpg", table.empty(Pose(noise=6)))[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + jpeg + b"\r\n")
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""


@pytest.fixture
def stream() -> Iterator[Stream]:
    with Stream() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.unplugged.set()
        server.shutdown()
        thread.join()


def test_an_unplugged_network_camera_is_lost_and_comes_back(stream: Stream) -> None:
    with Camera(stream.address, stall_seconds=2.0) as camera:
        before = frames_of(camera, 3)[-1].sequence
        stream.unplugged.set()
        assert lost(camera).startswith("camera: ")
        stream.unplugged.clear()
        deadline = time.monotonic() + 10
        frame = None
        while frame is None and time.monotonic() < deadline:
            try:
                frame = camera.read(0.5)
            except DeviceLost:
                continue
    assert frame is not None
    assert frame.sequence > before


def test_the_same_seed_gives_the_same_picture() -> None:
    page = a_sheet()
    one, two = (photograph(page, Pose(), seed) for seed in (4, 4))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, photograph(page, Pose(), 5))
