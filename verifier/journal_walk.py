"""Walk entries of the journal in their order, from wherever they come, and say where they break.

Memory stays flat: the entry before and one number a kiosk are kept. What no chain can show by
itself is that its end was cut off or written anew: that shows against a witness from outside.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from verifier.registry.journal import GENESIS, Link, hash_of

MOST_BREAKS = 20
"""How many are told one by one; the rest are only counted."""
STRIDE = 1000
"""Entries between two words about how far a walk has come."""


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
    REWRITTEN = "rewritten"
    CHECKPOINT_FORGED = "checkpoint_forged"
    CHECKPOINT_MISSING = "checkpoint_missing"
    STATE_DIFFERS = "state_differs"


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
    agreed: int = 0
    """How many checkpoints and receipts agreed with the entries."""
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


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What is known of the journal from elsewhere."""

    heads: frozenset[str] = frozenset()
    """Hashes, or their first digits, that must occur: as on a receipt."""
    sizes: dict[int, str] = field(default_factory=dict)
    """The hash of an entry by its number: as in a checkpoint."""


NOBODY = Witnesses()
Progress = Callable[[int], None]


def silent(entries: int) -> None:
    """Tell nobody how far a walk has come."""


@dataclass(slots=True)
class Walk:
    """A walk under way."""

    found: Findings = field(default_factory=Findings)
    partial: bool = False
    """The entries begin somewhere in the middle: what came before is not known."""
    witnesses: Witnesses = NOBODY
    kiosks: dict[str, int] = field(default_factory=dict)
    _unseen: set[str] = field(default_factory=set)
    _agreed_at: int = 0
    """Up to here a checkpoint agreed."""
    _blind: bool = False
    """The entry before could not be read, so that nothing can be said of the link to it."""

    def over(self, entries: Iterable[Entry | Unreadable], progress: Progress = silent) -> Findings:
        """Take every entry, then say which witness was never met."""
        self._unseen = {head.lower() for head in self.witnesses.heads}
        for count, entry in enumerate(entries, start=1):
            if isinstance(entry, Entry):
                self._step(entry)
            else:
                self._skip(entry)
            if count % STRIDE == 0:
                progress(count)
        self._end()
        return self.found

    def _skip(self, unreadable: Unreadable) -> None:
        seq = self.found.last + 1 if unreadable.seq is None else unreadable.seq
        where = f" (line {unreadable.line})" if unreadable.line else ""
        self.found.report(seq, How.UNREADABLE, f"cannot be read{where}: it was edited")
        self.found.last = seq
        self._blind = True

    def _step(self, entry: Entry) -> None:
        link, found = entry.link, self.found
        if _digest(link) != entry.hash:
            found.report(link.seq, How.EDITED, "its content does not give its hash: it was edited")
        self._check_place(link)
        self._check_kiosk(link)
        self._check_witnesses(link.seq, entry.hash)
        self._blind = False
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
        elif link.prev != found.head and not self._blind:
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

    def _check_witnesses(self, seq: int, digest: str) -> None:
        if self._unseen:
            met = {head for head in self._unseen if digest.startswith(head)}
            self._unseen -= met
            self.found.agreed += len(met)
        witnessed = self.witnesses.sizes.get(seq)
        if witnessed is None:
            return
        if witnessed == digest:
            self.found.agreed += 1
            self._agreed_at = seq
        else:
            since = self._agreed_at + 1
            text = f"a checkpoint has another hash for it: written anew, from entry {since} on"
            self.found.report(seq, How.REWRITTEN, text)

    def _end(self) -> None:
        found = self.found
        beyond = max(self.witnesses.sizes, default=0)
        if beyond > found.last:
            text = f"a checkpoint counts {beyond} entries, the journal ends here: cut off"
            found.report(found.last, How.CUT_OFF, text)
        for head in sorted(self._unseen):
            text = f"no entry up to here has the witnessed hash {head}: cut off, or written anew"
            found.report(found.last, How.HEAD_UNKNOWN, text)


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


def _digest(link: Link) -> str | None:
    """The hash of an entry, or None for text that has no bytes (lone surrogates)."""
    try:
        return hash_of(link)
    except UnicodeEncodeError:
        return None
