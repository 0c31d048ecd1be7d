"""Number plates and chassis numbers as people type and speak them."""

import re
import unicodedata

_PARTING = re.compile(r"[^0-9A-Z\w]|_")
_LAST_DIGITS = re.compile(r"[0-9]{1,4}$")
TAIL = 4


def folded(mark: str) -> str:
    """A mark without width, case, blanks, hyphens and the dots of a short plate number."""
    return _PARTING.sub("", unicodedata.normalize("NFKC", mark).upper().replace("・", ""))


def tail(mark: str | None) -> str | None:
    """The last four digits, with zeros before a short plate number ・・・1; None without digits."""
    found = _LAST_DIGITS.search(folded(mark or ""))
    return found[0].zfill(TAIL) if found else None


def ends_with(mark: str | None, typed: str) -> bool:
    """Whether a mark ends with what somebody typed of it."""
    return mark is not None and folded(mark).endswith(folded(typed))
