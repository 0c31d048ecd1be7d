"""A plan on its way: encrypted for one window, signed by the registry, counted and timed.

The key comes from the window's credential, which the registry keeps as a digest only: nobody but
the window opens a plan later. What stands outside the encryption is signed with it.
"""

import base64
import binascii
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import AwareDatetime, TypeAdapter

from shared.keys import CheckpointKey, TestKeys

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a window's clock may be behind the registry's."""
_DOMAIN = b"oss2d/v1/plan\0"
_STAMP_DOMAIN = b"oss2d/v1/plan-stamp\0"
_NONCE = 12
_MOST = 64 * 1024 * 1024
"""Bytes of an opened plan."""


class InvalidPlan(Exception):
    """A plan that is not used: changed, of another window, too old, or of another registry."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on a plan: whose it is, and how far it goes."""

    id: str
    kiosk: str
    number: int
    """Grows with every plan of a window."""
    made_at: AwareDatetime
    expires_at: AwareDatetime
    most: int
    """How many filings may be released on it."""
    is_drill: bool

    def holds_at(self, now: datetime) -> bool:
        """Whether it may be worked on at this moment."""
        return self.made_at - CLOCKS_DIFFER <= now < self.expires_at


@dataclass(frozen=True, slots=True)
class Content:
    """What a window judges with. Never logged, never kept but encrypted."""

    system_id: str
    test_keys: TestKeys
    sealing: dict[int, str] = field(repr=False)
    """Private keys that open sealed tags, by their id, in base64."""
    lookup: str = field(repr=False)
    """Key of this plan's fingerprints and digests, in hex: not the registry's own."""
    bcrypt_cost: int
    single_use: bool
    image: str = field(repr=False)
    """The registry of this plan: a SQLite database, in base64."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What its registry knows a plan by, should it have lost its own record of it."""

    head: Head
    office: str
    device: str
    """Digest of the credential that opens it."""
    filings: int
    key_id: int
    signature: str


@dataclass(frozen=True, slots=True)
class SealedPlan:
    """A plan as it travels and as it lies on a disk."""

    head: Head
    key_id: int
    """Of the registry's key that signed it."""
    sealed: str
    """Nonce and ciphertext, in base64."""
    signature: str
    stamp: Stamp | None = None
    """Comes back with the plan's journal. None: an earlier program made the plan."""


SEALED: TypeAdapter[SealedPlan] = TypeAdapter(SealedPlan)
_HEAD: TypeAdapter[Head] = TypeAdapter(Head)
_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
_STAMP: TypeAdapter[Stamp] = TypeAdapter(Stamp)


def key_from(credential: str, what: str) -> bytes:
    """A key for one use, that whoever has the window's credential can make again."""
    info = _DOMAIN + what.encode()
    return HKDF(SHA256(), 32, salt=None, info=info).derive(credential.encode())


def seal_plan(head: Head, content: Content, credential: str, key: CheckpointKey) -> SealedPlan:
    """Encrypt a plan for the window with this credential, and sign all of it."""
    nonce = os.urandom(_NONCE)
    packed = zlib.compress(_CONTENT.dump_json(content), level=6)
    cipher = AESGCM(key_from(credential, "travels"))
    sealed = nonce + cipher.encrypt(nonce, packed, _HEAD.dump_json(head))
    signature = key.private.sign(_signed(head, sealed))
    return SealedPlan(head, key.key_id, _text(sealed), _text(signature))


def open_plan(plan: SealedPlan, credential: str, publics: dict[int, Ed25519PublicKey]) -> Content:
    """What a plan holds, once its signature does. Raises InvalidPlan."""
    try:
        sealed = base64.b64decode(plan.sealed, validate=True)
        signature = base64.b64decode(plan.signature, validate=True)
        publics[plan.key_id].verify(signature, _signed(plan.head, sealed))
        cipher = AESGCM(key_from(credential, "travels"))
        nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
        packed = cipher.decrypt(nonce, rest, _HEAD.dump_json(plan.head))
        return _CONTENT.validate_json(zlib.decompressobj().decompress(packed, _MOST))
    except KeyError as error:
        raise InvalidPlan("signed with a key that this window does not know") from error
    except InvalidSignature as error:
        raise InvalidPlan("the signature does not hold") from error
    except (InvalidTag, zlib.error, binascii.Error, ValueError) as error:
        raise InvalidPlan("it does not open with this window's credential") from error


def sign_stamp(stamp: Stamp, key: CheckpointKey) -> Stamp:
    """The stamp with the registry's signature over all of it."""
    blank = replace(stamp, key_id=key.key_id, signature="")
    return replace(blank, signature=_text(key.private.sign(_stamped(blank))))


def check_stamp(stamp: Stamp, publics: Mapping[int, Ed25519PublicKey]) -> None:
    """Raise InvalidPlan unless this registry signed it."""
    try:
        signature = base64.b64decode(stamp.signature, validate=True)
        publics[stamp.key_id].verify(signature, _stamped(replace(stamp, signature="")))
    except KeyError as error:
        raise InvalidPlan("stamped with a key that is not here") from error
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise InvalidPlan("the stamp's signature does not hold") from error


def _stamped(blank: Stamp) -> bytes:
    return _STAMP_DOMAIN + _STAMP.dump_json(blank)


def _signed(head: Head, sealed: bytes) -> bytes:
    return _DOMAIN + _HEAD.dump_json(head) + b"\0" + sealed


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
