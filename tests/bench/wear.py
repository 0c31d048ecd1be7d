"""What happens to a sheet between the printer and the counter. Millimetres; the lot is given."""

from collections.abc import Iterator

import cv2
import numpy as np

from hardware.scan import Grey
from issuer.geometry import Box
from tests.bench.papers import DOTS_PER_MM, Paper

Lot = np.random.Generator
_TABLE_GREY = 96
_FINDER_MODULES = 8
_PART_MM = 120.0
"""From the top: what copiers and creases are worked out for; the code lies well inside."""


def stained(paper: Paper, spots: float, lot: Lot) -> Paper:
    """Dirt and grease: blotches that darken what lies under them."""
    page = paper.page.copy()
    for x, y in _places(paper.symbol, int(spots), lot):
        dark, radius = lot.uniform(0.25, 0.6), lot.uniform(2.0, 5.0)
        _darken(page, x, y, radius * np.array([1.0, lot.uniform(0.5, 1.0)]), dark, -1)
    return paper.with_page(page)


def coffee(paper: Paper, rings: float, lot: Lot) -> Paper:
    """The rim of a cup, and the paler pool in it."""
    page = paper.page.copy()
    for x, y in _places(paper.symbol, int(rings), lot):
        cup = np.array([1.0, 1.0]) * lot.uniform(20, 38)
        _darken(page, x, y, cup, 0.8, -1)
        _darken(page, x, y, cup, lot.uniform(0.25, 0.45), int(lot.uniform(1.5, 3) * DOTS_PER_MM))
    return paper.with_page(page)


def pen_strokes(paper: Paper, strokes: float, lot: Lot) -> Paper:
    """Ball-point and felt-tip lines across the code."""
    page, box = paper.page.copy(), paper.symbol
    for _ in range(int(strokes)):
        one = (box.left + lot.uniform(-4, 4), box.top + lot.uniform(0, box.height))
        two = (box.right + lot.uniform(-4, 4), box.top + lot.uniform(0, box.height))
        if lot.random() < 0.5:
            one, two = ((box.left + y - box.top, box.top + x - box.left) for x, y in (one, two))
        width = int(lot.uniform(0.6, 1.4) * DOTS_PER_MM)
        cv2.line(page, _dots(*one), _dots(*two), int(lot.uniform(20, 70)), width, cv2.LINE_AA)
    return paper.with_page(page)


def thumb(paper: Paper, share: float, lot: Lot) -> Paper:
    """Fingers of whoever holds the sheet, over one side of the code."""
    page, box = paper.page.copy(), paper.symbol
    deep, wide = box.width * share / 0.4, box.width * 0.2
    along = lot.uniform(0.35, 0.65) * box.width
    side = int(lot.integers(0, 3))
    x, y = (
        (box.right, box.top + along),
        (box.left + along, box.bottom),
        (box.left, box.top + along),
    )[side]
    reach = (wide, deep) if side == 1 else (deep, wide)
    axes = tuple(int(v * DOTS_PER_MM) for v in reach)
    cv2.ellipse(page, _dots(x, y), axes, 0, 0, 360, int(lot.uniform(110, 165)), -1, cv2.LINE_AA)
    return paper.with_page(page)


def finder_covered(paper: Paper, finders: float, lot: Lot) -> Paper:
    """A label, a stamp or a blot on finder patterns."""
    page = paper.page.copy()
    for corner in lot.permutation(3)[: int(finders)]:
        left, top, right, bottom = _finder(paper, int(corner))
        page[top:bottom, left:right] = int(lot.choice([40, 150, 255]))
    return paper.with_page(page)


def finder_torn(paper: Paper, modules: float, lot: Lot) -> Paper:
    """A corner of the code torn off, table to be seen; `modules` along either side."""
    page, box = paper.page.copy(), paper.symbol
    reach = modules * paper.module
    corners = (
        (box.left, box.top, 1, 1),
        (box.right, box.top, -1, 1),
        (box.left, box.bottom, 1, -1),
    )
    x, y, right, down = corners[int(lot.integers(0, 3))]
    out = 8.0
    edge = [
        (x - right * out, y - down * out),
        (x + right * (reach * 1.4 + out), y - down * out),
        (x + right * reach * lot.uniform(0.4, 0.7), y + down * reach * lot.uniform(0.4, 0.7)),
        (x - right * out, y + down * (reach * 1.4 + out)),
    ]
    cv2.fillPoly(page, [np.array([_dots(*point) for point in edge])], _TABLE_GREY, cv2.LINE_AA)
    return paper.with_page(page)


def creased(paper: Paper, creases: float, lot: Lot) -> Paper:
    """Crumpled and smoothed out: facets of uneven light, toner broken along the lines."""
    page = paper.page.copy()
    part = page[: int(_PART_MM * DOTS_PER_MM)]
    shade = np.ones(part.shape, np.float32)
    for x, y in _places(paper.symbol, int(creases), lot):
        angle = lot.uniform(0, np.pi)
        across = _distance(part.shape, x, y, angle)
        side = np.where(across > 0, np.float32(1), np.float32(-1))
        shade += np.float32(lot.uniform(0.04, 0.14)) * side * np.exp(-np.abs(across) / 9)
        shade += np.float32(0.5) * np.exp(-((across / np.float32(0.35)) ** 2))
    part[:] = np.clip(np.maximum(part, (shade > 1.3) * np.uint8(170)) * shade, 0, 255)
    return paper.with_page(page)


def photocopied(paper: Paper, generations: float, lot: Lot) -> Paper:
    """Copies of copies: a little softer, harder and dirtier each time."""
    page = paper.page.copy()
    part = page[: int(_PART_MM * DOTS_PER_MM)]
    for _ in range(int(generations)):
        soft = cv2.GaussianBlur(part, (0, 0), 2.4).astype(np.float32)
        grain = cv2.GaussianBlur(lot.standard_normal(part.shape, dtype=np.float32), (0, 0), 1.5)
        level = np.float32(lot.uniform(115, 140))
        part[:] = np.clip((soft + grain * 70 - level) * np.float32(2.6) + 128, 12, 250)
        specks = lot.random((part.shape[0] // 4, part.shape[1] // 4), dtype=np.float32) < 0.0012
        big = cv2.resize(specks.astype(np.uint8), part.shape[::-1], interpolation=cv2.INTER_NEAREST)
        part[big > 0] = 30
    return paper.with_page(page)


def faxed(paper: Paper, lines_per_mm: float, lot: Lot) -> Paper:
    """Through a fax (ITU-T T.4: 8.04 dots, 3.85 or 7.7 lines a millimetre, black or white)."""
    high, wide = paper.page.shape
    size = (int(wide / DOTS_PER_MM * 8.04), int(high / DOTS_PER_MM * lines_per_mm))
    coarse = cv2.resize(paper.page, size, interpolation=cv2.INTER_AREA)
    rough = coarse + lot.standard_normal(coarse.shape, dtype=np.float32) * 18
    black = (rough > lot.uniform(110, 150)).astype(np.uint8) * 225 + 20
    return paper.with_page(
        _as_grey(cv2.resize(black, (wide, high), interpolation=cv2.INTER_LINEAR))
    )


def shrunk(paper: Paper, share: float, lot: Lot) -> Paper:
    """Printed smaller, in the middle of the paper."""
    high, wide = paper.page.shape
    small = cv2.resize(paper.page, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    top, left = int((high - small.shape[0]) * lot.uniform(0, 0.5)), (wide - small.shape[1]) // 2
    page = np.full_like(paper.page, 255)
    page[top : top + small.shape[0], left : left + small.shape[1]] = small
    box = paper.symbol
    symbol = Box(
        left / DOTS_PER_MM + box.left * share, top / DOTS_PER_MM + box.top * share,
        box.width * share, box.height * share,
    )  # fmt: skip
    return Paper(page, paper.text, paper.search_key, paper.module * share, symbol)


def _places(box: Box, count: int, lot: Lot) -> Iterator[tuple[float, float]]:
    for _ in range(count):
        yield (
            box.left + lot.uniform(0.05, 0.95) * box.width,
            box.top + lot.uniform(0.05, 0.95) * box.height,
        )


def _dots(x: float, y: float) -> tuple[int, int]:
    return int(x * DOTS_PER_MM), int(y * DOTS_PER_MM)


def _darken(page: Grey, x: float, y: float, reach: np.ndarray, to: float, line: int) -> None:
    """Multiply an ellipse (or its rim, `line` dots wide) of the page, softly."""
    mask = np.zeros(page.shape, np.uint8)
    axes = tuple(int(v * DOTS_PER_MM) for v in reach)
    cv2.ellipse(mask, _dots(x, y), axes, 20, 0, 360, 255, line)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    soft = cv2.GaussianBlur(mask[part], (0, 0), 4).astype(np.float32) / 255
    page[part] = page[part] * (1 - soft * np.float32(1 - to))


def _finder(paper: Paper, corner: int) -> tuple[int, int, int, int]:
    """The square of a finder pattern in dots: top left, top right, bottom left."""
    side, box = _FINDER_MODULES * paper.module, paper.symbol
    left = box.right - side if corner == 1 else box.left
    top = box.bottom - side if corner == 2 else box.top
    return (*_dots(max(0, left - 2), max(0, top - 2)), *_dots(left + side, top + side))


def _distance(shape: tuple[int, ...], x: float, y: float, angle: float) -> np.ndarray:
    """Millimetres from a straight line, signed."""
    across = np.arange(shape[1], dtype=np.float32) / np.float32(DOTS_PER_MM) - np.float32(x)
    down = np.arange(shape[0], dtype=np.float32)[:, None] / np.float32(DOTS_PER_MM) - np.float32(y)
    return across * np.float32(np.cos(angle)) + down * np.float32(np.sin(angle))


def _as_grey(picture: np.ndarray) -> Grey:
    return np.asarray(picture, np.uint8)
