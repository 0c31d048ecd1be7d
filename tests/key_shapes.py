"""In which shapes a key could stand in a page, a log, a backup or a file."""

import base64
import re

PRIVATE = (b"PRIVATE KEY-----", b"$2b$", b"$2a$")
"""No key of ours in particular: any private key in PEM, any hash of bcrypt."""
_LOOKS_LIKE_ONE = re.compile(rb"\b[0-9a-fA-F]{64}\b|[A-Za-z0-9+/]{43}=")


def shapes_of(key: bytes) -> tuple[bytes, ...]:
    """Raw, hex, and base64 wherever in a longer text (PEM) the key begins."""
    texts = {key, key.hex().encode(), key.hex().upper().encode()}
    for skipped in range(3):  # three bytes make four letters, and the key may begin amid them
        whole = key[skipped : skipped + (len(key) - skipped) // 3 * 3]
        texts |= {base64.b64encode(whole), base64.urlsafe_b64encode(whole)}
    return tuple(sorted(texts))


def found_in(content: bytes, keys: dict[str, bytes]) -> list[str]:
    """Which of these keys, by their names, stand there in any shape."""
    joined = content.replace(b"\n", b"").replace(b"\r", b"")  # PEM breaks its lines
    return [
        name
        for name, key in keys.items()
        if any(shape in content or shape in joined for shape in shapes_of(key))
    ]


def looks_like_a_key(content: bytes) -> list[str]:
    """What could be a secret that is no key of the tests: digits or letters nobody writes."""
    found = [mark.decode() for mark in PRIVATE if mark in content]
    return found + [match.decode() for match in _LOOKS_LIKE_ONE.findall(content)]
