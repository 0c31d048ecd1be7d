"""Keyed digests: a sheet is found again without keeping its text or its search key."""

import hmac

from shared.domain import SearchKey
from shared.payload import normalised
from shared.search_key import canonical


def fingerprint(text: str, key: bytes) -> str:
    """The same sheet again gives the same 64 hex digits, read or typed blanks aside."""
    message = b"oss2d/v1/fingerprint\0" + normalised(text).encode("utf-8", "surrogatepass")
    return hmac.digest(key, message, "sha256").hex()


def lookup_digest(search_key: SearchKey, key: bytes) -> str:
    """Under which the portal stores a sheet's text, so that a leaked table names no key."""
    message = b"oss2d/v1/search-key\0" + canonical(search_key).encode()
    return hmac.digest(key, message, "sha256").hex()
