"""Everything that happened to one sheet: its showings, and what became of each of them.

Entries are found by their moments, which the journal shares with the rows it records and keeps an
index of; searching every entry's text would take longer with every day at the counter.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from shared.db.tables import HandOver, JournalEntry, Presentation
from verifier.registry.journal import Act

MOST_SHOWINGS = 20
_PAPERWORK = (Act.REGISTERED, Act.PASSWORD_CHANGED, Act.DECLINED)
_PAPERWORK_LASTS = timedelta(hours=1)
"""Longer than a clerk may take over the evidence of a registration."""


@dataclass(frozen=True, slots=True)
class Story:
    """The entries about one sheet, oldest first, and the baskets it opened."""

    entries: tuple[JournalEntry, ...]
    hand_overs: tuple[HandOver, ...]


def body_of(entry: JournalEntry) -> Mapping[str, Any]:
    """What an entry says; nothing when somebody made it unreadable."""
    try:
        body = json.loads(entry.body)
    except (ValueError, TypeError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def story_of(session: Session, entry: JournalEntry) -> Story:
    """The story of the sheet an entry is about; the entry alone when it is about none."""
    showings = _showings(session, body_of(entry))
    hand_overs = _opened(session, showings)
    told = {showing.id for showing in showings} | {hand_over.id for hand_over in hand_overs}
    found = {entry.seq: entry}
    for candidate in _at_the_moments(session, showings, hand_overs):
        body = body_of(candidate)
        if body.get("presentation") in told or body.get("hand_over") in told:
            found[candidate.seq] = candidate
    return Story(tuple(found[seq] for seq in sorted(found)), tuple(hand_overs))


def _showings(session: Session, body: Mapping[str, Any]) -> list[Presentation]:
    """The showing an entry is about, and the other showings of the same sheet."""
    own = body.get("presentation")
    if own is None and body.get("hand_over") is not None:
        hand_over = session.get(HandOver, body["hand_over"])
        own = hand_over.presentation_id if hand_over else None
    showing = session.get(Presentation, own) if own is not None else None
    if showing is None:
        return []
    same = select(Presentation).where(Presentation.fingerprint == showing.fingerprint)
    newest = session.scalars(same.order_by(Presentation.at.desc()).limit(MOST_SHOWINGS)).all()
    return [showing, *(other for other in newest if other.id != showing.id)]


def _opened(session: Session, showings: list[Presentation]) -> list[HandOver]:
    ids = [showing.id for showing in showings]
    opened = select(HandOver).where(HandOver.presentation_id.in_(ids)).order_by(HandOver.opened_at)
    return list(session.scalars(opened))


def _at_the_moments(
    session: Session, showings: list[Presentation], hand_overs: list[HandOver]
) -> list[JournalEntry]:
    """Entries of the moments at which something can have been written about them."""
    moments: set[datetime | None] = {showing.at for showing in showings}
    moments |= {hand_over.closed_at for hand_over in hand_overs}
    moments |= {item.settled_at for hand_over in hand_overs for item in hand_over.items}
    paperwork = (
        and_(
            JournalEntry.at.between(showing.at, showing.at + _PAPERWORK_LASTS),
            JournalEntry.act.in_(_PAPERWORK),
        )
        for showing in showings
        if showing.accepted
    )
    known = JournalEntry.at.in_([moment for moment in moments if moment is not None])
    return list(session.scalars(select(JournalEntry).where(or_(known, *paperwork))))
