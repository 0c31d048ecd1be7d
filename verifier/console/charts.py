"""Charts as numbers for SVG: bars with their places, an axis, and nothing that needs a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verifier.console.day_counts import Tally

WIDTH, HEIGHT = 560, 220
LEFT, BOTTOM, TOP = 44, 26, 10
ROW = 30
LABEL = 150
OPENS, CLOSES = 9, 17
"""Hours that are always shown, so that a quiet day is not a single bar."""


@dataclass(frozen=True, slots=True)
class HourBar:
    """One hour: refused stands on accepted."""

    hour: int
    tally: Tally
    x: float
    width: float
    accepted_y: float
    accepted_height: float
    refused_y: float
    refused_height: float


@dataclass(frozen=True, slots=True)
class HourChart:
    """A day's bars, and the lines across it."""

    bars: list[HourBar]
    lines: list[tuple[int, float]]
    """(count, y)."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    ground: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class ReasonBar:
    """One reason with its length."""

    code: str
    count: int
    y: int
    length: float


@dataclass(frozen=True, slots=True)
class ReasonChart:
    """Refusals by reason, one under the other."""

    bars: list[ReasonBar]
    height: int
    width: int = WIDTH
    label: int = LABEL


def hour_chart(hours: Sequence[Tally]) -> HourChart:
    """Stacked bars for the opening hours and any other hour in which something happened."""
    busy = [h for h, tally in enumerate(hours) if tally.presented or tally.released]
    first, last = min([OPENS, *busy]), max([CLOSES - 1, *busy])
    top = _round_up(max(tally.presented for tally in hours))
    step = (WIDTH - LEFT) / (last - first + 1)
    scale = (HEIGHT - BOTTOM - TOP) / top
    bars = [
        _bar(h, hours[h], LEFT + (h - first) * step, step, scale) for h in range(first, last + 1)
    ]
    lines = [(n, _up(n * scale)) for n in sorted({0, top // 2, top})]
    return HourChart(bars, lines)


def reason_chart(reasons: Mapping[str, int], most: int) -> ReasonChart:
    """The most frequent reasons, longest first."""
    listed = list(reasons.items())[:most]
    longest = max((count for _, count in listed), default=1)
    room = WIDTH - LABEL - 60
    bars = [
        ReasonBar(code, count, row * ROW, round(count / longest * room, 1))
        for row, (code, count) in enumerate(listed)
    ]
    return ReasonChart(bars, len(bars) * ROW)


def _bar(hour: int, tally: Tally, x: float, step: float, scale: float) -> HourBar:
    accepted, refused = tally.accepted * scale, tally.refused * scale
    return HourBar(
        hour=hour,
        tally=tally,
        x=round(x + step * 0.15, 1),
        width=round(step * 0.7, 1),
        accepted_y=_up(accepted),
        accepted_height=round(accepted, 1),
        refused_y=_up(accepted + refused),
        refused_height=round(refused, 1),
    )


def _up(height: float) -> float:
    return round(HEIGHT - BOTTOM - height, 1)


def _round_up(count: int) -> int:
    """The next even number of one or two digits and zeros: 7 → 8, 43 → 50, 128 → 200."""
    if count <= 10:
        return max(2, count + count % 2)
    power = int("1".ljust(len(str(count)), "0"))
    return -(-count // power) * power
