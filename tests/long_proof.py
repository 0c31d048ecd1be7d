"""What proofs that take long have in common: shared among processes, kept, and gone on from.

What was tried is kept in the repository, so that a figure can be followed to what stands behind it,
and one that takes hours may be made on several days.
"""

import ast
import hashlib
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

KEPT = Path(__file__).parents[1] / "docs" / "proofs"


class State(Protocol):
    """What was looked at so far: a dataclass of values that JSON knows."""

    made_by: str
    """Fingerprint of the program that looked."""
    seconds: float
    """How long it took, over all days."""

    def add(self, part: Any) -> None:
        """Count what came out of one more part."""


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


def go_on(
    state: State, path: Path, work: Callable[[Part], Any], missing: Sequence[Part], processes: int
) -> None:
    """Work on the parts that are missing; each is kept in the file as soon as it is there."""
    began, before = time.monotonic(), state.seconds
    with click.progressbar(length=len(missing), label="parts", file=sys.stderr) as bar:
        for part in shared_out(work, missing, processes):
            state.add(part)
            state.seconds = before + time.monotonic() - began
            keep(state, path)
            bar.update(1)


def meaning_of(files: Iterable[Path]) -> str:
    """A fingerprint that changes with what Python files do, not with what is said about them."""
    trees = (_Mute().visit(ast.parse(path.read_text("utf-8"))) for path in files)
    return hashlib.sha256("".join(map(ast.dump, trees)).encode()).hexdigest()


class _Mute(ast.NodeTransformer):
    """Takes docstrings out."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) else node
