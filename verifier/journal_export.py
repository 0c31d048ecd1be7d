"""The journal as JSON Lines: one entry a line, then one line with its size and head.

The same entries always give the same bytes. Whoever holds the last line can show later that
nothing before it was changed or cut off.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeGuard

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.session import Sessions, reading
from shared.db.tables import JournalEntry
from verifier.journal_check import stored_entries
from verifier.journal_walk import (
    NOBODY,
    Entry,
    Findings,
    How,
    Progress,
    Unreadable,
    Walk,
    Witnesses,
    as_entry,
    silent,
)
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json

LONGEST_LINE = 64 * 1024
_FIELDS = ("seq", "prev", "hash", "at", "act", "kiosk", "kiosk_seq", "staff", "body")
_END = ("entries", "first", "head", "last")


class Unexportable(Exception):
    """An entry cannot be read, so that there is no honest export: `verify` says more."""


@dataclass(frozen=True, slots=True)
class Period:
    """Which entries: from the first one at or after `since` to the last one before `until`."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """The entries of an export; `last` is below `first` when there are none."""

    first: int
    last: int


def begin(sessions: Sessions, period: Period, author: Author, now: datetime) -> Range:
    """Write down that somebody exports, then say what: journalled even if the copying fails."""
    with sessions.begin() as session:
        span = _range(session, period)
        body: dict[str, Json] = {"first": span.first, "last": span.last}
        journal.append(session, Act.EXPORTED, author, body, now)
        return span


def lines(sessions: Sessions, span: Range) -> Iterator[str]:
    """The lines of an export, without line ends. Raises Unexportable."""
    entries, head = 0, ""
    with reading(sessions) as session:
        for entry in stored_entries(session, span.first, span.last):
            if isinstance(entry, Unreadable):
                raise Unexportable(f"entry {entry.seq} cannot be read")
            entries, head = entries + 1, entry.hash
            yield line_of(entry)
    yield _line({"entries": entries, "first": span.first, "head": head, "last": span.last})


def line_of(entry: Entry) -> str:
    """One entry as a line; the body stays the very text that its hash covers."""
    link = entry.link
    at = link.at.astimezone(UTC).isoformat(timespec="microseconds")
    person = (link.act, link.kiosk_code, link.kiosk_seq, link.staff_number, link.body)
    values = (link.seq, link.prev, entry.hash, at, *person)
    return _line(dict(zip(_FIELDS, values, strict=True)))


def check_export(
    text: Iterable[str], outside: Witnesses = NOBODY, progress: Progress = silent
) -> Findings:
    """Check an export offline: its chain, and that its last line fits what is above it."""
    reader = _Reader(text)
    walk = Walk(partial=reader.begins_later(), witnesses=outside)
    found = walk.over(reader.entries(), progress)
    if reader.end is None:
        text_ = "the file ends without its closing line: cut off"
        found.report(found.last, How.CUT_OFF, text_)
    elif found.entries and (reader.end["last"], reader.end["head"]) != (found.last, found.head):
        text_ = f"the closing line names entry {reader.end['last']} as the last: cut off or edited"
        found.report(found.last, How.CUT_OFF, text_)
    elif reader.end["entries"] != found.entries:
        text_ = f"the closing line counts {reader.end['entries']} entries, not {found.entries}"
        found.report(found.last, How.CUT_OFF, text_)
    return found


class _Reader:
    """The lines of a file, one read ahead: the first tells where the export begins."""

    def __init__(self, text: Iterable[str]) -> None:
        self._lines, self._line = enumerate(text, start=1), 0
        self._ahead = self._next()
        self.end: dict[str, object] | None = None

    def begins_later(self) -> bool:
        """Whether the file begins with another entry than the journal's first."""
        return isinstance(self._ahead, Entry) and self._ahead.link.seq > 1

    def entries(self) -> Iterator[Entry | Unreadable]:
        """Every entry; a closing line is kept, and anything after it is not in its form."""
        while self._ahead is not None:
            if self.end is not None:
                yield Unreadable(line=self._line)
            elif isinstance(self._ahead, dict):
                self.end = self._ahead
            else:
                yield self._ahead
            self._ahead = self._next()

    def _next(self) -> Entry | Unreadable | dict[str, object] | None:
        for number, line in self._lines:
            if line.strip():
                self._line = number
                return _parsed(line, number)
        return None


def _range(session: Session, period: Period) -> Range:
    """Numbers, not times, bound an export: clocks may have been set back in between."""
    first = select(func.min(JournalEntry.seq))
    last = select(func.max(JournalEntry.seq))
    if period.since is not None:
        first = first.where(JournalEntry.at >= period.since)
    if period.until is not None:
        last = last.where(JournalEntry.at < period.until)
    begins = session.scalar(first)
    return Range(1, 0) if begins is None else Range(begins, session.scalar(last) or 0)


def _line(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _parsed(line: str, number: int) -> Entry | Unreadable | dict[str, object]:
    try:
        values = json.loads(line) if len(line) <= LONGEST_LINE else None
        if _is_end(values):
            return values
        entry = _entry(values)
    except (ValueError, KeyError, TypeError, RecursionError):
        return Unreadable(line=number)
    return Unreadable(line=number) if isinstance(entry, Unreadable) else entry


def _is_end(values: object) -> TypeGuard[dict[str, object]]:
    return isinstance(values, dict) and tuple(sorted(values)) == tuple(sorted(_END))


def _entry(values: object) -> Entry | Unreadable:
    if not isinstance(values, dict) or set(values) != set(_FIELDS):
        return Unreadable()
    at = datetime.fromisoformat(values["at"])
    if at.tzinfo is None:
        return Unreadable()
    return as_entry(*(at if name == "at" else values[name] for name in _FIELDS))
