"""引換の照合: which vehicle a paper belongs to, and which it does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.exchange import Finding, folded, listen, names_a_vehicle
from shared.db.tables import Compared
from verifier.acts import BasketRow

ROWS = (
    BasketRow(1, "2600 0000 0000 0001", "見本 580 あ 00-01", (), (), None, "MIHON-000011"),
    BasketRow(2, "2600 0000 0000 0002", "見本 580 い 00-02", (), (), None, "MIHON-000012"),
    BasketRow(3, "2600 0000 0000 0003", "見本 581 あ ・・-12", (), (), None, "MIHON-0000123"),
    BasketRow(4, "2600 0000 0000 0004", None, (), (), None, None),
)


def scan(text: str):
    heard = listen(ROWS, text, Compared.SCANNED)
    return heard.finding, heard.rows


def type_(text: str):
    heard = listen(ROWS, text, Compared.TYPED)
    return heard.finding, heard.rows


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("2/2400110/MIHON-000012/123", 2),
        ("K/22/見本　５８０い００－０２/1/-/-", 2),
        ("2/見本 580 あ 00-01/1/MIHON-000011/MH-1/2", 1),
        ("3,見本581あ12,x", 3),
        ("車台番号MIHON-000011型式MH", 1),
        ("MIHON-0000123", 3),
    ],
)
def test_a_certificates_code_finds_its_row(text, row):
    assert scan(text) == (Finding.FOUND, (row,))


def test_the_number_that_is_longer_wins_where_one_stands_in_the_other():
    assert scan("x MIHON-0000123 y") == (Finding.FOUND, (3,))


@pytest.mark.parametrize("text", ["MIHON-0000113", "XMIHON-000011", "1/MIHON-0000110/2"])
def test_a_number_that_is_only_part_of_another_one_is_not_found(text):
    assert scan(text)[0] is Finding.NOT_HERE


def test_a_code_that_names_two_rows_is_not_decided():
    assert scan("MIHON-000011/MIHON-000012") == (Finding.AMBIGUOUS, (1, 2))


def test_a_certificate_of_another_vehicle_is_no_row_but_names_the_nearest():
    assert scan("2/1/MIHON-000019/1") == (Finding.NOT_HERE, (1,))
    assert scan("2/1/ABC12-7654321/1") == (Finding.NOT_HERE, ())


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("0011", 1),
        ("００１２", 2),
        ("あ 00-01", 1),
        ("い0002", 2),
        ("mihon-000011", 1),
        ("見本580い0002", 2),
        ("あ12", 3),
    ],
)
def test_a_plate_or_the_last_digits_are_enough(text, row):
    assert type_(text) == (Finding.FOUND, (row,))


def test_too_few_digits_find_nothing_and_digits_of_several_are_not_decided():
    assert type_("12") == (Finding.NOT_HERE, ())
    rows = (*ROWS, replace(ROWS[0], filing_id=5, plate="見本 580 う 99-99"))
    heard = listen(rows, "0011", Compared.TYPED)
    assert (heard.finding, heard.rows) == (Finding.AMBIGUOUS, (1, 5))


@pytest.mark.parametrize(
    "text", ["https://example.jp/MIHON-000011", "1234567890", "ありがとうございます", ""]
)
def test_a_code_without_a_vehicles_number_is_told_from_one_with(text):
    assert not names_a_vehicle(text)


@pytest.mark.parametrize("text", ["2/2400110/MIHON 0001/123", "K/見本５８０あ１２３４/1"])
def test_a_record_of_a_vehicle_is_known_as_one(text):
    assert names_a_vehicle(text)


@given(st.text(max_size=60))
def test_no_text_finds_a_row_whose_number_does_not_stand_in_it(text):
    heard = listen(ROWS, text, Compared.SCANNED)
    if heard.finding is Finding.FOUND:
        row = next(row for row in ROWS if row.filing_id == heard.rows[0])
        assert any(name and name in folded(text) for name in map(folded, (row.plate, row.chassis)))


@given(st.sampled_from(ROWS[:3]), st.integers(0, 9), st.data())
def test_one_wrong_digit_never_finds_the_row_it_was_read_from(row, digit, data):
    chassis = row.chassis
    place = data.draw(st.integers(len(chassis) - 4, len(chassis) - 1))
    wrong = chassis[:place] + str(digit) + chassis[place + 1 :]
    finding, rows = scan(f"2/{wrong}/1")
    if wrong != chassis and finding is not Finding.NOT_HERE:
        assert [other.chassis for other in ROWS if other.filing_id in rows] == [wrong]
