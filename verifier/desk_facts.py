"""What a window shows besides verdicts: its day, what it has in hand, its lock."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shared.db.session import glancing
from shared.db.tables import Filing, HandOver, HandOverItem, Hold, ItemState, Kiosk, Presentation
from shared.domain import Source
from verifier.acts import Basket, Desk, KioskFacts, NotPermitted, SheetInHand
from verifier.days import start_of_day
from verifier.installation import Installation
from verifier.registry import baskets, handovers, journal, staff
from verifier.registry.journal import Act, Author, Json
from verifier.rush import rush_at

_LONGEST = timedelta(days=7)
"""No basket stays open longer than over a weekend."""


def unfinished(installation: Installation, desk: Desk) -> Basket | None:
    """The open basket of a kiosk. Raises NotPermitted."""
    with glancing(installation.sessions) as session:
        staff.require_to_read(session, desk, staff.COUNTER_ROLES)
        hand_over = handovers.unfinished(session, desk.kiosk)
        return baskets.basket_of(session, hand_over) if hand_over else None


def kiosk_facts(installation: Installation, code: str) -> KioskFacts:
    """The header strip of a kiosk. Raises NotPermitted for an unknown or revoked one."""
    with glancing(installation.sessions) as session:
        kiosk = session.get(Kiosk, code)
        if kiosk is None or kiosk.revoked_at is not None:
            raise NotPermitted
        now = installation.clock()
        today = start_of_day(now)
        return KioskFacts(
            kiosk=kiosk.code,
            kiosk_name=kiosk.name,
            office=kiosk.office.name,
            locked=kiosk.locked_at is not None,
            presented=presented_since(session, code, today),
            released=released_since(session, code, today),
            held=held_at(session, kiosk.office_code),
            paused=kiosk.paused_at is not None,
            rush=rush_at(session, kiosk.office, now),
        )


def refuse_while_open(installation: Installation, desk: Desk, text: str, source: Source) -> None:
    """Journal another code that came while a basket was open; nothing is judged.

    Raises SheetInHand for the basket's own sheet: whoever was called by number shows it again.
    """
    fingerprint = installation.opener.fingerprint(text)
    with installation.sessions.begin() as session:
        staff.require(session, desk, staff.COUNTER_ROLES)
        hand_over = handovers.unfinished(session, desk.kiosk)
        if hand_over is not None:
            shown = session.get_one(Presentation, hand_over.presentation_id)
            if shown.fingerprint == fingerprint:
                raise SheetInHand
        body: dict[str, Json] = {"source": source.value, "fingerprint": fingerprint[:16]}
        author = Author(desk.kiosk, desk.staff)
        journal.append(session, Act.BUSY, author, body, installation.clock())


def unlock(installation: Installation, desk: Desk, code: str, reason: str) -> None:
    """Let a locked kiosk judge again. Raises NotPermitted unless a supervisor asks."""
    with installation.sessions.begin() as session:
        staff.require_person(session, desk.staff, staff.SUPERVISING_ROLES)
        kiosk = staff.require_kiosk(session, code)
        now = installation.clock()
        kiosk.locked_at, kiosk.unlocked_at = None, now
        author = Author(code, desk.staff)
        journal.append(session, Act.KIOSK_UNLOCKED, author, {"reason": reason}, now)


def presented_since(
    session: Session, kiosk: str, since: datetime, *which: ColumnElement[bool]
) -> int:
    """Presentations at one window, all or those that fit."""
    rows = select(func.count()).where(
        Presentation.kiosk_code == kiosk, Presentation.at >= since, *which
    )
    return session.scalar(rows) or 0


def released_since(session: Session, kiosk: str, since: datetime) -> int:
    """Filings handed over at one window.

    By what was shown there, which an index gives: the country hands over thousands a minute.
    """
    rows = (
        select(func.count())
        .select_from(Presentation)
        .join(HandOver, HandOver.presentation_id == Presentation.id)
        .join(HandOverItem, HandOverItem.hand_over_id == HandOver.id)
        .where(
            Presentation.kiosk_code == kiosk,
            Presentation.at >= since - _LONGEST,
            HandOverItem.state == ItemState.RELEASED,
            HandOverItem.settled_at >= since,
        )
    )
    return session.scalar(rows) or 0


def held_at(session: Session, office: str) -> int:
    """What is kept back at an office."""
    rows = (
        select(func.count())
        .select_from(Hold)
        .join(Filing, Filing.id == Hold.filing_id)
        .where(Filing.office_code == office, Hold.lifted_at.is_(None))
    )
    return session.scalar(rows) or 0
