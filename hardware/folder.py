"""A watched folder: a picture or PDF dropped there is shown to the reader once.

For scanners that write files, and for the demo. A file is taken when it has stopped growing, and
leaves for `done/` or `rejected/` beside it when the reader is through with it, to be removed from
there after some days; beside a rejected one lies a note that says why. A writer may pause: a file
that cannot be opened yet is left until nobody has written for a good while.
"""

import os
import stat
import time
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from threading import Event

from hardware.pictures import pages
from hardware.put_away import A_WEEK, PutAway, put_away
from hardware.scan import Cause, DeviceClosed, DeviceLost, Grey

POLL_SECONDS = 0.25
_UNFINISHED = (".part", ".tmp", ".crdownload", ".download")


@dataclass(frozen=True, slots=True)
class Rests:
    """Seconds without a change after which a file is taken."""

    usual: float = 0.75
    """Scanners write in bursts of a few hundred milliseconds."""
    doubted: float = 10.0
    """Of a file that could not be opened: a slow network or the next page makes a writer pause."""
    empty: float = 60.0
    """Scanners lay down the name first and write when the page has been drawn in."""


ORDINARY = Rests()


class Outcome(StrEnum):
    """Where a file goes; also the name of the folder."""

    DONE = "done"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Dropped:
    """One file that somebody dropped."""

    path: Path
    at: float
    """Monotonic seconds at which it was taken."""
    stop: Event = field(default_factory=Event, repr=False)
    """Set when nobody waits for its pages any more."""

    def pages(self) -> Generator[Grey, None, None]:
        """Its pages in grey. Raises hardware.pictures.UnreadablePicture."""
        return pages(self.path, stop=self.stop)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a file looked like, and since when it has not changed."""

    size: int
    changed: int
    since: float

    def is_of(self, status: os.stat_result) -> bool:
        """Whether the file still looks like that."""
        return (self.size, self.changed) == (status.st_size, status.st_mtime_ns)


class WatchedFolder:
    """Looks into a folder for new files. Makes the folder when it is not there at the start."""

    def __init__(self, folder: Path, rests: Rests = ORDINARY, keep: timedelta = A_WEEK) -> None:
        """`keep`: how long a file that was put away stays."""
        self._folder = folder
        self._put_away = PutAway((folder / outcome for outcome in Outcome), keep)
        self._rests = rests
        self._looks: dict[Path, _Look] = {}
        self._doubted: dict[Path, _Look] = {}
        self._given: set[Path] = set()
        self._stop = Event()
        self._was_there = False
        with suppress(DeviceLost):  # the first `read` says so
            self.require()

    def require(self) -> None:
        """Raise DeviceLost when the folder is gone, or when no file could be put away from it.

        Who cannot put a sheet away would show it again and again.
        """
        try:
            if not self._was_there:
                for outcome in Outcome:
                    (self._folder / outcome).mkdir(parents=True, exist_ok=True)
                self._was_there = True
            self._folder.stat()
            folders = [self._folder, *(self._folder / outcome for outcome in Outcome)]
            closed = [each for each in folders if each.exists() and not _is_writable(each)]
        except OSError as error:
            raise _lost(error) from error
        if closed:
            raise DeviceLost("folder: nothing can be written there", Cause.UNWRITABLE)

    def read(self, timeout: float) -> Dropped | None:
        """The next complete file, oldest first, or None after `timeout` seconds.

        A file is given once; hand it back to `finish`, or to `doubt` when it cannot be opened.
        Raises DeviceLost as `require` does, DeviceClosed after `close`.
        """
        if self._stop.is_set():
            raise DeviceClosed("the folder is closed")
        self.require()
        until = time.monotonic() + timeout
        while True:
            now = time.monotonic()
            if settled := self._settled(now):
                self._given.add(settled)
                return Dropped(settled, now, self._stop)
            if now >= until or self._stop.wait(min(POLL_SECONDS, until - now)):
                return None

    def finish(self, dropped: Dropped, outcome: Outcome, why: str = "") -> Path | None:
        """Put a file away under its name, with a number when that is taken; `why` beside it.

        Gives its new path, None when somebody took the file away meanwhile. Raises DeviceLost when
        it cannot be put away: then it may be tried again.
        """
        try:
            target = put_away(dropped.path, self._folder / outcome, why)
        except OSError as error:
            raise _lost(error) from error
        for known in (self._looks, self._doubted):
            known.pop(dropped.path, None)
        self._given.discard(dropped.path)
        return target

    def tidy(self) -> None:
        """Remove what was put away long ago; cheap to ask often. Raises DeviceLost."""
        try:
            self._put_away.remove_old()
        except OSError as error:
            raise _lost(error) from error

    def doubt(self, dropped: Dropped) -> bool:
        """Whether a file that cannot be opened may still be written; then it is given again later.

        At once after the next change, and for the last time when it has rested for long.
        """
        look, status = self._looks.get(dropped.path), _status(dropped.path)
        rested = time.monotonic() - look.since if look else 0.0
        if status and look and look.is_of(status) and rested >= self._rests.doubted:
            return False
        if look:
            self._doubted[dropped.path] = look
        self._given.discard(dropped.path)
        return True

    def close(self) -> None:
        """Stop looking; a `read` that waits returns. Twice is fine."""
        self._stop.set()

    def _settled(self, now: float) -> Path | None:
        found = self._found(now)
        self._looks = found
        self._given &= found.keys()
        self._doubted = {path: look for path, look in self._doubted.items() if path in found}
        ready = [
            (look.changed, path)
            for path, look in found.items()
            if path not in self._given and now - look.since >= self._rest(path, look)
        ]
        return min(ready)[1] if ready else None

    def _rest(self, path: Path, look: _Look) -> float:
        if not look.size:
            return self._rests.empty
        return self._rests.doubted if self._doubted.get(path) == look else self._rests.usual

    def _found(self, now: float) -> dict[Path, _Look]:
        looks = {}
        try:
            for entry in os.scandir(self._folder):
                path = self._folder / entry.name
                if _is_candidate(entry) and (status := _status(path)):
                    looks[path] = self._look(path, status, now)
        except OSError as error:
            raise _lost(error) from error
        return looks

    def _look(self, path: Path, status: os.stat_result, now: float) -> _Look:
        before = self._looks.get(path)
        since = before.since if before and before.is_of(status) else now
        return _Look(status.st_size, status.st_mtime_ns, since)


def _is_writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=True)


def _lost(error: OSError) -> DeviceLost:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return DeviceLost("folder: it is gone", Cause.MISSING)
    return DeviceLost("folder: nothing can be written there", Cause.UNWRITABLE)


def _is_candidate(entry: os.DirEntry[str]) -> bool:
    """Whatever is put there is answered, also a text file; hidden and unfinished ones are left."""
    name = entry.name.lower()
    return not name.startswith(".") and not name.endswith(_UNFINISHED)


def _status(path: Path) -> os.stat_result | None:
    """Of a file or link; None for folders and for what was taken away meanwhile."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return None if stat.S_ISDIR(status.st_mode) else status
