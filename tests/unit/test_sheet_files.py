"""Files for spreadsheets: bytes as they must be, formulas disarmed, numbers kept whole."""

import csv
import io
import json

import openpyxl
import pytest

from verifier.console.sheet_files import Column, Format, harmless, in_cp932, write

COLUMNS = (Column("番号", "number", 20), Column("名前", "name", 20))
NUMBER = "1234 5678 9012 3456"
ROWS = [(NUMBER, "髙﨑𠮷"), ("=1+1", '引用"符\n改行')]


def written(format_: Format, rows: list[tuple[str, str]] = ROWS) -> bytes:
    return b"".join(write(format_, COLUMNS, rows))


def test_csv_has_a_mark_quotes_every_cell_and_ends_lines_with_crlf() -> None:
    content = written(Format.CSV)
    assert content.startswith(b'\xef\xbb\xbf"\xe7\x95\xaa\xe5\x8f\xb7","')
    assert content.count(b"\xef\xbb\xbf") == 1
    assert content.endswith(b'"\r\n')
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert read == [["番号", "名前"], [NUMBER, "髙﨑𠮷"], ["'=1+1", '引用"符\n改行']]


def test_a_long_csv_comes_in_pieces_with_one_mark() -> None:
    pieces = list(write(Format.CSV, COLUMNS, (("1", "あ") for _ in range(1000))))
    assert len(pieces) > 4
    assert b"".join(pieces).count(b"\xef\xbb\xbf") == 1
    assert b"".join(pieces).count(b"\r\n") == 1001


def test_cp932_shows_a_geta_for_what_it_lacks() -> None:
    content = written(Format.CSV_CP932)
    assert "髙﨑〓" in content.decode("cp932")
    assert in_cp932("髙﨑𠮷—") == ("髙﨑〓〓", 2)
    assert in_cp932("髙﨑") == ("髙﨑", 0)


def test_a_workbook_holds_text_only() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(Format.XLSX)))
    rows = list(book.active.iter_rows())
    assert [[cell.value for cell in row] for row in rows] == [
        ["番号", "名前"], [NUMBER, "髙﨑𠮷"], ["=1+1", '引用"符\n改行'],
    ]  # fmt: skip
    assert {cell.data_type for row in rows for cell in row} == {"s"}


def test_json_lines_keep_every_value_as_it_is() -> None:
    lines = written(Format.JSON_LINES).decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"number": NUMBER, "name": "髙﨑𠮷"},
        {"number": "=1+1", "name": '引用"符\n改行'},
    ]


@pytest.mark.parametrize("format_", list(Format))
def test_a_file_without_rows_is_a_file(format_: Format) -> None:
    content = written(format_, [])
    if format_ is Format.XLSX:
        assert openpyxl.load_workbook(io.BytesIO(content)).active.max_row == 1
    else:
        assert content == {
            Format.CSV: '\ufeff"番号","名前"\r\n'.encode(),
            Format.CSV_CP932: '"番号","名前"\r\n'.encode("cp932"),
            Format.JSON_LINES: b"",
        }[format_]  # fmt: skip


@pytest.mark.parametrize(
    "cell",
    ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", " =1", "　＝1", "\n=1"],
)
def test_what_looks_like_a_formula_is_disarmed(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "見本", NUMBER, "2026-11-23 09:05:00", "a=1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell
