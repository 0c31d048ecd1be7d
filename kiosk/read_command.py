"""`kiosk read`: what stands in the codes of pictures and PDFs, without judging anything."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import click

from hardware.pictures import UnreadablePicture, pages
from kiosk.reading.choice import ours_first
from kiosk.reading.engines import Code
from kiosk.reading.pages import read_page


@dataclass(frozen=True, slots=True)
class FileReading:
    """What one file holds."""

    codes: tuple[Code, ...] = field(repr=False)
    engine: str | None
    ms: float
    """Opening and reading all pages."""


def read_file(path: Path) -> FileReading:
    """Read every page of a picture or PDF. Raises UnreadablePicture."""
    began = time.perf_counter()
    readings = list(map(read_page, pages(path.resolve())))  # holds one page, and not two
    codes = ours_first(code for reading in readings for code in reading.codes)
    engine = next((r.engine for r in readings if codes and codes[0] in r.codes), None)
    return FileReading(codes, engine, (time.perf_counter() - began) * 1000)


@click.command(
    "read",
    epilog="Example:  kiosk read --json scan.pdf photo.jpg",
    short_help="Print the codes in pictures and PDFs.",
)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a file.")
def read(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Print the text of the codes in pictures and PDFs; nothing is judged or released.

    PNG, JPEG, TIFF, BMP, WebP and PDF, up to 20 MB and 10 pages a file. Of several codes each is
    printed, ours first.

    With --json every file gives one line: {"file", "codes": [{"text", "corners"}], "ms", "engine"};
    corners are pixels (of a PDF: at 250 dpi), clockwise. Without a code, "codes" is empty.

    A file that cannot be opened gives one line on standard error; the others are still read, and
    the exit code is 1. A file without a code is no error.
    """
    failed = False
    for file in files:
        try:
            reading = read_file(file)
        except UnreadablePicture as problem:
            click.echo(f"{click.format_filename(file)}: {problem} ({problem.code})", err=True)
            failed = True
        else:
            click.echo(_json(file, reading) if as_json else _for_people(file, reading))
    if failed:
        raise SystemExit(1)


def _json(file: Path, reading: FileReading) -> str:
    codes = [
        {"text": code.text, "corners": [[round(x, 1), round(y, 1)] for x, y in code.corners]}
        for code in reading.codes
    ]
    line = {
        "file": click.format_filename(file),
        "codes": codes,
        "ms": round(reading.ms, 1),
        "engine": reading.engine,
    }
    return json.dumps(line, ensure_ascii=False)


def _for_people(file: Path, reading: FileReading) -> str:
    name = click.format_filename(file)
    if not reading.codes:
        return f"{name}: コードが見つかりません（{reading.ms:.0f} ms）"
    head = f"{name}: コード {len(reading.codes)} 個（{reading.engine}、{reading.ms:.0f} ms）"
    return "\n".join([head, *(f"  {_printable(code.text)}" for code in reading.codes)])


def _printable(text: str) -> str:
    """A foreign code may hold terminal commands or turn the writing round: shown as escapes."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
