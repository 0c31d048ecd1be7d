"""Everything that happened to one sheet: its showings, and what became of each of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import HandOver, JournalEntry, LogLine, Presentation

MOST_SHOWINGS = 20
UNREADABLE: Mapping[str, Any] = MappingProxyType({})
"""Stands for the body of an entry that somebody made unreadable; some acts have an empty one."""


@dataclass(frozen=True, slots=True)
class Story:
    """The entries about one showing of a sheet, oldest first, and about its other showings."""

    showing: Presentation | None
    entries: tuple[JournalEntry, ...]
    elsewhere: tuple[JournalEntry, ...]
    hand_overs: tuple[HandOver, ...]
    """The baskets that this showing opened: one, or none."""


def body_of(entry: JournalEntry) -> Mapping[str, Any]:
    """What an entry says; UNREADABLE when somebody garbled it."""
    try:
        body = json.loads(entry.body)
    except (ValueError, TypeError, RecursionError):
        return UNREADABLE
    return body if isinstance(body, dict) else UNREADABLE


def story_of(session: Session, entry: JournalEntry) -> Story:
    """The story of the sheet an entry is about; the entry alone when it is about none."""
    line = session.get(LogLine, entry.seq)
    showing = (
        session.get(Presentation, line.presentation_id) if line and line.presentation_id else None
    )
    if showing is None:
        return Story(None, (entry,), (), ())
    opened = select(HandOver).where(HandOver.presentation_id == showing.id)
    others = _other_showings(session, showing)
    return Story(
        showing,
        _entries_about(session, [showing.id]),
        _entries_about(session, others) if others else (),
        tuple(session.scalars(opened)),
    )


def _other_showings(session: Session, showing: Presentation) -> list[str]:
    """The same sheet, shown before or after: the newest of them."""
    same = select(Presentation.id).where(
        Presentation.fingerprint == showing.fingerprint, Presentation.id != showing.id
    )
    return list(session.scalars(same.order_by(Presentation.at.desc()).limit(MOST_SHOWINGS)))


def _entries_about(session: Session, showings: list[str]) -> tuple[JournalEntry, ...]:
    found = (
        select(JournalEntry)
        .join(LogLine, LogLine.seq == JournalEntry.seq)
        .where(LogLine.presentation_id.in_(showings))
    )
    return tuple(session.scalars(found.order_by(JournalEntry.seq)))
