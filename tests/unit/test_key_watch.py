"""When the key beside an unread code is looked for, and how sure it must be."""

from dataclasses import replace

from kiosk.offered_key import OFFERED_SECONDS, OfferedKey
from kiosk.reading.engines import Code
from kiosk.reading.key_watch import PATIENCE_SECONDS, PAUSE_SECONDS, KeyWatch
from kiosk.reading.ladder import Reading
from kiosk.reading.texture import blocks
from shared.search_key import canonical, parse
from tests.bench.lens import Shot, empty, take
from tests.bench.papers import papers

PAPER = papers()[2]
FRAME = take(PAPER, Shot(module=3.3, shift=(240.0, -20.0), turn=4.0), 1)
UNREAD = Reading(located=tuple(blocks(FRAME)))
STEP = PAUSE_SECONDS


def key_after(watch: KeyWatch, first: float, last: float) -> float | None:
    """When, in looks from `first` to `last`, a key was given."""
    now = first
    while now <= last:
        key = watch.look(FRAME, UNREAD, now)
        if key is not None:
            assert canonical(key) == PAPER.search_key
            return now
        now += STEP
    return None


def test_a_code_is_given_time_to_be_read_and_the_key_is_read_twice() -> None:
    assert key_after(KeyWatch(), 10.0, 20.0) == 10.0 + PATIENCE_SECONDS + STEP


def test_a_code_that_is_read_needs_no_key() -> None:
    watch = KeyWatch()
    code = Code("9101", UNREAD.located[0])
    assert key_after(watch, 0.0, PATIENCE_SECONDS) is None
    assert watch.look(FRAME, replace(UNREAD, codes=(code,)), PATIENCE_SECONDS + STEP) is None
    assert key_after(watch, 3.0, 3.0 + PATIENCE_SECONDS) is None


def test_the_next_sheet_begins_anew() -> None:
    watch = KeyWatch()
    assert key_after(watch, 0.0, PATIENCE_SECONDS) is None
    watch.look(empty((1280, 720), 1), Reading(), 3.0)
    assert key_after(watch, 6.0, 6.0 + PATIENCE_SECONDS) is None


def test_an_offer_ends_when_the_sheet_is_long_gone() -> None:
    now = [100.0]
    offered = OfferedKey(lambda: now[0])
    key = parse(PAPER.search_key)
    assert offered.text == ""
    offered.put(key)
    now[0] += OFFERED_SECONDS
    assert parse(offered.text) == key
    now[0] += 0.1
    assert offered.text == ""
    offered.put(key)
    offered.withdraw()
    assert offered.text == ""


def test_an_offered_key_is_in_no_log_line() -> None:
    offered = OfferedKey(lambda: 0.0)
    offered.put(parse(PAPER.search_key))
    assert PAPER.search_key[:4] not in repr(offered)
