"""Issues a list of sheets into a folder: every good row, whatever is wrong with the others.

A row's file is named after its line, its kind and a keyed digest of what it asks for. So a second
run goes on where the first one ended, a changed row gets another file, and no name tells whose
sheet it is unless that is asked for.
"""

import csv
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from issuer.command import drawn
from issuer.lists import Refusal, Row, Wanted, judge
from issuer.portal import Portal
from issuer.sheets import issue_public

REPORT = "refused.csv"
_REPORT_HEADER = ("line", "field", "reason")
_NAME_CHARACTERS = 30
_MARK_DOMAIN = b"oss2d/v1/list\0"


@dataclass(frozen=True, slots=True)
class Issued:
    """A sheet was issued into this file."""

    path: Path


@dataclass(frozen=True, slots=True)
class Kept:
    """The file was there already; nothing was issued for its row."""

    path: Path


Outcome = Issued | Kept | list[Refusal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where the files go, and how."""

    path: Path
    kind: str
    """pdf, svg or png."""
    shows_names: bool = False
    """File names end with the receiver's name."""
    replaces: bool = False
    """Issue anew what is there already."""

    def file_for(self, wanted: Wanted, key: bytes) -> Path:
        """The row's file: always the same for the same row."""
        request = wanted.request
        asked = f"{request.purpose}\0{request.procedure}\0{request.receiver.display}"
        mark = hmac.digest(key, _MARK_DOMAIN + asked.encode(), "sha256").hex()[:8]
        name = f"-{_printable(request.receiver.display)}" if self.shows_names else ""
        return self.path / f"{wanted.line:05}-{request.purpose}-{mark}{name}.{self.kind}"


def issue_rows(
    portal: Portal,
    rows: Iterable[Row],
    procedures: Mapping[int, str],
    folder: Folder,
    password_in: Callable[[str], str],
) -> Iterator[Outcome]:
    """What became of each row, in order, each as soon as it is so. Raises OSError."""
    for row in rows:
        wanted = judge(row, procedures, password_in)
        if not isinstance(wanted, Wanted):
            yield wanted
            continue
        path = folder.file_for(wanted, portal.press.lookup_key)
        if path.exists() and not folder.replaces:
            yield Kept(path)
            continue
        facts = issue_public(
            portal.sessions, portal.press, wanted.request, procedures, portal.clock()
        )
        _write(path, drawn(facts, folder.kind))
        yield Issued(path)


def write_report(path: Path, refusals: Iterable[Refusal]) -> None:
    """The refused rows for a spreadsheet; only a header when there are none. Raises OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_REPORT_HEADER)
        writer.writerows((refusal.line, refusal.field, refusal.reason) for refusal in refusals)


def _write(path: Path, content: bytes) -> None:
    """All of the file or none: half a sheet would pass for a finished row at the next run."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def _printable(name: str) -> str:
    """Names are full width, so no character of theirs means anything to a file system."""
    return name[:_NAME_CHARACTERS].replace("　", "_")
