"""Signs the journal's checkpoints when they are due, but never over a chain that does not hold."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import AlertKind, Checkpoint
from verifier import checkpoints
from verifier.checkpoints import AFTER, EVERY
from verifier.installation import Installation
from verifier.journal_check import check_part
from verifier.journal_walk import Findings
from verifier.registry import alerts, journal


def sign_due(installation: Installation) -> int:
    """Make the checkpoints that are due: every hundred entries, and five minutes after the last.

    Looks without a lock first: an idle registry is not written to. Gives how many were made.
    """
    with reading(installation.sessions) as session:
        if not any(_due(session, installation)):
            return 0
    with installation.sessions.begin() as session:
        journal.take_turn(session)
        made = 0
        for size in _due(session, installation):
            if sign_at(session, installation, size) is None:
                break
            made += 1
        return made


def sign_at(session: Session, installation: Installation, size: int) -> Checkpoint | None:
    """Sign the journal as it was at an entry; None, and an alert, when it does not hold there.

    What was signed before is compared as well: nobody gets a signature for a chain written anew.
    """
    last = checkpoints.newest(session)
    if last is not None and last.size == size:
        return last
    now = installation.clock()
    found = check_part(session, size if last is None else last.size, size)
    if not found.holds:
        call_for(session, found, installation)
        return None
    return checkpoints.sign(session, size, installation.keys.checkpoint, now)


def call_for(session: Session, found: Findings, installation: Installation) -> None:
    """Call somebody for a chain that does not hold."""
    first = found.breaks[0]
    detail = f"entry={first.seq} how={first.how.value}"
    alerts.call_while(session, AlertKind.CHAIN_BROKEN, "", detail, installation.clock())


def _due(session: Session, installation: Installation) -> Iterator[int]:
    """The sizes at which the journal is to be signed now. The first checkpoint is due at once."""
    head, last = journal.head(session), checkpoints.newest(session)
    if last is None:
        if head.seq:
            yield head.seq
        return
    size, at = last.size, last.at
    while head.seq - size >= EVERY:
        size, at = size + EVERY, installation.clock()
        yield size
    if head.seq > size and installation.clock() - at >= AFTER:
        yield head.seq
