"""Signed checkpoints of the journal: the registry's word on how long it was and what its head was.

Each covers the one before it. Somebody who can write to the database can write the whole chain
anew, but not these; and a copy outside shows that its end was cut off.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Checkpoint, JournalEntry
from shared.keys import CheckpointKey
from verifier.journal_walk import Break, How
from verifier.registry.journal import GENESIS

EVERY = 100
"""Entries from one checkpoint to the next."""
AFTER = timedelta(minutes=5)
"""At the latest, when there is anything new."""
LONGEST_LINE = 1000
_DOMAIN = b"oss2d/v1/checkpoint\0"
_FIELDS = {"at": str, "head": str, "key": int, "prev": str, "signature": str, "size": int}
Publics = Mapping[int, Ed25519PublicKey]


class InvalidCheckpoints(ValueError):
    """A file is not one of checkpoints, or one of them is not signed by the registry."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a checkpoint says."""

    size: int
    head: str
    at: datetime
    prev: str
    key_id: int

    def encoded(self) -> bytes:
        """What is signed, and what the next checkpoint covers."""
        said = {
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "head": self.head,
            "key": self.key_id,
            "prev": self.prev,
            "size": self.size,
        }
        return _DOMAIN + json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def words_of(stored_: Checkpoint) -> Words:
    """What a stored checkpoint says."""
    return Words(stored_.size, stored_.head, stored_.at, stored_.prev, stored_.key_id)


def digest_of(words: Words) -> str:
    """Under which the next checkpoint names this one."""
    return hashlib.sha256(words.encoded()).hexdigest()


def newest(session: Session) -> Checkpoint | None:
    """The last checkpoint."""
    return session.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))


def stored(session: Session, first: int = 1, last: int | None = None) -> list[Checkpoint]:
    """The registry's checkpoints in their order, of sizes from first to last."""
    every = select(Checkpoint).where(Checkpoint.size >= first)
    if last is not None:
        every = every.where(Checkpoint.size <= last)
    return list(session.scalars(every.order_by(Checkpoint.size)))


def sizes(checkpoints: Iterable[Checkpoint | Words]) -> dict[int, str]:
    """The witnessed hash of an entry by its number."""
    return {checkpoint.size: checkpoint.head for checkpoint in checkpoints}


def sign(session: Session, size: int, key: CheckpointKey, now: datetime) -> Checkpoint:
    """Witness the journal as it was at its entry of that number."""
    before = newest(session)
    prev = GENESIS if before is None else digest_of(words_of(before))
    head = session.scalars(select(JournalEntry.hash).where(JournalEntry.seq == size)).one()
    words = Words(size, head, now, prev, key.key_id)
    signature = base64.b64encode(key.private.sign(words.encoded())).decode()
    row = Checkpoint(
        size=size, head=head, at=now, prev=prev, key_id=key.key_id, signature=signature
    )
    session.add(row)
    session.flush()
    return row


def flaws(checkpoints: Sequence[Checkpoint], publics: Publics) -> Iterator[Break]:
    """Where the registry's own checkpoints are not its own, or lack one."""
    prev = GENESIS
    for checkpoint in checkpoints:
        words = words_of(checkpoint)
        if not _is_signed(words, checkpoint.signature, publics):
            text = "its checkpoint is not signed by this registry: edited or forged"
            yield Break(words.size, How.CHECKPOINT_FORGED, text)
        elif words.prev != prev:
            text = "its checkpoint does not follow the one before it: one was deleted"
            yield Break(words.size, How.CHECKPOINT_MISSING, text)
        prev = digest_of(words)


def line_of(checkpoint: Checkpoint) -> str:
    """A checkpoint as a line of the copy outside."""
    at = checkpoint.at.astimezone(UTC).isoformat(timespec="microseconds")
    values = (at, checkpoint.head, checkpoint.key_id, checkpoint.prev, checkpoint.signature)
    return json.dumps(dict(zip(_FIELDS, (*values, checkpoint.size), strict=True)))


def read_lines(lines: Iterable[str], publics: Publics) -> list[Words]:
    """The checkpoints of a copy, each signed by the registry. Raises InvalidCheckpoints."""
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            words, signature = _parsed(line, number)
            if not _is_signed(words, signature, publics):
                raise InvalidCheckpoints(f"line {number}: not signed by this registry's key")
            found.append(words)
    return found


def copy_out(session: Session, path: Path) -> int:
    """Add to the copy outside what it lacks; how many lines were added. Raises OSError."""
    have = _last_size(path)
    lines = [line_of(checkpoint) for checkpoint in stored(session, have + 1)]
    if lines:
        with path.open("a", encoding="ascii") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
    return len(lines)


def _last_size(path: Path) -> int:
    """The size in the last whole line; 0 for a copy that is not there yet or ends in ruins."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LONGEST_LINE))
        last = (file.read().splitlines() or [b""])[-1]
    try:
        return _parsed(last.decode("ascii", "replace"), 0)[0].size
    except InvalidCheckpoints:
        return 0


def _is_signed(words: Words, signature: str, publics: Publics) -> bool:
    try:
        publics[words.key_id].verify(base64.b64decode(signature, validate=True), words.encoded())
    except (InvalidSignature, KeyError, binascii.Error):
        return False
    return True


def _parsed(line: str, number: int) -> tuple[Words, str]:
    try:
        values = json.loads(line) if len(line) <= LONGEST_LINE else None
    except (ValueError, RecursionError) as error:
        raise InvalidCheckpoints(f"line {number}: not a checkpoint") from error
    if not isinstance(values, dict) or {n: type(v) for n, v in values.items()} != _FIELDS:
        raise InvalidCheckpoints(f"line {number}: not a checkpoint")
    try:
        at = datetime.fromisoformat(values["at"])
    except ValueError as error:
        raise InvalidCheckpoints(f"line {number}: not a checkpoint") from error
    if at.tzinfo is None:
        raise InvalidCheckpoints(f"line {number}: not a checkpoint")
    words = Words(values["size"], values["head"], at, values["prev"], values["key"])
    return words, values["signature"]
