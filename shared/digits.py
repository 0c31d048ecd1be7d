"""Bytes as decimal digits, seven bytes to seventeen digits, with two check digits at the end.

Only digits survive keyboard layouts, Caps Lock and Japanese input methods, and numeric mode costs
a QR code 1.2 % over raw bytes.
"""

from shared.search_key import check_digits

_BYTES = 7
_DIGITS = 17
_REST = {1: 3, 2: 5, 3: 8, 4: 10, 5: 13, 6: 15}
"""Digits for a last group of fewer bytes."""
_REST_BYTES = {digits: size for size, digits in _REST.items()}


class NotCanonical(ValueError):
    """No bytes are written as these digits."""


def digits_of(data: bytes) -> str:
    """Write bytes as digits, big-endian, each group zero-padded."""
    groups = (data[i : i + _BYTES] for i in range(0, len(data), _BYTES))
    return "".join(
        str(int.from_bytes(group)).zfill(_REST.get(len(group), _DIGITS)) for group in groups
    )


def bytes_of(digits: str) -> bytes:
    """Read digits back. Raises NotCanonical for a length or a group that no bytes give."""
    return b"".join(_group(digits[i : i + _DIGITS]) for i in range(0, len(digits), _DIGITS))


def checked(digits: str) -> str:
    """Append the two ISO 7064 MOD 97-10 check digits."""
    return digits + check_digits(digits)


def is_checked(digits: str) -> bool:
    """Whether the last two digits fit the rest: no misread passes, a forgery may."""
    return int(digits) % 97 == 1


def _group(digits: str) -> bytes:
    size = _BYTES if len(digits) == _DIGITS else _REST_BYTES.get(len(digits))
    if size is None or int(digits) >= 256**size:
        raise NotCanonical(f"a group of {len(digits)} digits")
    return int(digits).to_bytes(size)
