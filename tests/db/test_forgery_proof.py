"""No forged code and no random text is accepted: a sample of the proof, on both databases."""

import json
from pathlib import Path

import pytest

from shared.db.session import Sessions
from tests import forgeries, forgery_proof
from tests.forgery_proof import GENUINE, Part, State, fingerprint, said, tried_at, waiting
from tests.long_proof import keep, resumed

SAMPLE = 110


@pytest.mark.parametrize(("which", "kinds"), [("forged", 22), ("random", 10)])
def test_nothing_of_a_sample_is_accepted(registry: Sessions, which: str, kinds: int) -> None:
    part = tried_at(waiting(registry), f"{which} 0", SAMPLE)
    assert part.broken == []
    assert len(part.answers) == kinds
    assert sum(sum(tally.values()) for tally in part.answers.values()) == SAMPLE
    assert not any(answer.startswith("!") for tally in part.answers.values() for answer in tally)


def test_every_reason_of_the_decoder_is_met_in_a_larger_sample() -> None:
    answers = forgery_proof._part("forged 0", 2200, _said).answers
    met = {answer for tally in answers.values() for answer in tally} - {GENUINE}
    assert met == {
        "NOT_OURS", "MISREAD", "NEWER_VERSION", "UNKNOWN_KEY", "BAD_SIGNATURE", "MALFORMED",
        "NOT_YET_VALID", "EXPIRED", "CANNOT_OPEN",
    }  # fmt: skip


def _said(text: str) -> str:
    return forgery_proof._decoded(text, forgeries.NOW) or "!"


def test_a_genuine_code_would_be_noticed(registry: Sessions) -> None:
    at = waiting(registry)
    assert forgery_proof.answered(at, forgeries.TEXTS[1]) == "!accepted"


def test_what_equals_a_genuine_code_is_left_out() -> None:
    parted = " ".join(forgeries.TEXTS[1])
    assert forgeries.Strange("", parted).is_genuine
    assert not forgeries.Strange("", parted[:-1]).is_genuine


def test_a_proof_goes_on_where_it_stopped_and_says_what_came_of_it(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    state = resumed(path, State(fingerprint()))
    state.seconds = 10.0
    state.add(Part("forged 3", {"bits": {"BAD_SIGNATURE": 4990, GENUINE: 10}}, ["forged 7: !x"]))
    keep(state, path)
    assert resumed(path, State(fingerprint())) == state
    assert said(state).splitlines() == [
        "     4990  forged: bits: BAD_SIGNATURE",
        f"       10  forged: bits: {GENUINE}",
        "4990 texts in 0 min (500 a second), 10 more equal a genuine code: accepted or crashed 1",
        "forged 7: !x",
    ]
    path.write_text(json.dumps({"made_by": "another", "parts": {"forged 3": {}}}), "utf-8")
    assert resumed(path, State(fingerprint())) == State(fingerprint())
