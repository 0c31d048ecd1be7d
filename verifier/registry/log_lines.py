"""The searchable line of a journal entry: taken from the entry, and from the showing behind it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from shared.db.tables import HandOver, Presentation


@dataclass(frozen=True, slots=True)
class _About:
    """Whom and what an entry is about, as far as it or its showing says."""

    presentation_id: str | None = None
    source: str | None = None
    purpose: str | None = None
    procedure_code: int | None = None
    receiver_id: int | None = None


def told_by(session: Session, body: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a line that come from what an entry says; the others are the entry's own."""
    about = _about(session, body)
    accepted = body.get("accepted")
    return {
        **asdict(about),
        "accepted": accepted,
        "reason": body["reasons"][0] if accepted is False else None,
        "items": _items(body),
    }


def _about(session: Session, body: Mapping[str, Any]) -> _About:
    if "accepted" in body:
        return _About(
            body["presentation"],
            body["source"],
            body["purpose"],
            body["procedure"],
            body["receiver"],
        )
    presentation = body.get("presentation")
    if presentation is None and (hand_over := body.get("hand_over")) is not None:
        presentation = session.get_one(HandOver, hand_over).presentation_id
    showing = session.get(Presentation, presentation) if presentation else None
    if showing is None:
        return _About(presentation, body.get("source"), receiver_id=_receiver(body))
    receiver = showing.receiver_id or _receiver(body)
    return _About(presentation, showing.source, showing.purpose, showing.procedure_code, receiver)


def _receiver(body: Mapping[str, Any]) -> int | None:
    receiver = body.get("receiver")
    return receiver if isinstance(receiver, int) else None


def _items(body: Mapping[str, Any]) -> int:
    """How many filings an act moved: handed over before all, since that is what is counted."""
    if "released" in body:
        return len(body["released"])
    if "in_hand" in body:
        return int(body["in_hand"])
    if "returned" in body:
        return int(body["returned"])
    return 1 if "hand_over" in body and "filing" in body else 0
