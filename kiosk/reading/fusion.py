"""Reads from several frames together what no frame of them shows well enough.

The frames of one code are added up (`burst`). After each one a few steps look at the sums, going on
where they stopped at the frame before, so that every step has its turn within half a second.

What each look brings, in their order: how often it was the one that read, of how often it was
taken, on 60 clips of which nearly no frame is read alone; and processor time.

    sum of the sharpest, own sampling, sharp                 24 of 136   29 ms
    mean, zxing-cpp, sharp                                    1 of 112    3 ms
    sum of the sharpest, zxing-cpp, sharp                     1 of 111    3 ms
    mean, own sampling of finer modules, refocused           10 of 101   28 ms
    sum of the sharpest, zxing-cpp                            4 of  91    1 ms
    mean, own sampling, refocused                             4 of  77   23 ms
    sum of the sharpest, own sampling                         8 of  66   22 ms
    mean, own sampling, sharp                                 5 of  49   22 ms

Taken out, because neither was ever the one: the mean refocused for zxing-cpp (0 of 73), and the sum
of the sharpest refocused for sampling (0 of 43).
"""

from dataclasses import dataclass
from math import dist

import numpy as np

from kiosk.reading.allowance import Allowance
from kiosk.reading.burst import Burst
from kiosk.reading.engines import Code, Corners, Grey, Sight, ZXing, corners_of
from kiosk.reading.grid import Sampling
from kiosk.reading.ladder import Reader
from kiosk.reading.steps import Step, Workbench
from kiosk.reading.views import Tone

_FROM = 3
"""Frames that are added up before the sum is read."""
_FORGET_SECONDS = 1.0
"""A code neither located nor followed for so long was taken away."""
_MOST = 2
"""Places that are followed at a time: one of them may turn out to be writing."""
_NEAR = 0.4
"""Of a place's diagonal: another one so near is the same."""
_MOST_LOST = 4
"""Frames in a row that show something else, before it is another code."""


_SHARP, _MEAN = "sharp", "mean"


@dataclass(frozen=True, slots=True)
class _Look:
    """One try on one of the two sums."""

    of: str
    step: Step


_LOOKS = (
    _Look(_SHARP, Step(Sampling.name, 5, Tone.SHARP, 0.035)),
    _Look(_MEAN, Step(ZXing.name, 5, Tone.SHARP)),
    _Look(_SHARP, Step(ZXing.name, 5, Tone.SHARP)),
    _Look(_MEAN, Step(Sampling.name, 6.2, Tone.REFOCUSED, 0.035)),
    _Look(_SHARP, Step(ZXing.name, 5)),
    _Look(_MEAN, Step(Sampling.name, 5, Tone.REFOCUSED, 0.035)),
    _Look(_SHARP, Step(Sampling.name, 5, seconds=0.035)),
    _Look(_MEAN, Step(Sampling.name, 5, Tone.SHARP, 0.035)),
)


class _Followed:
    """One place that may be a code, followed from frame to frame."""

    def __init__(self, grey: Grey, place: Corners, at: float) -> None:
        self.burst = Burst(grey, place)
        self.seen_at = at
        self.lost = self.looks = 0

    def is_at(self, place: Corners) -> bool:
        (here,) = self.burst.in_frame([np.mean(self.burst.place, axis=0)])
        return dist(np.mean(place, axis=0), here) < _NEAR * dist(place[0], place[2])

    def add(self, grey: Grey, located: tuple[Corners, ...], at: float) -> bool:
        added = self.burst.add(grey, next(filter(self.is_at, located), None))
        self.seen_at = at if added else self.seen_at
        self.lost = 0 if added else self.lost + 1
        return added and self.burst.count >= _FROM

    def is_gone(self, at: float) -> bool:
        return self.lost >= _MOST_LOST or at - self.seen_at > _FORGET_SECONDS


class Fusion:
    """What successive unread frames show together. One a thread."""

    name = "fusion"

    def __init__(self, reader: Reader) -> None:
        """`reader`: decides which texts count."""
        self._reader = reader
        self._bench = Workbench()
        self._followed: list[_Followed] = []

    @property
    def is_following(self) -> bool:
        """Whether frames are being added up, so that time must be left for it."""
        return bool(self._followed)

    def forget(self) -> None:
        """Begin anew with the next frame."""
        self._followed.clear()

    def read(
        self, grey: Grey, located: tuple[Corners, ...], at: float, seconds: float
    ) -> tuple[Code, ...]:
        """The code that this frame and those before it show together; empty when none.

        `located`: where codes were seen in it and not read. `at`: monotonic seconds.
        `seconds`: processor time that may be spent.
        """
        left = Allowance(seconds)
        self._followed = [each for each in self._followed if not each.is_gone(at)]
        ready = [each for each in self._followed if each.add(grey, located, at)]
        for place in located:
            if len(self._followed) < _MOST and not any(e.is_at(place) for e in self._followed):
                self._followed.append(_Followed(grey, place, at))
        for each in sorted(ready, key=lambda each: each.looks):
            codes = self._looked(each, left)
            if codes:
                return codes
        return ()

    def _looked(self, followed: _Followed, left: Allowance) -> tuple[Code, ...]:
        """Some looks at the sums; each has its turn, frame after frame."""
        burst = followed.burst
        sums = {_SHARP: burst.sharp, _MEAN: burst.mean}
        for _ in _LOOKS:
            look = _LOOKS[followed.looks % len(_LOOKS)]
            if not left.has(self._bench.cost(look.step)):
                break
            followed.looks += 1
            picture = sums[look.of]
            sight = self._bench.take(look.step, picture, burst.place, left)
            sight = self._reader.agreed(picture, sight, look.step.engine, left)
            if sight.codes:
                return _in_frame(burst, sight)
        return ()


def _in_frame(burst: Burst, sight: Sight) -> tuple[Code, ...]:
    return tuple(Code(c.text, corners_of(burst.in_frame(c.corners))) for c in sight.codes)
