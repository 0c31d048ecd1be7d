"""Why a device file cannot be used, and which program has it: what its silence does not tell."""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hardware.scan import Cause, DeviceLost

_PROCESSES = Path("/proc")
_CAUSES = {
    errno.EACCES: Cause.DENIED,
    errno.EPERM: Cause.DENIED,
    errno.EBUSY: Cause.HELD,
    errno.EAGAIN: Cause.HELD,  # pyserial's lock
    errno.ENOTTY: Cause.UNFIT,
    errno.EINVAL: Cause.UNFIT,
    errno.EISDIR: Cause.UNFIT,
    errno.ENOENT: Cause.MISSING,
    errno.ENODEV: Cause.MISSING,
    errno.ENXIO: Cause.MISSING,
    errno.ENOTDIR: Cause.MISSING,
    errno.ECONNREFUSED: Cause.MISSING,
}
_WORDS = {
    Cause.MISSING: "not found",
    Cause.HELD: "another program has it",
    Cause.DENIED: "this user may not open it",
    Cause.UNFIT: "what stands there is something else",
    Cause.SILENT: "it does not start",
}


def lost_by(name: str, path: str, error: OSError) -> DeviceLost:
    """The loss that an error of the operating system means."""
    return lost(name, path, _CAUSES.get(error.errno or 0, Cause.SILENT))


def lost(name: str, path: str, cause: Cause) -> DeviceLost:
    """A loss of a known cause; names the program that has the device, when it can be seen."""
    holder = holder_of(path) if cause is Cause.HELD else ""
    return DeviceLost(f"{name}: {_WORDS[cause]}", cause, holder)


def holder_of(path: str) -> str:
    """The name of another program that has this file open; empty when none can be seen.

    Only processes of this user show their files, unless root asks.
    """
    target = os.path.realpath(path)
    for process in _other_processes():
        with suppress(OSError):  # it ended meanwhile, or belongs to somebody else
            if _has_open(process, target):
                return (process / "comm").read_text("utf-8").strip()
    return ""


def _other_processes() -> Iterator[Path]:
    with suppress(OSError):
        yield from (
            process
            for process in _PROCESSES.iterdir()
            if process.name.isdecimal() and int(process.name) != os.getpid()
        )


def _has_open(process: Path, target: str) -> bool:
    return any(str(handle.readlink()) == target for handle in (process / "fd").iterdir())
