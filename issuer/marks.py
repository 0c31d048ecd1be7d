"""What can stand on the page: the few kinds of marks that PDF and SVG both know how to draw.

Lengths are millimetres from the top left corner, type sizes points, a text's `y` its baseline.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from issuer.geometry import QUIET_MODULES, SMALLEST_MODULE, Box
from issuer.glyphs import Face, width


class Role(StrEnum):
    """What a text is to somebody who has the page read aloud (PDF standard structure types)."""

    TITLE = "H1"
    HEADING = "H2"
    TEXT = "P"


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; it never breaks."""

    x: float
    y: float
    content: str
    size: float
    face: Face = Face.TEXT
    role: Role = Role.TEXT
    white: bool = False
    """On a black bar."""

    @property
    def right(self) -> float:
        """Where the line ends."""
        return self.x + width(self.content, self.face, self.size)


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled black rectangle; thin ones are rules."""

    box: Box


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle drawn by its outline, the stroke centred on the box."""

    box: Box
    stroke: float = 0.3


class SymbolTooDense(ValueError):
    """The payload would need modules too small to read from paper."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """The two-dimensional code, without its quiet zone: `box` is the outer edge of the modules."""

    box: Box
    rows: tuple[bytes, ...]
    """One byte a module, 1 is dark."""

    def __post_init__(self) -> None:
        if self.module < SMALLEST_MODULE:
            raise SymbolTooDense(f"{len(self.rows)} modules need less than {SMALLEST_MODULE} mm")

    @property
    def module(self) -> float:
        """Side of a module."""
        return self.box.width / len(self.rows)

    @property
    def quiet_zone(self) -> Box:
        """The symbol with the white border that readers need."""
        return self.box.grown(QUIET_MODULES * self.module)

    def dark_runs(self) -> Iterator[tuple[int, int, int]]:
        """Dark modules merged along each row: (column, row, length)."""
        for row, modules in enumerate(self.rows):
            for column, length in dark_runs(modules):
                yield column, row, length


def dark_runs(modules: bytes) -> Iterator[tuple[int, int]]:
    """Dark modules of a row merged: (column, length)."""
    for run in _DARK.finditer(modules):
        start, end = run.span()
        yield start, end - start


_DARK = re.compile(b"\1+")
Mark = Text | Bar | Frame | Symbol


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """Marks that are the same on every sheet, so their drawing may stay in memory.

    Never a name or a key. Known by identity: whoever makes them makes them once.
    """

    marks: tuple[Mark, ...]


Part = Fixed | tuple[Mark, ...]
"""A stretch of the page, from top to bottom."""


def extent(marks: Iterable[Mark]) -> Box:
    """The smallest box around all ink; letters count from ascender to descender."""
    boxes = [_ink(mark) for mark in marks]
    left, top = min(b.left for b in boxes), min(b.top for b in boxes)
    right, bottom = max(b.right for b in boxes), max(b.bottom for b in boxes)
    return Box(left, top, right - left, bottom - top)


def _ink(mark: Mark) -> Box:
    if isinstance(mark, Text):
        height = mark.size * 25.4 / 72
        return Box(mark.x, mark.y - 0.88 * height, mark.right - mark.x, height)
    if isinstance(mark, Frame):
        return mark.box.grown(mark.stroke / 2)
    return mark.box
