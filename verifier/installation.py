"""What every verb stands on: the registry, its keys, its policy and its clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.db.session import Sessions
from verifier.opening import Opener


@dataclass(frozen=True, slots=True)
class Policy:
    """Where installations differ (settings of the verifier)."""

    bcrypt_cost: int = 12
    single_use_authentication: bool = False


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
