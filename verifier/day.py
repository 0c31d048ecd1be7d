"""A window's day: shut for a while, opened again, and closed with its numbers."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import JournalEntry, Kiosk, Presentation
from shared.domain import Source
from verifier.acts import Desk
from verifier.day_counts import held_at, kept_back, presented, released
from verifier.days import day_of, start_of_day
from verifier.desk_acts import DayReport
from verifier.installation import Installation
from verifier.registry import handovers, idempotency, journal, staff, tickets
from verifier.registry.journal import Act, Author, Json


def pause(installation: Installation, desk: Desk) -> None:
    """一時停止: the window is shut, also after a restart. Raises HandOverOpen."""
    _shut(installation, desk, Act.PAUSED)


def reopen(installation: Installation, desk: Desk) -> None:
    """The window is open again."""
    _shut(installation, desk, Act.REOPENED)


def day(installation: Installation, desk: Desk) -> DayReport:
    """The day's numbers so far."""
    with reading(installation.sessions) as session:
        kiosk = staff.require_to_read(session, desk, staff.COUNTER_ROLES)
        return _report(session, kiosk, installation.clock())


def close_day(installation: Installation, desk: Desk, idempotency_key: str) -> DayReport:
    """業務終了: the day's numbers go into the journal. Raises HandOverOpen."""
    with installation.sessions.begin() as session:
        now = installation.clock()
        kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
        earlier = idempotency.earlier_answer(session, idempotency_key, desk)
        if earlier is not None:
            times = {
                "day": date.fromisoformat(earlier["day"]),
                "at": datetime.fromisoformat(earlier["at"]),
            }
            return DayReport(**earlier | times)
        handovers.require_empty_hands(session, kiosk.code)
        report = _report(session, kiosk, now)
        head = journal.append(session, Act.DAY_CLOSED, _author(desk), _body(report), now)
        report = replace(report, journal_entries=head.seq, journal_head=head.hash)
        idempotency.remember(session, idempotency_key, desk, report, now)
        return report


def _shut(installation: Installation, desk: Desk, act: Act) -> None:
    with installation.sessions.begin() as session:
        now = installation.clock()
        kiosk = staff.require(session, desk, staff.COUNTER_ROLES)
        paused = act is Act.PAUSED
        if paused:
            handovers.require_empty_hands(session, kiosk.code)
        if paused is (kiosk.paused_at is not None):
            return  # pressed twice
        kiosk.paused_at = now if paused else None
        journal.append(session, act, _author(desk), {}, now)


def _report(session: Session, kiosk: Kiosk, now: datetime) -> DayReport:
    since = start_of_day(now)
    acts = _acts(session, kiosk.code, since)
    head = journal.head(session)
    counts = session.execute(
        select(
            presented(kiosk.code, since).label("presented"),
            presented(kiosk.code, since, Presentation.accepted.is_(True)).label("accepted"),
            released(kiosk.code, since).label("released"),
            kept_back(kiosk.code, since).label("held"),
            presented(kiosk.code, since, Presentation.source == Source.TYPED).label("typed"),
            held_at(kiosk.office_code).label("still_held"),
        )
    ).one()
    return DayReport(
        day=day_of(now),
        at=now,
        office=kiosk.office.name,
        kiosk_name=kiosk.name,
        presented=counts.presented,
        accepted=counts.accepted,
        released=counts.released,
        held=counts.held,
        given_up=acts.get(Act.GIVEN_UP, 0),
        enrolled=acts.get(Act.REGISTERED, 0),
        changed=acts.get(Act.PASSWORD_CHANGED, 0),
        declined=acts.get(Act.DECLINED, 0),
        typed=counts.typed,
        still_held=counts.still_held,
        still_waiting=len(tickets.live(session, kiosk.office_code, now)),
        journal_entries=head.seq,
        journal_head=head.hash,
    )


def _acts(session: Session, kiosk: str, since: datetime) -> dict[str, int]:
    """How often this window did what today."""
    rows = session.execute(
        select(JournalEntry.act, func.count())
        .where(JournalEntry.kiosk_code == kiosk, JournalEntry.at >= since)
        .group_by(JournalEntry.act)
    )
    return {act: count for act, count in rows}


def _body(report: DayReport) -> dict[str, Json]:
    """Under one name of its own: elsewhere these words stand for lists of filings."""
    figures: dict[str, Json] = {
        "presented": report.presented,
        "released": report.released,
        "kept_back": report.held,
        "still_held": report.still_held,
        "still_waiting": report.still_waiting,
        "given_up": report.given_up,
    }
    return {"day": report.day.isoformat(), "figures": figures}


def _author(desk: Desk) -> Author:
    return Author(desk.kiosk, desk.staff)
