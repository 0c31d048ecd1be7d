"""Files that a watched folder is through with go after some days: names and codes stand in them."""

import logging
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

_log = logging.getLogger(__name__)
_EVERY = 3600.0
"""Seconds between two looks: days are counted here, not minutes."""
A_WEEK = timedelta(days=7)
"""Long enough to look again at what was refused on Friday."""


class PutAway:
    """The files in the folders beside a watched one. One a thread."""

    def __init__(
        self,
        folders: Iterable[Path],
        keep: timedelta = A_WEEK,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`keep`: how long after it was put away a file stays. `clock`: seconds since 1970."""
        self._folders = tuple(folders)
        self._keep = keep.total_seconds()
        self._clock = clock
        self._looked = float("-inf")

    def remove_old(self) -> int:
        """Remove those whose time is over, looking once an hour; how many. Raises OSError."""
        now = self._clock()
        if 0 <= now - self._looked < _EVERY:
            return 0
        self._looked = now
        removed = sum(_removed(path, now - self._keep) for path in self._files())
        if removed:
            _log.info("%d files of the watched folder were put away long ago and removed", removed)
        return removed

    def _files(self) -> Iterable[Path]:
        for folder in self._folders:
            with suppress(FileNotFoundError):
                yield from folder.iterdir()


def _removed(path: Path, before: float) -> bool:
    """By when it came there (ctime): scanners and copies keep the time at which it was written."""
    with suppress(FileNotFoundError):
        status = path.lstat()
        if status.st_ctime < before and not stat.S_ISDIR(status.st_mode):
            path.unlink()
            return True
    return False
