"""A watched folder: a picture or PDF dropped there is shown to the reader once.

For scanners that write files, and for the demo. A file is taken when it has stopped growing, and
leaves for `done/` or `rejected/` beside it when the reader is through with it; beside a rejected
one lies a note that says why.
"""

import os
import stat
import time
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from pathlib import Path
from threading import Event

from hardware.pictures import pages
from hardware.scan import Cause, DeviceClosed, DeviceLost, Grey

POLL_SECONDS = 0.25
SETTLE_SECONDS = 0.75
"""Unchanged for so long is complete; scanners write in bursts of a few hundred milliseconds."""
NOTE = ".理由.txt"
"""Appended to the name of a rejected file: what stands in it is for a person."""
_UNFINISHED = (".part", ".tmp", ".crdownload", ".download")


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


class WatchedFolder:
    """Looks into a folder for new files. Makes the folder when it is missing."""

    def __init__(self, folder: Path, settle_seconds: float = SETTLE_SECONDS) -> None:
        self._folder = folder
        self._settle_seconds = settle_seconds
        self._looks: dict[Path, _Look] = {}
        self._given: set[Path] = set()
        self._stop = Event()
        for outcome in Outcome:
            (folder / outcome).mkdir(parents=True, exist_ok=True)

    def read(self, timeout: float) -> Dropped | None:
        """The next complete file, oldest first, or None after `timeout` seconds.

        A file is given once; hand it back to `finish`. Raises DeviceLost when the folder is gone,
        DeviceClosed after `close`.
        """
        if self._stop.is_set():
            raise DeviceClosed("the folder is closed")
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

        Gives its new path, None when somebody took the file away meanwhile.
        """
        target = _move(dropped.path, self._folder / outcome)
        if target is not None and why:
            target.with_name(f"{target.name}{NOTE}").write_text(f"{why}\n", "utf-8")
        self._given.discard(dropped.path)
        self._looks.pop(dropped.path, None)
        return target

    def close(self) -> None:
        """Stop looking; a `read` that waits returns. Twice is fine."""
        self._stop.set()

    def _settled(self, now: float) -> Path | None:
        found = self._found(now)
        self._looks = found
        self._given &= found.keys()
        ready = [
            (look.changed, path)
            for path, look in found.items()
            if path not in self._given and now - look.since >= self._settle_seconds
        ]
        return min(ready)[1] if ready else None

    def _found(self, now: float) -> dict[Path, _Look]:
        try:
            entries = list(os.scandir(self._folder))
        except OSError as error:
            raise DeviceLost("folder: it is gone", Cause.MISSING) from error
        looks = {}
        for entry in entries:
            path = self._folder / entry.name
            if _is_candidate(entry) and (status := _status(path)):
                looks[path] = self._look(path, status, now)
        return looks

    def _look(self, path: Path, status: os.stat_result, now: float) -> _Look:
        before = self._looks.get(path)
        same = before and (before.size, before.changed) == (status.st_size, status.st_mtime_ns)
        since = before.since if before and same else now
        return _Look(status.st_size, status.st_mtime_ns, since)


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


def _move(source: Path, folder: Path) -> Path | None:
    target = _unused_name(source, folder)
    try:
        return source.replace(target)
    except FileNotFoundError:
        target.unlink()
        return None


def _unused_name(source: Path, folder: Path) -> Path:
    """A path held by an empty file, so that no older file is ever replaced."""
    folder.mkdir(exist_ok=True)
    for number in count(1):
        name = source.name if number == 1 else f"{source.stem}-{number}{source.suffix}"
        with suppress(FileExistsError):
            (folder / name).touch(exist_ok=False)
            return folder / name
    raise AssertionError("count() ended")
