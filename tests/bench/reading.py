"""What is read, by this project and by each engine alone, and what it costs.

    ./run bench reading                       about a quarter of an hour
    ./run bench reading --quick               a few minutes
    ./run bench reading --only photographs    one part; --only can be given several times

Four parts: photographs in a folder with their texts (NN.png beside NN.txt, folders in it too), our
own sheets before a camera, clips in which no engine reads a single frame, and frames without a
code. The times are processor times of one call on one core, so other work on the machine hardly
shows. "Live" is what a counter's window runs: a reader of successive frames that has seen nothing
before, at a picture its first look. The tables are Markdown; progress goes to standard error.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

import click
import cv2
import numpy as np

from hardware.scan import Grey
from kiosk.reading.ladder import LIVE_BUDGET
from tests.bench import clips, troubles
from tests.bench.lens import FULL_HD, HD, Shot, empty, take
from tests.bench.papers import papers
from tests.bench.readers import (
    LIVE,
    ONE_FRAME,
    OURS,
    RATE,
    Answer,
    ask_all,
    ours_alone,
    ours_live,
    ours_shown,
    ours_still,
    peers,
)
from tests.bench.tally import HEAD, Tally, Target, p95, table

PHOTOGRAPHS = Path(__file__).parents[3] / "shared" / "photos"
"""Beside the checkout, not in it: they are not ours to copy."""
PARTS = ("photographs", "sheets", "clips", "empty")
LOOKS = 3
"""Frames within which a sheet before a camera may be read: a fifth of a second."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    repeats: int
    clips: int
    empties: int
    seed: int


@click.command()
@click.option("--quick", is_flag=True, help="A few minutes instead of a quarter of an hour.")
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="One part; may be repeated.")
@click.option("--photographs", type=click.Path(path_type=Path), default=PHOTOGRAPHS)
@click.option("--seed", default=1, show_default=True, help="Another seed, other pictures.")
def main(quick: bool, only: tuple[str, ...], photographs: Path, seed: int) -> None:
    """Measure the reading of codes; compare it with the engines alone."""
    cv2.setNumThreads(1)
    extent = Extent(4, 1, 20, seed) if quick else Extent(20, 4, 100, seed)
    targets: list[Target] = []
    measures: dict[str, Callable[[], list[Target]]] = {
        "photographs": lambda: _photographs(photographs),
        "sheets": lambda: _sheets(extent),
        "clips": lambda: _clips(extent),
        "empty": lambda: _empty(extent),
    }
    for part in only or measures:
        targets += measures[part]()
    click.echo("\n## To reach\n")
    click.echo(table(("wanted", "measured", ""), [target.row() for target in targets]))


def _photographs(folder: Path) -> list[Target]:
    pictures = sorted(path for path in folder.rglob("*.png") if path.with_suffix(".txt").is_file())
    if not pictures:
        click.echo(f"No photographs with texts in {folder}: left out.", err=True)
        return []
    readers = {OURS: ours_still, LIVE: ours_shown(1)} | peers()
    tally, unread = Tally(), []
    for path in _counted("photographs", pictures):
        text = path.with_suffix(".txt").read_text("utf-8")
        answers = ask_all(readers, _opened(path), text)
        tally.add(str(path.relative_to(folder)), answers)
        if not answers[OURS].read:
            unread.append(str(path.relative_to(folder)))
    _print(f"Photographs ({len(pictures)})", tally)
    click.echo(f"\nNot read by this project: {', '.join(unread) or 'none'}")
    wanted = 172 if len(pictures) == 179 else tally.reads(tally.best_peer)
    read = f"{tally.reads(OURS)} read, {tally.wrong} wrong"
    return [
        Target(
            f"photographs: at least {wanted}, 0 wrong", read,
            tally.reads(OURS) >= wanted and not tally.wrong,
        ),
        *_beside_the_engines("photographs", tally),
    ]  # fmt: skip


def _beside_the_engines(name: str, tally: Tally) -> list[Target]:
    """What every set must show: half of what the best engine leaves, and all that any reads."""
    left, missed = tally.left_by_best, tally.missed()
    read = sum(answer.read for answer in left)
    click.echo(f"\nRead by an engine and not by this project: {'; '.join(missed) or 'none'}")
    return [
        Target(
            f"{name}: half of what {tally.best_peer} leaves", f"{read} of {len(left)}",
            2 * read >= len(left),
        ),
        Target(f"{name}: whatever an engine reads", f"{len(missed)} missed", not missed),
    ]  # fmt: skip


def _sheets(extent: Extent) -> list[Target]:
    soon = f"{LIVE}, {LOOKS} looks"
    readers = {OURS: ours_alone(), LIVE: ours_shown(1), soon: ours_shown(LOOKS)} | peers()
    tally, by_step = Tally(), dict[tuple[str, float], Tally]()
    cases = troubles.cases(extent.repeats, extent.seed)
    for case in _counted("sheets", cases, troubles.count(extent.repeats)):
        answers = ask_all(readers, case.grey, case.text)
        name = f"{case.trouble} {case.step:g}, number {len(tally.pictures)}"
        tally.add(name, answers)
        by_step.setdefault((case.trouble, case.step), Tally()).add(name, answers)
    _print(f"Our sheets before a camera ({len(tally.answers[OURS])} frames)", tally)
    rows = [(name, f"{step:g}", *_shares(each)) for (name, step), each in by_step.items()]
    click.echo("\n" + table(("trouble", "step", *readers), rows))
    missed = tally.missed(soon)
    click.echo(f"\nRead by an engine and not by {soon}: {'; '.join(missed) or 'none'}")
    wanted = f"sheets: whatever an engine reads, {LOOKS} looks at most"
    return [*_targets_of_sheets(tally), Target(wanted, f"{len(missed)} missed", not missed)]


def _shares(tally: Tally) -> list[str]:
    return [f"{100 * sum(a.read for a in g) / len(g):.0f} %" for g in tally.answers.values()]


def _targets_of_sheets(tally: Tally) -> list[Target]:
    ratio = median(tally.ratios)
    unread = [answer.ms for answer in tally.answers[OURS] if not answer.read] or [0.0]
    budget = LIVE_BUDGET * 1000
    return [
        Target("sheets: 0 wrong", f"{tally.wrong} wrong", not tally.wrong),
        *_beside_the_engines("sheets", tally),
        Target(
            "readable frame: 1.2 x the fastest engine that reads it", f"median {ratio:.2f} x",
            ratio <= 1.2,
        ),
        Target(
            f"unreadable frame: within {budget:.0f} ms",
            f"p95 {p95(unread):.0f} ms, at most {max(unread):.0f} ms", p95(unread) <= budget,
        ),
    ]  # fmt: skip


def _clips(extent: Extent) -> list[Target]:
    single = peers() | {ONE_FRAME: ours_alone()}
    films = clips.unreadable(extent.clips, extent.seed, single)
    tally, rows, read = Tally(), [], 0
    for film in _counted("clips", films, extent.clips * len(clips.TROUBLES)):
        readers = single | {LIVE: ours_live()}
        answers = {name: film.shown_to(reader) for name, reader in readers.items()}
        for each in zip(*answers.values(), strict=True):
            tally.add(film.trouble, dict(zip(answers, each, strict=True)))
        alone = [sum(answer.read for answer in answers[name]) for name in single]
        rows.append((film.trouble, f"{film.frames[0].shape[0]}p", *alone, _first(answers[LIVE])))
        read += any(answer.read for answer in answers[LIVE])
    click.echo(f"\n## Clips of which no frame alone is read ({len(rows)})\n")
    click.echo(f"Frames of {clips.FRAMES} that each reads alone, and when their sum is read.\n")
    click.echo(table(("clip", "size", *single, "live"), rows))
    _print("All frames of these clips", tally)
    reached = read == len(rows) and not tally.wrong
    measured = f"{read} of {len(rows)}, {tally.wrong} wrong"
    return [Target("clips: every one, 0 wrong", measured, reached)]


def _first(answers: Sequence[Answer]) -> str:
    """When a clip was read."""
    at = next((number for number, answer in enumerate(answers, 1) if answer.read), None)
    return "not read" if at is None else f"after {at / RATE:.1f} s"


def _empty(extent: Extent) -> list[Target]:
    targets = []
    for size in (HD, FULL_HD):
        tally, readers = Tally(), {OURS: ours_alone()} | peers()
        for grey in _counted("empty frames", _without_codes(size, extent), extent.empties):
            tally.add("", ask_all(readers, grey, None))
        _print(f"Frames without a code, {size[0]} x {size[1]} ({extent.empties})", tally)
        cost = median(answer.ms for answer in tally.answers[OURS])
        if size == HD:
            reached = cost <= 12 and not tally.wrong
            targets.append(Target("empty 720p frame: 12 ms", f"median {cost:.1f} ms", reached))
    return targets


def _without_codes(size: tuple[int, int], extent: Extent) -> Iterator[Grey]:
    """A bare table, and every other time the written part of a sheet."""
    for number in range(extent.empties):
        if number % 2:
            paper = papers()[number % len(papers())]
            below = Shot(size=size, shift=(-0.2 * size[0], -1.1 * size[1]), turn=number % 7 - 3)
            yield take(paper, below, extent.seed + number)
        else:
            yield empty(size, extent.seed + number)


def _opened(path: Path) -> Grey:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def _print(title: str, tally: Tally) -> None:
    click.echo(f"\n## {title}\n\n{table(HEAD, tally.rows())}")


def _counted(name: str, things: Iterable[T], length: int | None = None) -> Iterator[T]:
    with click.progressbar(things, length=length, label=name, file=sys.stderr) as bar:
        yield from bar


if __name__ == "__main__":
    main()
