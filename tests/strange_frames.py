"""Frames in which there is no code, another kind of code, or one too damaged to be trusted.

Small, so that hundreds of thousands can be looked at. A number always gives the same frame.
"""

from functools import cache

import cv2
import numpy as np
import segno
import zxingcpp

from hardware.scan import Grey
from shared.digits import checked

Lot = np.random.Generator
_SIDE = 260
_OTHER_CODES = [
    "Aztec",
    "DataMatrix",
    "PDF417",
    "Code128",
    "Code39",
    "EAN13",
    "ITF",
    "MicroQRCode",
    "RMQRCode",
    "MaxiCode",
]


def strange(number: int) -> tuple[Grey, frozenset[str]]:
    """A frame, and the texts that may be read in it."""
    lot = np.random.default_rng((20261124, number))
    picture, texts = _KINDS[number % len(_KINDS)](lot)
    return _seen(picture, lot), frozenset(texts)


def _noise(lot: Lot) -> tuple[Grey, set[str]]:
    """Grain of any size, faint or strong, hard or soft; squares of grain look most like codes."""
    side, contrast = int(lot.integers(17, 130)), lot.uniform(0.05, 1)
    grain = lot.integers(0, 256, (side, side), dtype=np.uint8)
    if lot.random() < 0.5:
        grain = np.where(grain > lot.integers(60, 200), 255, 0).astype(np.uint8)
    grain = (128 + contrast * (grain - 128.0)).astype(np.uint8)
    return _framed(grain, _SIDE - 2 * int(lot.integers(0, 60))), set()


def _paper(lot: Lot) -> tuple[Grey, set[str]]:
    """Lines, boxes in boxes and writing."""
    page = np.full((_SIDE, _SIDE), 235, np.uint8)
    for _ in range(int(lot.integers(1, 30))):
        x, y, reach = (int(v) for v in (*lot.integers(0, _SIDE, 2), lot.integers(4, 50)))
        ink, width = int(lot.integers(0, 120)), int(lot.integers(1, 8))
        match int(lot.integers(0, 4)):
            case 0:
                cv2.line(page, (x, y), tuple(map(int, lot.integers(0, _SIDE, 2))), ink, width)
            case 1:
                cv2.rectangle(page, (x, y), (x + reach, y + reach), ink, width)
                inner = (x + reach // 3, y + reach // 3), (x + 2 * reach // 3, y + 2 * reach // 3)
                cv2.rectangle(page, *inner, ink, -1)
            case 2:
                cv2.circle(page, (x, y), reach, ink, width)
            case _:
                text = "".join(chr(c) for c in lot.integers(33, 127, 12))
                cv2.putText(page, text, (x - 80, y), cv2.FONT_HERSHEY_SIMPLEX, reach / 40, ink, 2)
    return page, set()


def _other_code(lot: Lot) -> tuple[Grey, set[str]]:
    """Another symbology; a reader of QR codes has nothing to say about it."""
    name = _OTHER_CODES[int(lot.integers(len(_OTHER_CODES)))]
    digits = "".join(map(str, lot.integers(0, 10, 12)))
    kind = getattr(zxingcpp.BarcodeFormat, name)
    drawn = zxingcpp.create_barcode(digits, kind).to_image(scale=int(lot.integers(2, 5)))
    grey = np.array(drawn, np.uint8)
    fit = (_SIDE - 30) / max(grey.shape)
    return _framed(cv2.resize(grey, None, fx=fit, fy=fit, interpolation=cv2.INTER_AREA)), set()


def _damaged(lot: Lot) -> tuple[Grey, set[str]]:
    """A code with so much turned over, replaced or crossed out that correction is at its limit.

    A fiftieth of the modules spoils a seventh of the codewords, as much as level M repairs.
    """
    text, modules = _some_code(lot)
    size, how = len(modules), lot.random()
    if how < 0.3:
        modules = _crossed_out(modules, lot)
    elif how < 0.65:
        share = lot.uniform(0.002, 0.04)
        wrong = lot.random(modules.shape) < share
        wrong[:9, :9] = wrong[:9, -8:] = wrong[-8:, :9] = False
        modules = modules ^ wrong
    else:
        reach = int(size * lot.uniform(0.1, 0.5))
        row, column = lot.integers(0, size - reach + 1, 2)
        modules[row : row + reach, column : column + reach] = lot.random((reach, reach)) < 0.5
    return _drawn(modules), {text}


def _crossed_out(modules: np.ndarray, lot: Lot) -> np.ndarray:
    """Lines across, from side to side."""
    inked, last = modules.astype(np.uint8), len(modules) - 1
    for _ in range(int(lot.integers(1, 12))):
        one, two = (int(end) for end in lot.integers(0, last + 1, 2))
        ends = ((0, one), (last, two)) if lot.random() < 0.5 else ((one, 0), (two, last))
        cv2.line(inked, *ends, 1, int(lot.integers(1, 3)))
    return inked.astype(bool)


def _mixed(lot: Lot) -> tuple[Grey, set[str]]:
    """Two codes of one size, a part of each: either may be told, a third text may not."""
    text, modules = _some_code(lot)
    for _ in range(8):
        other, second = _some_code(lot)
        if len(second) == len(modules):
            cut = int(len(modules) * lot.uniform(0.1, 0.9))
            mixed = np.hstack((modules[:, :cut], second[:, cut:]))
            return _drawn(mixed), {text, other}
    return _drawn(modules), {text}


_KINDS = (_noise, _paper, _other_code, _damaged, _noise, _paper, _other_code, _mixed)


@cache
def _codes() -> tuple[tuple[str, np.ndarray], ...]:
    """Codes of versions 2 to 13, levels M, L, Q, and contents; two neighbours share a size."""
    lot, made = np.random.default_rng(7), []
    for number in range(120):
        length = int((number // 2 % 20 + 1) * 30)
        digits = "".join(map(str, lot.integers(0, 10, length)))
        text = (checked("9101" + digits), digits, f"https://example.org/{digits[: length // 2]}")[
            number // 2 % 3
        ]
        code = segno.make_qr(text, error="MLQH"[number // 40], boost_error=False)
        made.append((text, np.array(code.matrix, bool)))
    return tuple(made)


def _some_code(lot: Lot) -> tuple[str, np.ndarray]:
    text, modules = _codes()[int(lot.integers(len(_codes())))]
    return text, modules.copy()


def _drawn(modules: np.ndarray) -> Grey:
    ink = np.where(np.pad(modules, 3), 20, 235).astype(np.uint8)
    return _framed(ink, _SIDE)


def _framed(picture: np.ndarray, side: int | None = None) -> Grey:
    frame = np.full((_SIDE, _SIDE), 200, np.uint8)
    if side is not None:
        picture = cv2.resize(picture, (side, side), interpolation=cv2.INTER_NEAREST)
    high, wide = picture.shape
    top, left = (_SIDE - high) // 2, (_SIDE - wide) // 2
    frame[top : top + high, left : left + wide] = picture
    return frame


def _seen(picture: Grey, lot: Lot) -> Grey:
    """As a camera gives it: turned, a little soft, a little noisy."""
    turn = cv2.getRotationMatrix2D(
        (_SIDE / 2, _SIDE / 2), lot.uniform(-25, 25), lot.uniform(0.75, 1)
    )
    seen = cv2.warpAffine(picture, turn, (_SIDE, _SIDE), borderValue=128)
    seen = cv2.GaussianBlur(seen, (0, 0), lot.uniform(0.4, 1.2))
    grain = lot.normal(0, lot.uniform(1, 9), seen.shape)
    return np.clip(seen + grain, 0, 255).astype(np.uint8)
