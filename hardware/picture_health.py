"""Whether a camera still sees: a picture that never changes, a picture that is black."""

import numpy as np

from hardware.scan import Cause, Grey

FROZEN_SECONDS = 5.0
BLACK_SECONDS = 3.0
"""A hand over the lens, or an exposure that is finding its level, is over sooner."""
_DARK = 26
"""Grey level that a black picture does not pass: video black is 16, and noise comes on top."""


class PictureHealth:
    """Looks at every picture of one camera, also across its reopening."""

    def __init__(self) -> None:
        self._last: Grey | None = None
        self._same_since = 0.0
        self._black_since: float | None = None

    def fault(self, grey: Grey, at: float) -> Cause | None:
        """FROZEN or BLACK when that has lasted too long, None for a picture that is fine.

        Sensors have noise: a picture equal to the last one was not taken anew, be it plain grey.
        Only a dark one may repeat, because a covered lens is compressed to plain black; it is
        BLACK before it could be FROZEN. `at`: monotonic seconds.
        """
        frozen = self._is_same(grey, at) and at - self._same_since >= FROZEN_SECONDS
        if self._is_black(grey, at):
            return Cause.BLACK
        return Cause.FROZEN if frozen else None

    def _is_same(self, grey: Grey, at: float) -> bool:
        if self._last is not None and np.array_equal(self._last, grey):
            return True
        self._last, self._same_since = grey, at
        return False

    def _is_black(self, grey: Grey, at: float) -> bool:
        # Every eighth pixel each way: a lamp anywhere is larger than that.
        if float(np.percentile(grey[::8, ::8], 99.5)) > _DARK:
            self._black_since = None
            return False
        if self._black_since is None:
            self._black_since = at
        return at - self._black_since >= BLACK_SECONDS
