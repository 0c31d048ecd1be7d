"""Which font draws which character, how wide it is, and what its outline looks like.

Every face falls back to one font of rare kanji (𠮷 and others). A character that neither has is an
error before anything is drawn: an empty box in a name would be a different name on paper.
Variation selectors are dropped and the base character drawn, as the comparison of names does.
"""

import io
import re
import threading
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

MM_PER_POINT = 25.4 / 72

_one_at_a_time = threading.RLock()
"""fontTools reads tables and unpacks glyphs in place when they are first asked for."""


class Face(StrEnum):
    """A font file of `issuer.fonts`, by the use it has on the sheet."""

    TEXT = "text"
    BOLD = "bold"
    DIGITS = "digits"
    """Digits of one width, for the search key."""
    RARE = "rare"
    """Only ever a fallback."""


class UndrawableCharacters(ValueError):
    """No font of ours has these characters; nothing was drawn."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        super().__init__(f"{len(characters)} characters have no glyph")
        self.characters = characters


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that one font draws."""

    face: Face
    text: str


def font_path(face: Face) -> str:
    """Where the font file lies, for libraries that read it themselves."""
    return str(files("issuer.fonts").joinpath(f"{face}.ttf"))


@cache
def _font(face: Face) -> TTFont:
    return TTFont(io.BytesIO(Path(font_path(face)).read_bytes()), lazy=True)


@cache
def _glyph_names(face: Face) -> dict[int, str]:
    with _one_at_a_time:
        names: dict[int, str] = _font(face).getBestCmap()
        return names


@cache
def units_per_em(face: Face) -> int:
    """Font units in the em square of that face."""
    with _one_at_a_time:
        return int(_font(face)["head"].unitsPerEm)


def without_selectors(text: str) -> str:
    """The text with its variation selectors dropped (Unicode VS1-16 and VS17-256)."""
    return re.sub("[\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", text)


@lru_cache(maxsize=65_536)
def _face_for(character: str, wanted: Face) -> Face | None:
    """By single characters on purpose: no cache of ours remembers a name."""
    for face in (wanted, Face.RARE, Face.TEXT):
        if ord(character) in _glyph_names(face):
            return face
    return None


def undrawable(text: str) -> tuple[str, ...]:
    """The characters that no font of ours has, each once, in order."""
    lacking = (c for c in without_selectors(text) if _face_for(c, Face.TEXT) is None)
    return tuple(dict.fromkeys(lacking))


def runs(text: str, wanted: Face) -> list[Run]:
    """Cut the text where the font must change. Raises UndrawableCharacters."""
    cut = groupby(without_selectors(text), lambda character: _face_for(character, wanted))
    found = [(face, "".join(characters)) for face, characters in cut]
    if any(face is None for face, _ in found):
        raise UndrawableCharacters(undrawable(text))
    return [Run(face, part) for face, part in found if face is not None]


@cache
def advance(face: Face, character: str) -> int:
    """How far the pen moves, in font units."""
    with _one_at_a_time:
        return int(_font(face)["hmtx"][_glyph_names(face)[ord(character)]][0])


@cache
def outline(face: Face, character: str) -> str:
    """The glyph as SVG path data in font units, y upwards."""
    with _one_at_a_time:
        glyphs = _font(face).getGlyphSet()
        pen = SVGPathPen(glyphs, ntos=lambda number: str(round(number)))
        glyphs[_glyph_names(face)[ord(character)]].draw(pen)
        return str(pen.getCommands())


def run_width(run: Run, size: float) -> float:
    """Width in millimetres at that size in points."""
    total = sum(advance(run.face, character) for character in run.text)
    return total / units_per_em(run.face) * size * MM_PER_POINT


def width(text: str, face: Face, size: float) -> float:
    """Width in millimetres of a line at that size in points. Raises UndrawableCharacters."""
    return sum(run_width(run, size) for run in runs(text, face))


def _atoms(text: str) -> list[str]:
    """The pieces a line may be cut between: a registration number in brackets is one piece."""
    return re.findall(r"（[0-9０-９]{4,10}）|.", text, re.DOTALL)


def _belong_together(last: str, piece: str) -> bool:
    """JIS X 4051: closing brackets, stops, small kana and long marks begin no line, and opening
    brackets end none.
    """
    return piece[0] in _BEGINS_NO_LINE or last in "（「『【〔［｛〈《"


_BEGINS_NO_LINE = "、。，．・：；？！）」』】〕｝〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々"


def wrap(text: str, face: Face, size: float, limit: float) -> list[str]:
    """Break a text into lines of at most `limit` millimetres, anywhere Japanese allows."""
    lines, used = [""], 0.0
    for piece in _atoms(without_selectors(text)):
        wide = width(piece, face, size)
        if used + wide <= limit:
            lines[-1] += piece
            used += wide
            continue
        carried = ""
        if len(lines[-1]) > 1 and _belong_together(lines[-1][-1], piece):
            lines[-1], carried = lines[-1][:-1], lines[-1][-1]
        lines.append(carried + piece)
        used = width(lines[-1], face, size)
    return lines
