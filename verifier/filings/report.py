"""The rows of a file that did not go in, for a spreadsheet: line, field, reason."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO

from verifier.filings.records import Problem, Refused

_HEADER = ("line", "field", "reason")


class Report:
    """A report that grows while its file is read; nothing in it names a person."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._writer = csv.writer(file)
        self._writer.writerow(_HEADER)
        self.rows = 0
        """Rows of the imported file that stand in it."""

    def add(self, rows: Iterable[Refused]) -> None:
        """Write rows down for good, before what was read beside them is."""
        for row in rows:
            self._writer.writerows(row.problems)
            self.rows += 1
        self._file.flush()


@contextmanager
def open_report(path: Path, after: int) -> Iterator[Report]:
    """Begin a report; of one that is there, keep what it says of the lines up to `after`.

    A report with nothing in it does not stay. Raises OSError.
    """
    kept = list(_up_to(path, after)) if after and path.exists() else []
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        report = Report(file)
        report.add(kept)
        try:
            yield report
        finally:
            if not report.rows:
                path.unlink()


def _up_to(path: Path, last: int) -> Iterator[Refused]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = (row for row in csv.reader(file) if len(row) == len(_HEADER) and row[0].isdecimal())
        for line, problems in groupby(rows, key=lambda row: int(row[0])):
            if line <= last:
                yield Refused(line, tuple(Problem(line, *problem[1:]) for problem in problems))
