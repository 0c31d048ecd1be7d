"""What the public portal may do with filings: look one up, and switch its pick-up method."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.db.tables import Filing
from shared.domain import FilingNumber, FilingStatus, PickupMethod

CLOSED_TO_THE_SWITCH = (FilingStatus.HANDING, FilingStatus.RELEASED, FilingStatus.WITHDRAWN)
"""Papers on the counter, gone, or never to come: the pick-up method stays what it is."""


class SwitchRefused(Exception):
    """The filing was handed over, is being handed over, or was withdrawn; nothing was changed."""

    def __init__(self, status: FilingStatus) -> None:
        super().__init__(status)
        self.status = status


def find_filing(session: Session, number: FilingNumber) -> Filing | None:
    """The filing with that number."""
    return session.scalar(select(Filing).where(Filing.number == number.digits))


def switch_to_individual(
    session: Session, number: FilingNumber, digest: str, now: datetime
) -> None:
    """Let this filing be collected with the individual code of that digest, and nothing else.

    Irreversible (manual, section 6). Issuing again replaces the digest: only the latest counts.
    One guarded UPDATE, because a counter may take the same filing in hand at this moment: one of
    the two wins. Raises SwitchRefused.
    """
    switched = session.scalar(
        update(Filing)
        .where(Filing.number == number.digits, Filing.status.not_in(CLOSED_TO_THE_SWITCH))
        .values(pickup_method=PickupMethod.INDIVIDUAL, individual_digest=digest, updated_at=now)
        .returning(Filing.id)
    )
    if switched is None:
        status = select(Filing.status).where(Filing.number == number.digits)
        raise SwitchRefused(session.scalars(status).one())
