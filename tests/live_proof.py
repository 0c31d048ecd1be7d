"""The proof that no text is read that is not there, by what a window runs: frames that are added
up, and pages, with the search keys printed on them.

    ./run proofs live      under an hour of two cores; Ctrl-C keeps what was done
    ./run proofs live --scenes N   fewer

It goes on where it was stopped, as `./run proofs reading` does, which shows single frames.
"""

import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click

import kiosk.reading
from kiosk.reading.fusion import Fusion
from kiosk.reading.ladder import Reading
from kiosk.reading.live import LiveReader
from kiosk.reading.pages import key_on_page, read_page
from tests import live_scenes, strange_frames
from tests.live_scenes import FRAMES, Scene, scene
from tests.long_proof import KEPT, go_on, meaning_of, resumed

SCENES, PART = 1_000, 10
RATE = 15.0
STATE = KEPT / "live.json"


@dataclass(frozen=True, slots=True)
class Part:
    """What came out of scenes that follow each other."""

    number: int
    counts: dict[str, int]
    """How many frames and pages were read, or located and not read."""
    wrong: list[str]
    """Scenes in which something was read that is not there, and where in them."""


@dataclass(slots=True)
class State:
    """What was looked at so far, by one state of the reader."""

    made_by: str
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, part: Part) -> None:
        """Count one more."""
        self.parts[str(part.number)] = part.counts
        self.wrong += part.wrong


def looked_at(number: int) -> Part:
    """Look at the scenes of a part."""
    counts, wrong = Counter[str](), []
    for each in range(number * PART, (number + 1) * PART):
        shown = scene(each)
        film, page = filmed(shown, LiveReader()), read_page(shown.page)
        counts.update(outcome("frames", reading) for reading in film)
        counts["frames read from a sum"] += sum(reading.engine == Fusion.name for reading in film)
        counts[outcome("pages", page)] += 1
        wrong += [f"{each} {where}" for where in wrongly(shown, film, page)]
    return Part(number, dict(counts), wrong)


def filmed(shown: Scene, live: LiveReader) -> list[Reading]:
    """What a camera's reader says to the frames, one after another."""
    return [live.read(frame, number / RATE) for number, frame in enumerate(shown.frames)]


def outcome(what: str, reading: Reading) -> str:
    """What came of a frame or a page, as it is counted."""
    if reading.codes:
        return f"{what} read"
    return f"{what} with a code not read" if reading.located else f"{what} without a code"


def wrongly(shown: Scene, film: Iterable[Reading], page: Reading) -> list[str]:
    """Where in a scene something was read that is not there. No picture has a search key."""
    places = [f"frame {n}" for n, reading in enumerate(film) if told(shown, reading)]
    places += ["page"] if told(shown, page) else []
    return [*places, "key"] if key_on_page(shown.page, page) else places


def told(shown: Scene, reading: Reading) -> set[str]:
    """The texts that are in no picture of the scene."""
    return {code.text for code in reading.codes} - shown.texts


@click.command()
@click.option("--scenes", default=SCENES, show_default=True)
@click.option("--state", "path", default=STATE, type=click.Path(path_type=Path))
@click.option("--processes", default=multiprocessing.cpu_count(), show_default=True)
def main(scenes: int, path: Path, processes: int) -> None:
    """Look for a wrong text. Ends with 1 when there is one."""
    state = resumed(path, State(fingerprint()))
    missing = [n for n in range(-(-scenes // PART)) if str(n) not in state.parts]
    go_on(state, path, looked_at, missing, processes)
    click.echo(said(state))
    sys.exit(bool(state.wrong))


def said(state: State) -> str:
    """The result in a line."""
    counts = sum((Counter(part) for part in state.parts.values()), Counter[str]())
    scenes = PART * len(state.parts)
    return (
        f"{scenes} scenes of {FRAMES} frames and a page in {state.seconds / 60:.0f} min:"
        f" {', '.join(f'{count} {what}' for what, count in sorted(counts.items()))};"
        f" wrong texts in {len(state.wrong)}{': ' if state.wrong else ''}{', '.join(state.wrong)}"
    )


def fingerprint() -> str:
    """Changes with what reading and the scenes do, not with what is said about them."""
    reading = sorted(Path(kiosk.reading.__path__[0]).glob("*.py"))
    scenes = [Path(str(module.__file__)) for module in (live_scenes, strange_frames)]
    return meaning_of(reading + scenes)


if __name__ == "__main__":
    main()
