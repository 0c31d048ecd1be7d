"""Keys by what they do: sign sheets, seal tags, and the signed set of public ones.

The issuer holds the signing key, the registry the sealing key, a kiosk neither.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

_DOMAIN = b"oss2d/v1/keyset\0"
_TEST_BIT = 0x80


class InvalidKeys(ValueError):
    """Keys that cannot be used; the message says why, never what they are."""


class TestKeys(StrEnum):
    """Whether sheets signed with practice keys (key ids with bit 7) are looked at."""

    __test__ = False  # not a test class, whatever pytest thinks of the name
    REFUSED = "refused"
    ACCEPTED = "accepted"
    ONLY = "only"
    """A rehearsal: real sheets are refused."""

    def refuses(self, key_id: int) -> bool:
        """Whether a sheet signed with this key is not looked at."""
        if self is TestKeys.ACCEPTED:
            return False
        return self.is_test(key_id) is (self is TestKeys.REFUSED)

    @staticmethod
    def is_test(key_id: int) -> bool:
        """Whether a key id belongs to a practice key."""
        return bool(key_id & _TEST_BIT)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Ed25519: the issuer's alone."""

    key_id: int
    private: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """X25519: the registry's alone; destroyed at the end, and old paper stays shut for good."""

    key_id: int
    private: X25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """Ed25519: the registry's word on its own journal, its backups and its day plans."""

    key_id: int
    private: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealingPublicKey:
    """What the issuer seals with."""

    key_id: int
    public: X25519PublicKey


@dataclass(frozen=True, slots=True)
class KeySet:
    """The public keys of an installation, by key id."""

    signing: Mapping[int, Ed25519PublicKey]
    sealing: Mapping[int, X25519PublicKey]
    version: int
    expires_at: datetime
    starts: Mapping[int, datetime] = field(default_factory=dict)
    """From when on new sheets use a key; one that is not named here always did."""

    def sealing_key(self, now: datetime) -> SealingPublicKey:
        """The sealing key that new sheets use. Raises InvalidKeys."""
        key_id = self.in_use(self.sealing, now)
        if key_id is None:
            raise InvalidKeys("no sealing key of the key set is in use yet")
        return SealingPublicKey(key_id, self.sealing[key_id])

    def in_use(self, ids: Iterable[int], now: datetime) -> int | None:
        """The newest that has begun; a practice key only where there is no other."""
        begun = [id_ for id_ in ids if id_ not in self.starts or self.starts[id_] <= now]
        return max(begun, key=lambda id_: (not TestKeys.is_test(id_), id_), default=None)


def sign_key_set(key_set: KeySet, root: Ed25519PrivateKey) -> bytes:
    """The key set as a JSON document signed by the root key."""
    body: dict[str, object] = {
        "version": key_set.version,
        "expires_at": key_set.expires_at.astimezone(UTC).isoformat(),
        "signing": {str(i): _text(key.public_bytes_raw()) for i, key in key_set.signing.items()},
        "sealing": {str(i): _text(key.public_bytes_raw()) for i, key in key_set.sealing.items()},
    }
    if key_set.starts:
        starts = {str(i): at.astimezone(UTC).isoformat() for i, at in key_set.starts.items()}
        body["starts"] = starts
    signature = root.sign(_signed(body))
    document = {"key_set": body, "signature": _text(signature)}
    return json.dumps(document, indent=1, sort_keys=True).encode()


def read_key_set(
    document: bytes, root: Ed25519PublicKey, now: datetime, oldest_version: int = 1
) -> KeySet:
    """Read a key set that the pinned root key signed.

    Raises InvalidKeys when the signature does not hold, it has expired, or it is older than one
    that was seen before.
    """
    try:
        parsed = json.loads(document)
        body, signature = parsed["key_set"], _raw(parsed["signature"])
        root.verify(signature, _signed(body))
        key_set = KeySet(
            {
                int(i): Ed25519PublicKey.from_public_bytes(_raw(k))
                for i, k in body["signing"].items()
            },
            {
                int(i): X25519PublicKey.from_public_bytes(_raw(k))
                for i, k in body["sealing"].items()
            },
            int(body["version"]),
            datetime.fromisoformat(body["expires_at"]),
            {int(i): datetime.fromisoformat(at) for i, at in body.get("starts", {}).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise InvalidKeys("the key set is not in its form") from error
    except InvalidSignature as error:
        raise InvalidKeys("the key set is not signed by the pinned root key") from error
    if key_set.expires_at <= now:
        raise InvalidKeys(f"the key set expired on {key_set.expires_at:%Y-%m-%d}")
    if key_set.version < oldest_version:
        raise InvalidKeys("the key set is older than the one in use")
    return key_set


def _signed(body: Mapping[str, object]) -> bytes:
    return _DOMAIN + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
