"""Rows as files that a spreadsheet opens without harm: CSV, XLSX, JSON Lines.

A spreadsheet takes 16 digits for a number and rounds the last one away, and takes a cell that
begins with ``=`` for a formula: numbers come in fours, and such cells get an apostrophe.
"""

import csv
import io
import json
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import xlsxwriter

GETA = "〓"
"""What stands for a character that cp932 lacks (the printers' mark for a missing type)."""
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BATCH = 200
_PIECE = 256 * 1024
Cells = Sequence[str]


class Format(StrEnum):
    """What a file is written as. Stored in the journal: never renamed."""

    CSV = "csv"
    CSV_CP932 = "csv-cp932"
    XLSX = "xlsx"
    JSON_LINES = "jsonl"

    @property
    def suffix(self) -> str:
        """The end of the file's name."""
        return "csv" if self is Format.CSV_CP932 else self.value

    @property
    def mime_type(self) -> str:
        """For the answer's header."""
        return _MIME_TYPES[self]


_MIME_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.CSV_CP932: "text/csv; charset=shift_jis",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON_LINES: "application/jsonl; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, its key in JSON, and its width in characters."""

    heading: str
    key: str
    width: int


def write(format_: Format, columns: Sequence[Column], rows: Iterable[Cells]) -> Iterator[bytes]:
    """A file in pieces, as its rows come."""
    match format_:
        case Format.CSV:
            return _csv(columns, rows, "utf-8-sig")
        case Format.CSV_CP932:
            return _csv(columns, rows, "cp932")
        case Format.XLSX:
            return _xlsx(columns, rows)
        case Format.JSON_LINES:
            return _json_lines(columns, rows)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, full-width signs and blanks before it too."""
    folded = unicodedata.normalize("NFKC", cell[:8])
    begins = folded.lstrip(" \u00a0\u200b\ufeff")[:1] or folded[:1]
    return f"'{cell}" if folded[:1] in _BEGINS_A_FORMULA or begins in _BEGINS_A_FORMULA else cell


def in_cp932(text: str) -> tuple[str, int]:
    """The text with 〓 for what cp932 lacks, and how many characters that were."""
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        kept = [char if _fits_cp932(char) else GETA for char in text]
        return "".join(kept), sum(not _fits_cp932(char) for char in text)
    return text, 0


def _fits_cp932(char: str) -> bool:
    try:
        char.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _csv(columns: Sequence[Column], rows: Iterable[Cells], encoding: str) -> Iterator[bytes]:
    """RFC 4180 with every cell quoted; a BOM, because spreadsheets guess without one."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([column.heading for column in columns])
    began = False
    for number, row in enumerate(rows, start=1):
        cells = [harmless(cell) for cell in row]
        if encoding == "cp932":
            cells = [in_cp932(cell)[0] for cell in cells]
        writer.writerow(cells)
        if number % _BATCH == 0:
            yield _taken(out, encoding, began=began)
            began = True
    yield _taken(out, encoding, began=began)


def _taken(out: io.StringIO, encoding: str, *, began: bool) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode("utf-8" if began and encoding == "utf-8-sig" else encoding)


def _xlsx(columns: Sequence[Column], rows: Iterable[Cells]) -> Iterator[bytes]:
    """A workbook of text cells; it is put together on disk, a row at a time in memory."""
    with tempfile.TemporaryFile(prefix="uketori-export-") as file:
        options = {"constant_memory": True, "strings_to_formulas": False,
                   "strings_to_numbers": False, "strings_to_urls": False}  # fmt: skip
        book = xlsxwriter.Workbook(file, options)
        sheet = book.add_worksheet("記録")
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.heading, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell, text)
        book.close()
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _json_lines(columns: Sequence[Column], rows: Iterable[Cells]) -> Iterator[bytes]:
    """For programs: nothing is changed in a value."""
    keys = [column.key for column in columns]
    for row in rows:
        line = json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False)
        yield (line + "\n").encode("utf-8", "surrogatepass")
