"""Numbers that were met before: exact, and eight bytes each where a set of text takes a hundred."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_SEVENTEEN = 10**17
_LONGEST = 2**20
"""Numbers of a run: while runs are merged they take their room twice."""
_Numbers = npt.NDArray[np.uint64]


class SeenNumbers:
    """The filing numbers of a file so far, as sorted runs; short ones are merged."""

    def __init__(self) -> None:
        self._runs: list[_Numbers] = []

    def repeated(self, numbers: Sequence[str]) -> list[bool]:
        """Which of these were met before, or earlier among these; all are known from now on."""
        asked = np.array([_as_int(number) for number in numbers], dtype=np.uint64)
        order = np.argsort(asked, kind="stable")
        ordered = asked[order]
        before = np.zeros(len(asked), dtype=bool)
        before[1:] = ordered[1:] == ordered[:-1]
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, ordered), len(run) - 1)
            before |= run[places] == ordered
        self._keep(ordered[~before])
        found = np.empty(len(asked), dtype=bool)
        found[order] = before
        return found.tolist()

    def _keep(self, fresh: _Numbers) -> None:
        if not len(fresh):
            return
        self._runs.append(fresh)
        while len(self._runs) > 1 and _belong_together(*self._runs[-2:]):
            newest = self._runs.pop()
            merged = np.concatenate([self._runs.pop(), newest])
            merged.sort()
            self._runs.append(merged)


def _belong_together(older: _Numbers, newest: _Numbers) -> bool:
    return len(older) <= min(2 * len(newest), _LONGEST - len(newest))


def _as_int(number: str) -> int:
    """Sixteen digits and seventeen with a zero before them stay apart."""
    return int(number) + (_SEVENTEEN * 10 if len(number) > 16 else 0)
