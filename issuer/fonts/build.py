"""Cuts the distribution's fonts down to what a sheet can need; run by hand when one changes.

    python -m issuer.fonts.build /usr/share/fonts issuer/fonts

Sources: Debian `fonts-morisawa-bizud-gothic` and `fonts-noto-cjk`, both under the SIL Open Font
License 1.1 (OFL-*.txt beside the results). Hints and layout tables go: nothing here is drawn
small. The results carry names of their own: a subset is a modified version under that licence.
"""

from collections.abc import Iterable
from pathlib import Path

import click
from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

BIZ = "truetype/bizud-gothic"
NOTO = "opentype/noto/NotoSansCJK-Regular.ttc"
NO_LAYOUT = ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG", "gasp", "meta"]


def _encodable(code: int, codec: str) -> bool:
    try:
        chr(code).encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _cut(font: TTFont, codes: Iterable[int], name: str) -> TTFont:
    options = subset.Options(
        hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        notdef_outline=True, drop_tables=NO_LAYOUT,
    )  # fmt: skip
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):
            record.string = name
    return font


def _to_quadratic(font: TTFont) -> TTFont:
    """reportlab embeds TrueType outlines only; the fallback's source has cubic ones."""
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, drawn = order, {}
    for glyph in order:
        pen = TTGlyphPen(glyphs)
        glyphs[glyph].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        drawn[glyph] = pen.glyph()
    font["glyf"].glyphs = drawn
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs",
                  "maxInstructionDefs", "maxStackElements", "maxSizeOfInstructions",
                  "maxComponentElements", "maxComponentDepth", "maxPoints", "maxContours",
                  "maxCompositePoints", "maxCompositeContours"):  # fmt: skip
        setattr(maxp, field, 1 if field == "maxZones" else 0)
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font["post"].formatType = 3.0
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"
    return font


def _japanese_repertoire(available: set[int]) -> set[int]:
    """JIS X 0213, Windows code page 932, compatibility ideographs, rare kanji of names."""
    listed = {
        code for code in range(0x20, 0x30000)
        if not 0xD800 <= code < 0xF900
        and (_encodable(code, "euc_jis_2004") or _encodable(code, "cp932"))
    }  # fmt: skip
    rare = {code for code in available if code > 0x20000 or 0xF900 <= code < 0xFB00}
    return (listed | rare) & available


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.argument("out", type=click.Path(exists=True, path_type=Path))
def main(source: Path, out: Path) -> None:
    """Write the four font files a sheet needs."""
    regular = TTFont(source / BIZ / "BIZUDPGothic-Regular.ttf")
    common = set(regular.getBestCmap())
    _cut(regular, common, "SheetText").save(out / "text.ttf")

    level_one = {
        code for code in common
        if code < 0x3100 or code >= 0xFF00
        or (_encodable(code, "shift_jis") and chr(code).encode("shift_jis") < b"\x98\x9f")
    }  # fmt: skip
    bold = TTFont(source / BIZ / "BIZUDPGothic-Bold.ttf")
    _cut(bold, level_one, "SheetBold").save(out / "bold.ttf")

    digits = TTFont(source / BIZ / "BIZUDGothic-Bold.ttf")
    _cut(digits, map(ord, "0123456789K "), "SheetDigits").save(out / "digits.ttf")

    rare = TTFont(source / NOTO, fontNumber=0)
    wanted = _japanese_repertoire(set(rare.getBestCmap())) - common
    _to_quadratic(_cut(rare, wanted, "SheetRare")).save(out / "rare.ttf")
    for made in sorted(out.glob("*.ttf")):
        click.echo(f"{made.name}: {made.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
