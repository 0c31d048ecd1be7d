"""One small function a rule. Each answers its Reason, or None when it has nothing against it.

A rule that cannot be asked yet (no receiver, hence no password to compare) answers None: the
rule before it has already refused. No rule reads a clock, a session or a request.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from shared.domain import FilingStatus, PickupMethod, Purpose, Sheet
from shared.names import registration_number, says_scrivener
from verifier.decision.evidence import (
    DAILY_FAILURES_BEFORE_STEP_UP,
    FAILURES_BEFORE_PASSWORD_LOCK,
    Evidence,
    Intent,
    PasswordMatch,
    Tally,
)
from verifier.decision.reasons import Notice, Reason

Rule = Callable[[Sheet, Evidence, datetime], Reason | None]

_PENDING = frozenset(
    {
        FilingStatus.ACCEPTED,
        FilingStatus.EXAMINING,
        FilingStatus.CORRECTION,
        FilingStatus.PAYMENT,
    }
)
_COLLECTS = frozenset({Purpose.AUTHENTICATION, Purpose.INDIVIDUAL})


def kiosk_locked(_sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """A kiosk that saw too many failures judges nothing until a supervisor has looked."""
    return Reason.KIOSK_LOCKED if evidence.desk.locked else None


def wrong_window(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """The kind of sheet must be one this window serves."""
    return None if sheet.purpose in evidence.desk.purposes else Reason.WRONG_WINDOW


def not_on_plan(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """On a day plan, whom it does not name is not judged: the registry may know them."""
    if not evidence.is_extract or sheet.purpose not in _COLLECTS:
        return None
    found = evidence.filing if sheet.purpose is Purpose.INDIVIDUAL else evidence.receiver
    return Reason.NOT_ON_PLAN if found is None else None


def not_registered(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """To collect or to change a password, the name on the sheet must be registered."""
    asks = sheet.purpose in {Purpose.AUTHENTICATION, Purpose.PASSWORD_CHANGE}
    return Reason.NOT_REGISTERED if asks and evidence.receiver is None else None


def already_registered(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """A name is registered once; the registration sheet is used up by it."""
    taken = sheet.purpose is Purpose.REGISTRATION and evidence.receiver is not None
    return Reason.ALREADY_REGISTERED if taken else None


def no_such_filing(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """The filing an individual sheet names must exist."""
    missing = sheet.purpose is Purpose.INDIVIDUAL and evidence.filing is None
    return Reason.NO_SUCH_FILING if missing else None


def suspended(_sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """A suspended receiver collects nothing and changes nothing."""
    receiver = evidence.receiver
    return Reason.SUSPENDED if receiver is not None and receiver.suspended else None


def cannot_open(_sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """The sealed part must open with a key of this registry."""
    return Reason.CANNOT_OPEN if evidence.password is PasswordMatch.SHUT else None


def password_locked(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """After a hundred distinct wrong passwords even the right one may have been guessed."""
    receiver = evidence.receiver
    if sheet.purpose is not Purpose.AUTHENTICATION or receiver is None:
        return None
    return Reason.PASSWORD_LOCKED if receiver.failures >= FAILURES_BEFORE_PASSWORD_LOCK else None


def wrong_password(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """The password on an authentication sheet must be the registered one."""
    wrong = sheet.purpose is Purpose.AUTHENTICATION and evidence.password is PasswordMatch.WRONG
    return Reason.WRONG_PASSWORD if wrong else None


def former_password(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """A sheet printed before the last password change carries a password that was right once."""
    former = sheet.purpose is Purpose.AUTHENTICATION and evidence.password is PasswordMatch.FORMER
    return Reason.FORMER_PASSWORD if former else None


def not_before(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """Nothing issued before the receiver's mark counts (a lost sheet)."""
    receiver = evidence.receiver
    if receiver is None or receiver.not_before is None:
        return None
    return Reason.NOT_BEFORE if sheet.issued_at < receiver.not_before else None


def older_than_credential(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """A change sheet must be newer than the credential it replaces, or it would roll it back."""
    receiver = evidence.receiver
    if sheet.purpose is not Purpose.PASSWORD_CHANGE or receiver is None:
        return None
    return (
        Reason.OLDER_THAN_CREDENTIAL if sheet.issued_at <= receiver.credential_issued_at else None
    )


def reused_password(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """The present and the last three passwords cannot be set again: old sheets would revive."""
    used = evidence.password in {PasswordMatch.MATCHES, PasswordMatch.FORMER}
    return Reason.REUSED_PASSWORD if sheet.purpose is Purpose.PASSWORD_CHANGE and used else None


def superseded(_sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """Only the latest individual sheet of a filing counts."""
    filing = evidence.filing
    return Reason.SUPERSEDED if filing is not None and not filing.is_latest_sheet else None


def shown_before(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """Where the installation says so, an authentication sheet counts once."""
    strict = evidence.single_use and evidence.intent is Intent.COLLECT
    repeated = sheet.purpose is Purpose.AUTHENTICATION and evidence.shown_before
    return Reason.SHOWN_BEFORE if strict and repeated else None


def procedure_closed(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """The procedure must be open for collecting."""
    closed = sheet.purpose in _COLLECTS and not evidence.procedure_open
    return Reason.PROCEDURE_CLOSED if closed else None


def other_office(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """Papers are collected at the office of the application."""
    if sheet.purpose not in _COLLECTS or evidence.here(sheet.procedure):
        return None
    elsewhere = [
        t
        for t in evidence.tallies
        if t.procedure == sheet.procedure and t.office != evidence.desk.office
    ]
    waiting = sheet.purpose is Purpose.INDIVIDUAL or _count(elsewhere, FilingStatus.READY) > 0
    return Reason.OTHER_OFFICE if elsewhere and waiting else None


def individual_only(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """Filings switched to 個別申告用 are released by their own sheet and no other."""
    if sheet.purpose is not Purpose.AUTHENTICATION or collectable(sheet, evidence):
        return None
    here = evidence.here(sheet.procedure)
    switched = [t for t in here if t.method is PickupMethod.INDIVIDUAL]
    return Reason.INDIVIDUAL_ONLY if _count(switched, FilingStatus.READY) else None


def nothing_to_collect(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """There must be a filing of this name, procedure and office at all."""
    if sheet.purpose not in _COLLECTS:
        return None
    statuses = {t.status for t in _candidates(sheet, evidence)} - {FilingStatus.WITHDRAWN}
    return None if statuses else Reason.NOTHING_TO_COLLECT


def not_ready(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """The filing must be 交付可: examined, paid and corrected."""
    if collectable(sheet, evidence):
        return None
    return Reason.NOT_READY if _count(_candidates(sheet, evidence), *_PENDING) else None


def being_handed_over(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """What another window has in its hands cannot be handed over here."""
    if collectable(sheet, evidence):
        return None
    handing = _count(_candidates(sheet, evidence), FilingStatus.HANDING)
    return Reason.BEING_HANDED_OVER if handing else None


def already_released(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """What was handed over is not handed over again."""
    if collectable(sheet, evidence):
        return None
    released = _count(_candidates(sheet, evidence), FilingStatus.RELEASED)
    return Reason.ALREADY_RELEASED if released else None


def on_hold(sheet: Sheet, evidence: Evidence, _now: datetime) -> Reason | None:
    """A vehicle kept back comes out only when the clerk takes the hold up again."""
    if collectable(sheet, evidence):
        return None
    held = [t for t in _candidates(sheet, evidence) if t.held]
    return Reason.ON_HOLD if _count(held, FilingStatus.READY) else None


def collectable(sheet: Sheet, evidence: Evidence) -> int:
    """How many filings this sheet could release here and now."""
    ready = [
        t for t in _candidates(sheet, evidence) if evidence.intent is Intent.RESUME or not t.held
    ]
    return _count(ready, FilingStatus.READY)


def _candidates(sheet: Sheet, evidence: Evidence) -> list[Tally]:
    """The tallies this kind of sheet may release from, at this office."""
    method = (
        PickupMethod.INDIVIDUAL
        if sheet.purpose is Purpose.INDIVIDUAL
        else PickupMethod.AUTHENTICATION
    )
    if sheet.purpose not in _COLLECTS:
        return []
    return [t for t in evidence.here(sheet.procedure) if t.method is method]


def _count(tallies: Iterable[Tally], *statuses: FilingStatus) -> int:
    return sum(t.count for t in tallies if t.status in statuses)


def notices(sheet: Sheet, evidence: Evidence) -> tuple[Notice, ...]:
    """What the clerk is told beside an accepted sheet."""
    found: list[Notice] = []
    if evidence.shown_before:
        found.append(Notice.READ_BEFORE)
    receiver = evidence.receiver
    if (
        sheet.purpose is Purpose.AUTHENTICATION
        and receiver is not None
        and receiver.failures_today >= DAILY_FAILURES_BEFORE_STEP_UP
    ):
        found.append(Notice.STEP_UP)
    if sheet.purpose is Purpose.REGISTRATION and evidence.near_miss:
        found.append(Notice.NEAR_MISS)
    if _lacks_number(sheet):
        found.append(Notice.NO_REGISTRATION_NUMBER)
    return tuple(found)


def _lacks_number(sheet: Sheet) -> bool:
    name = getattr(sheet.claim, "name", None)
    if sheet.purpose is not Purpose.REGISTRATION or name is None:
        return False
    return says_scrivener(name) and registration_number(name) is None
