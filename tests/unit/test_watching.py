"""The newest frame is the one that is read; those the reader had no time for are gone."""

import threading
import time

import numpy as np

from hardware.scan import Frame
from kiosk.watching import Newest


def frame(number: int) -> Frame:
    return Frame(np.full((2, 2), number, np.uint8), time.monotonic(), number)


def test_the_newest_frame_takes_the_place_of_what_nobody_took() -> None:
    newest = Newest()
    for number in range(3):
        newest.put(frame(number))
    taken = newest.take(0)
    assert taken is not None
    assert taken.sequence == 2
    assert newest.take(0) is None


def test_a_reader_that_waits_gets_a_frame_when_it_comes() -> None:
    newest, taken = Newest(), list[Frame | None]()
    reader = threading.Thread(target=lambda: taken.append(newest.take(30)))
    reader.start()
    newest.put(frame(7))
    reader.join(30)
    assert [each.sequence for each in taken if each] == [7]
