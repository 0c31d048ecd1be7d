"""Draws the characters of search keys side by side, for the counter, which reads them off paper.

    python -m issuer.fonts.key_glyphs kiosk/reading/fonts/key_glyphs.png

Run by hand when the font of the search key changes; a test compares the picture with the font.
"""

from pathlib import Path

import click
from PIL import Image, ImageDraw, ImageFont

from issuer.glyphs import Face, font_path

CHARACTERS = "0123456789K"
EM = 64
"""Pixels. A cell is half an em wide, as the digits are, and an em high."""
BASELINE = 56
"""Pixels from the top of a cell."""


def draw() -> Image.Image:
    """One row of cells, black on white."""
    font = ImageFont.truetype(font_path(Face.DIGITS), EM)
    row = Image.new("L", (EM // 2 * len(CHARACTERS), EM), 255)
    pen = ImageDraw.Draw(row)
    for number, character in enumerate(CHARACTERS):
        pen.text((EM // 2 * number, BASELINE), character, 0, font, anchor="ls")
    return row


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
def main(out: Path) -> None:
    """Write the picture."""
    draw().save(out, optimize=True)


if __name__ == "__main__":
    main()
