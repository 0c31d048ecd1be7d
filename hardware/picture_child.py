"""Decodes one untrusted file from standard input; grey pages go to standard output.

Run by `hardware.pictures` as a file of its own (`python -I picture_child.py KIND LIMITS…`), so it
imports nothing of ours. What parses the content happens below the limits set in `main`.
"""

import resource
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
DOTS_PER_INCH = 250
POINTS_PER_INCH = 72
_PASSWORD_ERROR = 4
"""FPDF_ERR_PASSWORD in fpdfview.h."""


class Refusal(Exception):
    """The code of a fault, as `hardware.pictures.Fault` spells it."""


class Limits(NamedTuple):
    """What the file may cost: bytes of the file, pixels of a page, pages, bytes, seconds."""

    file: int
    pixels: int
    pages: int
    memory: int
    seconds: int


def main(arguments: list[str]) -> None:
    """Read the file, write `page ROWS COLUMNS` and pixels for each page, then `end` or a fault."""
    kind, limits = arguments[0], Limits(*map(int, arguments[1:]))
    _lock_in(limits)
    content = sys.stdin.buffer.read(limits.file + 1)
    out = sys.stdout.buffer
    try:
        for page in _pages(kind, content, limits):
            out.write(b"page %d %d\n" % (page.height, page.width))
            out.write(page.tobytes())
            out.flush()
    except Refusal as refusal:
        out.write(b"fault %s\n" % str(refusal).encode())
    except MemoryError:
        out.write(b"fault too_many_pixels\n")
    except (OSError, ValueError, SyntaxError, EOFError, UnidentifiedImageError):
        # What Pillow raises for damaged files; anything else ends the child, which counts the same.
        out.write(b"fault damaged\n")
    else:
        out.write(b"end\n")


def _lock_in(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (2 * limits.seconds, 2 * limits.seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _pages(kind: str, content: bytes, limits: Limits) -> Iterator[Image.Image]:
    if len(content) > limits.file:
        raise Refusal("too_large")
    return _pdf(content, limits) if kind == "pdf" else _picture(content, limits)


def _picture(content: bytes, limits: Limits) -> Iterator[Image.Image]:
    Image.MAX_IMAGE_PIXELS = None  # ours is checked below, before anything is decoded
    with Image.open(BytesIO(content), formats=FORMATS) as image:
        count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        if count > limits.pages:
            raise Refusal("too_many_pages")
        for number in range(count):
            image.seek(number)
            if image.width * image.height > limits.pixels:
                raise Refusal("too_many_pixels")
            yield _grey(image)


def _grey(image: Image.Image) -> Image.Image:
    image.draft("L", image.size)  # a JPEG can leave its colours out
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):  # 16 bits a pixel; Pillow would clip them to white
        upright = upright.convert("I").point(lambda value: value * (1 / 256))
    if not upright.has_transparency_data:
        return upright.convert("L")
    paper = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(paper, upright.convert("RGBA")).convert("L")


def _pdf(content: bytes, limits: Limits) -> Iterator[Image.Image]:
    try:
        document = pypdfium2.PdfDocument(content)
        if len(document) > limits.pages:
            raise Refusal("too_many_pages")
        for page in document:
            width, height = page.get_size()
            wanted = DOTS_PER_INCH / POINTS_PER_INCH
            allowed = (limits.pixels / max(1.0, width * height)) ** 0.5
            scale = min(wanted, 0.99 * allowed)
            yield page.render(scale=scale, grayscale=True).to_pil().convert("L")
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD_ERROR
        raise Refusal("encrypted" if locked else "damaged") from error


if __name__ == "__main__":
    main(sys.argv[1:])
