"""The portal's settings: one TOML file, unknown keys refused, secrets only as paths of files."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from issuer.limits import Limits
from issuer.portal import Portal
from issuer.sheets import Press
from shared.db.session import open_registry
from shared.keys import KeySet, SealingPublicKey, SigningKey

SECRET_BYTES = 32


class InvalidSettings(ValueError):
    """The settings cannot be used; the message says which one and why, never its value."""


class IssuerSettings(BaseModel):
    """One portal. Paths are relative to the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    registry: str
    """SQLAlchemy URL of the registry database."""
    system_id: str = Field(pattern=r"[!-~]{1,40}")
    signing_key: Path
    """Ed25519 private key, PEM."""
    signing_key_id: int = Field(ge=1, le=255)
    sealing_key: Path
    """X25519 public key of the registry, PEM."""
    sealing_key_id: int = Field(ge=1, le=255)
    lookup_key: Path
    """32 bytes or more, shared with the verifier: search keys are stored as HMAC under it."""
    cookie_key: Path
    """32 bytes or more, kept over restarts: forms that lie open stay valid."""
    authentication_days: int = Field(default=30, ge=1, le=3650)
    paperwork_days: int = Field(default=90, ge=1, le=3650)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    threads: int = Field(default=16, ge=2, le=64)
    trusted_proxies: int = Field(default=0, ge=0, le=3)
    """How many proxies in front write X-Forwarded-For."""
    limits: Limits = Limits()


def read_settings(path: Path) -> IssuerSettings:
    """Read a settings file. Raises InvalidSettings."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        settings = IssuerSettings.model_validate(raw)
    except OSError as error:
        raise InvalidSettings(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise InvalidSettings(f"{path}: {where}: {problem['msg']}") from error
    folder = path.parent
    return settings.model_copy(
        update={
            name: folder / getattr(settings, name)
            for name in ("signing_key", "sealing_key", "lookup_key", "cookie_key")
        }
    )


def read_secret(path: Path) -> bytes:
    """The secret in that file, without a line end. Raises InvalidSettings."""
    secret = _read(path).strip()
    if len(secret) < SECRET_BYTES:
        raise InvalidSettings(f"{path}: a secret has at least {SECRET_BYTES} bytes")
    return secret


def open_press(settings: IssuerSettings) -> Press:
    """Read the keys. Raises InvalidSettings."""
    signing = _pem(settings.signing_key, private=True)
    sealing = _pem(settings.sealing_key, private=False)
    if not isinstance(signing, Ed25519PrivateKey):
        raise InvalidSettings(f"{settings.signing_key}: not an Ed25519 private key")
    if not isinstance(sealing, X25519PublicKey):
        raise InvalidSettings(f"{settings.sealing_key}: not an X25519 public key")
    return Press(
        SigningKey(settings.signing_key_id, signing),
        SealingPublicKey(settings.sealing_key_id, sealing),
        KeySet({settings.signing_key_id: signing.public_key()}),
        read_secret(settings.lookup_key),
        settings.system_id,
        settings.authentication_days,
        settings.paperwork_days,
    )


def open_portal(settings: IssuerSettings) -> Portal:
    """The registry, the keys and the server's clock. Raises InvalidSettings."""
    return Portal(open_registry(settings.registry), open_press(settings), lambda: datetime.now(UTC))


def _pem(path: Path, *, private: bool) -> object:
    pem = _read(path)
    try:
        return load_pem_private_key(pem, None) if private else load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidSettings(f"{path}: not a key in PEM without a passphrase") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidSettings(f"{path}: {error.strerror}") from error
