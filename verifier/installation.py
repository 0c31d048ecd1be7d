"""What every verb stands on: the registry, its keys, its policy and its clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.db.session import Sessions
from shared.keys import CheckpointKey
from verifier.opening import Opener


@dataclass(frozen=True, slots=True)
class OnPlan:
    """The registry is the extract of a day plan, at its window."""

    id: str
    number: int
    most: int
    """How many filings may be released on it."""
    is_drill: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """Where installations differ (settings of the verifier)."""

    bcrypt_cost: int = 12
    single_use_authentication: bool = False
    checkpoint_copy: Path | None = None
    """Where each signed checkpoint is written a second time: best on another machine."""
    plan: OnPlan | None = None
    """None: this is the registry itself."""


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """What the registry signs its journal with, and encrypts the console's secrets with."""

    checkpoint: CheckpointKey
    checkpoint_publics: Mapping[int, Ed25519PublicKey]
    """Old ones too: a checkpoint outlives its key."""
    console: bytes = field(repr=False)
    push: bytes | None = field(default=None, repr=False)
    """What the application system shows when it pushes filings; None: it does not."""


def utc_now() -> datetime:
    """The server's clock decides; a kiosk's does not."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Installation:
    """One registry with the means to judge what is shown to it."""

    sessions: Sessions
    opener: Opener
    policy: Policy = Policy()
    clock: Callable[[], datetime] = utc_now
    keys: OwnKeys = field(kw_only=True)
