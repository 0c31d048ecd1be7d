"""The life of a key pair: created, published, in use, retired, destroyed; one id for both halves.

The signing half goes to the portal, the sealing half stays with the registry. Each step leaves the
folders usable: what a process has read goes on until it is started again.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared.key_files import (
    ISSUER_FOLDER,
    KEY_SET,
    KEY_SET_LIVES,
    ROOT_FOLDER,
    file_of,
    ids_in,
    pem_of,
    read_ed25519,
    read_pinned_key_set,
    read_x25519,
    write_secrets,
)
from shared.keys import KeySet, TestKeys, sign_key_set

PUBLISHED_BEFORE_USE = timedelta(days=30)
"""Every window has read the new set by then."""
KEPT_AFTERWARDS = timedelta(days=30)
"""How long a key verifies beyond the validity of the last sheets made with it."""


class KeyState(StrEnum):
    """Where a pair stands."""

    CREATED = "created"
    PUBLISHED = "published"
    IN_USE = "in use"
    VERIFIES = "verifies"
    RETIRED = "retired"


class NotRotated(ValueError):
    """The step is not to be taken now; nothing was changed, and the message says what to do."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where keys lie: the registry's folder, and beside it those of the portal and the root."""

    registry: Path

    @property
    def issuer(self) -> Path:
        """The portal's; on the registry's own machine only while keys are made."""
        return self.registry.parent / ISSUER_FOLDER

    @property
    def root(self) -> Path:
        """Out of the safe for as long as a key set is signed."""
        return self.registry.parent / ROOT_FOLDER


@dataclass(frozen=True, slots=True)
class KeyPair:
    """One pair as `list` tells it."""

    key_id: int
    state: KeyState
    starts: datetime | None
    """None: with the installation."""
    opens: bool
    """Its sealing half is still there: what it sealed can be opened."""

    @property
    def is_test(self) -> bool:
        """Sheets made with it are for practice."""
        return TestKeys.is_test(self.key_id)


def pairs(folders: Folders, key_set: KeySet, now: datetime) -> list[KeyPair]:
    """Every pair of which there is anything left."""
    sealing = set(ids_in(folders.registry, "sealing"))
    ids = sorted({*key_set.signing, *sealing, *ids_in(folders.issuer, "signing")})
    return [
        KeyPair(id_, _state(id_, key_set, now), key_set.starts.get(id_), id_ in sealing)
        for id_ in ids
    ]


def create(folders: Folders, key_set: KeySet, kind: TestKeys) -> int:
    """Make the next pair; nothing uses it yet. `kind` ACCEPTED makes one for practice."""
    there = {*key_set.signing, *ids_in(folders.registry, "sealing")}
    first = 0x80 if kind is TestKeys.ACCEPTED else 1
    last = first + 0x7F if first > 1 else 0x7F
    key_id = max((id_ + 1 for id_ in there if first <= id_ <= last), default=first)
    if key_id > last:
        raise NotRotated("there is no key id left: a new installation is needed")
    folders.issuer.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secrets(
        folders.issuer, {file_of("signing", key_id): pem_of(Ed25519PrivateKey.generate())}
    )
    write_secrets(
        folders.registry, {file_of("sealing", key_id): pem_of(X25519PrivateKey.generate())}
    )
    return key_id


def publish(folders: Folders, key_id: int, starts: datetime, now: datetime) -> KeySet:
    """Sign a key set with this pair in it, to be used from a moment on. Raises InvalidKeys."""
    old = read_pinned_key_set(folders.registry, now - KEY_SET_LIVES)
    if key_id in old.signing:
        raise NotRotated(f"key {key_id} is published already")
    if key_id < max((id_ for id_ in old.signing if _alike(id_, key_id)), default=0):
        raise NotRotated(f"key {key_id} is older than the published ones: it was retired")
    signing = read_ed25519(folders.issuer / file_of("signing", key_id))
    sealing = read_x25519(folders.registry / file_of("sealing", key_id))
    new = replace(
        old,
        signing={**old.signing, key_id: signing.public_key()},
        sealing={**old.sealing, key_id: sealing.public_key()},
        starts={**old.starts, key_id: starts},
    )
    return _signed_anew(folders, new, now)


def retire(folders: Folders, key_id: int, longest_valid: timedelta, now: datetime) -> KeySet:
    """Sign a key set without this pair: sheets made with it are refused from then on.

    Raises NotRotated while such sheets may be about.
    """
    old = read_pinned_key_set(folders.registry, now - KEY_SET_LIVES)
    ends = _last_use(old, key_id) + longest_valid + KEPT_AFTERWARDS
    if now < ends:
        raise NotRotated(f"sheets made with key {key_id} may be shown until {ends:%Y-%m-%d}")
    return _signed_anew(folders, _without(old, key_id), now)


def revoke(folders: Folders, key_id: int, now: datetime) -> KeySet:
    """The same at once, for a stolen key: its successor is in use from now on."""
    old = read_pinned_key_set(folders.registry, now - KEY_SET_LIVES)
    left = _without(old, key_id)
    if not any(_alike(id_, key_id) and start_of(left, id_) <= now for id_ in left.signing):
        successor = min(id_ for id_ in left.signing if _alike(id_, key_id))
        left = replace(left, starts={**left.starts, successor: now})
    return _signed_anew(folders, left, now)


def destroy(folders: Folders, key_id: int, now: datetime) -> list[Path]:
    """Overwrite and remove both private halves: what this key sealed stays shut for good.

    Only for a retired pair, or one that was never published. Raises NotRotated.
    """
    key_set = read_pinned_key_set(folders.registry, now - KEY_SET_LIVES)
    if key_id in key_set.signing:
        raise NotRotated(f"key {key_id} is in the key set: retire it first")
    files = [
        folder / file_of(what, key_id)
        for folder, what in ((folders.registry, "sealing"), (folders.issuer, "signing"))
    ]
    there = [file for file in files if file.exists()]
    if not there:
        raise NotRotated(f"there is no key {key_id}")
    for file in there:
        _shred(file)
    return there


def start_of(key_set: KeySet, key_id: int) -> datetime:
    """Since when a published key is used; the beginning of time for the first one."""
    return key_set.starts.get(key_id, _BEGINNING)


_BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _state(key_id: int, key_set: KeySet, now: datetime) -> KeyState:
    if key_id not in key_set.signing:
        newer = any(_alike(id_, key_id) and id_ > key_id for id_ in key_set.signing)
        return KeyState.RETIRED if newer else KeyState.CREATED
    if start_of(key_set, key_id) > now:
        return KeyState.PUBLISHED
    alike = (id_ for id_ in key_set.signing if _alike(id_, key_id))
    newest = max(id_ for id_ in alike if start_of(key_set, id_) <= now)
    return KeyState.IN_USE if key_id == newest else KeyState.VERIFIES


def _last_use(key_set: KeySet, key_id: int) -> datetime:
    """When its successor took over."""
    if key_id not in key_set.signing:
        raise NotRotated(f"key {key_id} is not in the key set")
    newer = [id_ for id_ in key_set.signing if _alike(id_, key_id) and id_ > key_id]
    if not newer:
        raise NotRotated(f"key {key_id} has no successor: create and publish one first")
    return min(start_of(key_set, id_) for id_ in newer)


def _without(key_set: KeySet, key_id: int) -> KeySet:
    _last_use(key_set, key_id)
    return replace(
        key_set,
        signing={id_: key for id_, key in key_set.signing.items() if id_ != key_id},
        sealing={id_: key for id_, key in key_set.sealing.items() if id_ != key_id},
        starts={id_: at for id_, at in key_set.starts.items() if id_ != key_id},
    )


def _alike(one: int, other: int) -> bool:
    """Practice keys follow one another, and the others likewise."""
    return TestKeys.is_test(one) == TestKeys.is_test(other)


def _signed_anew(folders: Folders, key_set: KeySet, now: datetime) -> KeySet:
    new = replace(key_set, version=key_set.version + 1, expires_at=now + KEY_SET_LIVES)
    root = read_ed25519(folders.root / "root.pem")
    document = sign_key_set(new, root)
    for folder in _holders(folders):
        _replace(folder / KEY_SET, document)
    read_pinned_key_set(folders.registry, now)
    return new


def _holders(folders: Folders) -> Iterable[Path]:
    return [folder for folder in (folders.registry, folders.issuer) if folder.exists()]


def _replace(path: Path, content: bytes) -> None:
    """The old file or the new one, whatever happens."""
    part = path.with_name(f"{path.name}.new")
    part.unlink(missing_ok=True)
    write_secrets(path.parent, {part.name: content})
    part.replace(path)


def _shred(path: Path) -> None:
    """Where the disk writes in place, nothing of it is left."""
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
