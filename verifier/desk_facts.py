"""What a window shows besides verdicts: its day, what it has in hand, its lock."""

from sqlalchemy import select

from shared.db.session import glancing
from shared.db.tables import Kiosk, Presentation
from shared.domain import Source
from verifier.acts import Basket, Desk, KioskFacts, NotPermitted, SheetInHand
from verifier.day_counts import held_at, presented, released
from verifier.days import start_of_day
from verifier.installation import Installation
from verifier.registry import baskets, handovers, journal, staff
from verifier.registry.journal import Act, Author, Json
from verifier.rush import rush_at


def unfinished(installation: Installation, desk: Desk) -> Basket | None:
    """The open basket of a kiosk. Raises NotPermitted."""
    with glancing(installation.sessions) as session:
        staff.require_to_read(session, desk, staff.COUNTER_ROLES)
        hand_over = handovers.unfinished(session, desk.kiosk)
        return baskets.basket_of(session, hand_over) if hand_over else None


def kiosk_facts(installation: Installation, code: str) -> KioskFacts:
    """The header strip of a kiosk. Raises NotPermitted for an unknown or revoked one."""
    with glancing(installation.sessions) as session:
        now = installation.clock()
        today = start_of_day(now)
        counts = presented(code, today), released(code, today), held_at(Kiosk.office_code)
        in_use = Kiosk.code == code, Kiosk.revoked_at.is_(None)
        found = session.execute(select(Kiosk, *counts).where(*in_use)).first()
        if found is None:
            raise NotPermitted
        kiosk, shown, handed_over, held = found
        return KioskFacts(
            kiosk=kiosk.code,
            kiosk_name=kiosk.name,
            office=kiosk.office.name,
            locked=kiosk.locked_at is not None,
            presented=shown,
            released=handed_over,
            held=held,
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
