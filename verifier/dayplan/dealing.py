"""Which window holds which filing: dealt out by receiver, and never to two windows at once.

A receiver's filings go to one window, so that one visit is one window. A filing that was dealt
stays with its window until that window comes again after its plan is over: only then is it certain
that nothing happened on it.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from shared.db.tables import Filing, Kiosk, Office, PlannedFiling
from shared.domain import FilingStatus, PickupMethod
from verifier.dayplan.envelope import CLOCKS_DIFFER
from verifier.registry.collected import is_held

MOST_FILINGS = 5000
"""In one plan; the oldest first."""
_ASLEEP = timedelta(days=7)
"""A window that was not heard of for so long gets no share."""
_AT_ONCE = 500


def deal(session: Session, kiosk: Kiosk, until: datetime, now: datetime) -> list[Filing]:
    """The ready filings that this window holds from now on, none of which another holds.

    One office deals at a time. Raises nothing: a window without a share gets none.
    """
    session.get_one(Office, kiosk.office_code, with_for_update=True)
    forget(session, kiosk, now)
    windows = _windows(session, kiosk, now)
    holders = _holders(session, kiosk.office_code)
    chosen = []
    for filing in session.scalars(_ready(kiosk.office_code)):
        group = group_of(filing)
        holder = holders.get(filing.id)
        if holder is None:
            holder = holders.get(group) or share_of(group, windows)
        if holder == kiosk.code:
            chosen.append(filing)
    chosen = chosen[:MOST_FILINGS]
    _keep(session, kiosk, [filing.id for filing in chosen], until)
    return chosen


def forget(session: Session, kiosk: Kiosk, now: datetime) -> None:
    """What this window held on plans that are over is free: it has come back since.

    So is what windows held that were taken out of use, once their plans are over.
    """
    revoked = select(Kiosk.code).where(
        Kiosk.office_code == kiosk.office_code, Kiosk.revoked_at.is_not(None)
    )
    owners = or_(PlannedFiling.kiosk_code == kiosk.code, PlannedFiling.kiosk_code.in_(revoked))
    session.execute(delete(PlannedFiling).where(owners, PlannedFiling.until < now - CLOCKS_DIFFER))


def free(session: Session, kiosk_code: str) -> None:
    """The window has given its plan back: all that it held is free."""
    session.execute(delete(PlannedFiling).where(PlannedFiling.kiosk_code == kiosk_code))


def group_of(filing: Filing) -> str:
    """What is collected together: a receiver's filings, or one vehicle by its own sheet."""
    individual = filing.pickup_method is PickupMethod.INDIVIDUAL or filing.receiver_key is None
    return f"filing {filing.number}" if individual else f"receiver {filing.receiver_key}"


def share_of(group: str, windows: list[str]) -> str:
    """The window that a group falls to: the same one however often and wherever it is asked."""
    return max(windows, key=lambda code: hashlib.sha256(f"{code}\0{group}".encode()).digest())


def _windows(session: Session, kiosk: Kiosk, now: datetime) -> list[str]:
    """The windows of the office that get a share: those with a device that is in use."""
    heard = or_(Kiosk.seen_at.is_(None), Kiosk.seen_at > now - _ASLEEP)
    in_use = select(Kiosk.code).where(
        Kiosk.office_code == kiosk.office_code,
        Kiosk.revoked_at.is_(None),
        Kiosk.credential_digest.is_not(None),
        heard,
    )
    return sorted({kiosk.code, *session.scalars(in_use)})


def _holders(session: Session, office: str) -> dict[int | str, str]:
    """Filing id → the window that holds it, and the same by group."""
    rows = session.execute(
        select(Filing, PlannedFiling.kiosk_code)
        .join(PlannedFiling, PlannedFiling.filing_id == Filing.id)
        .where(Filing.office_code == office)
        .order_by(Filing.id)
    )
    holders: dict[int | str, str] = {}
    for filing, code in rows:
        holders[filing.id] = code
        holders.setdefault(group_of(filing), code)
    return holders


def _ready(office: str) -> Select[Filing]:
    ready = (Filing.office_code == office, Filing.status == FilingStatus.READY, ~is_held())
    return select(Filing).where(*ready).order_by(Filing.id)


def _keep(session: Session, kiosk: Kiosk, filing_ids: list[int], until: datetime) -> None:
    mine = select(PlannedFiling.filing_id).where(PlannedFiling.kiosk_code == kiosk.code)
    known = set(session.scalars(mine))
    new = [
        {"filing_id": id_, "kiosk_code": kiosk.code, "until": until}
        for id_ in filing_ids
        if id_ not in known
    ]
    if new:
        session.execute(insert(PlannedFiling), new)
    for i in range(0, len(filing_ids), _AT_ONCE):
        session.execute(
            update(PlannedFiling)
            .where(PlannedFiling.filing_id.in_(filing_ids[i : i + _AT_ONCE]))
            .values(until=until)
        )
