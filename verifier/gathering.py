"""Where the workers of `verifier serve` count together: whichever is asked tells all their counts.

prometheus_client keeps small files for each process, which outlive it, and adds them up. It chooses
to do so when it is imported: nothing that measures may be imported before.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

KEPT_IN = "PROMETHEUS_MULTIPROC_DIR"
"""The variable in which prometheus_client looks for the folder."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there has a name of its own
"""Not on a disk: a full one kills (SIGBUS) whoever writes into a file that is mapped."""
_OURS = "uketori-measures-"


@contextmanager
def gathering() -> Iterator[None]:
    """Let the processes that are forked in this block count in one folder, removed in the end."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    _clear(place)
    folder, held = _made(place)
    process = os.getpid()
    os.environ[KEPT_IN] = str(folder)
    try:
        yield
    finally:
        if os.getpid() == process:  # a worker that was forked meanwhile ends here too
            del os.environ[KEPT_IN]
            shutil.rmtree(folder)
            os.close(held)


def _made(place: Path) -> tuple[Path, int]:
    """A folder that is locked while this process or one of its workers lives, and its lock.

    It gets the name that others clear away only once it is locked.
    """
    new = Path(tempfile.mkdtemp(prefix="uketori-new-", dir=place))
    held = _locked(new)
    return new.rename(place / new.name.replace("uketori-new-", _OURS)), held


def _clear(place: Path) -> None:
    """Remove what a killed process left behind."""
    for left in place.glob(f"{_OURS}*"):
        # Somebody's who lives, or just being cleared away by another process that starts.
        with suppress(BlockingIOError, FileNotFoundError):
            if left.lstat().st_uid == os.getuid():
                held = _locked(left)
                shutil.rmtree(left)
                os.close(held)


def _locked(folder: Path) -> int:
    """Raises BlockingIOError when a living process has it."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise
    return held
