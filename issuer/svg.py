"""Draws marks into SVG: letters as outlines, so a browser needs no font and cannot reflow it.

No style attributes and no scripts: the pages' content security policy forbids both.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from issuer.geometry import PAGE_HEIGHT, PAGE_WIDTH
from issuer.glyphs import MM_PER_POINT, Run, advance, outline, run_width, runs, units_per_em
from issuer.marks import Bar, Frame, Mark, Symbol, Text


def draw(marks: Sequence[Mark], title: str) -> str:
    """One `svg` element, 210 by 297 mm, to stand in a file or inside a page."""
    glyphs: dict[str, str] = {}
    body = "".join(_mark(mark, glyphs) for mark in marks)
    shapes = "".join(f'<path id="{name}" d="{data}"/>' for name, data in glyphs.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sheet" role="img" '
        f'width="{PAGE_WIDTH:g}mm" height="{PAGE_HEIGHT:g}mm" '
        f'viewBox="0 0 {PAGE_WIDTH:g} {PAGE_HEIGHT:g}">'
        f"<title>{escape(title)}</title><defs>{shapes}</defs>"
        f'<rect width="{PAGE_WIDTH:g}" height="{PAGE_HEIGHT:g}" fill="#fff"/>{body}</svg>'
    )


def _mark(mark: Mark, glyphs: dict[str, str]) -> str:
    match mark:
        case Text():
            return _text(mark, glyphs)
        case Symbol():
            return _symbol(mark)
        case Bar(box):
            return f"<rect {_place(box.left, box.top, box.width, box.height)}/>"
        case Frame(box, stroke):
            place = _place(box.left, box.top, box.width, box.height)
            return f'<rect {place} fill="none" stroke="#000" stroke-width="{stroke:g}"/>'


def _place(x: float, y: float, width: float, height: float) -> str:
    return f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'


def _text(text: Text, glyphs: dict[str, str]) -> str:
    fill, x, parts = ' fill="#fff"' if text.white else "", text.x, []
    for run in runs(text.content, text.face):
        scale = text.size * MM_PER_POINT / units_per_em(run.face)
        parts.append(
            f'<g transform="translate({x:.3f} {text.y:.3f}) scale({scale:.7f} {-scale:.7f})"{fill}>'
            f"{_uses(run, glyphs)}</g>"
        )
        x += run_width(run, text.size)
    return "".join(parts)


def _uses(run: Run, glyphs: dict[str, str]) -> str:
    pen, uses = 0, []
    for character in run.text:
        name = f"{run.face}-{ord(character):x}"
        data = glyphs.setdefault(name, outline(run.face, character))
        if data:
            uses.append(f'<use href="#{name}" x="{pen}"/>')
        pen += advance(run.face, character)
    return "".join(uses)


def _symbol(symbol: Symbol) -> str:
    """One path in module units, so that its figures stay whole numbers."""
    data = "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in symbol.dark_runs())
    box, side = symbol.box, symbol.module
    return (
        f'<path transform="translate({box.left:g} {box.top:g}) scale({side:.7f})" '
        f'shape-rendering="crispEdges" d="{data}"/>'
    )
