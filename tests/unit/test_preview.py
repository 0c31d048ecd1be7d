"""The live picture ends when the window ends, although the camera goes on."""

import time
from itertools import islice
from threading import Event, Thread

import numpy as np

from kiosk.preview import FRAMES_A_SECOND, Preview

GREY = np.zeros((72, 128), np.uint8)


def test_a_stream_ends_when_the_preview_is_closed_while_pictures_still_come() -> None:
    preview, stop = Preview(), Event()

    def keep_showing() -> None:
        while not stop.wait(0.02):
            preview.show(GREY, ())

    camera = Thread(target=keep_showing)
    camera.start()
    try:
        stream = preview.stream()
        assert len(list(islice(stream, 3))) == 3
        preview.close()
        began = time.monotonic()
        assert list(stream) == []
        assert time.monotonic() - began < 1
    finally:
        stop.set()
        camera.join()


def test_a_browser_gets_fifteen_pictures_a_second_and_no_more_than_it_needs() -> None:
    preview, stop = Preview(), Event()

    def film() -> None:
        while not stop.wait(1 / 60):
            preview.show(GREY, ())

    camera = Thread(target=film)
    camera.start()
    try:
        stream = preview.stream()
        next(stream)
        began = time.monotonic()
        assert len(list(islice(stream, 30))) == 30
        took = time.monotonic() - began
    finally:
        stop.set()
        camera.join()
    assert 30 / FRAMES_A_SECOND * 0.9 <= took < 30 / 15, f"{30 / took:.1f} a second"


def test_a_stream_that_waits_for_a_picture_ends_too() -> None:
    preview = Preview()
    ended = Event()
    waiting = Thread(target=lambda: (list(preview.stream(30)), ended.set()))
    waiting.start()
    preview.close()
    assert ended.wait(2)
    waiting.join()


def test_a_picture_that_comes_again_is_another_one_for_the_browser() -> None:
    preview = Preview()
    preview.show(GREY, ())
    before = preview.turn
    preview.clear()
    preview.show(GREY, ())
    assert preview.turn != before
    assert next(preview.stream()).startswith(b"--frame")
