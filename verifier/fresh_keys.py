"""A worker whose keys on disk were exchanged makes room for one that reads them: within seconds.

Replacing the whole process is the surest way that nothing goes on with a retired key: the seals it
checks, the sealed parts it opens, and the key set it hands to the windows.
"""

import logging
import os
import signal
import time
from pathlib import Path
from threading import Thread

from shared.key_files import read_pinned
from shared.keys import InvalidKeys
from shared.settings import InvalidSettings
from verifier.settings import VerifierSettings, read_opener, read_own_keys

_log = logging.getLogger(__name__)
ROUND = 1.0
"""Seconds between two looks at the folder."""

Seen = tuple[tuple[str, int, int], ...]
"""Name, time of the last change in nanoseconds, and size of every file."""


def seen_in(folder: Path) -> Seen:
    """What lies in a folder of keys. Take it before reading them."""
    found = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        state = entry.stat()
        found.append((entry.name, state.st_mtime_ns, state.st_size))
    return tuple(found)


def end_when_exchanged(settings: VerifierSettings, read: Seen) -> None:
    """Watch, in a thread: ends this process in order when its keys are no longer those on disk.

    Keys that cannot be read replace nothing: those in use go on, and the log says so.
    """
    Thread(target=_watch, args=(settings, read), name="keys", daemon=True).start()


def _watch(settings: VerifierSettings, read: Seen) -> None:
    refused: Seen | None = None
    while True:
        time.sleep(ROUND)
        try:
            now = seen_in(settings.keys)
        except OSError as error:
            _log.error("%s: %s: the keys that were read go on", settings.keys, error.strerror)
            continue
        if now in (read, refused):
            continue
        if _can_be_used(settings):
            _log.info("other keys in %s: a new worker reads them", settings.keys)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        refused = now


def _can_be_used(settings: VerifierSettings) -> bool:
    try:
        read_opener(settings)
        read_own_keys(settings.keys)
        read_pinned(settings.keys)
    except (InvalidKeys, InvalidSettings) as error:
        _log.error("the keys on disk are not used: %s", error)
        return False
    return True
