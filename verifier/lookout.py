"""Reads what is new in the journal, looks at windows, clock and disk, and calls for a person."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from shared.db.session import Sessions, reading
from shared.db.tables import AlertKind, JournalEntry, Kiosk, Presentation, Watermark
from verifier.days import start_of_day
from verifier.decision.reasons import Reason
from verifier.installation import Installation
from verifier.registry import alerts, journal, tickets
from verifier.registry.house_rules import HouseRule, value_of
from verifier.registry.journal import Act

MEGABYTE = 1024 * 1024
SERVER = "server"
"""The subject of an alert about the machine that keeps the registry."""
_NAME = "alerts"
_BATCH = 500
_FAULTS = {
    "ERR-CAM-FROZEN": AlertKind.CAMERA_FROZEN,
    "ERR-CAM-BLACK": AlertKind.CAMERA_FROZEN,
    "ERR-DISK": AlertKind.DISK_FULL,
}
"""What nobody may notice at the window itself; a camera that is gone stands on its screen."""


def read_news(installation: Installation) -> int:
    """Read the entries since the last time; how many there were.

    The first time there is nothing new: what happened before is for whoever reads the log.
    """
    with reading(installation.sessions) as session:
        mark = session.get(Watermark, _NAME)
        if mark is not None and mark.seq >= journal.head(session).seq:
            return 0
    with installation.sessions.begin() as session:
        mark = session.get(Watermark, _NAME, with_for_update=True)
        if mark is None:
            head = journal.head(session)
            session.add(Watermark(name=_NAME, seq=head.seq, hash=head.hash))
            return 0
        news = select(JournalEntry).where(JournalEntry.seq > mark.seq)
        entries = session.scalars(news.order_by(JournalEntry.seq).limit(_BATCH)).all()
        for entry in entries:
            _hear(session, installation, entry)
            mark.seq, mark.hash = entry.seq, entry.hash
        return len(entries)


def look_around(installation: Installation, free_bytes: Callable[[], int | None]) -> None:
    """Look at what does not stand in the journal: faults of windows, the clock, the disk.

    Numbers that an earlier day left are struck, and with them goes what their sheets said.
    """
    with installation.sessions.begin() as session:
        now = installation.clock()
        tickets.strike_earlier_days(session, now)
        troubled = select(Kiosk).where(Kiosk.revoked_at.is_(None), Kiosk.faults != "")
        for kiosk in session.scalars(troubled):
            for fault in set(kiosk.faults.split()) & set(_FAULTS):
                alerts.call_while(session, _FAULTS[fault], kiosk.code, f"fault={fault}", now)
        free = free_bytes()
        if free is not None and free < value_of(session, HouseRule.FREE_DISK) * MEGABYTE:
            detail = f"free_megabytes={free // MEGABYTE}"
            alerts.call_while(session, AlertKind.DISK_FULL, SERVER, detail, now)
        newest = session.scalar(select(func.max(JournalEntry.at)))
        seconds = 0 if newest is None else round((newest - now).total_seconds())
        if seconds > value_of(session, HouseRule.CLOCK_TOLERANCE):
            detail = f"seconds=-{seconds}"  # set back: entries come from what is now the future
            alerts.call_while(session, AlertKind.CLOCK_OFF, SERVER, detail, now)


def free_beside(sessions: Sessions) -> int | None:
    """Free bytes where a SQLite registry lies; a database server looks after its own disk."""
    url = make_url(str(sessions.kw["bind"].url))
    file = url.database if url.get_backend_name() == "sqlite" else None
    return shutil.disk_usage(Path(file).resolve().parent).free if file else None


def _hear(session: Session, installation: Installation, entry: JournalEntry) -> None:
    kiosk = entry.kiosk_code or ""
    if entry.act == Act.KIOSK_LOCKED:
        alerts.call(session, AlertKind.KIOSK_LOCKED, kiosk, f"entry={entry.seq}", entry.at)
    if entry.act not in (Act.PRESENTED, Act.PLAN_RELEASED):
        return
    body = _body(entry)
    if body.get("conflicts") and not body.get("drill"):
        alerts.call(session, AlertKind.PLAN_CONFLICT, kiosk, f"entry={entry.seq}", entry.at)
    if Reason.FORGED in body.get("reasons", ()):
        alerts.call(session, AlertKind.FORGED, kiosk, f"entry={entry.seq}", entry.at)
    receiver = body.get("receiver")
    if body.get("accepted") is False and isinstance(receiver, int):
        _count_refusals(session, installation, receiver)


def _count_refusals(session: Session, installation: Installation, receiver: int) -> None:
    now = installation.clock()
    refused = session.scalar(
        select(func.count()).where(
            Presentation.receiver_id == receiver,
            Presentation.accepted.is_(False),
            Presentation.at >= start_of_day(now),
        )
    )
    if (refused or 0) >= value_of(session, HouseRule.REFUSALS_OF_ONE_RECEIVER):
        detail = f"refusals={refused}"
        alerts.call_while(session, AlertKind.MANY_REFUSALS, str(receiver), detail, now)


def _body(entry: JournalEntry) -> Mapping[str, Any]:
    """An entry that somebody garbled calls for nobody here: the chain does."""
    try:
        body = json.loads(entry.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
