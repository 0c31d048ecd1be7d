"""Files that only their owner reads, and that a power cut leaves old or new, never half."""

import os
from pathlib import Path


def keep(path: Path, content: bytes) -> None:
    """Replace a file. Raises OSError."""
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _note_folder(path.parent)


def forget(path: Path) -> None:
    """Remove a file that may be there. Raises OSError."""
    path.unlink(missing_ok=True)
    _note_folder(path.parent)


def _note_folder(folder: Path) -> None:
    """Without this the name may still mean the old file after a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
