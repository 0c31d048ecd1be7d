"""The console's second factor: one-time codes (RFC 6238) and recovery codes, each counted once."""

import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime

import pyotp
import segno

from verifier.own_secrets import UNAMBIGUOUS, NotOurs, code_from, seal, unseal

RECOVERY_CODES = 8
MINUTES_TO_SET_UP = 30
_ISSUER = "Uketori"
_NEIGHBOURS = (-1, 0, 1)
"""Steps of thirty seconds that a telephone's clock may be off."""
_RECOVERY = b"oss2d/v1/recovery-code\0"


class SetUpExpired(Exception):
    """The page with the new secret lay open too long, or is not one of ours."""


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A second factor that its owner is about to take into use."""

    secret: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)

    def picture(self, number: str) -> str:
        """The QR code for an authenticator, as a data URI."""
        uri = pyotp.TOTP(self.secret).provisioning_uri(name=number, issuer_name=_ISSUER)
        return str(segno.make(uri, error="m").svg_data_uri(scale=5, border=4))

    def typed(self) -> str:
        """The secret in fours, for whoever cannot photograph the screen."""
        return " ".join(self.secret[i : i + 4] for i in range(0, len(self.secret), 4))


def draw() -> NewFactor:
    """A new secret and its recovery codes."""
    return NewFactor(
        pyotp.random_base32(),
        tuple(code_from(secrets.token_bytes(32)) for _ in range(RECOVERY_CODES)),
    )


def seal_new(new: NewFactor, key: bytes) -> str:
    """Let the browser carry a factor to the next request without knowing how to change it."""
    return seal(json.dumps([new.secret, *new.recovery_codes]), key)


def open_new(sealed: str, key: bytes) -> NewFactor:
    """What `seal_new` sealed. Raises SetUpExpired."""
    try:
        secret, *codes = json.loads(unseal(sealed, key, within=MINUTES_TO_SET_UP))
    except NotOurs as error:
        raise SetUpExpired from error
    return NewFactor(secret, tuple(codes))


def step_of(secret: str, typed: str, now: datetime, last: int | None) -> int | None:
    """The time step a typed code belongs to; None when it is wrong or was used before."""
    totp, code = pyotp.TOTP(secret), "".join(typed.split())
    for offset in _NEIGHBOURS:
        step = totp.timecode(now) + offset
        right = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if right and (last is None or step > last):
            return step
    return None


def recovery_digest(number: str, typed: str, key: bytes) -> str:
    """Under which a recovery code is stored: useless to whoever has only the database."""
    code = "".join(char for char in typed.lower() if char in UNAMBIGUOUS)
    return hmac.digest(key, _RECOVERY + number.encode() + b"\0" + code.encode(), "sha256").hex()
