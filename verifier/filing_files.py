"""Files of filings: CSV or JSON Lines to records of text, each with the line it stands on.

The headers are English or Japanese. Nothing is judged here but the form of the file.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ALIASES = {
    "受付番号": "number",
    "手続種別": "procedure",
    "事務所": "office",
    "受取者名": "receiver_name",
    "状況": "status",
    "車両番号": "plate",
    "車台番号": "chassis",
    "納税確認": "tax_confirmed",
    "申請用パスワード": "password",
}
FIELDS = tuple(ALIASES.values())
REQUIRED = ("number", "procedure", "office", "status")
ENCODINGS = ("utf-8", "cp932")
_OUTSIDE = "file"
"""What an error names when it concerns no single field."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, where. Never repeats a name or a password."""

    line: int
    field: str
    text: str

    def __str__(self) -> str:
        """As the administrator reads it."""
        return f"line {self.line}, {self.field}: {self.text}"


class FileRefused(Exception):
    """Nothing of the file was written; every problem of it is listed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(problems)


@dataclass(frozen=True, slots=True)
class Record:
    """One filing as the file tells it; a field that the file lacks is not in `values`."""

    line: int
    values: Mapping[str, str]


def read_records(content: bytes, encoding: str = "utf-8") -> list[Record]:
    """The records of a file; JSON Lines when it begins with a brace. Raises FileRefused."""
    text = _decoded(content, encoding)
    problems: list[Problem] = []
    read = _json_lines if text.lstrip().startswith("{") else _csv
    records = list(read(text, problems))
    if not records and not problems:
        problems.append(Problem(1, _OUTSIDE, "there is no filing in the file"))
    if problems:
        raise FileRefused(problems)
    return records


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        other = next(name for name in ENCODINGS if name != encoding)
        text = f"not written in {encoding}; try --encoding {other}"
        raise FileRefused([Problem(line, _OUTSIDE, text)]) from error


def _csv(text: str, problems: list[Problem]) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [_field(name) for name in next(reader, [])]
        if found := _header_problems(header):
            problems.extend(found)
            return
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(header):
                yield Record(line, dict(zip(header, cells, strict=True)))
            elif cells:
                text_ = f"{len(cells)} cells under {len(header)} headers"
                problems.append(Problem(line, _OUTSIDE, text_))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(reader.line_num, _OUTSIDE, f"not CSV: {error}"))


def _json_lines(text: str, problems: list[Problem]) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            found, record = _record(number, values)
        else:
            found, record = [Problem(number, _OUTSIDE, "not a JSON object")], None
        problems.extend(found)
        if record:
            yield record


def _record(line: int, values: dict[str, Any]) -> tuple[list[Problem], Record | None]:
    """One object; numbers and truth values are taken as the words they would be in CSV."""
    named = [(_field(name), value) for name, value in values.items()]
    problems = [
        Problem(line, problem.field, problem.text)
        for problem in _header_problems([name for name, _ in named])
    ]
    for name, value in named:
        if not isinstance(value, str | int | None):
            problems.append(Problem(line, name, "neither text nor a whole number"))
    if problems:
        return problems, None
    return [], Record(line, {name: _text(value) for name, value in named})


def _header_problems(header: list[str]) -> list[Problem]:
    """A misspelled column would otherwise be lost without a word."""
    unknown = [name for name in header if name not in FIELDS]
    twice = {name for name in header if header.count(name) > 1 and name in FIELDS}
    return [
        *(Problem(1, name[:40] or "(empty)", "no field of that name") for name in unknown),
        *(Problem(1, name, "stands there twice") for name in twice),
        *(Problem(1, name, "is missing") for name in REQUIRED if name not in header),
    ]


def _field(name: str) -> str:
    stripped = name.strip()
    return ALIASES.get(stripped, stripped)


def _text(value: str | int | None) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
