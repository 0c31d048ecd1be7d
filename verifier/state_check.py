"""Compare what the journal says was handed over with what the registry says of it now.

The chain shows that nobody changed the record. That somebody changed what the record tells of, so
that papers which are gone can be collected again, shows only when both are set side by side.
Memory stays flat: entries are read in batches, and only what was taken back is kept.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shared.db.session import Sessions, snapshot
from shared.db.tables import Filing, HandOverItem, ItemState, JournalEntry
from shared.domain import FilingStatus
from verifier.checkpoints import Publics
from verifier.journal_check import check_registry
from verifier.journal_walk import NOBODY, Findings, How, Progress, Witnesses, silent
from verifier.registry.journal import Act

_BATCH = 1000
_RELEASES = (Act.CONFIRMED, Act.PLAN_RELEASED)
_OUT = (ItemState.RELEASED, ItemState.UNDONE)
"""A row that was handed over, whether it came back or not."""
_Row = tuple[str, str]
"""A filing in a hand-over: the hand-over's id, the filing's number."""


def check_everything(
    sessions: Sessions,
    outside: Witnesses = NOBODY,
    publics: Publics | None = None,
    progress: Progress = silent,
) -> Findings:
    """Check the journal as `check_registry` does, then what it says of hand-overs."""
    found = check_registry(sessions, outside, publics, progress)
    with snapshot(sessions) as session:
        compare(session, found)
    return found


def compare(session: Session, found: Findings) -> None:
    """Report every filing of which journal and registry do not say the same."""
    comparing = _Comparing(session, found)
    for releases in _batches(session):
        comparing.releases(releases)
    comparing.taken_back()
    comparing.unheard_of()
    comparing.filings()


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry on hand-overs: what went out, or what came back."""

    seq: int
    act: str
    hand_over: str
    numbers: frozenset[str]

    @property
    def rows(self) -> set[_Row]:
        return {(self.hand_over, number) for number in self.numbers}


@dataclass(slots=True)
class _Comparing:
    """A comparison under way."""

    session: Session
    found: Findings
    seen: int = 0
    """Rows that an entry on their hand-over was set against."""
    undone: dict[_Row, int] = field(default_factory=dict)
    """What the journal says came back, and where: it is little."""

    def releases(self, entries: list[_Entry]) -> None:
        """Set a batch of entries against the rows of their hand-overs."""
        out = [entry for entry in entries if entry.act in _RELEASES]
        self.undone |= {row: e.seq for e in entries if e.act == Act.UNDONE for row in e.rows}
        kept = _by_hand_over(self.session, [entry.hand_over for entry in out])
        for entry in out:
            rows = kept[entry.hand_over]
            self.seen += len(rows)
            self._differ(entry.seq, entry.rows - rows, "was handed over here, no row says so")
            self._differ(entry.seq, rows - entry.rows, "is not named, a row says it went out here")

    def taken_back(self) -> None:
        """Set what the journal says came back against the rows that say so."""
        rows = set(self.session.execute(_rows().where(HandOverItem.state == ItemState.UNDONE)))
        kept = {(hand_over, number) for hand_over, number in rows}
        for row in sorted(self.undone.keys() - kept):
            self._differ(self.undone[row], [row], "was taken back here, no row says so")
        self._differ(self.found.last, kept - self.undone.keys(), "was never taken back up to here")

    def unheard_of(self) -> None:
        """Name rows of hand-overs that no entry tells of: looked for only when there are any."""
        out = HandOverItem.state.in_(_OUT)
        if self.session.scalar(select(func.count()).where(out)) == self.seen:
            return
        entries = (entry for batch in _batches(self.session) for entry in batch)
        told = {entry.hand_over for entry in entries if entry.act in _RELEASES}
        rows = self.session.execute(_rows().where(out))
        unheard = [(hand_over, number) for hand_over, number in rows if hand_over not in told]
        self._differ(
            self.found.last, unheard, "was never handed over up to here, a row says it was"
        )

    def filings(self) -> None:
        """Set the status of every filing against its rows."""
        released = select(HandOverItem.id).where(
            HandOverItem.filing_id == Filing.id, HandOverItem.state == ItemState.RELEASED
        )
        is_out, is_called_out = released.exists(), Filing.status == FilingStatus.RELEASED
        differing = select(Filing.number, Filing.status).where(is_out != is_called_out)
        for number, status in self.session.execute(differing.order_by(Filing.number)):
            text = f"filing {number} is {status.value}, which no hand-over up to here agrees with"
            self.found.report(self.found.last, How.STATE_DIFFERS, text)

    def _differ(self, seq: int, rows: Iterable[_Row], text: str) -> None:
        for hand_over, number in sorted(rows):
            detail = f"filing {number} {text} (hand-over {hand_over})"
            self.found.report(seq, How.STATE_DIFFERS, detail)


def _batches(session: Session) -> Iterator[list[_Entry]]:
    after, acts = 0, (*_RELEASES, Act.UNDONE)
    columns = select(JournalEntry.seq, JournalEntry.act, JournalEntry.body)
    page = columns.where(JournalEntry.act.in_(acts)).order_by(JournalEntry.seq).limit(_BATCH)
    while rows := session.execute(page.where(JournalEntry.seq > after)).all():
        yield [_entry(*row) for row in rows]
        after = rows[-1].seq


def _entry(seq: int, act: str, body: str) -> _Entry:
    """What somebody garbled says nothing here: the chain tells of it."""
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    said = said if isinstance(said, dict) else {}
    numbers = [said.get("filing")] if act == Act.UNDONE else said.get("released")
    told = frozenset(map(str, numbers)) if isinstance(numbers, list) else frozenset()
    return _Entry(seq, act, str(said.get("hand_over")), told)


def _by_hand_over(session: Session, hand_overs: list[str]) -> dict[str, set[_Row]]:
    found: dict[str, set[_Row]] = defaultdict(set)
    wanted = HandOverItem.hand_over_id.in_(hand_overs), HandOverItem.state.in_(_OUT)
    for hand_over, number in session.execute(_rows().where(*wanted)):
        found[hand_over].add((hand_over, number))
    return found


def _rows() -> Select[str, str]:
    return select(HandOverItem.hand_over_id, Filing.number).join(
        Filing, Filing.id == HandOverItem.filing_id
    )
