"""The wire format: its released vectors, and what holds for every text and every sheet."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.digits import NotCanonical, bytes_of, checked, digits_of
from shared.domain import FilingClaim, FilingNumber, Purpose, ReceiverClaim, SearchKey, Sheet
from shared.keys import KeySet, SealingKey, TestKeys
from shared.names import InvalidName, ReceiverName
from shared.payload import (
    decode,
    encode,
    is_for_practice,
    looks_like_ours,
    normalised,
    open_tag,
    seal,
)
from shared.payload_errors import (
    BadSignature,
    CannotOpen,
    Expired,
    Malformed,
    NotYetValid,
    PayloadError,
    UnknownKey,
)
from tests.builders import KEYS, START, SYSTEM, filing_sheet, keys, receiver_sheet, text_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/payload_v1.json").read_text("utf-8"))
NINE = {
    "NOT_OURS", "MISREAD", "NEWER_VERSION", "UNKNOWN_KEY", "BAD_SIGNATURE", "MALFORMED",
    "NOT_YET_VALID", "EXPIRED", "CANNOT_OPEN",
}  # fmt: skip
NOW = datetime.fromisoformat(VECTORS["now"])
KEY_SET = KeySet(
    {
        int(i): Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        for i, key in VECTORS["signing_public"].items()
    },
    {},
    1,
    NOW + timedelta(days=1),
)
SEALING = [
    SealingKey(int(i), X25519PrivateKey.from_private_bytes(bytes.fromhex(key)))
    for i, key in VECTORS["sealing_private"].items()
]


def read(text: str) -> Sheet:
    """Decode and open, as the counter does."""
    sheet = decode(text, KEY_SET, VECTORS["system_id"], NOW)
    if isinstance(sheet.claim, ReceiverClaim):
        open_tag(sheet, SEALING, VECTORS["system_id"])
    return sheet


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda v: v["purpose"])
def test_a_valid_vector_says_what_it_said_when_it_was_released(vector):
    sheet = read(vector["text"])
    said = {
        "purpose": sheet.purpose,
        "search_key_number": sheet.search_key.number,
        "signing_key_id": sheet.signing_key_id,
        "sealing_key_id": sheet.sealing_key_id,
        "issued_at": sheet.issued_at.isoformat(),
        "valid_days": sheet.valid_days,
        "procedure": sheet.procedure,
    }
    if isinstance(sheet.claim, ReceiverClaim):
        said["name"] = sheet.claim.name
        said["tag"] = open_tag(sheet, SEALING, VECTORS["system_id"]).hex()
    else:
        said["filing_number"] = sheet.claim.number.digits
    assert said.items() <= vector.items()
    assert len(said) >= len(vector) - 2, "a field of the vector was not looked at"


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda v: v["why"])
def test_an_invalid_vector_gives_its_error(vector):
    with pytest.raises(PayloadError) as caught:
        read(vector["text"])
    assert caught.value.code == vector["error"]


def test_the_vectors_show_all_four_kinds_and_all_nine_errors():
    assert {v["purpose"] for v in VECTORS["valid"]} == set(Purpose)
    assert set(Counter(v["error"] for v in VECTORS["invalid"])) == NINE
    assert len(VECTORS["invalid"]) >= 25


names = st.text(
    st.sampled_from("見本行政書士　髙﨑𠮷ー一－斉葛󠄀（）０１２３ａｂガﾞ"), min_size=1, max_size=25
)


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """Any sheet the portal could issue."""
    purpose = draw(st.sampled_from(Purpose))
    key = SearchKey(purpose, draw(st.integers(0, 10**13 - 1)))
    issued = START + timedelta(seconds=draw(st.integers(-(10**6), 0)))
    procedure = draw(st.integers(1, 255))
    if purpose is Purpose.INDIVIDUAL:
        number = draw(st.from_regex(r"[0-9]{16,17}", fullmatch=True))
        return filing_sheet(number, procedure=procedure, issued_at=issued, key=key)
    try:
        name = ReceiverName.parse(draw(names)).display
    except InvalidName:
        name = "見本"
    days = draw(st.integers(30, 65535) | st.just(0))
    return receiver_sheet(
        purpose, name=name, procedure=procedure, issued_at=issued, valid_days=days, key=key
    )


@given(sheets())
@settings(deadline=None)
def test_what_is_encoded_comes_back(sheet):
    assert decode(text_of(sheet), KEYS.key_set, SYSTEM, START) == sheet


@given(st.text() | st.from_regex(r"9101[0-9]{0,700}", fullmatch=True) | st.binary().map(str))
@settings(deadline=None)
def test_any_text_is_a_sheet_or_one_of_the_nine(text):
    with pytest.raises(PayloadError) as caught:
        decode(text, KEYS.key_set, SYSTEM, START)
    assert caught.value.code in NINE


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_signed_bytes_are_an_error_or_exactly_what_an_encoder_writes(body):
    message = b"oss2d/v1/sig\0" + SYSTEM.encode() + b"\0" + body
    text = checked("9101" + digits_of(body + KEYS.signing.private.sign(message)))
    try:
        sheet = decode(text, KEYS.key_set, SYSTEM, START)
    except PayloadError:
        return  # any other exception fails the test
    assert encode(sheet, KEYS.signing, SYSTEM) == text


@pytest.mark.parametrize("sheet", [receiver_sheet(), filing_sheet("1234567890123456")])
def test_every_single_digit_change_is_refused(sheet):
    text = text_of(sheet)
    tried = 0
    for at, digit in enumerate(text):
        for other in set("0123456789") - {digit}:
            with pytest.raises(PayloadError):
                decode(text[:at] + other + text[at + 1 :], KEYS.key_set, SYSTEM, START)
            tried += 1
    assert tried == 9 * len(text)


@pytest.mark.parametrize("sheet", [receiver_sheet(), filing_sheet("1234567890123456")])
def test_every_bit_flip_with_repaired_check_digits_is_refused(sheet):
    data = bytes_of(text_of(sheet)[4:-2])
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(PayloadError) as caught:
            decode(checked("9101" + digits_of(bytes(flipped))), KEYS.key_set, SYSTEM, START)
        expected = {"UNKNOWN_KEY"} if 8 <= bit < 16 else {"BAD_SIGNATURE"}
        assert caught.value.code in expected, bit


def test_what_scanners_and_people_add_changes_nothing():
    text = text_of(receiver_sheet())
    wide = text.translate({0x30 + d: 0xFF10 + d for d in range(10)})
    parted = " ".join(wide[i : i + 4] for i in range(0, len(wide), 4)) + "-\r\n"
    assert normalised(parted) == text
    assert decode(parted, KEYS.key_set, SYSTEM, START) == decode(text, KEYS.key_set, SYSTEM, START)
    assert looks_like_ours(parted)
    assert not looks_like_ours("2/2400110/MIHON 0001/123")


def test_times_are_judged_at_their_edges_and_the_error_carries_the_sheet():
    sheet = receiver_sheet(valid_days=30)
    text, end = text_of(sheet), START + timedelta(days=30)
    assert decode(text, KEYS.key_set, SYSTEM, end - timedelta(seconds=1)) == sheet
    with pytest.raises(Expired) as expired:
        decode(text, KEYS.key_set, SYSTEM, end)
    assert expired.value.sheet == sheet
    assert decode(text, KEYS.key_set, SYSTEM, START - timedelta(minutes=5)) == sheet
    with pytest.raises(NotYetValid):
        decode(text, KEYS.key_set, SYSTEM, START - timedelta(minutes=5, seconds=1))


def test_an_individual_sheet_does_not_expire():
    text = text_of(filing_sheet("1234567890123456"))
    late = datetime(2099, 1, 1, tzinfo=UTC)
    assert decode(text, KEYS.key_set, SYSTEM, late).expires_at is None


def test_practice_keys_count_only_where_they_are_accepted():
    practice = keys(3, key_id=129)
    text = text_of(receiver_sheet(by=practice), practice)
    with pytest.raises(UnknownKey) as refused:
        decode(text, practice.key_set, SYSTEM, START)
    assert refused.value.practice
    assert decode(text, practice.key_set, SYSTEM, START, TestKeys.ACCEPTED).signing_key_id == 129


@pytest.mark.parametrize("data", [b"", b"\2", b"\2\x81", b"\2\x81" + bytes(77)])
def test_a_code_too_short_to_be_signed_is_not_for_practice(data: bytes) -> None:
    assert not is_for_practice(checked("9101" + digits_of(data)))


def test_the_tag_opens_only_under_the_name_kind_and_installation_it_was_sealed_for():
    sheet = receiver_sheet()
    assert isinstance(sheet.claim, ReceiverClaim)
    assert len(open_tag(sheet, [KEYS.sealing], SYSTEM)) == 32
    moved = (
        replace(sheet, claim=ReceiverClaim("別人", sheet.claim.sealed)),
        replace(sheet, procedure=2),
        replace(sheet, search_key=replace(sheet.search_key, purpose=Purpose.REGISTRATION)),
    )
    for other in moved:
        with pytest.raises(CannotOpen):
            open_tag(other, [KEYS.sealing], SYSTEM)
    with pytest.raises(CannotOpen):
        open_tag(sheet, [KEYS.sealing], "elsewhere")
    with pytest.raises(CannotOpen):
        open_tag(sheet, [keys(5).sealing], SYSTEM)


def test_a_sheet_of_another_installation_is_a_forgery_here():
    with pytest.raises(BadSignature):
        decode(text_of(receiver_sheet()), KEYS.key_set, "elsewhere", START)


def test_an_impossible_sheet_is_not_encoded():
    sheet = replace(filing_sheet("1234567890123456"), sealing_key_id=3)
    with pytest.raises(ValueError, match="a field the kind does not have"):
        encode(sheet, KEYS.signing, SYSTEM)


def test_the_usual_sheet_is_as_long_as_the_format_says():
    name = "見" * 25
    tag = bytes(32)
    sheet = receiver_sheet(name=name)
    assert len(seal(sheet, tag, KEYS.sealing_public, SYSTEM)) == 80
    assert len(text_of(sheet)) == 519
    assert len(text_of(filing_sheet("1234567890123456"))) == 223


def test_the_longest_name_that_is_accepted_is_read_back():
    name = ReceiverName.parse("𠮷󠄀" * 22 + "𠮷" * 38).display
    text = text_of(receiver_sheet(name=name))
    assert len(text) == 1194
    assert decode(text, KEYS.key_set, SYSTEM, START).claim.name == name
    with pytest.raises(InvalidName):
        ReceiverName.parse("𠮷󠄀" * 23 + "𠮷" * 37)


@given(st.binary(max_size=60))
def test_digits_give_their_bytes_back(data):
    assert bytes_of(digits_of(data)) == data


@given(st.from_regex(r"[0-9]{0,60}", fullmatch=True))
def test_digits_that_no_bytes_give_are_refused(digits):
    try:
        data = bytes_of(digits)
    except NotCanonical:
        return
    assert digits_of(data) == digits


def test_filing_numbers_keep_their_leading_zeros():
    sheet = filing_sheet("0000000000000001")
    claim = decode(text_of(sheet), KEYS.key_set, SYSTEM, START).claim
    assert claim == FilingClaim(FilingNumber("0000000000000001"))
    with pytest.raises(Malformed):
        decode(checked("9101" + "9" * 17), KEYS.key_set, SYSTEM, START)
