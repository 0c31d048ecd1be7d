"""The benchmark of reading: its pictures can be made again, and its sums are right."""

import re

import numpy as np
import pytest

from tests.bench import clips, reading
from tests.bench.clips import filmed
from tests.bench.lens import HD, Bend, Shot, empty, take
from tests.bench.papers import papers
from tests.bench.readers import LIVE, ONE_FRAME, OURS, Answer, ask, ask_all, ours_shown, peers
from tests.bench.reading import Extent
from tests.bench.tally import Tally, p95, table
from tests.bench.troubles import TROUBLES, cases, count
from tests.media import OURS as TEXT
from tests.media import symbol

READ, MISSED, WRONG = Answer(True, False, 2.0), Answer(False, False, 4.0), Answer(False, True, 4.0)


def test_every_kind_and_the_longest_name_are_among_the_papers() -> None:
    modules = {round(paper.symbol.width / paper.module) for paper in papers()}
    assert {paper.search_key[0] for paper in papers()} == {"1", "2", "3", "K"}
    assert {41, 53, 65} <= modules


def test_each_step_of_each_trouble_is_photographed_and_the_same_again() -> None:
    one, two = ([case for case, _ in zip(cases(1, 7), range(4), strict=False)] for _ in range(2))
    assert all(np.array_equal(a.grey, b.grey) for a, b in zip(one, two, strict=True))
    assert count(2) == 2 * sum(len(trouble.steps) for trouble in TROUBLES)


def test_a_clip_can_be_filmed_again() -> None:
    one, two = filmed("dark and noisy", 5), filmed("dark and noisy", 5)
    assert np.array_equal(one.frames[9], two.frames[9])
    assert not np.array_equal(one.frames[9], one.frames[10])


def test_a_clip_is_shown_frame_after_frame_and_every_wrong_text_counts() -> None:
    clip = filmed("dark and noisy", 5, frames=3)
    said = iter([[clip.text], [], [clip.text, "9101"]])
    answers = clip.shown_to(lambda _: next(said))
    assert [(answer.read, answer.wrong) for answer in answers] == [
        (True, False), (False, False), (True, True),
    ]  # fmt: skip


def test_frames_of_clips_are_tallied_for_every_reader(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(clips, "FRAMES", 4)
    monkeypatch.setattr(clips, "TROUBLES", {"dark and noisy": clips.TROUBLES["dark and noisy"]})
    assert len(reading._clips(Extent(repeats=1, clips=1, empties=1, seed=5))) == 1
    said = capsys.readouterr().out
    for name in (*peers(), ONE_FRAME, LIVE):
        assert re.search(rf"^\| {name} +\| \d of 4 +\| 0 +\|", said, re.MULTILINE), name


def test_a_sheet_shown_anew_is_looked_at_until_it_is_read() -> None:
    paper = papers()[2]
    dark = take(paper, Shot(module=4.2, light=0.1, noise=9.0, defocus=1.2), 3)
    assert ours_shown(1)(take(paper, Shot(module=5), 1)) == [paper.text]
    assert ours_shown(20)(dark) == [paper.text]
    assert ours_shown(3)(empty(HD, 3)) == []


def test_a_sharp_upright_sheet_is_read_by_the_engines() -> None:
    frame = take(papers()[2], Shot(module=5), 1)
    answers = ask_all(peers(), frame, papers()[2].text)
    assert all(answers[name].read for name in ("zxing-cpp", "pyzbar", "OpenCV Aruco"))


def test_a_fold_moves_what_lies_beyond_it_and_nothing_else() -> None:
    paper, away = papers()[2], Shot(noise=0)
    bent = Shot(noise=0, bend=Bend(40, across=0, at=0))
    flat, folded = take(paper, away, 1), take(paper, bent, 1)
    difference = np.abs(flat.astype(int) - folded)
    assert difference[:, : HD[0] // 2 - 8].max() < 24
    assert difference[:, HD[0] // 2 + 60 :].mean() > 5


def test_an_empty_table_holds_no_code() -> None:
    assert not any(a.wrong for a in ask_all(peers(), empty(HD, 3), None).values())


@pytest.mark.parametrize(
    ("given", "right", "read"),
    [
        ("one\r\ntwo ", "one\ntwo", True),
        ("蹬靼翌QR", "ﾃﾞｻﾞｲﾝQR", True),
        ("測試", "測試", True),
        ("91012", "91013", False),
        ("91012", None, False),
    ],
    ids=["line ends", "taken for Big5", "Chinese", "a digit", "nothing there"],
)
def test_a_text_is_right_whatever_the_encoding(given: str, right: str | None, read: bool) -> None:
    answer = ask(lambda _: [given], empty(HD, 0), right)
    assert (answer.read, answer.wrong) == (read, not read)


def test_a_second_code_in_the_picture_is_not_a_wrong_text() -> None:
    readers = {
        "one": lambda _: [TEXT, "inner"],
        "two": lambda _: ["inner"],
        "three": lambda _: ["x"],
    }
    answers = ask_all(readers, symbol(TEXT, 100), TEXT)
    assert [(answer.read, answer.wrong) for answer in answers.values()] == [
        (True, False), (False, False), (False, True),
    ]  # fmt: skip


def test_what_the_best_engine_leaves_and_what_we_miss_is_counted() -> None:
    tally = Tally()
    for picture, (ours, best, other) in zip("abcd", (
        (READ, READ, READ), (READ, MISSED, MISSED), (MISSED, READ, MISSED), (WRONG, MISSED, MISSED),
    ), strict=True):  # fmt: skip
        tally.add(picture, {OURS: ours, LIVE: other, "best": best, "other": other})
    assert (tally.best_peer, tally.reads(OURS), tally.wrong) == ("best", 2, 1)
    assert tally.missed() == ["c (best)"]
    assert tally.missed(LIVE) == ["c (best)"]
    assert [answer.read for answer in tally.left_by_best] == [True, False]
    assert tally.ratios == [1.0]


def test_a_table_is_markdown() -> None:
    assert table(("a", "long"), [("xyz", 1)]).splitlines() == [
        "| a   | long |", "|-----|------|", "| xyz | 1    |",
    ]  # fmt: skip
    assert p95([float(n) for n in range(100)]) == 95
