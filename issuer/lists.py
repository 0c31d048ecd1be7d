"""Lists of wanted sheets: a CSV file to wishes and refusals, each with the line it stands on.

Headers are English or Japanese. What a row asks for is judged as the portal judges its form.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from issuer.forms import PUBLIC_PURPOSES, FieldError, SheetRequest, read_sheet_request
from issuer.kinds import KINDS

ALIASES = {
    "使用目的": "purpose",
    "手続種別": "procedure",
    "受取者名": "receiver_name",
    "パスワードファイル": "password_file",
}
FIELDS = tuple(ALIASES.values())
REQUIRED = ("purpose", "receiver_name")
MOST_BYTES = 20_000_000
_ROW = "row"
"""What a refusal names when it concerns no single field."""
_PURPOSES = {KINDS[purpose].short: str(purpose) for purpose in PUBLIC_PURPOSES}


class UnusableList(Exception):
    """The file is no list; the message says why. No row was looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row that can be issued."""

    line: int
    request: SheetRequest


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong with a row. Never repeats a name or a password."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the file; a column that the file lacks is not in `values`."""

    line: int
    values: Mapping[str, str] | None
    """None when the row has more or fewer cells than the header."""


def read_rows(content: bytes) -> list[Row]:
    """The rows of a list in UTF-8, with or without a byte order mark, or in cp932.

    Raises UnusableList.
    """
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        columns = _columns(next(reader, []))
        return list(_rows(reader, columns))
    except csv.Error as error:
        raise UnusableList(f"line {reader.line_num}: {error}") from error


def judge(
    row: Row, procedures: Mapping[int, str], password_in: Callable[[str], str]
) -> Wanted | list[Refusal]:
    """The row's wish, or all that is wrong with it.

    `password_in` gives the password in the file a row names; raises OSError or UnicodeError.
    """
    if row.values is None:
        return [Refusal(row.line, _ROW, "列の数が見出しと違います")]
    try:
        password = password_in(row.values.get("password_file", "").strip())
    except (OSError, UnicodeError):
        return [Refusal(row.line, "password_file", "パスワードのファイルを読めません")]
    answer = read_sheet_request(_form(row.values, procedures, password), procedures)
    if isinstance(answer, SheetRequest):
        return Wanted(row.line, answer)
    return [_refusal(row.line, error) for error in answer]


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise UnusableList(f"more than {MOST_BYTES // 1_000_000} MB")
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnusableList("neither UTF-8 nor cp932 (Shift_JIS)")


def _columns(header: list[str]) -> list[str]:
    columns = [ALIASES.get(cell.strip(), cell.strip()) for cell in header]
    for name in REQUIRED:
        if name not in columns:
            raise UnusableList(f"the first line names no column {name}")
    unknown = [name for name in columns if name not in FIELDS]
    if unknown:
        raise UnusableList(f"unknown column {unknown[0]!r}; there are {', '.join(FIELDS)}")
    if len(set(columns)) < len(columns):
        raise UnusableList("a column is named twice")
    return columns


def _rows(reader: Iterator[list[str]], columns: list[str]) -> Iterator[Row]:
    line = 2
    for cells in reader:
        if cells:
            values = dict(zip(columns, cells, strict=False)) if _fits(cells, columns) else None
            yield Row(line, values)
        line = int(getattr(reader, "line_num")) + 1  # noqa: B009 - the iterator's own attribute


def _fits(cells: list[str], columns: list[str]) -> bool:
    return len(cells) == len(columns)


def _form(
    values: Mapping[str, str], procedures: Mapping[int, str], password: str
) -> dict[str, str]:
    """The row as the portal's form would send it: kinds and procedures may go by their names."""
    purpose, procedure = (values.get(name, "").strip() for name in ("purpose", "procedure"))
    codes = {name: str(code) for code, name in procedures.items()}
    return {
        "purpose": _PURPOSES.get(purpose, purpose),
        "procedure": codes.get(procedure, procedure),
        "receiver_name": values.get("receiver_name", ""),
        "password": password,
        "password_confirm": password,
    }


def _refusal(line: int, error: FieldError) -> Refusal:
    field = "password_file" if error.name.startswith("password") else error.name
    return Refusal(line, field, error.text)
