"""Keys on disk: one folder for each who holds keys, every secret readable by its owner only.

``root/`` belongs in a safe once the key set is signed; ``issuer/`` goes to the portal's host and
``registry/`` to the verifier's. Both of these carry the key set with the root key it is pinned to.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from shared.keys import (
    CheckpointKey,
    InvalidKeys,
    KeySet,
    SealingKey,
    SigningKey,
    read_key_set,
    sign_key_set,
)

ROOT_FOLDER, ISSUER_FOLDER, REGISTRY_FOLDER = "root", "issuer", "registry"
ROOT_PUBLIC, KEY_SET = "root.pub.pem", "keyset.json"
LOOKUP, COOKIE, CONSOLE = "lookup.key", "cookie.key", "console.key"
PUSH = "push.key"
"""In the registry's folder where the application system pushes filings; people make it."""
KEY_SET_LIVES = timedelta(days=395)
"""A key is used for twelve months; thirty days more verify the last sheets."""
PrivateKey = Ed25519PrivateKey | X25519PrivateKey


@dataclass(frozen=True, slots=True)
class Pinned:
    """A key set as it travels, with the key that signed it. Both are public."""

    root: str
    """PEM."""
    key_set: str
    """The signed document."""

    def read(self, now: datetime, oldest_version: int = 1) -> KeySet:
        """The key set, checked against its root. Raises InvalidKeys."""
        root = _loaded(self.root.encode(), Path(ROOT_PUBLIC))
        if not isinstance(root, Ed25519PublicKey):
            raise InvalidKeys(f"{ROOT_PUBLIC}: not an Ed25519 public key")
        return read_key_set(self.key_set.encode(), root, now, oldest_version)


def make_keys(folder: Path, now: datetime, key_id: int = 1) -> KeySet:
    """Make every key of a new installation. Raises InvalidKeys when there are keys already."""
    if folder.exists() and any(folder.iterdir()):
        raise InvalidKeys(f"{folder}: there are keys already")
    root, signing = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    sealing = X25519PrivateKey.generate()
    key_set = KeySet(
        {key_id: signing.public_key()}, {key_id: sealing.public_key()}, 1, now + KEY_SET_LIVES
    )
    public = root.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    known_to_both = {
        ROOT_PUBLIC: public,
        KEY_SET: sign_key_set(key_set, root),
        LOOKUP: secrets.token_hex(32).encode(),
    }
    _fill(folder / ROOT_FOLDER, {"root.pem": pem_of(root)})
    _fill(folder / ISSUER_FOLDER, known_to_both | {file_of("signing", key_id): pem_of(signing)})
    _fill(folder / REGISTRY_FOLDER, known_to_both | {file_of("sealing", key_id): pem_of(sealing)})
    complete_registry_keys(folder / REGISTRY_FOLDER)
    return key_set


def complete_registry_keys(folder: Path) -> bool:
    """Make what the registry signs its journal and encrypts second factors with, if it lacks it.

    Tells whether anything was made. The public half may go to whoever checks the journal.
    """
    checkpoint = Ed25519PrivateKey.generate()
    wanted = {CONSOLE: secrets.token_hex(32).encode()}
    if not any(folder.glob("checkpoint-*.pem")):
        public = checkpoint.public_key()
        wanted[file_of("checkpoint", 1)] = pem_of(checkpoint)
        wanted["checkpoint-001.pub.pem"] = public.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
    missing = {name: content for name, content in wanted.items() if not (folder / name).exists()}
    write_secrets(folder, missing)
    return bool(missing)


def read_pinned(folder: Path) -> Pinned:
    """The key set of a folder as it travels, not checked yet. Raises InvalidKeys."""
    return Pinned(_text_in(folder / ROOT_PUBLIC), _text_in(folder / KEY_SET))


def read_pinned_key_set(folder: Path, now: datetime) -> KeySet:
    """The key set of a folder, checked against its root key. Raises InvalidKeys."""
    root = _load(folder / ROOT_PUBLIC)
    if not isinstance(root, Ed25519PublicKey):
        raise InvalidKeys(f"{folder / ROOT_PUBLIC}: not an Ed25519 public key")
    return read_key_set(_read(folder / KEY_SET), root, now)


def read_signing_key(folder: Path) -> SigningKey:
    """The newest signing key of a folder. Raises InvalidKeys."""
    path = max(folder.glob("signing-*.pem"), default=folder / file_of("signing", 1))
    return SigningKey(_id_of(path), read_ed25519(path))


def read_sealing_keys(folder: Path) -> tuple[SealingKey, ...]:
    """Every sealing key that still exists, old ones too. Raises InvalidKeys."""
    keys = []
    for path in sorted(folder.glob("sealing-*.pem")):
        keys.append(SealingKey(_id_of(path), read_x25519(path)))
    if not keys:
        raise InvalidKeys(f"{folder}: no sealing key")
    return tuple(keys)


def read_checkpoint_key(folder: Path) -> CheckpointKey:
    """The newest key that signs checkpoints. Raises InvalidKeys."""
    newest = max(folder.glob("checkpoint-[0-9][0-9][0-9].pem"), default=None)
    path = newest or folder / file_of("checkpoint", 1)
    return CheckpointKey(_id_of(path), read_ed25519(path))


def read_checkpoint_publics(folder: Path) -> dict[int, Ed25519PublicKey]:
    """Every key, old ones too, that checks a checkpoint, by its id. Raises InvalidKeys."""
    return {
        _id_of(path.with_suffix("")): read_checkpoint_public(path)
        for path in sorted(folder.glob("checkpoint-[0-9][0-9][0-9].pub.pem"))
    }


def read_checkpoint_public(path: Path) -> Ed25519PublicKey:
    """The public half of a checkpoint key. Raises InvalidKeys."""
    key = _load(path)
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidKeys(f"{path}: not an Ed25519 public key")
    return key


def signing_key_in_use(folder: Path, key_set: KeySet, now: datetime) -> SigningKey:
    """The key that new sheets are signed with: published, begun, and here. Raises InvalidKeys."""
    here = {key_id: key_set.signing[key_id] for key_id in ids_in(folder, "signing")
            if key_id in key_set.signing}  # fmt: skip
    key_id = key_set.in_use(here, now)
    if key_id is None:
        raise InvalidKeys(f"{folder}: no signing key of the key set that is in use")
    return SigningKey(key_id, read_ed25519(folder / file_of("signing", key_id)))


def ids_in(folder: Path, what: str) -> list[int]:
    """The ids of the private keys of a kind in a folder."""
    return sorted(_id_of(path) for path in folder.glob(f"{what}-[0-9][0-9][0-9].pem"))


def read_ed25519(path: Path) -> Ed25519PrivateKey:
    """A private key that signs. Raises InvalidKeys."""
    key = _load(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidKeys(f"{path}: not an Ed25519 private key")
    return key


def read_x25519(path: Path) -> X25519PrivateKey:
    """A private key that opens. Raises InvalidKeys."""
    key = _load(path)
    if not isinstance(key, X25519PrivateKey):
        raise InvalidKeys(f"{path}: not an X25519 private key")
    return key


def file_of(what: str, key_id: int) -> str:
    """The name of a private key's file."""
    return f"{what}-{key_id:03d}.pem"


def _id_of(path: Path) -> int:
    found = re.fullmatch(r"[a-z]+-([0-9]{3})", path.stem)
    if found is None or not 1 <= int(found[1]) <= 255:
        raise InvalidKeys(f"{path}: the name ends in a key id from 001 to 255")
    return int(found[1])


def pem_of(key: PrivateKey) -> bytes:
    """A private key as it is stored."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create a folder of files that only their owner can read, with a cookie key of its own."""
    folder.mkdir(mode=0o700, parents=True)
    write_secrets(folder, {**files, COOKIE: secrets.token_hex(32).encode()})


def write_secrets(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create files that only their owner can read; one that is there is an error (OSError)."""
    for name, content in files.items():
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)


def _load(path: Path) -> object:
    return _loaded(_read(path), path)


def _text_in(path: Path) -> str:
    return _read(path).decode("utf-8", "replace")


def _loaded(pem: bytes, path: Path) -> object:
    try:
        return load_pem_public_key(pem) if b"PUBLIC" in pem else load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidKeys(f"{path}: not a key in PEM without a passphrase") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidKeys(f"{path}: {error.strerror}") from error
