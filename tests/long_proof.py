"""What proofs that take long have in common: shared among processes, kept, and gone on from.

What was tried is kept in the repository, so that a figure can be followed to what stands behind it,
and one that takes hours may be made on several days.
"""

import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

KEPT = Path(__file__).parents[1] / "docs" / "proofs"


class State(Protocol):
    """What was looked at so far: a dataclass of values that JSON knows."""

    made_by: str
    """Fingerprint of the program that looked."""


Kept = TypeVar("Kept", bound=State)
Part = TypeVar("Part")
Done = TypeVar("Done")


def resumed(path: Path, nothing: Kept) -> Kept:
    """The state to go on from: what is in the file, when the same program made it."""
    try:
        kept = type(nothing)(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return nothing
    return kept if kept.made_by == nothing.made_by else nothing


def keep(state: Any, path: Path) -> None:
    """Replace what is in the file: the old state or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(state)), "utf-8")
    fresh.replace(path)


def shared_out(
    work: Callable[[Part], Done], parts: Sequence[Part], processes: int
) -> Iterator[Done]:
    """Every part worked on, in no order."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(work, parts)
