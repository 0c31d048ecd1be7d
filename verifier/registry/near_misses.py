"""Registered names that look like another: explained to staff, never accepted."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.db.tables import Receiver
from shared.domain import ReceiverClaim, Sheet
from shared.names import compare_key
from shared.near_names import differences, near_miss, skeleton
from verifier.acts import NearMiss

MOST = 3
"""More look-alikes than these would not help a clerk."""


def of(session: Session, sheet: Sheet) -> tuple[NearMiss, ...]:
    """The registered names that differ a little from the one on the sheet."""
    if not isinstance(sheet.claim, ReceiverClaim):
        return ()
    claimed = sheet.claim.name
    close = [name for name in _neighbours(session, claimed) if near_miss(claimed, name)]
    return tuple(
        NearMiss(name, tuple((d.kind, d.left, d.right) for d in differences(claimed, name)))
        for name in close[:MOST]
    )


def _neighbours(session: Session, claimed: str) -> list[str]:
    """Names with the same skeleton, or with one half of it untouched and a length off by one.

    One letter more or less leaves at least one half as it was, so the database can look for it.
    """
    bones = skeleton(claimed)
    middle = len(bones) // 2
    one_off = func.length(Receiver.skeleton).between(len(bones) - 1, len(bones) + 1)
    half = or_(
        Receiver.skeleton.startswith(bones[:middle], autoescape=True),
        Receiver.skeleton.endswith(bones[middle:], autoescape=True),
    )
    return list(
        session.scalars(
            select(Receiver.name)
            .where(
                or_(Receiver.skeleton == bones, one_off & half),
                Receiver.compare_key != compare_key(claimed),
            )
            .limit(50)
        )
    )
