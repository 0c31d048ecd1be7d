"""No text is ever read that is not there: the proof over many frames, and a sample of it."""

import pytest

from kiosk.reading.ladder import Reader
from tests.strange_frames import strange

FRAMES, PART = 200_000, 1000


def wrong_texts(numbers: range) -> list[tuple[int, str]]:
    reader = Reader()
    return [
        (number, code.text)
        for number in numbers
        for grey, texts in [strange(number)]
        for code in reader.read(grey).codes
        if code.text not in texts
    ]


def test_no_wrong_text_in_a_sample() -> None:
    assert wrong_texts(range(120)) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(FRAMES // PART))
def test_no_wrong_text(part: int) -> None:
    assert wrong_texts(range(part * PART, (part + 1) * PART)) == []
