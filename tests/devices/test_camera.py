"""The camera, on video files, on a stream from a real socket and on device files."""

import errno
import fcntl
import os
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import cv2
import numpy as np
import pytest

from hardware.camera import Camera
from hardware.camera_settings import CameraSettings
from hardware.capture import taken_at
from hardware.holders import holder_of
from hardware.picture_health import PictureHealth
from hardware.scan import Cause, DeviceClosed, DeviceLost, Frame, Grey
from hardware.tabletop import RATE, Pose, Table, photograph, record
from hardware.video_device import why_silent
from kiosk.reading.ladder import Reader
from tests.devices.drivers import PATCHED, Failing, Stamping, video_driver
from tests.devices.network_camera import Stream, streaming
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


def lost(camera: Camera) -> DeviceLost:
    """Read until the camera says that it is lost."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            camera.read(0.2)
        except DeviceLost as why:
            return why
    pytest.fail("the camera was not lost")


def back(camera: Camera, seconds: float = 12) -> Frame:
    """Read until the camera gives pictures again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            frame = camera.read(0.5)
        except DeviceLost:
            continue
        if frame is not None:
            return frame
    pytest.fail("the camera did not come back")


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
        why = lost(camera)
    assert (str(why), why.cause) == ("camera: not found", Cause.MISSING)


def test_a_file_that_is_no_video_is_lost(tmp_path: Path) -> None:
    (tmp_path / "clip.avi").write_text("not a video")
    with Camera(str(tmp_path / "clip.avi")) as camera:
        assert lost(camera).cause is Cause.UNFIT


def test_a_camera_that_appears_is_opened(clip: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.avi"
    with Camera(str(later)) as camera:
        lost(camera)
        later.write_bytes(clip.read_bytes())
        assert back(camera).sequence == 1


def test_a_camera_keeps_its_name_when_its_number_changes(clip: Path, tmp_path: Path) -> None:
    """by-id is a link that udev makes anew at every plugging in."""
    by_id = tmp_path / "usb-camera-video-index0"
    (tmp_path / "video0").write_bytes(clip.read_bytes())
    by_id.symlink_to("video0")
    with Camera(str(by_id)) as camera:
        frames_of(camera, 1)
    by_id.unlink()
    with Camera(str(by_id)) as camera:
        assert lost(camera).cause is Cause.MISSING
        (tmp_path / "video0").rename(tmp_path / "video3")
        by_id.symlink_to("video3")
        assert back(camera).sequence == 1


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
    health, picture = PictureHealth(), Table(0).empty()
    assert health.fault(picture, 10.0) is None
    frozen = Cause.FROZEN if seconds >= 5.0 else None
    assert health.fault(picture.copy(), 10.0 + seconds) is frozen


@pytest.mark.parametrize("level", [30, 128, 255])
def test_plain_grey_that_repeats_is_frozen(level: int) -> None:
    health, plain = PictureHealth(), np.full((72, 128), level, np.uint8)
    faults = [health.fault(plain, at) for at in (0.0, 4.9, 5.0, 60.0)]
    assert faults == [None, None, Cause.FROZEN, Cause.FROZEN]


def test_a_living_picture_is_never_frozen() -> None:
    health, table = PictureHealth(), Table(0)
    assert not any(health.fault(table.empty(), 3.0 * frame) for frame in range(6))


def test_a_covered_lens_is_black_after_three_seconds_and_fine_at_once_in_the_light() -> None:
    health, black = PictureHealth(), np.zeros((72, 128), np.uint8)
    faults = [health.fault(black, at) for at in (0.0, 2.9, 3.0, 9.0)]
    assert faults == [None, None, Cause.BLACK, Cause.BLACK]
    assert health.fault(Table(0).empty(), 9.1) is None
    assert health.fault(black, 9.2) is None


def test_a_dim_table_and_a_lamp_in_the_dark_are_not_black() -> None:
    dim = np.asarray(Table(0).empty() // 3, np.uint8)
    lamp: Grey = np.zeros((720, 1280), np.uint8)
    lamp[100:200, 100:200] = 250
    for picture in (dim, lamp):
        health = PictureHealth()
        health.fault(picture, 0.0)
        assert health.fault(np.asarray(picture + 1, np.uint8), 4.0) is None


def test_what_a_camera_is_asked_for_is_in_the_order_drivers_want() -> None:
    names = [name for name, _ in CameraSettings(focus=120, autofocus=True).properties()]
    assert names == [
        cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT,
        cv2.CAP_PROP_FPS, cv2.CAP_PROP_BUFFERSIZE, cv2.CAP_PROP_AUTOFOCUS, cv2.CAP_PROP_FOCUS,
    ]  # fmt: skip
    asked = dict(CameraSettings(focus=120, autofocus=True).properties())
    assert (asked[cv2.CAP_PROP_AUTOFOCUS], asked[cv2.CAP_PROP_FOCUS]) == (0, 120)
    assert int(asked[cv2.CAP_PROP_FOURCC]).to_bytes(4, "little") == b"MJPG"


@pytest.mark.parametrize(("wish", "set_to"), [(None, None), (True, 1), (False, 0)])
def test_an_autofocus_nobody_spoke_of_is_left_alone(wish: bool | None, set_to: int | None) -> None:
    asked = dict(CameraSettings(autofocus=wish).properties())
    assert asked.get(cv2.CAP_PROP_AUTOFOCUS) == set_to
    assert cv2.CAP_PROP_FOCUS not in asked


def test_a_driver_that_raises_is_a_lost_camera_that_is_logged_and_comes_back(
    clip: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(PATCHED, Failing)
    with Camera(str(clip)) as camera:
        before = frames_of(camera, 2)[-1].sequence
        Failing.broken.set()
        assert lost(camera).cause is Cause.SILENT
        Failing.broken.clear()
        assert back(camera).sequence > before
    (told,) = [line for line in caplog.records if line.exc_info]
    assert "Assertion failed" in str(told.exc_info and told.exc_info[1])


@pytest.mark.parametrize(
    ("stamp", "taken"),
    [
        (999.75, 999.75), (1000.0, 1000.0), (990.5, 990.5),
        (0.0, 1000.0), (1000.5, 1000.0), (989.9, 1000.0), (1.7e9, 1000.0), (3.0, 1000.0),
    ],
    ids=["late", "at once", "very late", "no stamp", "from the future", "too far back",
         "time of day", "since the start of the stream"],
)  # fmt: skip
def test_a_drivers_time_counts_where_it_can_be_true(stamp: float, taken: float) -> None:
    assert taken_at(stamp, now=1000.0) == taken


def test_a_machine_that_just_started_does_not_take_silence_for_a_stamp() -> None:
    assert taken_at(0.0, now=4.0) == 4.0


def test_a_frame_is_as_old_as_its_driver_says_and_still_given(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PATCHED, Stamping)
    with Camera(str(clip.with_suffix(".device"))) as camera:
        frame = frames_of(camera, 1)[0]
        assert 0.25 <= time.monotonic() - frame.at < 1


CAMERAS = sorted(Path("/dev/v4l/by-id").glob("*-index0"))


@pytest.mark.skipif(not CAMERAS, reason="no camera is plugged in")
def test_a_real_camera_takes_its_settings_and_shows_pictures() -> None:
    with Camera(str(CAMERAS[0]), CameraSettings(width=640, height=480, rate=15)) as camera:
        assert back(camera).grey.shape == (480, 640)


@pytest.fixture
def as_nobody() -> Iterator[None]:
    """Without the powers of root, which passes every lock by."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


@pytest.fixture
def exclusive_terminal() -> Iterator[str]:
    """A character device that answers EBUSY to others, as a camera that somebody holds."""
    ours, theirs = os.openpty()
    os.fchmod(theirs, 0o666)
    fcntl.ioctl(theirs, termios.TIOCEXCL)
    yield os.ttyname(theirs)
    os.close(theirs)
    os.close(ours)


@pytest.fixture
def locked_folder(tmp_path: Path) -> Iterator[Path]:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    yield closed
    closed.chmod(0o700)


def test_a_camera_that_another_program_holds_is_named_as_such(
    exclusive_terminal: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("as_nobody")
    with Camera(exclusive_terminal) as camera:
        assert lost(camera).cause is Cause.HELD


def test_the_program_that_holds_a_device_is_named(tmp_path: Path) -> None:
    device = tmp_path / "video0"
    device.touch()
    waiting = "import sys; file = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", waiting, str(device)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        name = Path(f"/proc/{holder.pid}/comm").read_text().strip()
        assert holder_of(str(device)) == name
        assert holder.stdin
        holder.stdin.close()
    assert holder_of(str(device)) == ""


def test_a_device_that_is_no_camera_is_unfit() -> None:
    with Camera("/dev/null") as camera:
        assert lost(camera).cause is Cause.UNFIT


def test_a_device_this_user_may_not_open_is_denied(
    locked_folder: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("as_nobody")
    with Camera(str(locked_folder / "video0")) as camera:
        assert lost(camera).cause is Cause.DENIED


@pytest.fixture
def desk(clip: Path) -> Iterator[Path]:
    """A folder in which anybody may plug in and out, with a camera's pictures."""
    with TemporaryDirectory() as made:
        desk = Path(made)
        desk.chmod(0o777)
        shutil.copyfile(clip, desk / "clip.avi")
        (desk / "clip.avi").chmod(0o644)
        yield desk


def test_a_camera_comes_back_when_the_other_program_lets_go(
    desk: Path, exclusive_terminal: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("as_nobody")
    (desk / "by-id").symlink_to(exclusive_terminal)
    with Camera(str(desk / "by-id")) as camera:
        assert lost(camera).cause is Cause.HELD
        (desk / "free").symlink_to("clip.avi")
        (desk / "free").replace(desk / "by-id")
        assert back(camera).sequence == 1


def test_a_camera_comes_back_when_it_is_put_in_the_place_of_something_else(desk: Path) -> None:
    (desk / "by-id").symlink_to("/dev/null")
    with Camera(str(desk / "by-id")) as camera:
        assert lost(camera).cause is Cause.UNFIT
        (desk / "right").symlink_to("clip.avi")
        (desk / "right").replace(desk / "by-id")
        assert back(camera).sequence == 1


def test_a_camera_comes_back_when_this_user_is_let_in(
    desk: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("as_nobody")
    closed = desk / "closed"
    closed.mkdir()
    (desk / "clip.avi").rename(closed / "video0")
    closed.chmod(0)
    with Camera(str(closed / "video0")) as camera:
        assert lost(camera).cause is Cause.DENIED
        closed.chmod(0o755)
        assert back(camera).sequence == 1


@pytest.mark.parametrize(
    ("can", "error", "cause"),
    [
        (1, errno.EBUSY, Cause.HELD), (1, errno.EIO, Cause.SILENT), (1, None, Cause.SILENT),
        (0x00800000, None, Cause.UNFIT),
    ],
)  # fmt: skip
def test_a_driver_is_asked_whether_somebody_else_streams(
    can: int, error: int | None, cause: Cause, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.video_device.fcntl.ioctl", video_driver(can, lambda: error))
    assert why_silent("/dev/null").cause is cause


@pytest.fixture
def stream() -> Iterator[Stream]:
    with streaming() as server:
        yield server


def test_an_unplugged_network_camera_is_lost_and_comes_back(stream: Stream) -> None:
    with Camera(stream.address, stall_seconds=2.0) as camera:
        before = frames_of(camera, 3)[-1].sequence
        stream.unplugged.set()
        assert lost(camera).cause in (Cause.SILENT, Cause.MISSING)
        stream.unplugged.clear()
        assert back(camera).sequence > before


def test_a_frozen_camera_is_lost_until_it_shows_something_new(stream: Stream) -> None:
    with Camera(stream.address) as camera:
        frames_of(camera, 3)
        stream.frozen.set()
        assert lost(camera).cause is Cause.FROZEN
        until = time.monotonic() + 2  # opening it anew gives the same picture: still frozen
        while time.monotonic() < until:
            with pytest.raises(DeviceLost):
                camera.read(0.2)
        stream.frozen.clear()
        back(camera)


def test_a_covered_camera_is_black_until_there_is_light(stream: Stream) -> None:
    with Camera(stream.address) as camera:
        frames_of(camera, 3)
        stream.covered.set()
        assert lost(camera).cause is Cause.BLACK
        uncovered = time.monotonic()
        stream.covered.clear()
        back(camera)
        assert time.monotonic() - uncovered < 2  # it was never closed


def test_the_same_seed_gives_the_same_picture() -> None:
    page = a_sheet()
    one, two = (photograph(page, Pose(), seed) for seed in (4, 4))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, photograph(page, Pose(), 5))
