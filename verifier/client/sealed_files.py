"""Files that nobody reads or changes without their key, and that a power cut leaves whole."""

import logging
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from verifier.client import files

_log = logging.getLogger(__name__)
SUFFIX = ".sealed"
_NONCE = 12


class SealedFiles:
    """Named contents in a folder, each encrypted under its own name."""

    def __init__(self, folder: Path, key: bytes) -> None:
        """`folder`: made when it is needed; `key`: 32 bytes."""
        self._folder = folder
        self._cipher = AESGCM(key)

    def has(self, name: str) -> bool:
        """Whether there is such a file, readable or not."""
        return self._path(name).exists()

    def keep(self, name: str, content: bytes) -> None:
        """Replace a content. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        nonce = os.urandom(_NONCE)
        files.keep(self._path(name), nonce + self._cipher.encrypt(nonce, content, name.encode()))

    def read(self, name: str) -> bytes | None:
        """A content; None when it is not there, or was changed by somebody else."""
        try:
            sealed = self._path(name).read_bytes()
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except FileNotFoundError:
            return None
        except (InvalidTag, ValueError):
            _log.error("%s: not written by this window", self._path(name))
            return None

    def put_aside(self, name: str) -> None:
        """What cannot be read is evidence all the same. Raises OSError."""
        if self.has(name) and self.read(name) is None:
            self._path(name).replace(self._path(f"{name}-unreadable"))

    def forget(self, name: str) -> None:
        """Wipe a file, when there is one. Raises OSError."""
        if self.has(name):
            files.forget(self._path(name))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"
