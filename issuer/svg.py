"""Draws marks into SVG: letters as outlines, so a browser needs no font and cannot reflow it.

No style attributes and no scripts: the pages' content security policy forbids both. What is the
same on every sheet is drawn once and kept.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from xml.sax.saxutils import escape

from issuer.geometry import PAGE_HEIGHT, PAGE_WIDTH
from issuer.glyphs import MM_PER_POINT, Face, Run, advance, outline, run_width, runs, units_per_em
from issuer.marks import Bar, Fixed, Frame, Mark, Part, Symbol, Text, dark_runs

Shapes = dict[str, str]
"""Outlines that a drawing refers to, by their ids."""
_STRETCH = 8
"""Modules in a row that are turned into path data at once: 256 patterns, each made once."""


def draw(parts: Iterable[Part], title: str) -> str:
    """One `svg` element, 210 by 297 mm, to stand in a file or inside a page."""
    shapes: Shapes = {}
    bodies = []
    for part in parts:
        body, needed = _fixed(part) if isinstance(part, Fixed) else _drawn(part)
        bodies.append(body)
        shapes |= needed
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sheet" role="img" '
        f'width="{PAGE_WIDTH:g}mm" height="{PAGE_HEIGHT:g}mm" '
        f'viewBox="0 0 {PAGE_WIDTH:g} {PAGE_HEIGHT:g}">'
        f"<title>{escape(title)}</title><defs>{''.join(shapes.values())}</defs>"
        f'<rect width="{PAGE_WIDTH:g}" height="{PAGE_HEIGHT:g}" fill="#fff"/>'
        f"{''.join(bodies)}</svg>"
    )


@lru_cache(maxsize=64)
def _fixed(part: Fixed) -> tuple[str, Shapes]:
    return _drawn(part.marks)


def _drawn(marks: Iterable[Mark]) -> tuple[str, Shapes]:
    shapes: Shapes = {}
    return "".join([_mark(mark, shapes) for mark in marks]), shapes


def _mark(mark: Mark, shapes: Shapes) -> str:
    match mark:
        case Text():
            return _text(mark, shapes)
        case Symbol():
            return _symbol(mark)
        case Bar(box):
            return f"<rect {_place(box.left, box.top, box.width, box.height)}/>"
        case Frame(box, stroke):
            place = _place(box.left, box.top, box.width, box.height)
            return f'<rect {place} fill="none" stroke="#000" stroke-width="{stroke:g}"/>'


def _place(x: float, y: float, width: float, height: float) -> str:
    return f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'


def _text(text: Text, shapes: Shapes) -> str:
    fill, x, parts = ' fill="#fff"' if text.white else "", text.x, []
    for run in runs(text.content, text.face):
        scale = text.size * MM_PER_POINT / units_per_em(run.face)
        parts.append(
            f'<g transform="translate({x:.3f} {text.y:.3f}) scale({scale:.7f} {-scale:.7f})"{fill}>'
            f"{_uses(run, shapes)}</g>"
        )
        x += run_width(run, text.size)
    return "".join(parts)


def _uses(run: Run, shapes: Shapes) -> str:
    pen, uses = 0, []
    for character in run.text:
        name, shape, width = _glyph(run.face, character)
        if shape:
            shapes[name] = shape
            uses.append(f'<use href="#{name}" x="{pen}"/>')
        pen += width
    return "".join(uses)


@cache
def _glyph(face: Face, character: str) -> tuple[str, str, int]:
    """Its id, its outline as an element (none for a blank), and how far the pen moves."""
    name, data = f"{face}-{ord(character):x}", outline(face, character)
    return name, f'<path id="{name}" d="{data}"/>' if data else "", advance(face, character)


def _symbol(symbol: Symbol) -> str:
    """One path in module units, so that its figures stay whole numbers."""
    data = []
    for row, modules in enumerate(symbol.rows):
        data.append(f"M0 {row}")
        data += [_stretch(modules[x : x + _STRETCH]) for x in range(0, len(modules), _STRETCH)]
    box, side = symbol.box, symbol.module
    return (
        f'<path transform="translate({box.left:g} {box.top:g}) scale({side:.7f})" '
        f'shape-rendering="crispEdges" d="{"".join(data)}"/>'
    )


@cache
def _stretch(modules: bytes) -> str:
    """Path data of some modules of a row, from the pen's place to behind the last of them."""
    pen, data = 0, []
    for start, length in dark_runs(modules):
        data.append(f"m{start - pen} 0h{length}v1h-{length}z")
        pen = start
    return "".join(data) + f"m{len(modules) - pen} 0"
