"""The proof that no text is read that is not there, over 200 000 strange frames.

    ./run proofs reading      over an hour of two cores; Ctrl-C keeps what was done
    ./run proofs reading --frames N   fewer

What was looked at is kept in docs/proofs and gone on from there, as long as neither the reader nor
the frames change; comments may. With another --state it begins anew. Frames are shared among all
cores. Progress goes to standard error.
"""

import ast
import multiprocessing
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import cv2

import kiosk.reading
from kiosk.reading.ladder import Reader
from tests import strange_frames
from tests.long_proof import KEPT, go_on, meaning_of, resumed

FRAMES, PART = 200_000, 200
ROOT = Path(__file__).parents[1]
STATE = KEPT / "reading.json"


@dataclass(frozen=True, slots=True)
class Part:
    """What came out of frames that follow each other."""

    number: int
    read: int
    """Frames in which a text was read, and it was one that is there."""
    unread: int
    """Frames in which a code was located and every step was gone in vain."""
    wrong: list[int]
    """Numbers of frames in which a text was read that is not there."""


@dataclass(slots=True)
class State:
    """What was looked at so far, by one state of the reader."""

    made_by: str
    parts: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Number of a part: frames read, frames unread."""
    wrong: list[int] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, part: Part) -> None:
        """Count one more."""
        self.parts[str(part.number)] = part.read, part.unread
        self.wrong += part.wrong


def looked_at(number: int) -> Part:
    """Look at the frames of a part."""
    cv2.setNumThreads(1)
    reader, read, unread, wrong = Reader(), 0, 0, []
    for frame in range(number * PART, (number + 1) * PART):
        grey, texts = strange_frames.strange(frame)
        reading = reader.beside(grey, reader.read(grey))
        if any(code.text not in texts for code in reading.codes):
            wrong.append(frame)
        read += bool(reading.codes)
        unread += bool(reading.located and not reading.codes)
    return Part(number, read, unread, wrong)


@click.command()
@click.option("--frames", default=FRAMES, show_default=True)
@click.option("--state", "path", default=STATE, type=click.Path(path_type=Path))
@click.option("--processes", default=multiprocessing.cpu_count(), show_default=True)
def main(frames: int, path: Path, processes: int) -> None:
    """Look for a wrong text. Ends with 1 when there is one."""
    state = resumed(path, State(fingerprint()))
    missing = [n for n in range(-(-frames // PART)) if str(n) not in state.parts]
    go_on(state, path, looked_at, missing, processes)
    click.echo(said(state))
    sys.exit(bool(state.wrong))


def said(state: State) -> str:
    """The result in a line."""
    frames = PART * len(state.parts)
    read, unread = (sum(counts) for counts in zip(*state.parts.values(), strict=True))
    return (
        f"{frames} frames in {state.seconds / 60:.0f} min ({frames / state.seconds:.0f} a second):"
        f" {read} read, {unread} with a code that every step gave up on,"
        f" wrong texts in {len(state.wrong)}{': ' if state.wrong else ''}"
        f"{', '.join(map(str, state.wrong))}"
    )


def fingerprint() -> str:
    """Changes with what the reader and the frames do, not with what is said about them."""
    return meaning_of(map(_file, sorted(_modules())))


def _modules() -> set[str]:
    """The frames' module, the reader's, and those of its package that it stands on."""
    found, waiting = {strange_frames.__name__}, [Reader.__module__]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imported(ast.parse(_file(name).read_text("utf-8")))
    return found


def _imported(tree: ast.Module) -> Iterator[str]:
    package = kiosk.reading.__name__
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
            names = [f"{node.module}.{each.name}" for each in node.names]
            yield from names if node.module == package else [str(node.module)]


def _file(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


if __name__ == "__main__":
    main()
