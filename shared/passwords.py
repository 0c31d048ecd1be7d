"""受取者用パスワード: the rules at the form, the tag on paper, the hash in the registry.

The password itself is nowhere on paper, not even encrypted: a sheet seals only the tag, an HMAC
keyed with the receiver's name, and the registry stores the bcrypt of that tag.
"""

import base64
import hashlib
import hmac
import os
import secrets
import threading
import unicodedata
from functools import cache
from importlib.resources import files

import bcrypt

MINIMUM_LENGTH = 8
MAXIMUM_LENGTH = 128
_TAG_DOMAIN = b"oss2d/v1/pwtag\0"
_SECRET_DOMAIN = b"oss2d/v1/secret\0"
_TURN = threading.BoundedSemaphore(os.cpu_count() or 1)
"""More at once than there are cores makes all of them late, and none sooner."""


class InvalidPassword(ValueError):
    """The password breaks a rule; the message is a sentence for the person who chose it."""


def check_rules(password: str) -> None:
    """Raise InvalidPassword unless a password may be chosen."""
    if not all(" " <= char <= "~" for char in password):
        raise InvalidPassword("パスワードに使える文字は半角の英字・数字・記号です")
    if len(password) < MINIMUM_LENGTH:
        raise InvalidPassword(f"パスワードは{MINIMUM_LENGTH}文字以上で入力してください")
    if len(password) > MAXIMUM_LENGTH:
        raise InvalidPassword(f"パスワードは{MAXIMUM_LENGTH}文字以内で入力してください")
    if password.casefold() in _common() or len(set(password)) == 1:
        raise InvalidPassword("よく使われるパスワードです。別のパスワードを入力してください")


def password_tag(compare_key: str, password: str) -> bytes:
    """What a sheet seals in place of the password: 32 bytes. Never logged."""
    key = _TAG_DOMAIN + compare_key.encode()
    return hmac.digest(key, unicodedata.normalize("NFKC", password).encode(), "sha256")


def hash_tag(tag: bytes, cost: int) -> str:
    """The bcrypt the registry stores for a tag; base64 first, because tags contain NUL bytes."""
    with _TURN:
        return bcrypt.hashpw(base64.b64encode(tag), bcrypt.gensalt(cost)).decode()


def check_tag(tag: bytes, stored: str) -> bool:
    """Compare a tag with a hash of ours: slow on purpose, so never inside a transaction."""
    with _TURN:
        return bcrypt.checkpw(base64.b64encode(tag), stored.encode())


def hash_secret(secret: str, cost: int) -> str:
    """The bcrypt of a PIN or 申請用パスワード of any length (bcrypt alone stops at 72 bytes)."""
    return hash_tag(_digest(secret), cost)


def check_secret(secret: str, stored: str) -> bool:
    """Compare a typed PIN or 申請用パスワード with a hash of ours."""
    return check_tag(_digest(secret), stored)


def dummy_check(secret: str, like: str) -> None:
    """Take as long as a real check, for a person or number that does not exist.

    `like` is somebody else's hash, or nobody's, so that the cost is that of the registry.
    """
    check_secret(secret, like)


def dummy_check_tag(tag: bytes, cost: int) -> None:
    """Take as long as `check_tag` does with a hash of this cost, for a name nobody registered."""
    check_tag(tag, nobodys_hash(cost))


@cache
def nobodys_hash(cost: int) -> str:
    """The hash of a password nobody has, at the cost of those that somebody has."""
    return hash_tag(secrets.token_bytes(32), cost)


def _digest(secret: str) -> bytes:
    text = unicodedata.normalize("NFKC", secret).encode("utf-8", "surrogatepass")
    return hashlib.sha256(_SECRET_DOMAIN + text).digest()


@cache
def _common() -> frozenset[str]:
    listed = files("shared").joinpath("common_passwords.txt").read_text("ascii")
    return frozenset(listed.split())
