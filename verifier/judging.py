"""Read a sheet, gather the evidence, decide. Used by every verb that looks at a sheet.

Reading and comparing the password is slow on purpose (bcrypt) and happens before the
transaction; the verdict is made inside it, on rows that cannot move any more.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.session import glancing
from shared.db.tables import IssuedSheet, Kiosk, Procedure, Receiver
from shared.domain import Purpose, ReceiverClaim, Sheet
from shared.lookup import lookup_digest
from shared.passwords import dummy_check_tag
from shared.payload import PayloadError
from shared.search_key import InvalidSearchKey, looks_like, parse
from verifier import measures, opening
from verifier.acts import Claim, Facts, Moved
from verifier.decision.decide import decide
from verifier.decision.evidence import Intent, PasswordMatch
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Refused, Verdict
from verifier.installation import Installation
from verifier.opening import Opener, compare, reason_of
from verifier.registry import evidence as registry
from verifier.registry import facts, receivers
from verifier.registry.presentations import Subject


@dataclass(frozen=True, slots=True)
class Read:
    """A text as far as it can be understood without a verdict. Holds the tag: never logged."""

    sheet: Sheet | PayloadError | None
    """None: a typed search key that nobody was given."""
    fingerprint: str
    tag: bytes | None = None
    password: PasswordMatch | None = None
    compared_with: str | None = None
    """The stored hash the tag was compared with."""
    text: str = field(default="", repr=False)
    """Of the code, also when its search key was typed; empty when it is no sheet."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where, when and what for a sheet is judged, in a transaction."""

    kiosk: Kiosk
    intent: Intent
    now: datetime
    receiver: Receiver | None
    """Whom the sheet names, when registered."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what belongs to it."""

    verdict: Verdict
    claim: Claim | None = None
    facts: Facts = field(default_factory=Facts)
    subject: Subject = field(default_factory=Subject)


def read(installation: Installation, text: str, now: datetime) -> Read:
    """Decode a text, or the one a typed search key stands for, and compare its password."""
    opener = installation.opener
    with glancing(installation.sessions) as session:
        payload = _text_of(session, opener, text)
        if payload is None:
            return Read(None, opener.fingerprint(text))
        sheet = opener.read(payload, now)
        fingerprint = opener.fingerprint(payload)
        if isinstance(sheet, PayloadError):
            return Read(sheet, fingerprint)
        receiver_id, present = receivers.credential_of(session, sheet)
    if not isinstance(sheet.claim, ReceiverClaim):
        return Read(sheet, fingerprint, text=payload)
    tag = opener.tag(sheet)
    with measures.part("password"):
        asked = present if _asks_for_password(sheet) else None
        password = compare(tag, asked, lambda: _former(installation, receiver_id))
        if present is None and tag is not None and _asks_for_password(sheet):
            dummy_check_tag(tag, installation.policy.bcrypt_cost)
    return Read(sheet, fingerprint, tag, password, present, payload)


def _former(installation: Installation, receiver_id: int | None) -> list[str]:
    if receiver_id is None:
        return []
    with glancing(installation.sessions) as session:
        return receivers.former_hashes(session, receiver_id)


def judge(session: Session, installation: Installation, read: Read, occasion: Occasion) -> Judged:
    """The verdict on what was read. Raises Moved when it must be read again."""
    receiver = occasion.receiver
    if read.sheet is None:
        return Judged(Refused((Reason.UNKNOWN_SEARCH_KEY,)))
    if isinstance(read.sheet, PayloadError):
        return _unreadable(session, read, read.sheet, occasion.kiosk)
    _require_same_credential(receiver, read.sheet, read)
    known = registry.look_up(session, read.sheet, read.fingerprint, receiver, occasion.now)
    showing = registry.Showing(
        sheet=read.sheet,
        receiver=receiver,
        kiosk=occasion.kiosk,
        intent=occasion.intent,
        fingerprint=read.fingerprint,
        digest=installation.opener.digest(read.sheet),
        password=read.password,
        known=known,
        single_use=installation.policy.single_use_authentication,
        is_extract=installation.policy.plan is not None,
    )
    evidence = registry.load_evidence(session, showing, occasion.now)
    verdict = decide(read.sheet, evidence, occasion.now)
    return Judged(
        verdict,
        opening.claim_of(read.sheet, known.procedure),
        facts.gather(session, showing, evidence, verdict),
        Subject(
            evidence.receiver.id if evidence.receiver else None,
            evidence.filing.id if evidence.filing else None,
        ),
    )


def genuine(read: Read) -> Sheet | None:
    """The sheet whose signature holds, also when it is out of its time."""
    sheet: Sheet | None = getattr(read.sheet, "sheet", None)
    return read.sheet if isinstance(read.sheet, Sheet) else sheet


def claim_of(session: Session, sheet: Sheet) -> Claim:
    """What a sheet with a good signature says of itself, in words for the screen."""
    named = select(Procedure.name).where(Procedure.code == sheet.procedure)
    return opening.claim_of(sheet, session.scalar(named) if sheet.procedure else None)


def _text_of(session: Session, opener: Opener, text: str) -> str | None:
    """One input, one router: a search key fetches its sheet's text, anything else is a text."""
    if not looks_like(text):
        return text
    try:
        key = parse(text)
    except InvalidSearchKey:
        return None
    digest = lookup_digest(key, opener.lookup_key)
    return session.scalar(select(IssuedSheet.text).where(IssuedSheet.lookup_digest == digest))


def _asks_for_password(sheet: Sheet) -> bool:
    return sheet.purpose in {Purpose.AUTHENTICATION, Purpose.PASSWORD_CHANGE}


def _require_same_credential(receiver: Receiver | None, sheet: Sheet, read: Read) -> None:
    present = receiver.password_hash if receiver else None
    if isinstance(sheet.claim, ReceiverClaim) and present != read.compared_with:
        raise Moved


def _unreadable(session: Session, read: Read, error: PayloadError, kiosk: Kiosk) -> Judged:
    """No sheet: the kiosk's own lock goes first, and a genuine sheet out of its time is named."""
    reasons = (Reason.KIOSK_LOCKED,) if kiosk.locked_at is not None else ()
    sheet = genuine(read)
    claim = claim_of(session, sheet) if sheet else None
    return Judged(Refused((*reasons, reason_of(error))), claim)
