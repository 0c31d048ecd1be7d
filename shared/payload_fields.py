"""The bytes of wire format v1: which field stands where, and nothing about keys.

Fields are never reordered or reused; a new shape is a new version.
"""

import struct
from datetime import UTC, datetime

from shared.domain import FilingClaim, FilingNumber, Purpose, ReceiverClaim, SearchKey, Sheet
from shared.names import ReceiverName

_HEADER = struct.Struct(">BBBIH6sB")
"""kind, signing key, sealing key, issued at, valid days, search key, procedure."""
HEADER = _HEADER.size
SEALED = 80
"""HPKE enc 32, ciphertext 32, tag 16."""
_FILING = struct.Struct(">BQ")
_KINDS = {
    Purpose.REGISTRATION: 1,
    Purpose.AUTHENTICATION: 2,
    Purpose.PASSWORD_CHANGE: 3,
    Purpose.INDIVIDUAL: 4,
}
_PURPOSES = {kind: purpose for purpose, kind in _KINDS.items()}
_WITH_PROCEDURE = {Purpose.AUTHENTICATION, Purpose.INDIVIDUAL}


def pack(sheet: Sheet) -> bytes:
    """Everything a signature covers, in its order. Raises ValueError for an impossible sheet."""
    body = before_seal(sheet)
    if isinstance(sheet.claim, ReceiverClaim):
        body += sheet.claim.sealed
    if unpack(body) != sheet:
        raise ValueError("the sheet would not come back as it is")
    return body


def before_seal(sheet: Sheet) -> bytes:
    """Header and claim up to the sealed part, which is bound to them."""
    header = _HEADER.pack(
        _KINDS[sheet.purpose],
        sheet.signing_key_id,
        sheet.sealing_key_id,
        int(sheet.issued_at.timestamp()),
        sheet.valid_days,
        sheet.search_key.number.to_bytes(6),
        sheet.procedure,
    )
    if isinstance(sheet.claim, FilingClaim):
        digits = sheet.claim.number.digits
        return header + _FILING.pack(len(digits), int(digits))
    name = sheet.claim.name.encode("utf-16-be")
    return header + bytes([len(name) // 2]) + name


def signing_key_id(body: bytes) -> int:
    """Which key is said to have signed; the one field looked at before the signature."""
    return body[1]


def unpack(body: bytes) -> Sheet:
    """Read the fields back. Raises ValueError for anything `pack` would not have written."""
    kind, signing, sealing, issued, days, number, procedure = _HEADER.unpack(body[:HEADER])
    if kind not in _PURPOSES:
        raise ValueError("no such kind")
    purpose = _PURPOSES[kind]
    individual = purpose is Purpose.INDIVIDUAL
    if (procedure != 0) != (purpose in _WITH_PROCEDURE) or (sealing == 0) != individual:
        raise ValueError("a field the kind does not have")
    tail = body[HEADER:]
    return Sheet(
        search_key=SearchKey(purpose, int.from_bytes(number)),
        signing_key_id=signing,
        sealing_key_id=sealing,
        issued_at=datetime.fromtimestamp(issued, UTC),
        valid_days=days,
        procedure=procedure,
        claim=_filing_claim(tail) if individual else _receiver_claim(tail),
    )


def _filing_claim(tail: bytes) -> FilingClaim:
    if len(tail) != _FILING.size:
        raise ValueError("the tail has another length")
    length, number = _FILING.unpack(tail)
    digits = str(number).zfill(length)
    if len(digits) != length:
        raise ValueError("more digits than said")
    return FilingClaim(FilingNumber(digits))


def _receiver_claim(tail: bytes) -> ReceiverClaim:
    units = tail[0] if tail else 0
    if len(tail) != 1 + 2 * units + SEALED:
        raise ValueError("the tail has another length")
    name = tail[1 : 1 + 2 * units].decode("utf-16-be")
    if ReceiverName.parse(name).display != name:
        raise ValueError("the name is not in display form")
    return ReceiverClaim(name, tail[1 + 2 * units :])
