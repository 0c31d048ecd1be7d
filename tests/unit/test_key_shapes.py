"""A key is found in whatever shape it was written: else a scan for it shows nothing."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared.key_files import pem_of
from tests.key_shapes import found_in, looks_like_a_key

KEY = bytes(range(200, 232))


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        KEY.hex().encode(),
        KEY.hex().upper().encode(),
        base64.b64encode(KEY),
        base64.urlsafe_b64encode(KEY).rstrip(b"="),
        base64.b64encode(b"1" + KEY + b"22"),
        base64.b64encode(b"12" + KEY),
        pem_of(Ed25519PrivateKey.from_private_bytes(KEY)),
        pem_of(X25519PrivateKey.from_private_bytes(KEY)),
        pem_of(Ed25519PrivateKey.from_private_bytes(KEY)).replace(b"\n", b"\r\n"),
    ],
)
def test_a_key_is_found_in_every_shape(written: bytes) -> None:
    assert found_in(b"<p>" + written + b"</p>", {"the key": KEY}) == ["the key"]
    assert found_in(b"<p>" + written + b"</p>", {"another": bytes(32)}) == []


def test_what_looks_like_a_key_is_told() -> None:
    assert looks_like_a_key(pem_of(Ed25519PrivateKey.generate()))
    assert looks_like_a_key(b'key = "' + KEY.hex().encode() + b'"')
    assert looks_like_a_key(b'pin = "$2b$12$abcdefghijklmnopqrstuv"')
    assert looks_like_a_key(b'registry = "sqlite:////var/lib/uketori/registry.db"\n') == []
