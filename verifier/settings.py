"""The verifier's settings, and the installation they describe."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from shared.db.session import Hurry, open_registry
from shared.key_files import (
    CONSOLE,
    LOOKUP,
    PUSH,
    read_checkpoint_key,
    read_checkpoint_publics,
    read_pinned_key_set,
    read_sealing_keys,
)
from shared.keys import InvalidKeys, TestKeys
from shared.settings import InvalidSettings, Settings, read_secret
from verifier.installation import Installation, OwnKeys, Policy
from verifier.opening import Opener
from verifier.rehearsal import require_own_kind


class VerifierSettings(Settings):
    """One registry: its database, its keys and its policy."""

    registry: str
    """SQLAlchemy URL of the registry database."""
    system_id: str = Field(pattern=r"^[!-~]{1,40}$")
    """Names the installation inside every signature: sheets of another one are forgeries here."""
    keys: Path
    """The registry's folder of keys (`shared.key_files`)."""
    bcrypt_cost: int = Field(default=12, ge=12, le=15)
    single_use_authentication: bool = False
    test_keys: TestKeys = TestKeys.REFUSED
    keep_names_days: int = Field(default=1095, ge=30, le=36500)
    """How long a filing that was handed over keeps its name, plate and chassis number."""
    checkpoint_copy: Path | None = None
    """A file, best on another machine, to which every signed checkpoint is added as a line."""
    host: str = "127.0.0.1"
    """Where `verifier serve` listens; a reverse proxy with TLS stands before it."""
    port: int = Field(default=8200, ge=0, le=65535)
    workers: int = Field(default=2, ge=1, le=64)
    """Processes; each judges a password on a core of its own."""
    threads: int = Field(default=8, ge=2, le=64)
    """Requests at once in each process, and its connections to the registry."""
    trusted_proxies: int = Field(default=0, ge=0, le=4)


def open_installation(settings: VerifierSettings, hurry: Hurry | None = None) -> Installation:
    """Read the keys and open the registry. Raises InvalidSettings."""
    return Installation(
        sessions=open_registry(settings.registry, hurry),
        opener=read_opener(settings),
        policy=Policy(
            settings.bcrypt_cost, settings.single_use_authentication, settings.checkpoint_copy
        ),
        keys=read_own_keys(settings.keys),
    )


def read_own_keys(folder: Path) -> OwnKeys:
    """The keys that only this registry uses. Raises InvalidSettings."""
    try:
        return OwnKeys(
            read_checkpoint_key(folder),
            read_checkpoint_publics(folder),
            read_secret(folder / CONSOLE),
            read_secret(folder / PUSH) if (folder / PUSH).exists() else None,
        )
    except (InvalidKeys, InvalidSettings) as error:
        raise InvalidSettings(f"{error}. Make what is missing with: verifier init") from error


def read_opener(settings: VerifierSettings) -> Opener:
    """The keys that sheets are judged with. Raises InvalidSettings."""
    try:
        key_set = read_pinned_key_set(settings.keys, datetime.now(UTC))
        require_own_kind(settings.test_keys, key_set.signing)
        return Opener(
            key_set=key_set,
            sealing_keys=read_sealing_keys(settings.keys),
            lookup_key=read_secret(settings.keys / LOOKUP),
            system_id=settings.system_id,
            test_keys=settings.test_keys,
        )
    except InvalidKeys as error:
        raise InvalidSettings(str(error)) from error
