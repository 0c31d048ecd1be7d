"""The same request twice is one act: the first answer is kept, in the act's own transaction."""

import hashlib
import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared.db.session import take_turns
from shared.db.tables import IdempotencyKey
from verifier.acts import IdempotencyMismatch


def earlier_answer(session: Session, key: str, request: Any) -> dict[str, Any] | None:
    """The stored answer of an act that was already done.

    Who asks at the same time with the same key waits until the first one has answered. Raises
    IdempotencyMismatch when the key came with another request before.
    """
    take_turns(session, int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True))
    return answer_to_window(session, key, request)


def answer_to_window(session: Session, key: str, request: Any) -> dict[str, Any] | None:
    """`earlier_answer` for an act that has locked its window: there its twin waits already.

    One key from two windows at the same moment is refused by the database.
    """
    stored = session.get(IdempotencyKey, key)
    if stored is None:
        return None
    if stored.fingerprint != _fingerprint(request):
        raise IdempotencyMismatch
    answer: dict[str, Any] = json.loads(stored.answer)
    return answer


def remember(session: Session, key: str, request: Any, answer: Any, now: datetime) -> None:
    """Keep the answer of an act for whoever asks again with the same key."""
    session.add(
        IdempotencyKey(
            key=key,
            fingerprint=_fingerprint(request),
            answer=json.dumps(asdict(answer), default=str, ensure_ascii=False),
            at=now,
        )
    )


def _fingerprint(request: Any) -> str:
    """A digest: the request itself may hold a sheet's text and is not stored.

    Fields that are not in the repr are secrets, salted anew at every try: left out.
    """
    said = {field.name: getattr(request, field.name) for field in fields(request) if field.repr}
    text = json.dumps(said, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
