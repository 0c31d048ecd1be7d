"""The readers that are compared, each as it comes, and how long a call keeps a processor busy."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import cv2
import zxingcpp
from pyzbar import pyzbar

from hardware.scan import Grey
from kiosk.reading.grid import prepare
from kiosk.reading.ladder import Reader
from kiosk.reading.live import LiveReader
from kiosk.reading.pages import read_page

Read = Callable[[Grey], list[str]]
OURS = "Uketori"
ONE_FRAME, LIVE = f"{OURS}, one frame", f"{OURS}, live"
RATE = 15.0
"""Frames a second."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader said to one picture."""

    read: bool
    wrong: bool
    """It gave a text that is not there."""
    ms: float
    """Processor time."""


def ask_all(readers: dict[str, Read], grey: Grey, text: str | None) -> dict[str, Answer]:
    """What every reader says to one picture; `text` is what stands in it, None for nothing.

    A further text beside the right one counts as a second code in the picture, not as wrong, when
    another reader gives it too.
    """
    said = {name: _timed(read, grey) for name, read in readers.items()}
    return {
        name: Answer(
            read=any(_is(each, text) for each in texts),
            wrong=any(not _is(each, text) and _is_alone(each, name, said) for each in texts),
            ms=ms,
        )
        for name, (texts, ms) in said.items()
    }


def ask(read: Read, grey: Grey, text: str | None) -> Answer:
    """What one reader says to a picture in which there is at most one code."""
    return ask_all({"": read}, grey, text)[""]


def _timed(read: Read, grey: Grey) -> tuple[list[str], float]:
    began = time.process_time()
    texts = read(grey)
    return texts, (time.process_time() - began) * 1000


def _is_alone(text: str, name: str, said: dict[str, tuple[list[str], float]]) -> bool:
    return not any(_is(text, each) for other in said if other != name for each in said[other][0])


def _is(given: str, right: str | None) -> bool:
    """Whether a text is that one, whatever a reader took its encoding to be.

    Files hold one kind of line end and codes the other; zbar takes much for Big5 that is not, and
    a backslash of Shift_JIS for a yen sign.
    """
    if right is None:
        return False
    one, two = (_plain(each).replace("¥", "\\") for each in (given, right))
    try:
        content = one.encode("big5")
    except UnicodeEncodeError:
        return one == two
    return one == two or content in (two.encode("utf-8"), two.encode("cp932", "replace"))


def _plain(text: str) -> str:
    return "\n".join(text.splitlines()).strip()


def peers() -> dict[str, Read]:
    """The engines alone, with their own defaults, told to look for QR codes only."""
    return {
        "zxing-cpp": _zxing,
        "pyzbar": _pyzbar,
        "OpenCV Aruco": _opencv(cv2.QRCodeDetectorAruco()),
        "OpenCV classic": _opencv(cv2.QRCodeDetector()),
    }


def ours_alone() -> Read:
    """This project, as it reads one frame of a camera without those before it."""
    prepare()
    reader = Reader()
    return lambda grey: [code.text for code in reader.read(grey).codes]


def ours_live() -> Read:
    """This project, as it reads the frames of one camera one after another, 15 a second."""
    live, clock = LiveReader(), count()
    return lambda grey: [code.text for code in live.read(grey, next(clock) / RATE).codes]


def ours_shown(looks: int) -> Read:
    """This project, as it reads a sheet that is shown anew, until it reads it or has looked so
    often; whatever it looks at is the same picture."""

    def read(grey: Grey) -> list[str]:
        live = ours_live()
        return next(filter(None, (live(grey) for _ in range(looks))), [])

    return read


def ours_still(grey: Grey) -> list[str]:
    """This project, as it reads a photograph or a scan."""
    return [code.text for code in read_page(grey).codes]


def _zxing(grey: Grey) -> list[str]:
    found = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain
    )
    return [code.text for code in found]


def _pyzbar(grey: Grey) -> list[str]:
    found = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
    return [code.data.decode("utf-8", "replace") for code in found]


def _opencv(detector: cv2.QRCodeDetector | cv2.QRCodeDetectorAruco) -> Read:
    def read(grey: Grey) -> list[str]:
        try:
            _, texts, _, _ = detector.detectAndDecodeBytesMulti(grey)
        except cv2.error:
            return []  # its geometry fails on some patterns that are no codes
        return [_decoded(text) for text in texts if text]

    return read


def _decoded(content: bytes) -> str:
    """OpenCV leaves the encoding to the caller; these two are the ones in use."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp932", "replace")
