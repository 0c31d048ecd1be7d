"""Files that a watched folder is through with: beside it, and gone after some days, for names and
codes stand in them."""

import logging
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path

_log = logging.getLogger(__name__)
NOTE = ".理由.txt"
"""Appended to the name of a rejected file: what stands in it is for a person."""
_EVERY = 3600.0
"""Seconds between two looks: days are counted here, not minutes."""
A_WEEK = timedelta(days=7)
"""Long enough to look again at what was refused on Friday."""


def put_away(source: Path, folder: Path, why: str = "") -> Path | None:
    """Move a file into a folder under its name, with a number when that is taken; `why` beside it.

    Gives its new path, None when somebody took the file away meanwhile. Raises OSError.
    """
    target = _unused_name(source, folder)
    try:
        source.replace(target)
    except FileNotFoundError:
        target.unlink()
        return None
    if why:
        target.with_name(f"{target.name}{NOTE}").write_text(f"{why}\n", "utf-8")
    return target


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


def _unused_name(source: Path, folder: Path) -> Path:
    """A path held by an empty file, so that no older file is ever replaced."""
    folder.mkdir(exist_ok=True)
    for number in count(1):
        name = source.name if number == 1 else f"{source.stem}-{number}{source.suffix}"
        with suppress(FileExistsError):
            (folder / name).touch(exist_ok=False)
            return folder / name
    raise AssertionError("count() ended")
