"""Secrets that the registry draws, shows once and keeps: encrypted with its own key (Fernet)."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

UNAMBIGUOUS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Nothing that looks like something else on paper."""
_CODE_LETTERS = 12
_DOMAIN = b"oss2d/v1/own-secrets\0"


class NotOurs(Exception):
    """The text was not sealed here, was changed, or is too old."""


def seal(secret: str, key: bytes) -> str:
    """A secret as it may lie in a database or travel through a browser."""
    return _fernet(key).encrypt(secret.encode()).decode()


def unseal(sealed: str, key: bytes, within: int | None = None) -> str:
    """What `seal` sealed, at most so many minutes ago. Raises NotOurs."""
    try:
        ttl = None if within is None else within * 60
        return _fernet(key).decrypt(sealed.encode(), ttl=ttl).decode()
    except (InvalidToken, UnicodeEncodeError) as error:
        raise NotOurs from error


def code_from(drawn: bytes) -> str:
    """Twelve letters and digits in fours, to be typed once: about sixty bits of what was drawn."""
    number, letters = int.from_bytes(drawn), []
    for _ in range(_CODE_LETTERS):
        number, place = divmod(number, len(UNAMBIGUOUS))
        letters.append(UNAMBIGUOUS[place])
    code = "".join(letters)
    return "-".join(code[i : i + 4] for i in range(0, _CODE_LETTERS, 4))


def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(_DOMAIN + key).digest()))
