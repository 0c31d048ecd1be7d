"""Walk the journal's chain and say where it breaks: in the database, or offline from an export.

Memory stays flat: one batch of entries and one number a kiosk are kept. What no chain can show by
itself is that its end was cut off or written anew; a head witnessed outside does (the first 12
digits on every receipt, or the last line of an earlier export).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.session import Sessions, reading
from shared.db.tables import JournalEntry, Kiosk
from verifier.registry.journal import GENESIS, Link, hash_of

MOST_BREAKS = 20
"""How many are told one by one; the rest are only counted."""
_BATCH = 1000


class How(StrEnum):
    """In which way the chain breaks at an entry."""

    EDITED = "edited"
    MISSING = "missing"
    OUT_OF_ORDER = "out_of_order"
    MISLINKED = "mislinked"
    KIOSK_GAP = "kiosk_gap"
    UNREADABLE = "unreadable"
    CUT_OFF = "cut_off"
    HEAD_UNKNOWN = "head_unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry with the hash that is stored beside it."""

    link: Link
    hash: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry, or a line of an export, that is not in its form."""

    seq: int | None = None
    """Its number, as far as that can be told."""
    line: int | None = None
    """Where it stands in an export."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where and how the chain does not hold."""

    seq: int
    how: How
    detail: str

    def __str__(self) -> str:
        """One line for the person who checks."""
        return f"entry {self.seq}: {self.detail}"


@dataclass(slots=True)
class Findings:
    """What a walk over the journal found. `first` and `last` are 0 when there are no entries."""

    first: int = 0
    last: int = 0
    head: str = GENESIS
    entries: int = 0
    broken: int = 0
    breaks: list[Break] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether every link held."""
        return self.broken == 0

    def report(self, seq: int, how: How, detail: str) -> None:
        """Note one break."""
        self.broken += 1
        if len(self.breaks) < MOST_BREAKS:
            self.breaks.append(Break(seq, how, detail))


@dataclass(slots=True)
class _Walk:
    """Where the walk stands: the entry before, and each kiosk's last number."""

    found: Findings
    partial: bool
    """The entries begin somewhere in the middle: what came before is not known."""
    heads: set[str]
    """Witnessed heads that have not been met yet."""
    kiosks: dict[str, int] = field(default_factory=dict)
    blind: bool = False
    """The entry before could not be read, so that nothing can be said of the link to it."""

    def skip(self, unreadable: Unreadable) -> None:
        seq = self.found.last + 1 if unreadable.seq is None else unreadable.seq
        where = f" (line {unreadable.line})" if unreadable.line else ""
        self.found.report(seq, How.UNREADABLE, f"cannot be read{where}: it was edited")
        self.found.last = seq
        self.blind = True

    def step(self, entry: Entry) -> None:
        link, found = entry.link, self.found
        if _digest(link) != entry.hash:
            found.report(link.seq, How.EDITED, "its content does not give its hash: it was edited")
        self._check_place(link)
        self._check_kiosk(link)
        self.heads -= {head for head in self.heads if entry.hash.startswith(head)}
        self.blind = False
        found.entries += 1
        found.first = found.first or link.seq
        found.last, found.head = link.seq, entry.hash

    def _check_place(self, link: Link) -> None:
        found = self.found
        if self.partial and not found.entries:
            return
        expected = found.last + 1
        if link.seq > expected:
            gone = f"{expected}" if link.seq == expected + 1 else f"{expected} to {link.seq - 1}"
            found.report(link.seq, How.MISSING, f"before it, {gone} is missing: deleted")
        elif link.seq < expected:
            found.report(link.seq, How.OUT_OF_ORDER, f"comes after entry {found.last}")
        elif link.prev != found.head and not self.blind:
            text = "does not name the entry before it: inserted, swapped, or that one written anew"
            found.report(link.seq, How.MISLINKED, text)

    def _check_kiosk(self, link: Link) -> None:
        kiosk, number = link.kiosk_code, link.kiosk_seq
        if kiosk is None or number is None:
            return
        last = self.kiosks.get(kiosk, number - 1 if self.partial else 0)
        if number != last + 1:
            text = f"is number {number} of kiosk {kiosk}, which was at {last}"
            self.found.report(link.seq, How.KIOSK_GAP, text)
        self.kiosks[kiosk] = number


def check_registry(sessions: Sessions, heads: Iterable[str] = ()) -> Findings:
    """Check the journal of a registry. `heads`: witnessed hashes, or their first digits."""
    with reading(sessions) as session:
        # Read before the walk: entries that arrive meanwhile only make the walk longer.
        counted = {k.code: k.entries for k in session.scalars(select(Kiosk))}
        walk = _walk(_stored(session), heads, partial=False)
    for kiosk, entries in sorted(counted.items()):
        seen = walk.kiosks.get(kiosk, 0)
        if seen < entries:
            text = f"kiosk {kiosk} wrote {entries} entries, the journal ends at its {seen}: cut off"
            walk.found.report(walk.found.last, How.CUT_OFF, text)
    return walk.found


def check_entries(
    entries: Iterable[Entry | Unreadable], heads: Iterable[str] = (), *, partial: bool = False
) -> Findings:
    """Check entries in the order given; a partial journal may begin anywhere."""
    return _walk(entries, heads, partial=partial).found


def check_neighbours(session: Session, seq: int) -> Findings:
    """Check one entry and its links to whatever stands before and after it."""
    upto = _COLUMNS.where(JournalEntry.seq <= seq).order_by(JournalEntry.seq.desc()).limit(2)
    after = _COLUMNS.where(JournalEntry.seq > seq).order_by(JournalEntry.seq).limit(1)
    rows = [*reversed(session.execute(upto).all()), *session.execute(after)]
    begins_later = bool(rows) and rows[0].seq not in {1, seq}
    return check_entries([as_entry(*row) for row in rows], partial=begins_later)


def as_entry(*values: object) -> Entry | Unreadable:
    """An entry from its nine values, in the order of the table; every type is looked at.

    A database owner, or whoever edits an export, can put anything in their place.
    """
    kinds = (int, str, str, datetime, str, str | None, int | None, str | None, str)
    seq = values[0] if values and isinstance(values[0], int) else None
    fits = len(values) == len(kinds) and all(map(isinstance, values, kinds))
    if not fits or any(isinstance(value, bool) for value in values):
        return Unreadable(seq)
    number, prev, digest, at, *rest = values
    return Entry(Link(number, prev, at, *rest), digest)  # type: ignore[arg-type]


_COLUMNS = select(
    JournalEntry.seq,
    JournalEntry.prev,
    JournalEntry.hash,
    JournalEntry.at,
    JournalEntry.act,
    JournalEntry.kiosk_code,
    JournalEntry.kiosk_seq,
    JournalEntry.staff_number,
    JournalEntry.body,
)


def stored_entries(
    session: Session, first: int = 1, last: int | None = None
) -> Iterator[Entry | Unreadable]:
    """The entries of a registry in their order, read in batches."""
    after, moving = first - 1, True
    while moving and (rows := _batch(session, after, last)):
        yield from rows
        newest = rows[-1]
        seq = newest.link.seq if isinstance(newest, Entry) else newest.seq
        moving = seq is not None  # a number turned into text sorts behind every number
        after = after if seq is None else seq


def _stored(session: Session) -> Iterator[Entry | Unreadable]:
    """Every entry, also one whose number was set below 1."""
    lowest = session.scalar(select(JournalEntry.seq).order_by(JournalEntry.seq).limit(1))
    yield from stored_entries(session, min(lowest, 1) if isinstance(lowest, int) else 1)


def _batch(session: Session, after: int, last: int | None) -> list[Entry | Unreadable]:
    page = _COLUMNS.where(JournalEntry.seq > after).order_by(JournalEntry.seq)
    if last is not None:
        page = page.where(JournalEntry.seq <= last)
    try:
        return [as_entry(*row) for row in session.execute(page.limit(_BATCH))]
    except (TypeError, ValueError):
        return _one_by_one(session, after, last)


def _one_by_one(session: Session, after: int, last: int | None) -> list[Entry | Unreadable]:
    """A batch in which a time cannot even be read (SQLite keeps times as text)."""
    numbers = select(JournalEntry.seq).where(JournalEntry.seq > after).order_by(JournalEntry.seq)
    if last is not None:
        numbers = numbers.where(JournalEntry.seq <= last)
    return [_one(session, seq) for seq in session.scalars(numbers.limit(_BATCH)).all()]


def _one(session: Session, seq: int) -> Entry | Unreadable:
    try:
        return as_entry(*session.execute(_COLUMNS.where(JournalEntry.seq == seq)).one())
    except (TypeError, ValueError):
        return Unreadable(seq)


def _walk(entries: Iterable[Entry | Unreadable], heads: Iterable[str], *, partial: bool) -> _Walk:
    walk = _Walk(Findings(), partial, {head.lower() for head in heads})
    for entry in entries:
        if isinstance(entry, Entry):
            walk.step(entry)
        else:
            walk.skip(entry)
    for head in sorted(walk.heads):
        text = f"no entry up to here has the witnessed hash {head}: cut off, or written anew"
        walk.found.report(walk.found.last, How.HEAD_UNKNOWN, text)
    return walk


def _digest(link: Link) -> str | None:
    """The hash of an entry, or None for text that has no bytes (lone surrogates)."""
    try:
        return hash_of(link)
    except UnicodeEncodeError:
        return None
