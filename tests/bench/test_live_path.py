"""What the live picture costs: frames a second on two cores, and the window that waits.

Run on demand: ``./run bench``. Figures are printed, nothing about time is asserted: machines are
shared. The clip is shown twice as fast as a camera films, so that there is something to spare.
"""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from hardware.camera import Camera
from hardware.scan import Frame, Grey
from kiosk.preview import Corners, Preview
from kiosk.sources import Sources
from kiosk.trial import Trial
from tests.bench import wear
from tests.bench.lens import FULL_HD, HD, Shot, empty, take
from tests.bench.papers import papers
from tests.e2e.counter_world import counter_world
from tests.kiosk_world import World, make_world

pytestmark = pytest.mark.slow
RATE, WANTED, IDLE_WANTED = 30, 15, 35
SECONDS = 10.0
HELD = Shot(size=FULL_HD, module=5.0, turn=12, tilt=15)


class Counting(Preview):
    """Counts the frames that were shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = 0

    def show(self, grey: Grey, places: tuple[Corners, ...]) -> None:
        self.shown += 1
        super().show(grey, places)


class CountingTrial(Trial):
    """Counts the frames that were read."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def see(self, frame: Frame) -> None:
        self.seen += 1
        super().see(frame)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path)


def write_clip(path: Path, frames: list[Grey], rate: int) -> Path:
    size = (frames[0].shape[1], frames[0].shape[0])
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, size, isColor=False)
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def of(kind: str) -> list[Grey]:
    """A second of a table, of a sheet, or of a sheet that nobody can read."""
    if kind == "no code":
        return [empty(FULL_HD, seed) for seed in range(RATE)]
    paper = papers()[2]
    if kind == "unreadable":
        paper = wear.pen_strokes(paper, 30, np.random.default_rng(1))
    return [take(paper, HELD, seed) for seed in range(RATE)]


@pytest.mark.parametrize("kind", ["no code", "readable", "unreadable"])
def test_frames_a_second_at_1080p_with_preview(kind: str, world: World, tmp_path: Path) -> None:
    world.clerk()
    clip = write_clip(tmp_path / "clip.avi", of(kind), RATE)
    two = set(sorted(os.sched_getaffinity(0))[:2])
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, two)
    preview, trial = Counting(), CountingTrial()
    sources = Sources(world.station, preview, trial)
    viewer = threading.Thread(target=lambda: list(preview.stream()), daemon=True)
    try:
        sources.start(Camera(str(clip)), None, None)
        viewer.start()
        time.sleep(1)
        shown, seen = preview.shown, trial.seen
        wall, used = time.monotonic(), time.process_time()
        time.sleep(SECONDS)
        passed = time.monotonic() - wall
        rate, read = (preview.shown - shown) / passed, (trial.seen - seen) / passed
        busy = (time.process_time() - used) / passed
    finally:
        sources.stop()
        preview.close()
        os.sched_setaffinity(0, before)
    print(
        f"\n1080p, {kind}: {rate:.1f} frames a second shown (wanted {WANTED}), {read:.1f} read,"
        f" {busy:.0%} of one core"
    )
    assert rate > 0
    assert read > 0


def test_a_window_that_waits(tmp_path: Path) -> None:
    """The kiosk's own process, camera at 720p and 15 frames a second, nobody before it."""
    with counter_world(tmp_path) as world:
        frames = [empty(HD, seed) for seed in range(15)]
        part = write_clip(tmp_path / "new.avi", frames, 15)
        part.replace(tmp_path / "clip.avi")
        kiosk = psutil.Process(world.processes[1].pid)
        time.sleep(4)
        before, wall = sum(kiosk.cpu_times()[:2]), time.monotonic()
        time.sleep(SECONDS)
        share = (sum(kiosk.cpu_times()[:2]) - before) / (time.monotonic() - wall)
    print(f"\na waiting window at 720p: {share:.0%} of one core (wanted {IDLE_WANTED} %)")
    assert share > 0
