"""Frames that are added up and pages give no text that is not there: a sample of the proof."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kiosk.reading.engines import Code
from kiosk.reading.fusion import Fusion
from kiosk.reading.ladder import Reading
from kiosk.reading.live import LiveReader
from tests import live_proof
from tests.live_proof import Part, State, filmed, fingerprint, looked_at, main, said, wrongly
from tests.live_scenes import FRAMES, scene
from tests.long_proof import keep, resumed

BUDGET = 10.0
"""Seconds."""
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def test_no_wrong_text_in_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_proof, "PART", 4)
    part = looked_at(0)
    assert part.wrong == []
    assert part.counts["frames read"] >= 10
    assert part.counts["frames with a code not read"] >= 10
    assert part.counts["pages read"] >= 1
    assert part.counts["pages with a code not read"] >= 1


def test_among_the_scenes_are_some_that_are_read_only_from_sums() -> None:
    """With time enough; a slow machine takes fewer looks at a frame."""
    film = [r for number in (2, 4) for r in filmed(scene(number), LiveReader(BUDGET))]
    assert Fusion.name in {reading.engine for reading in film}


def test_a_scene_can_be_shown_again() -> None:
    one, two = scene(4), scene(4)
    assert len(one.frames) == FRAMES
    assert all(np.array_equal(a, b) for a, b in zip(one.frames, two.frames, strict=True))
    assert np.array_equal(one.page, two.page)
    assert one.texts == two.texts


def test_a_text_that_is_not_there_is_found_wherever_it_was_read() -> None:
    shown = scene(0)
    right, wrong = (
        Reading((Code(text, SQUARE),)) for text in (min(shown.texts), "91012345678901234567")
    )
    assert wrongly(shown, [right, Reading()], right) == []
    assert wrongly(shown, [right, wrong], right) == ["frame 1"]
    assert wrongly(shown, [right], wrong) == ["page"]


def test_the_proof_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    state = State(fingerprint(), seconds=120.0)
    state.add(Part(0, {"frames read": 3, "pages read": 1}, []))
    state.add(Part(1, {"frames read": 4}, ["12 page"]))
    keep(state, path)
    assert resumed(path, State(fingerprint())) == state
    assert resumed(path, State("another")).parts == {}
    ended = CliRunner().invoke(main, ["--scenes", "20", "--state", str(path)])
    assert (ended.exit_code, ended.stdout.splitlines()[-1]) == (1, said(state))
    assert said(state) == (
        "20 scenes of 12 frames and a page in 2 min: 7 frames read, 1 pages read;"
        " wrong texts in 1: 12 page"
    )
