"""Frames that none of the engines reads, read together."""

import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from kiosk.reading.burst import Burst
from kiosk.reading.engines import Code, Engine, Grey, ZBar, ZXing
from kiosk.reading.fusion import Fusion
from kiosk.reading.ladder import LIVE_BUDGET, Reader
from kiosk.reading.live import LiveReader
from kiosk.reading.texture import blocks
from tests.bench.clips import TROUBLES, Clip, filmed
from tests.bench.lens import Shot, empty, take
from tests.bench.papers import papers
from tests.bench.readers import RATE
from tests.opencv_engine import OpenCV

ENGINES: list[Engine] = [ZXing(thorough=True), ZBar(), OpenCV()]
BUDGET = 10.0
"""Seconds; a test is not about how fast the machine is."""
SEEDS = dict(zip(TROUBLES, (1, 1004, 2001, 3001, 4008), strict=True))
BEGINNING = 8
"""Frames: half a second."""
SHOT = Shot(module=4.2, turn=8, defocus=1.2)


def read_as_film(clip: Clip) -> tuple[Code, ...]:
    live = LiveReader(BUDGET)
    for number, frame in enumerate(clip.frames):
        reading = live.read(frame, number / RATE)
        if reading.codes:
            return reading.codes
    return ()


@pytest.mark.parametrize("trouble", list(TROUBLES))
def test_a_clip_is_read_of_which_no_engine_reads_a_frame(trouble: str) -> None:
    clip = filmed(trouble, SEEDS[trouble], BEGINNING)
    assert not any(engine.read(frame).codes for frame in clip.frames[::2] for engine in ENGINES)
    assert [code.text for code in read_as_film(clip)] == [clip.text]


def test_corners_are_pixels_of_the_newest_frame() -> None:
    clip = filmed("trembling hand", SEEDS["trembling hand"], BEGINNING)
    (code,) = read_as_film(clip)
    found = blocks(clip.frames[0])
    assert any(np.allclose(np.mean(code.corners, 0), np.mean(p, 0), atol=30) for p in found)


def sharpness(picture: np.ndarray) -> float:
    return float(np.abs(np.diff(picture.astype(float), axis=1)).mean() / picture.std())


def added(shots: Sequence[Shot]) -> Burst:
    frames = [take(papers()[2], shot, number) for number, shot in enumerate(shots)]
    burst = Burst(frames[0], blocks(frames[0])[0])
    assert all(burst.add(frame, None) for frame in frames[1:])
    return burst


def test_of_shaken_frames_the_sharp_sum_takes_what_each_shows_best() -> None:
    lot = np.random.default_rng(3)
    burst = added([replace(SHOT, motion=(8.0, float(lot.uniform(0, 180)))) for _ in range(6)])
    assert sharpness(burst.sharp) > 1.15 * sharpness(burst.mean)


def test_the_mean_is_free_of_noise() -> None:
    noisy = replace(SHOT, light=0.3, noise=12.0)
    assert sharpness(added([noisy] * 8).mean) < 0.8 * sharpness(added([noisy]).mean)


def test_another_picture_is_not_added() -> None:
    frame = take(papers()[2], SHOT, 1)
    burst = Burst(frame, blocks(frame)[0])
    assert not burst.add(empty((1280, 720), 4), None)
    assert burst.count == 1


def test_a_sheet_is_followed_where_it_is_moved_to() -> None:
    first = take(papers()[2], SHOT, 1)
    moved = take(papers()[2], replace(SHOT, shift=(180.0, 60.0)), 2)
    burst = Burst(first, blocks(first)[0])
    assert burst.add(moved, blocks(moved)[0])
    (middle,) = burst.in_frame([np.mean(burst.place, axis=0)])
    assert np.allclose(middle, np.mean(blocks(moved)[0], axis=0), atol=12)


def test_two_sheets_are_never_mixed() -> None:
    """One sheet is laid where another one was: what was seen of the first is forgotten."""
    dark = replace(SHOT, light=0.09, noise=9.0, defocus=0.9)
    one, two = papers()[1], papers()[2]
    live, read = LiveReader(BUDGET), set()
    for number in range(12):
        paper = one if number < 2 else two
        reading = live.read(take(paper, dark, number), number / RATE)
        read |= {code.text for code in reading.codes}
    assert read <= {one.text, two.text}
    assert two.text in read


def test_what_was_taken_away_is_forgotten() -> None:
    frame, fusion = take(papers()[2], SHOT, 1), Fusion(Reader())
    fusion.read(frame, tuple(blocks(frame)), 0.0, BUDGET)
    assert fusion.is_following
    fusion.read(empty((1280, 720), 4), (), 1.2, BUDGET)
    assert not fusion.is_following


def test_a_readable_frame_is_not_fused() -> None:
    live = LiveReader()
    reading = live.read(take(papers()[2], Shot(), 1), 0.0)
    assert (reading.engine, [code.text for code in reading.codes]) == (
        "zxing-cpp", [papers()[2].text],
    )  # fmt: skip


def test_a_followed_code_that_is_not_read_stays_within_the_budget() -> None:
    """All that a frame takes, adding it up too, beside a reader that may take every look.

    On a slow or busy machine both take longer; on a fast one every look fits into the budget.
    """
    lot, live, patient = np.random.default_rng(1), LiveReader(), LiveReader(BUDGET)
    took: list[tuple[float, float]] = []
    for number in range(9):
        shot = replace(SHOT, defocus=5.0, shift=tuple(lot.normal(0, 2, 2)))
        frame = take(papers()[4], shot, number)
        took.append((seconds_of(live, frame, number), seconds_of(patient, frame, number)))
    within, whole = (median(times) for times in zip(*took[3:], strict=True))
    assert within < max(1.5 * LIVE_BUDGET, 0.7 * whole)


def seconds_of(live: LiveReader, frame: Grey, number: int) -> float:
    """Processor time of a frame that cannot be read."""
    began = time.thread_time()
    assert not live.read(frame, number / RATE).codes
    return time.thread_time() - began


def test_no_look_at_the_sums_is_begun_that_has_no_time() -> None:
    clip = filmed("dark and noisy", SEEDS["dark and noisy"], BEGINNING)
    patient, hurried = Fusion(Reader()), Fusion(Reader())
    read: set[str] = set()
    for number, frame in enumerate(clip.frames):
        located, at = tuple(blocks(frame)), number / RATE
        assert not hurried.read(frame, located, at, 0.0)
        read |= {code.text for code in patient.read(frame, located, at, BUDGET)}
    assert hurried.is_following
    assert read == {clip.text}
