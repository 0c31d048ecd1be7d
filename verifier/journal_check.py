"""Check the journal of a registry: every link, every kiosk's counter, every signed checkpoint."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.session import Sessions, reading
from shared.db.tables import JournalEntry, Kiosk
from verifier import checkpoints
from verifier.checkpoints import Publics
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

_BATCH = 1000


def check_registry(
    sessions: Sessions,
    outside: Witnesses = NOBODY,
    publics: Publics | None = None,
    progress: Progress = silent,
) -> Findings:
    """Check all of it, against what is known from outside and the registry's own checkpoints.

    Without the keys that these are signed with, they are left aside: anybody could have written
    them.
    """
    with reading(sessions) as session:
        return check_session(session, outside, publics, progress)


def check_session(
    session: Session,
    outside: Witnesses = NOBODY,
    publics: Publics | None = None,
    progress: Progress = silent,
) -> Findings:
    """The same within a transaction: what it has not committed yet counts."""
    # Read before the walk: entries that arrive meanwhile only make the walk longer.
    counted = {k.code: k.entries for k in session.scalars(select(Kiosk))}
    own = [] if publics is None else checkpoints.stored(session)
    sizes = checkpoints.sizes(own) | outside.sizes
    walk = Walk(witnesses=Witnesses(outside.heads, sizes))
    found = walk.over(_stored(session), progress)
    for flaw in checkpoints.flaws(own, publics or {}):
        found.report(flaw.seq, flaw.how, flaw.detail)
    for kiosk, entries in sorted(counted.items()):
        seen = walk.kiosks.get(kiosk, 0)
        if seen < entries:
            text = f"kiosk {kiosk} wrote {entries} entries, the journal ends at its {seen}: cut off"
            found.report(found.last, How.CUT_OFF, text)
    return found


def check_part(session: Session, first: int, last: int) -> Findings:
    """Check some entries, each with its link to the one before it, and the checkpoints there.

    The first is known to be there, unless it is the journal's first.
    """
    sizes = checkpoints.sizes(checkpoints.stored(session, first, last))
    walk = Walk(partial=first > 1, witnesses=Witnesses(sizes=sizes))
    found = walk.over(stored_entries(session, first, last))
    if first > 1 and found.first != first:
        found.report(first, How.MISSING, "is missing: deleted, or cut off")
    return found


def check_neighbours(session: Session, seq: int) -> Findings:
    """Check one entry and its links to whatever stands before and after it."""
    upto = _COLUMNS.where(JournalEntry.seq <= seq).order_by(JournalEntry.seq.desc()).limit(2)
    after = _COLUMNS.where(JournalEntry.seq > seq).order_by(JournalEntry.seq).limit(1)
    rows = [*reversed(session.execute(upto).all()), *session.execute(after)]
    begins_later = bool(rows) and rows[0].seq not in {1, seq}
    return Walk(partial=begins_later).over([as_entry(*row) for row in rows])


def count(session: Session) -> int:
    """How many entries there are, for a walk's progress."""
    return session.scalar(select(func.count()).select_from(JournalEntry)) or 0


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
