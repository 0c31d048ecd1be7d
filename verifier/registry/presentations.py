"""Every showing of a sheet is written down, accepted or not, and counted against abuse."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.tables import Kiosk, Presentation
from shared.domain import Sheet, Source
from shared.search_key import canonical
from verifier.acts import Desk, TypedReason
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Accepted, Refused, Verdict
from verifier.registry.journal import Json

TYPING_MISSES_BEFORE_LOCK = 5
FAILURES_BEFORE_LOCK = 20
FORGED_SHEETS_BEFORE_LOCK = 3
WINDOW = timedelta(minutes=10)
_FAILURES = (Reason.WRONG_PASSWORD, Reason.NOT_REGISTERED, Reason.FORGED, Reason.UNKNOWN_KEY)
_FORGERIES = (Reason.FORGED, Reason.UNKNOWN_KEY)
"""Among the failures."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What came to the window: how, what, and what it turned out to be."""

    id: str
    source: Source
    fingerprint: str
    sheet: Sheet | None
    key_digest: str | None
    typed_reason: TypedReason | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom and what a sheet was found to be about; ids, never names."""

    receiver_id: int | None = None
    filing_id: int | None = None


def record(
    session: Session,
    desk: Desk,
    shown: Shown,
    subject: Subject,
    verdict: Verdict,
    at: tuple[datetime, int],
) -> Presentation:
    """Write one presentation; `at` is when it came and how many milliseconds judging took."""
    presentation = row_of(desk, shown, subject, verdict)
    presentation.at, presentation.elapsed_ms = at
    session.add(presentation)
    session.flush()
    return presentation


def row_of(desk: Desk, shown: Shown, subject: Subject, verdict: Verdict) -> Presentation:
    """A presentation as it would be stored, without its time."""
    sheet = shown.sheet
    return Presentation(
        id=shown.id,
        kiosk_code=desk.kiosk,
        staff_number=desk.staff,
        source=shown.source,
        typed_reason=shown.typed_reason,
        purpose=sheet.purpose if sheet else None,
        procedure_code=sheet.procedure or None if sheet else None,
        receiver_id=subject.receiver_id,
        filing_id=subject.filing_id,
        key_tail=canonical(sheet.search_key)[-4:] if sheet else None,
        key_digest=shown.key_digest,
        fingerprint=shown.fingerprint,
        accepted=isinstance(verdict, Accepted),
        reason=verdict.reason if isinstance(verdict, Refused) else None,
        reasons=" ".join(_codes(verdict)),
    )


def journal_body(presentation: Presentation) -> dict[str, Json]:
    """The presentation as the journal keeps it."""
    return {
        "presentation": presentation.id,
        "source": presentation.source,
        "typed_reason": presentation.typed_reason,
        "purpose": presentation.purpose,
        "procedure": presentation.procedure_code,
        "receiver": presentation.receiver_id,
        "filing": presentation.filing_id,
        "key_tail": presentation.key_tail,
        "accepted": presentation.accepted,
        "reasons": list(presentation.reasons.split()),
        "ms": presentation.elapsed_ms,
    }


def typing_is_locked(session: Session, kiosk: str, now: datetime) -> bool:
    """Five wrong search keys in ten minutes: somebody is guessing, or cannot read the sheet."""
    misses = session.scalar(
        select(func.count()).where(
            Presentation.kiosk_code == kiosk,
            Presentation.source == Source.TYPED,
            Presentation.reason == Reason.UNKNOWN_SEARCH_KEY,
            Presentation.at > now - WINDOW,
        )
    )
    return (misses or 0) >= TYPING_MISSES_BEFORE_LOCK


def lock_if_abused(session: Session, kiosk: Kiosk, latest: Presentation) -> bool:
    """Lock a kiosk after twenty failures or three different forged sheets in ten minutes.

    The latest presentation is among those; when it is no failure, nothing is counted.
    """
    now = latest.at
    if kiosk.locked_at is not None or latest.reason not in _FAILURES:
        return False
    since = max(now - WINDOW, kiosk.unlocked_at or now - WINDOW)
    sheets = func.count(Presentation.fingerprint.distinct())
    failures, forged = session.execute(
        select(func.count(), sheets.filter(Presentation.reason.in_(_FORGERIES))).where(
            Presentation.kiosk_code == kiosk.code,
            Presentation.at > since,
            Presentation.reason.in_(_FAILURES),
        )
    ).one()
    if failures < FAILURES_BEFORE_LOCK and forged < FORGED_SHEETS_BEFORE_LOCK:
        return False
    kiosk.locked_at = now
    return True


def of_kiosk(session: Session, desk: Desk, presentation_id: str) -> Presentation | None:
    """A presentation this kiosk made."""
    return session.scalar(
        select(Presentation).where(
            Presentation.id == presentation_id, Presentation.kiosk_code == desk.kiosk
        )
    )


def _codes(verdict: Verdict) -> tuple[str, ...]:
    if isinstance(verdict, Refused):
        return tuple(reason.value for reason in verdict.reasons)
    return tuple(notice.value for notice in verdict.notices)
