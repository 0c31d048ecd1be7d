"""検索キー: ``9999 9999 9999 9999``, for the individual code ``K999 9999 9999 9999``.

The kind's digit (K counts as 20, as in IBAN), 13 random digits, and two check digits by ISO 7064
MOD 97-10 over the whole, which miss no single error, swap, jump swap or twin error.
"""

import re
import secrets

from shared.domain import Purpose, SearchKey

_PREFIX = {
    Purpose.REGISTRATION: "1",
    Purpose.AUTHENTICATION: "2",
    Purpose.PASSWORD_CHANGE: "3",
    Purpose.INDIVIDUAL: "K",
}
_PURPOSES = {prefix: purpose for purpose, prefix in _PREFIX.items()}
_FULL_WIDTH = {0xFF10 + d: 0x30 + d for d in range(10)} | {0xFF2B: "K", 0xFF4B: "K", 0x6B: "K"}
_PARTING = re.compile(r"[\s\-‐‑–—―−－ー]")
_SHAPE = re.compile(r"[0-9]{16}|K[0-9]{15}")


class InvalidSearchKey(ValueError):
    """Not a search key, or one with a typing error; the message never repeats the input."""


def draw(purpose: Purpose) -> SearchKey:
    """A new search key that nobody can guess (13 random digits)."""
    return SearchKey(purpose, secrets.randbelow(10**13))


def canonical(key: SearchKey) -> str:
    """The sixteen characters without blanks."""
    head = f"{_PREFIX[key.purpose]}{key.number:013d}"
    return f"{head}{check_digits(head.replace('K', '20'))}"


def printed(key: SearchKey) -> str:
    """In fours, as on the sheet."""
    text = canonical(key)
    return " ".join(text[i : i + 4] for i in range(0, 16, 4))


def looks_like(text: str) -> bool:
    """Whether a text has the shape of a search key, right or mistyped."""
    return _SHAPE.fullmatch(_folded(text)) is not None


def parse(text: str) -> SearchKey:
    """Read what a person typed: width, case, blanks and hyphens do not matter.

    Raises InvalidSearchKey.
    """
    folded = _folded(text)
    if not _SHAPE.fullmatch(folded):
        raise InvalidSearchKey("a search key has 16 digits, or K and 15 digits")
    if folded[0] not in _PURPOSES or int(folded.replace("K", "20")) % 97 != 1:
        raise InvalidSearchKey("the check digits do not fit")
    return SearchKey(_PURPOSES[folded[0]], int(folded[1:14]))


def check_digits(digits: str) -> str:
    """The two ISO 7064 MOD 97-10 digits that make the whole leave 1 when divided by 97."""
    return f"{98 - int(digits) * 100 % 97:02d}"


def _folded(text: str) -> str:
    return _PARTING.sub("", text[:80]).translate(_FULL_WIDTH)
