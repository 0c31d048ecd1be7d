"""Opens pictures and PDFs that strangers made, without trusting a byte of them.

A 48 KB PNG can ask for a gigabyte. So this process looks only at size and first bytes; a child
process with limits on memory, processor and time decodes, and hands back plain grey rows.
"""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedReader
from math import ceil
from pathlib import Path
from threading import Event, Thread
from typing import IO, cast

import numpy as np

from hardware.scan import Grey

LARGEST_FILE = 20_000_000
MOST_PIXELS = 40_000_000
"""Of one page: an A4 page at 600 dpi has 35 million."""
MOST_PAGES = 50
"""What the feeder of an office scanner takes at once."""
SECONDS = 15.0
"""Wall clock for the first and for each further page; a page takes 0.1 to 0.5 s."""
_LOOK_SECONDS = 0.05
_CHILD = Path(__file__).with_name("picture_child.py")
_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "picture",
    b"\xff\xd8\xff": "picture",
    b"II*\0": "picture",
    b"MM\0*": "picture",
    b"BM": "picture",
    b"RIFF": "picture",
    b"%PDF-": "pdf",
}


class Fault(StrEnum):
    """Why a file cannot be read. The values are stable."""

    NOT_FOUND = "not_found"
    NOT_A_FILE = "not_a_file"
    TOO_LARGE = "too_large"
    NOT_A_PICTURE = "not_a_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PAGES = "too_many_pages"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_SLOW = "too_slow"


SENTENCES = {
    Fault.NOT_FOUND: "ファイルが見つからないか、読み取りが許されていません",
    Fault.NOT_A_FILE: "ふつうのファイルではありません",
    Fault.TOO_LARGE: "ファイルが大きすぎます（20MBまで）",
    Fault.NOT_A_PICTURE: "画像（PNG・JPEG・TIFF・BMP・WebP）でもPDFでもありません",
    Fault.TOO_MANY_PIXELS: "画像が大きすぎます（4000万画素まで）",
    Fault.TOO_MANY_PAGES: "ページが多すぎます（50ページまで）",
    Fault.ENCRYPTED: "パスワードのかかったPDFは読めません",
    Fault.DAMAGED: "ファイルが壊れていて開けません",
    Fault.TOO_SLOW: "ファイルを開くのに時間がかかりすぎます",
}


class UnreadablePicture(Exception):
    """A file that is not shown to the reader. `code` is stable, the text is for the clerk."""

    def __init__(self, code: Fault) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. The child gets them as arguments."""

    pixels: int = MOST_PIXELS
    pages: int = MOST_PAGES
    memory: int = 1_000_000_000
    """Bytes of address space of the child."""
    seconds: float = SECONDS


ORDINARY = Limits()


def pages(
    path: Path, limits: Limits = ORDINARY, stop: Event | None = None
) -> Generator[Grey, None, None]:
    """The pages of a picture or PDF, upright, in grey; a PDF at 250 dpi.

    One is held at a time, when the caller lets go of it before the next one. Raises
    UnreadablePicture, also after some pages when a later one is damaged; TOO_SLOW also when
    `stop` is set meanwhile.
    """
    with _opened(path) as file:
        kind = _kind(file)
        with subprocess.Popen(  # noqa: S603 - our own file, fixed arguments
            [sys.executable, "-I", str(_CHILD), kind, *_arguments(limits)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"OPENBLAS_NUM_THREADS": "1"},
            cwd="/",
        ) as child:
            try:
                yield from _received(child, limits, stop or Event())
            finally:
                child.kill()


def _opened(path: Path) -> IO[bytes]:
    try:
        # No links, and no hanging on a pipe: what lies in the folder is what is read.
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise UnreadablePicture(Fault.NOT_FOUND) from error
    except OSError as error:
        raise UnreadablePicture(
            Fault.NOT_A_FILE if path.is_symlink() else Fault.NOT_FOUND
        ) from error
    fault = _fault(os.fstat(number))
    if fault is not None:
        os.close(number)
        raise UnreadablePicture(fault)
    return os.fdopen(number, "rb", buffering=0)


def _fault(status: os.stat_result) -> Fault | None:
    if not stat.S_ISREG(status.st_mode):
        return Fault.NOT_A_FILE
    return Fault.TOO_LARGE if status.st_size > LARGEST_FILE else None


def _kind(file: IO[bytes]) -> str:
    head = file.read(16)
    file.seek(0)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic) and (magic != b"RIFF" or head[8:12] == b"WEBP"):
            return kind
    raise UnreadablePicture(Fault.NOT_A_PICTURE)


def _arguments(limits: Limits) -> list[str]:
    numbers = (LARGEST_FILE, limits.pixels, limits.pages, limits.memory, ceil(limits.seconds))
    return [str(number) for number in numbers]


def _received(
    child: subprocess.Popen[bytes], limits: Limits, stop: Event
) -> Generator[Grey, None, None]:
    stream = cast(BufferedReader, child.stdout)
    for _ in range(limits.pages):
        with _deadline(child, limits.seconds, stop) as too_slow:
            page = _page(stream, limits)
        if too_slow.is_set() or stop.is_set():
            raise UnreadablePicture(Fault.TOO_SLOW)
        if page is None:
            return
        yield page
        del page  # or two of them would be held while the next one comes


@contextmanager
def _deadline(child: subprocess.Popen[bytes], seconds: float, stop: Event) -> Iterator[Event]:
    """Kill the child when the block takes longer or `stop` is set; the event tells that."""
    over, rang = Event(), Event()

    def watch() -> None:
        until = time.monotonic() + seconds
        while not over.wait(min(_LOOK_SECONDS, max(0.0, until - time.monotonic()))):
            if stop.is_set() or time.monotonic() >= until:
                rang.set()
                child.kill()
                return

    watching = Thread(target=watch, name="picture-deadline", daemon=True)
    watching.start()
    try:
        yield rang
    except UnreadablePicture:
        if not rang.is_set():
            raise
    finally:
        over.set()
        watching.join()


def _page(stream: BufferedReader, limits: Limits) -> Grey | None:
    """The next page off the pipe, None at the end: a line, then the pixels row by row.

    The child is not trusted either: it has read the file.
    """
    match stream.readline(64).split():
        case [b"page", rows, columns] if rows.isdigit() and columns.isdigit():
            return _pixels(stream, int(rows), int(columns), limits.pixels)
        case [b"end"]:
            return None
        case [b"fault", code] if code.decode("ascii", "replace") in set(Fault):
            raise UnreadablePicture(Fault(code.decode()))
        case _:
            raise UnreadablePicture(Fault.DAMAGED)


def _pixels(stream: BufferedReader, rows: int, columns: int, most: int) -> Grey:
    if not 0 < rows * columns <= most:
        raise UnreadablePicture(Fault.TOO_MANY_PIXELS)
    pixels = np.empty(rows * columns, np.uint8)
    if stream.readinto(pixels.data) != len(pixels):
        raise UnreadablePicture(Fault.DAMAGED)
    return pixels.reshape(rows, columns)
