"""Writes payload_v1.json once. A released vector never changes: this refuses to overwrite it.

Run from the project's root: ``python -m tests.vectors.make_payload_v1``. Sealing is randomised, so
another run would give other (equally valid) texts.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.digits import bytes_of, checked, digits_of
from shared.domain import Purpose, ReceiverClaim, SearchKey, Sheet
from shared.names import compare_key
from shared.passwords import password_tag
from shared.payload_fields import pack
from tests.builders import SYSTEM, Keys, filing_sheet, keys, receiver_sheet, text_of

TARGET = Path(__file__).with_name("payload_v1.json")
ISSUED = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
NOW = ISSUED + timedelta(hours=1)
NAME = "見本行政書士事務所　髙﨑　𠮷太郎（００００００１１）"
PASSWORD = "mihon-no-himitsu"
OURS = keys(1)
Case = dict[str, object]


def signed(body: bytes, by: Keys = OURS, system_id: str = SYSTEM) -> str:
    """A text with a good signature over any body, also one no encoder would write."""
    message = b"oss2d/v1/sig\0" + system_id.encode() + b"\0" + body
    return checked("9101" + digits_of(body + by.signing.private.sign(message)))


def repaired(text: str) -> str:
    """The same digits with check digits that fit."""
    return checked(text[:-2])


def main() -> None:
    """Write the file. Raises FileExistsError when it is there."""
    sheets = valid_sheets()
    document = {
        "format": "wire format v1",
        "system_id": SYSTEM,
        "now": NOW.isoformat(),
        "signing_public": {"1": OURS.signing.private.public_key().public_bytes_raw().hex()},
        "sealing_private": {"1": OURS.sealing.private.private_bytes_raw().hex()},
        "valid": [valid(sheet) for sheet in sheets],
        "invalid": invalid(sheets),
    }
    with TARGET.open("x", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.write("\n")


def valid_sheets() -> list[Sheet]:
    """The four kinds, and the longest name."""
    return [
        receiver_sheet(
            Purpose.REGISTRATION, name=NAME, password=PASSWORD, valid_days=90,
            issued_at=ISSUED, key=SearchKey(Purpose.REGISTRATION, 1234567890123),
        ),
        receiver_sheet(
            Purpose.AUTHENTICATION, name=NAME, password=PASSWORD, issued_at=ISSUED,
            key=SearchKey(Purpose.AUTHENTICATION, 0),
        ),
        receiver_sheet(
            Purpose.PASSWORD_CHANGE, name=NAME, password="mihon-no-atarashii", valid_days=90,
            issued_at=ISSUED, key=SearchKey(Purpose.PASSWORD_CHANGE, 10**13 - 1),
        ),
        filing_sheet(
            "1234567890123456", issued_at=ISSUED, key=SearchKey(Purpose.INDIVIDUAL, 42)
        ),
        filing_sheet(
            "00000000000000017", issued_at=ISSUED, key=SearchKey(Purpose.INDIVIDUAL, 43)
        ),
        receiver_sheet(
            name="見" * 60, password=PASSWORD, procedure=255, valid_days=65535,
            issued_at=ISSUED, key=SearchKey(Purpose.AUTHENTICATION, 7),
        ),
    ]  # fmt: skip


def valid(sheet: Sheet) -> Case:
    """A text and everything it says."""
    case: Case = {
        "text": text_of(sheet, OURS),
        "purpose": sheet.purpose.value,
        "search_key_number": sheet.search_key.number,
        "signing_key_id": sheet.signing_key_id,
        "sealing_key_id": sheet.sealing_key_id,
        "issued_at": sheet.issued_at.isoformat(),
        "valid_days": sheet.valid_days,
        "procedure": sheet.procedure,
    }
    if not isinstance(sheet.claim, ReceiverClaim):
        return case | {"filing_number": sheet.claim.number.digits}
    changed = sheet.purpose is Purpose.PASSWORD_CHANGE
    password = "mihon-no-atarashii" if changed else PASSWORD
    tag = password_tag(compare_key(sheet.claim.name), password)
    return case | {"name": sheet.claim.name, "password": password, "tag": tag.hex()}


def invalid(sheets: list[Sheet]) -> list[Case]:
    """Texts that are no sheet, each with its error and what was done to it."""
    registration, authentication, _change, individual, _long_number, _long_name = sheets
    good = text_of(authentication, OURS)
    body = pack(authentication)
    own = pack(individual)
    cases = [
        *_not_ours(good),
        *_misread(good),
        ("NEWER_VERSION", "version 02", checked("9102" + good[4:-2])),
        ("NEWER_VERSION", "version 00", checked("9100" + good[4:-2])),
        *_keys(authentication),
        *_signatures(good, body, registration),
        *_malformed(body, own),
        *_times(individual),
        *_sealed(authentication, registration),
    ]
    return [{"error": error, "why": why, "text": text} for error, why, text in cases]


def _not_ours(good: str) -> list[tuple[str, str, str]]:
    return [
        ("NOT_OURS", "nothing", ""),
        ("NOT_OURS", "a vehicle certificate's code", "2/2400110/MIHON 0001/123"),
        ("NOT_OURS", "another prefix", checked("92" + good[2:-2])),
        ("NOT_OURS", "a letter in it", good[:50] + "A" + good[51:]),
        ("NOT_OURS", "digits of another script", "९१०१" + good[4:]),
        ("NOT_OURS", "longer than anything of ours", checked("9101" + "1" * 1200)),
    ]


def _misread(good: str) -> list[tuple[str, str, str]]:
    return [
        ("MISREAD", "one digit changed", good[:99] + str((int(good[99]) + 1) % 10) + good[100:]),
        ("MISREAD", "two digits swapped", _swapped(good)),
        ("MISREAD", "one digit lost", good[:80] + good[81:]),
        ("MISREAD", "cut off", good[:300]),
        ("MISREAD", "nothing but the prefix", "91"),
    ]


def _swapped(good: str) -> str:
    at = next(i for i in range(60, 200) if good[i] != good[i + 1])
    return good[:at] + good[at + 1] + good[at] + good[at + 2 :]


def _keys(sheet: Sheet) -> list[tuple[str, str, str]]:
    other, test = keys(2, key_id=2), keys(3, key_id=129)
    unknown = replace(sheet, signing_key_id=2)
    practice = replace(sheet, signing_key_id=129)
    return [
        ("UNKNOWN_KEY", "key id 2 is in no key set", signed(pack(unknown), other)),
        ("UNKNOWN_KEY", "a test key", signed(pack(practice), test)),
    ]


def _signatures(good: str, body: bytes, other: Sheet) -> list[tuple[str, str, str]]:
    stranger, data = keys(4), bytes_of(good[4:-2])
    as_registration = bytes([1]) + body[1:15] + bytes([0]) + body[16:]
    pasted = body[:-80] + pack(other)[-80:]
    return [
        ("BAD_SIGNATURE", "signed by a stranger under our key id", signed(body, stranger)),
        ("BAD_SIGNATURE", "one digit changed, check digits repaired",
         repaired(good[:99] + str((int(good[99]) + 1) % 10) + good[100:])),
        ("BAD_SIGNATURE", "another procedure", _resigned(body[:15] + b"\2" + body[16:], data)),
        ("BAD_SIGNATURE", "another kind", _resigned(as_registration, data)),
        ("BAD_SIGNATURE", "sealed part of another sheet", _resigned(pasted, data)),
        ("BAD_SIGNATURE", "of another installation", signed(body, OURS, "elsewhere")),
        ("BAD_SIGNATURE", "issued a day later", _resigned(
            body[:3] + (int.from_bytes(body[3:7]) + 86400).to_bytes(4) + body[7:], data)),
    ]  # fmt: skip


def _resigned(body: bytes, data: bytes) -> str:
    """Another body under the old signature."""
    return checked("9101" + digits_of(body + data[-64:]))


def _malformed(body: bytes, own: bytes) -> list[tuple[str, str, str]]:
    with_lone_surrogate = body[:17] + b"\xd8\x00" + body[19:]
    return [
        ("MALFORMED", "a group of 17 digits that no 7 bytes give", checked("9101" + "9" * 17)),
        ("MALFORMED", "a last group of 4 digits", checked("9101" + "1" * 21)),
        ("MALFORMED", "too short to be signed", checked("9101" + digits_of(bytes(70)))),
        ("MALFORMED", "kind 5", signed(bytes([5]) + body[1:])),
        ("MALFORMED", "kind 0", signed(bytes([0]) + body[1:])),
        ("MALFORMED", "an authentication sheet without procedure",
         signed(body[:15] + b"\0" + body[16:])),
        ("MALFORMED", "an authentication sheet without sealing key",
         signed(body[:2] + b"\0" + body[3:])),
        ("MALFORMED", "search key above 13 digits",
         signed(body[:9] + b"\xff" * 6 + body[15:])),
        ("MALFORMED", "one byte too many", signed(body + b"\0")),
        ("MALFORMED", "one byte too few", signed(body[:-1])),
        ("MALFORMED", "an empty name", signed(body[:16] + b"\0" + body[-80:])),
        ("MALFORMED", "half a character in the name", signed(with_lone_surrogate)),
        ("MALFORMED", "a name not in display form",
         signed(body[:16] + b"\1" + "A".encode("utf-16-be") + body[-80:])),
        ("MALFORMED", "a filing number of 15 digits",
         signed(own[:16] + b"\x0f" + (123).to_bytes(8))),
        ("MALFORMED", "more digits than said",
         signed(own[:16] + b"\x10" + (10**16).to_bytes(8))),
        ("MALFORMED", "an individual sheet with a sealing key",
         signed(own[:2] + b"\1" + own[3:])),
    ]  # fmt: skip


def _times(sheet: Sheet) -> list[tuple[str, str, str]]:
    future = replace(sheet, issued_at=NOW + timedelta(minutes=5, seconds=1))
    past = replace(sheet, issued_at=NOW - timedelta(days=30), valid_days=30)
    return [
        ("NOT_YET_VALID", "issued five minutes and a second from now", text_of(future, OURS)),
        ("EXPIRED", "its thirty days end now", text_of(past, OURS)),
    ]


def _sealed(sheet: Sheet, other: Sheet) -> list[tuple[str, str, str]]:
    assert isinstance(sheet.claim, ReceiverClaim)
    assert isinstance(other.claim, ReceiverClaim)
    foreign = replace(sheet, claim=replace(sheet.claim, sealed=other.claim.sealed))
    return [
        ("CANNOT_OPEN", "sealed part of another sheet, signed by us", text_of(foreign, OURS)),
        ("CANNOT_OPEN", "sealed with a key that is gone",
         text_of(replace(sheet, sealing_key_id=9), OURS)),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
