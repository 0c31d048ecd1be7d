"""The text of the code on paper, wire format v1 (`shared/payload.md`): encode, decode, open.

Nothing a signature covers is believed or shown before the signature holds.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NoReturn

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared import payload_fields as fields
from shared.digits import NotCanonical, bytes_of, checked, digits_of, is_checked
from shared.domain import ReceiverClaim, Sheet
from shared.keys import KeySet, SealingKey, SealingPublicKey, SigningKey, TestKeys
from shared.payload_errors import (
    BadSignature,
    CannotOpen,
    Expired,
    Malformed,
    Misread,
    NewerVersion,
    NotOurs,
    NotYetValid,
    PayloadError,
    UnknownKey,
)

__all__ = [
    "CannotOpen", "PayloadError", "decode", "encode", "looks_like_ours", "normalised", "open_tag",
    "seal",
]  # fmt: skip

OURS = "91"
VERSION = "01"
LONGEST = 1200
"""Characters looked at; our longest sheet has some 620."""
CLOCK_SLACK = timedelta(minutes=5)
_SIGNATURE = 64
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_PARTING = re.compile(r"[\s\-‐‑–—―−－]")
_FULL_WIDTH = {0xFF10 + d: 0x30 + d for d in range(10)}


def normalised(text: str) -> str:
    """Drop blanks and hyphens, fold full-width digits: what scanners and people add."""
    return _PARTING.sub("", text[: LONGEST + 1]).translate(_FULL_WIDTH)


def looks_like_ours(text: str) -> bool:
    """Whether a text may be a sheet of ours, right or damaged; costs nothing."""
    return re.fullmatch(f"{OURS}[0-9]+", normalised(text)) is not None


def seal(sheet: Sheet, tag: bytes, key: SealingPublicKey, system_id: str) -> bytes:
    """Seal a password tag to everything that stands before it on the sheet: 80 bytes.

    The sheet's own `sealed` is not looked at. HPKE base mode (RFC 9180).
    """
    return _SUITE.encrypt(tag, key.public, _seal_info(sheet, system_id))


def encode(sheet: Sheet, key: SigningKey, system_id: str) -> str:
    """Sign a sheet and write it as the digits of its code."""
    body = fields.pack(sheet)
    signature = key.private.sign(_signed(body, system_id))
    return checked(OURS + VERSION + digits_of(body + signature))


def decode(
    text: str,
    key_set: KeySet,
    system_id: str,
    now: datetime,
    test_keys: TestKeys = TestKeys.REFUSED,
) -> Sheet:
    """Read a sheet from any text. Raises one of the nine PayloadErrors and nothing else."""
    data = _bytes_of(_digits_of_ours(text))
    body, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
    if len(body) < fields.HEADER:
        raise Malformed
    _verify(body, signature, key_set, system_id, test_keys)
    try:
        sheet = fields.unpack(body)
    except ValueError as error:
        raise Malformed from error
    _require_in_time(sheet, now)
    return sheet


def is_for_practice(text: str) -> bool:
    """Whether a text is a whole code of ours that a practice key signed."""
    try:
        data = _bytes_of(_digits_of_ours(text))
    except PayloadError:
        return False
    whole = len(data) >= fields.HEADER + _SIGNATURE
    return whole and TestKeys.is_test(fields.signing_key_id(data))


def open_tag(sheet: Sheet, keys: Iterable[SealingKey], system_id: str) -> bytes:
    """The password tag a sheet seals. Raises CannotOpen when no key of ours opens it."""
    if not isinstance(sheet.claim, ReceiverClaim):
        raise CannotOpen
    for key in keys:
        if key.key_id == sheet.sealing_key_id:
            try:
                return _SUITE.decrypt(sheet.claim.sealed, key.private, _seal_info(sheet, system_id))
            except InvalidTag as error:
                raise CannotOpen from error
    raise CannotOpen


def _digits_of_ours(text: str) -> str:
    """The digits after prefix and version, once the check digits fit."""
    digits = normalised(text)
    if len(digits) > LONGEST or not re.fullmatch("[0-9]+", digits):
        raise NotOurs
    if not digits.startswith(OURS):
        raise NotOurs
    if digits[2:4] != VERSION:
        _raise_other_version(digits)
    if not is_checked(digits):
        raise Misread
    return digits[4:-2]


def _raise_other_version(digits: str) -> NoReturn:
    """A version we do not know; too short to have one is a misread."""
    raise NewerVersion if len(digits) >= 4 else Misread


def _bytes_of(digits: str) -> bytes:
    try:
        return bytes_of(digits)
    except NotCanonical as error:
        raise Malformed from error


def _verify(
    body: bytes, signature: bytes, key_set: KeySet, system_id: str, test_keys: TestKeys
) -> None:
    key_id = fields.signing_key_id(body)
    if test_keys.refuses(key_id):
        raise UnknownKey(TestKeys.is_test(key_id))
    public = key_set.signing.get(key_id)
    if public is None:
        raise UnknownKey
    try:
        public.verify(signature, _signed(body, system_id))
    except InvalidSignature as error:
        raise BadSignature from error


def _require_in_time(sheet: Sheet, now: datetime) -> None:
    if sheet.issued_at > now + CLOCK_SLACK:
        raise NotYetValid(sheet)
    if sheet.expires_at is not None and now >= sheet.expires_at:
        raise Expired(sheet)


def _signed(body: bytes, system_id: str) -> bytes:
    return b"oss2d/v1/sig\0" + system_id.encode("ascii") + b"\0" + body


def _seal_info(sheet: Sheet, system_id: str) -> bytes:
    bound = fields.before_seal(sheet)
    return b"oss2d/v1/seal\0" + system_id.encode("ascii") + b"\0" + bound
