"""通知: what somebody must look at, kept until it was acknowledged; one log line when it comes."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.tables import Alert, AlertKind

_log = logging.getLogger(__name__)
_QUIET = timedelta(hours=1)
"""Whoever acknowledged something that goes on is not told again at once."""


def call(session: Session, kind: AlertKind, subject: str, detail: str, now: datetime) -> Alert:
    """Raise an alert, or count it once more while nobody has acknowledged the last one.

    `subject` and `detail` are codes, ids and numbers: no names.
    """
    row = session.scalar(
        select(Alert).where(
            Alert.kind == kind, Alert.subject == subject, Alert.acknowledged_at.is_(None)
        )
    )
    if row is not None:
        row.times, row.last_at, row.detail = row.times + 1, now, detail
        return row
    row = Alert(kind=kind, subject=subject, detail=detail, raised_at=now, last_at=now)
    session.add(row)
    session.flush()
    _log.warning("alert %s subject=%s %s", kind.value, subject or "-", detail)
    return row


def call_while(session: Session, kind: AlertKind, subject: str, detail: str, now: datetime) -> None:
    """Raise an alert for something that goes on: once, and again an hour after it was seen."""
    latest = session.scalar(
        select(Alert)
        .where(Alert.kind == kind, Alert.subject == subject)
        .order_by(Alert.id.desc())
        .limit(1)
    )
    known = latest is not None and (
        latest.acknowledged_at is None or now - latest.acknowledged_at < _QUIET
    )
    if not known:
        call(session, kind, subject, detail, now)


def count_open(session: Session) -> int:
    """How many wait for somebody."""
    return session.scalar(select(func.count()).where(Alert.acknowledged_at.is_(None))) or 0


def open_by_kind(session: Session) -> dict[AlertKind, int]:
    """How many of each kind wait; kinds without any are left out."""
    counts = select(Alert.kind, func.count()).where(Alert.acknowledged_at.is_(None))
    return {kind: count for kind, count in session.execute(counts.group_by(Alert.kind))}


def raised_by_kind(session: Session) -> dict[AlertKind, int]:
    """How often each kind was raised since the registry began."""
    counts = select(Alert.kind, func.sum(Alert.times)).group_by(Alert.kind)
    return {kind: count for kind, count in session.execute(counts)}
