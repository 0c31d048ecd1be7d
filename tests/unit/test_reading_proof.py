"""No text is ever read that is not there: a sample of the proof, and how it is kept."""

import json
from pathlib import Path

import pytest

from tests import reading_proof
from tests.long_proof import keep, resumed
from tests.reading_proof import Part, State, fingerprint, looked_at, said


def test_no_wrong_text_in_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_proof, "PART", 120)
    part = looked_at(0)
    assert part.wrong == []
    assert part.read >= 10
    assert part.unread >= 40


def test_a_proof_goes_on_where_it_stopped_unless_the_reader_is_another(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    nothing = State(fingerprint())
    assert resumed(path, nothing) == nothing
    state = State(fingerprint(), seconds=10.0)
    state.add(Part(3, 20, 70, []))
    keep(state, path)
    assert resumed(path, State(fingerprint())).parts == {"3": [20, 70]}
    path.write_text(json.dumps({"made_by": "another", "parts": {"3": [20, 70]}}), "utf-8")
    assert resumed(path, State(fingerprint())).parts == {}


def test_frames_with_wrong_texts_are_named() -> None:
    state = State("", seconds=20.0)
    state.add(Part(0, 20, 70, []))
    state.add(Part(1, 10, 30, [211]))
    assert said(state) == (
        "400 frames in 0 min (20 a second): 30 read, 100 with a code that every step gave up on,"
        " wrong texts in 1: 211"
    )
