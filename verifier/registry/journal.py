"""読み取り記録: the append-only, hash-chained record of every act.

Each entry's hash covers the entry before it, so an edit, a deletion or an insertion shows. The
entry is written last, in the transaction of what it records. It holds codes, ids and numbers:
never a name, a password, a tag, a sealed part or a whole search key.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Label, Row, Table, bindparam, select, update
from sqlalchemy.orm import Session

from shared.db.beside import insert_beside
from shared.db.session import take_turns, turn_and_newest
from shared.db.tables import JournalEntry, Kiosk, LogLine
from verifier.registry import log_lines

GENESIS = "0" * 64
"""What the first entry names as its predecessor."""
_DOMAIN = b"oss2d/v1/journal\0"
_TURN = 0x75_6B_65_74
"""Advisory lock number: one chain a registry, one writer at a time."""

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""Made once: checking a journal encodes millions of entries."""
Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


class Act(StrEnum):
    """What an entry records. Stored: never renamed."""

    INSTALLED = "installed"
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    PRESENTED = "presented"
    JUDGED = "judged"
    BUSY = "busy"
    CONFIRMED = "confirmed"
    GIVEN_UP = "given_up"
    HELD = "held"
    HOLD_LIFTED = "hold_lifted"
    UNDONE = "undone"
    REGISTERED = "registered"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an act
    DECLINED = "declined"
    KIOSK_LOCKED = "kiosk_locked"
    KIOSK_UNLOCKED = "kiosk_unlocked"
    IMPORTED = "imported"
    LOOKED = "looked"
    EXPORTED = "exported"
    DIFFERED = "differed"
    TOOK_OVER = "took_over"
    PAUSED = "paused"
    REOPENED = "reopened"
    DAY_CLOSED = "day_closed"
    RECEIPT_PRINTED = "receipt_printed"
    STAFF_CHANGED = "staff_changed"
    RECEIVER_CHANGED = "receiver_changed"
    KIOSK_CHANGED = "kiosk_changed"
    OFFICE_CHANGED = "office_changed"
    PROCEDURE_CHANGED = "procedure_changed"
    SETTING_CHANGED = "setting_changed"
    ALERT_ACKNOWLEDGED = "alert_acknowledged"
    VERIFIED = "verified"
    OFFICE_CLOSED = "office_closed"
    RUSH_SWITCHED = "rush_switched"
    QUEUED = "queued"
    CALLED = "called"
    TICKET_MOVED = "ticket_moved"
    KEY_CHANGED = "key_changed"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    PURGED = "purged"
    PLAN_SWITCHED = "plan_switched"
    PLAN_MADE = "plan_made"
    PLAN_BEGUN = "plan_begun"
    PLAN_RELEASED = "plan_released"
    PLAN_RETURNED = "plan_returned"
    PLAN_SETTLED = "plan_settled"


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as the hash covers it."""

    seq: int
    prev: str
    at: datetime
    act: str
    kiosk_code: str | None
    kiosk_seq: int | None
    staff_number: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who acted, and where; a command line has neither kiosk nor number."""

    kiosk: str | None = None
    staff: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: its number and hash witness everything before it."""

    seq: int
    hash: str


def canonical(body: Mapping[str, Json]) -> str:
    """JSON with sorted keys and no blanks: the same facts are always the same bytes."""
    return _encode(body)


def hash_of(link: Link) -> str:
    """SHA-256 over the canonical form of an entry, in hex."""
    fields: dict[str, Json] = {
        "seq": link.seq,
        "prev": link.prev,
        "at": link.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "act": link.act,
        "kiosk_code": link.kiosk_code,
        "kiosk_seq": link.kiosk_seq,
        "staff_number": link.staff_number,
        "body": link.body,
    }
    return hashlib.sha256(_DOMAIN + canonical(fields).encode()).hexdigest()


def link_of(entry: JournalEntry) -> Link:
    """A stored entry in the form that the hash covers."""
    return Link(
        seq=entry.seq,
        prev=entry.prev,
        at=entry.at,
        act=entry.act,
        kiosk_code=entry.kiosk_code,
        kiosk_seq=entry.kiosk_seq,
        staff_number=entry.staff_number,
        body=entry.body,
    )


def head(session: Session) -> Head:
    """The newest entry, or seq 0 and GENESIS on an empty journal."""
    newest = session.execute(
        select(JournalEntry.seq, JournalEntry.hash).order_by(JournalEntry.seq.desc()).limit(1)
    ).first()
    return Head(newest.seq, newest.hash) if newest else Head(0, GENESIS)


def take_turn(session: Session) -> None:
    """Be the only one who writes to the journal until the transaction ends."""
    take_turns(session, _TURN)


def append(
    session: Session, act: Act, author: Author, body: Mapping[str, Json], now: datetime
) -> Head:
    """Chain one entry to the journal; call it last in the transaction it records.

    Others wait from the turn to the commit: what the act wrote, and all that can be known before,
    goes before it.
    """
    session.flush()
    told = log_lines.told_by(session, body)
    last, kiosk_seq = _take_turn_after(session, author.kiosk)
    link = Link(
        seq=last.seq + 1,
        prev=last.hash,
        at=now,
        act=act,
        kiosk_code=author.kiosk,
        kiosk_seq=kiosk_seq,
        staff_number=author.staff,
        body=canonical(body),
    )
    digest = hash_of(link)
    entry = {name: getattr(link, name) for name in Link.__slots__} | {"hash": digest}
    own = {name: entry[name] for name in ("seq", "at", "act", "kiosk_code", "staff_number")}
    insert_beside(session, (_JOURNAL, entry), (_LINES, own | told))
    return Head(link.seq, digest)


def _take_turn_after(session: Session, kiosk: str | None) -> tuple[Head, int | None]:
    """Take the turn; the newest entry, and the next number of one kiosk: a gap shows."""
    found: Row[Any] | None
    if session.get_bind().dialect.name == "postgresql":
        found = turn_and_newest(session, _TURN, kiosk)
    else:  # whoever writes has the turn
        found = session.execute(_COUNT_AND_LOOK, {"kiosk": kiosk}).first()
    if found is None:
        return head(session), None
    return Head(found.seq or 0, found.hash or GENESIS), found.entries


def _of_newest(column: ColumnElement[Any]) -> Label[Any]:
    newest = select(column).order_by(_JOURNAL.c.seq.desc()).limit(1)
    return newest.scalar_subquery().label(column.key)


_JOURNAL, _LINES, _KIOSKS = (cast(Table, kind.__table__) for kind in (JournalEntry, LogLine, Kiosk))
_COUNT_AND_LOOK = (
    update(_KIOSKS)
    .where(_KIOSKS.c.code == bindparam("kiosk"))
    .values(entries=_KIOSKS.c.entries + 1)
    .returning(_KIOSKS.c.entries, _of_newest(_JOURNAL.c.seq), _of_newest(_JOURNAL.c.hash))
)
"""On tables and not on their classes: nobody looks at these rows again."""
