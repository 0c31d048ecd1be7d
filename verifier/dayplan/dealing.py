"""Which device holds which filing: dealt out by receiver, and never to two devices at once.

A receiver's filings go to one window, so that one visit is one window. A filing that was dealt
stays with the window's device until that device comes again after its plan is over: only then is it
certain that nothing happened on it. A device that another one has replaced cannot come again; what
it holds is free once its plan is over, and not before, for it may be at work.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from shared.db.tables import DayPlan, Filing, Kiosk, Office, PlannedFiling
from shared.domain import FilingStatus, PickupMethod
from verifier.dayplan.envelope import CLOCKS_DIFFER
from verifier.registry.collected import is_held

MOST_FILINGS = 5000
"""In one plan; the oldest first."""
_ASLEEP = timedelta(days=7)
"""A window that was not heard of for so long gets no share."""
_AT_ONCE = 500


def deal(session: Session, kiosk: Kiosk, until: datetime, now: datetime) -> list[Filing]:
    """The ready filings that this window's device holds from now on, none of which another holds.

    One office deals at a time, while filings come in and numbers are drawn there. Raises nothing: a
    window without a share gets none.
    """
    session.get_one(Office, kiosk.office_code, with_for_update={"key_share": True})
    forget(session, kiosk, now)
    windows = _windows(session, kiosk, now)
    held = _held(session, kiosk.office_code)
    chosen = []
    for filing in session.scalars(_ready(kiosk.office_code)):
        if filing.id in held.devices:
            is_mine = held.devices[filing.id] == kiosk.credential_digest
        else:
            group = group_of(filing)
            is_mine = kiosk.code == (held.windows.get(group) or share_of(group, windows))
        if is_mine:
            chosen.append(filing)
    chosen = chosen[:MOST_FILINGS]
    _keep(session, kiosk, [filing.id for filing in chosen], until)
    return chosen


def forget(session: Session, kiosk: Kiosk, now: datetime) -> None:
    """What this window held on plans that are over is free: it has come back since.

    So is what devices held that are believed no more, replaced by another or with their windows
    taken out of use, once their plans are over.
    """
    in_office = Kiosk.office_code == kiosk.office_code
    replaced = (
        select(PlannedFiling.filing_id)
        .join(Kiosk)
        .where(in_office, PlannedFiling.device != Kiosk.credential_digest)
    )
    revoked = select(Kiosk.code).where(in_office, Kiosk.revoked_at.is_not(None))
    owners = or_(
        PlannedFiling.kiosk_code == kiosk.code,
        PlannedFiling.kiosk_code.in_(revoked),
        PlannedFiling.filing_id.in_(replaced),
    )
    session.execute(delete(PlannedFiling).where(owners, PlannedFiling.until < now - CLOCKS_DIFFER))


def free(session: Session, plan: DayPlan) -> None:
    """A device has given its plan back: all that it held is free."""
    of_device = PlannedFiling.device.is_not_distinct_from(plan.device)
    of_window = PlannedFiling.kiosk_code == plan.kiosk_code
    session.execute(delete(PlannedFiling).where(of_window, of_device))


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


@dataclass(frozen=True, slots=True)
class _Held:
    """What is dealt in an office."""

    devices: dict[int, str | None]
    """Filing id → the device that holds it."""
    windows: dict[str, str]
    """Group → the window that more of it goes to: one whose device is still the one in use."""


def _held(session: Session, office: str) -> _Held:
    rows = session.execute(
        select(Filing, PlannedFiling.device, Kiosk.code, Kiosk.credential_digest)
        .join(PlannedFiling, PlannedFiling.filing_id == Filing.id)
        .join(Kiosk, Kiosk.code == PlannedFiling.kiosk_code)
        .where(Filing.office_code == office)
        .order_by(Filing.id)
    )
    held = _Held({}, {})
    for filing, device, code, in_use in rows:
        held.devices[filing.id] = device
        if device is None or device == in_use:
            held.windows.setdefault(group_of(filing), code)
    return held


def _ready(office: str) -> Select[Filing]:
    ready = (Filing.office_code == office, Filing.status == FilingStatus.READY, ~is_held())
    return select(Filing).where(*ready).order_by(Filing.id)


def _keep(session: Session, kiosk: Kiosk, filing_ids: list[int], until: datetime) -> None:
    device = kiosk.credential_digest
    mine = select(PlannedFiling.filing_id).where(PlannedFiling.device == device)
    known = set(session.scalars(mine))
    new = [
        {"filing_id": id_, "kiosk_code": kiosk.code, "device": device, "until": until}
        for id_ in filing_ids
        if id_ not in known
    ]
    if new:
        session.execute(insert(PlannedFiling), new)
    for i in range(0, len(filing_ids), _AT_ONCE):
        session.execute(
            update(PlannedFiling)
            .where(
                PlannedFiling.filing_id.in_(filing_ids[i : i + _AT_ONCE]),
                PlannedFiling.until < until,  # a longer plan may still be there: lost answers
            )
            .values(until=until)
        )
