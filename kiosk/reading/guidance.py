"""What to tell the person who holds the sheet: always exactly one line, and a calm one."""

from dataclasses import dataclass
from enum import StrEnum
from math import dist

import numpy as np

from kiosk.reading.choice import chosen, has_ours
from kiosk.reading.engines import Corners, Grey
from kiosk.reading.ladder import Reading
from kiosk.reading.places import module_pixels
from kiosk.reading.views import around

STEADY_SECONDS = 0.7
"""A line stays at least so long: nobody can follow a faster change."""
GIVE_UP_SECONDS = 10.0
"""A code seen and not read for so long is a case for the search key."""
_FORGET_SECONDS = 2.0
"""A code not seen for so long was taken away."""

_EDGE = 0.02
"""Of the picture's height: a code so near to the edge lacks a part."""


class Line(StrEnum):
    """The lines. Values are stable; the words are in `TEXTS`."""

    ALIGN = "align"
    NEARER = "nearer"
    FARTHER = "farther"
    TOO_DARK = "too_dark"
    GLARE = "glare"
    HOLD_STILL = "hold_still"
    TWO_CODES = "two_codes"
    CUT_OFF = "cut_off"
    TYPE_KEY = "type_key"
    CONFIRM_KEY = "confirm_key"


TEXTS = {
    Line.ALIGN: "コードを枠に合わせてください",
    Line.NEARER: "もう少し近づけてください",
    Line.FARTHER: "少し離してください",
    Line.TOO_DARK: "明るさが足りません",
    Line.GLARE: "光が反射しています。紙を傾けてください",
    Line.HOLD_STILL: "動かさずにお待ちください",
    Line.TWO_CODES: "コードが2つ見えます。1枚ずつかざしてください",
    Line.CUT_OFF: "コードが画面からはみ出しています。枠の中に入れてください",
    Line.TYPE_KEY: "読み取れないときは F2 で検索キーを入力してください",
    Line.CONFIRM_KEY: "検索キーを読み取りました。F2 を押して用紙と見比べてください",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a line is said. To be tuned with the counter's own camera and lamp."""

    dark: float = 60.0
    """Mean grey level below which it is too dark."""
    bright: int = 250
    """Grey level from which a pixel is washed out."""
    glare: float = 0.08
    """Share of washed-out pixels from which light is reflected."""
    module: float = 3.0
    """Pixels of a module below which the sheet is too far."""
    fill: float = 0.85
    """Share of the frame's short side above which the code is too near."""


ORDINARY = Thresholds()


class Guidance:
    """Chooses the line for each frame and keeps it from flickering. Times are monotonic seconds."""

    def __init__(self, thresholds: Thresholds = ORDINARY) -> None:
        self._thresholds = thresholds
        self._line = Line.ALIGN
        self._since = float("-inf")
        self._unread_from: float | None = None
        self._unread_last = float("-inf")
        self._has_key = False

    def offer_key(self) -> None:
        """The search key beside the code that cannot be read was read instead."""
        self._has_key = self._unread_from is not None

    def line(self, grey: Grey, reading: Reading, now: float) -> Line:
        """The line to show after this frame."""
        self._watch(reading, now)
        wanted = self._wanted(grey, reading, now)
        if wanted is not self._line and now - self._since >= STEADY_SECONDS:
            self._line, self._since = wanted, now
        return self._line

    def _watch(self, reading: Reading, now: float) -> None:
        """Keep how long a code has been seen without being read."""
        if reading.codes or now - self._unread_last > _FORGET_SECONDS:
            self._unread_from, self._has_key = None, False
        if reading.located and not reading.codes:
            self._unread_last = now
            if self._unread_from is None:
                self._unread_from = now

    def _wanted(self, grey: Grey, reading: Reading, now: float) -> Line:
        if has_ours(reading.codes) and len(chosen(reading.codes)) > 1:
            return Line.TWO_CODES
        if self._has_key:
            return Line.CONFIRM_KEY
        if self._unread_from is not None and now - self._unread_from >= GIVE_UP_SECONDS:
            return Line.TYPE_KEY
        if reading.codes:
            return Line.HOLD_STILL
        if float(np.mean(grey)) < self._thresholds.dark:
            return Line.TOO_DARK
        return self._about(grey, reading.located)

    def _about(self, grey: Grey, located: tuple[Corners, ...]) -> Line:
        """What keeps a code from being read; glare may also hide that there is one."""
        if any(map(self._is_washed_out, _cut_out(grey, located))):
            return Line.GLARE
        if not located:
            return Line.ALIGN
        place = max(located, key=_squareness)
        if max(_sides(place)) > self._thresholds.fill * min(grey.shape):
            return Line.FARTHER
        if _is_cut_off(place, grey):
            return Line.CUT_OFF
        if module_pixels(place) < self._thresholds.module:
            return Line.NEARER
        return Line.HOLD_STILL

    def _is_washed_out(self, grey: Grey) -> bool:
        return float(np.mean(grey >= self._thresholds.bright)) > self._thresholds.glare


def _cut_out(grey: Grey, located: tuple[Corners, ...]) -> list[Grey]:
    return [around(grey, place).grey for place in located] or [grey]


def _sides(place: Corners) -> tuple[float, float]:
    one, two, three, _ = place
    return dist(one, two), dist(two, three)


def _squareness(place: Corners) -> float:
    """Writing that was taken for a code is seldom as high as it is wide."""
    return min(_sides(place)) / max(_sides(place))


def _is_cut_off(place: Corners, grey: Grey) -> bool:
    """Whether a code reaches the edge of the picture."""
    across, down = zip(*place, strict=True)
    high, wide = grey.shape
    edge = _EDGE * high
    beyond = (min(*across, *down) < edge, max(across) > wide - edge, max(down) > high - edge)
    return any(beyond)
