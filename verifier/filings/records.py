"""Files of filings: CSV or JSON Lines to records of text, each with the line it stands on.

The headers are English or Japanese. Nothing is judged here but the form of the file, which is
read line by line: it may be larger than the memory.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TextIO

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
LONGEST_LINE = 16 * 1024
"""Characters; a filing takes some hundred."""
WHOLE = "file"
"""What an error names when it concerns no single field."""
_UNDECODED = re.compile("[\udc80-\udcff]")
"""What `surrogateescape` makes of a byte that the encoding does not have."""


class Problem(NamedTuple):
    """What is wrong, where. Never repeats a name or a password."""

    line: int
    field: str
    text: str

    def __str__(self) -> str:
        """As the administrator reads it."""
        return f"line {self.line}, {self.field}: {self.text}"


class FileRefused(Exception):
    """The file is none of filings: nothing was read or written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(problems)


class Record(NamedTuple):
    """One filing as the file tells it; a field that the file lacks is not in `values`."""

    line: int
    values: Mapping[str, str]


class Refused(NamedTuple):
    """A row that does not go in, and everything that is wrong with it."""

    line: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class FilingsFile:
    """What was handed to us."""

    path: Path
    encoding: str = "utf-8"

    def sha256(self) -> str:
        """Names the file in the journal. Raises OSError."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def open(self) -> TextIO:
        """The text of it; undecodable bytes become what `undecoded` finds. Raises OSError."""
        codec = "utf-8-sig" if self.encoding == "utf-8" else self.encoding
        return self.path.open(encoding=codec, errors="surrogateescape", newline="")


def read_records(text: TextIO) -> Iterator[Record | Refused]:
    """The records of a file; JSON Lines when it begins with a brace. Raises FileRefused."""
    lines = _Lines(text)
    try:
        line = next(line for line in lines if line.strip())
    except StopIteration as error:
        raise FileRefused([Problem(1, name, "is missing") for name in REQUIRED]) from error
    except _TooLong as error:
        raise FileRefused([Problem(lines.number, WHOLE, str(error))]) from error
    begin = lines.number
    lines.put_back(line)
    yield from (_json_lines if line.lstrip().startswith("{") else _csv)(lines, begin)


def undecoded(values: Iterator[str] | Sequence[str]) -> bool:
    """Whether a text holds a byte that the file's encoding does not have."""
    return any(_UNDECODED.search(value) for value in values)


def not_decoded(line: int, encoding: str) -> Problem:
    """What to tell of such a text."""
    other = next(name for name in ENCODINGS if name != encoding)
    return Problem(line, WHOLE, f"not written in {encoding}; try --encoding {other}")


def record_of(line: int, values: Mapping[str, Any]) -> Record | Refused:
    """One JSON object; numbers and truth values are taken as the words they would be in CSV."""
    named = [(_field(name), value) for name, value in values.items()]
    problems = _header_problems(line, [name for name, _ in named])
    for name, value in named:
        if not isinstance(value, str | int | None):
            problems.append(Problem(line, name, "neither text nor a whole number"))
    if problems:
        return Refused(line, tuple(problems))
    return Record(line, {name: _text(value) for name, value in named})


class _TooLong(Exception):
    """A line that no filing needs."""

    def __init__(self) -> None:
        super().__init__("a line longer than any filing")


class _Lines:
    """The lines of a text, counted; none is longer than we allow. Goes on after _TooLong."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: str | None = None
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self.number += 1
        if self._again is not None:
            line, self._again = self._again, None
            return line
        line = self._text.readline(LONGEST_LINE)
        if not line:
            self.number -= 1
            raise StopIteration
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            while (more := self._text.readline(LONGEST_LINE)) and more[-1] not in "\r\n":
                pass
            raise _TooLong
        return line

    def put_back(self, line: str) -> None:
        """Let the next one be this one again."""
        self._again = line
        self.number -= 1


def _csv(lines: _Lines, begin: int) -> Iterator[Record | Refused]:
    reader = csv.reader(lines, strict=True)
    header = _header(reader, begin)
    width = len(header)
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLong) as error:
            yield Refused(line, (Problem(line, WHOLE, _why_not_csv(error, line, lines.number)),))
            continue
        if len(cells) == width:
            yield Record(line, dict(zip(header, cells, strict=True)))
        elif cells:
            text = f"{len(cells)} cells under {width} headers"
            yield Refused(line, (Problem(line, WHOLE, text),))


def _header(reader: Iterator[list[str]], line: int) -> list[str]:
    try:
        header = [_field(name) for name in next(reader)]
    except (csv.Error, _TooLong) as error:
        raise FileRefused([Problem(line, WHOLE, f"not CSV: {error}")]) from error
    if undecoded(header):
        text = f"the headers are not written in this encoding; try --encoding {ENCODINGS[1]}"
        raise FileRefused([Problem(line, WHOLE, text)])
    if found := _header_problems(line, header):
        raise FileRefused(found)
    return header


def _why_not_csv(error: Exception, first: int, last: int) -> str:
    if isinstance(error, _TooLong):
        return str(error)
    upto = f" (read as one row up to line {last})" if last > first else ""
    return f"not CSV: {error}{upto}"


def _json_lines(lines: _Lines, _begin: int) -> Iterator[Record | Refused]:
    while True:
        try:
            line = next(lines)
        except StopIteration:
            return
        except _TooLong:
            yield _not_an_object(lines.number)
            continue
        if line.strip():
            yield _parsed(line, lines.number)


def _parsed(line: str, number: int) -> Record | Refused:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        values = None
    return record_of(number, values) if isinstance(values, dict) else _not_an_object(number)


def _not_an_object(line: int) -> Refused:
    return Refused(line, (Problem(line, WHOLE, "not a JSON object"),))


def _header_problems(line: int, header: list[str]) -> list[Problem]:
    """A misspelled column would otherwise be lost without a word."""
    unknown = [name for name in header if name not in FIELDS]
    twice = {name for name in header if header.count(name) > 1 and name in FIELDS}
    return [
        *(Problem(line, name[:40] or "(empty)", "no field of that name") for name in unknown),
        *(Problem(line, name, "stands there twice") for name in twice),
        *(Problem(line, name, "is missing") for name in REQUIRED if name not in header),
    ]


def _field(name: str) -> str:
    stripped = name.strip()
    return ALIASES.get(stripped, stripped)


def _text(value: str | int | None) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
