"""窓口: added, enrolled by a one-time code, renamed, revoked."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from shared.db.tables import EnrolmentCode, Kiosk, Office, Staff
from shared.domain import Purpose, Role
from verifier.administration.orders import Acting, reason_of
from verifier.administration.why import NotDone, Why
from verifier.furnishing import code_of, name_of
from verifier.own_secrets import UNAMBIGUOUS, code_from
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json

CODE_LASTS = timedelta(minutes=30)
_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
_ENROLMENT = b"oss2d/v1/enrolment-code\0"
_CREDENTIAL = b"oss2d/v1/device-credential\0"


class EnrolmentRefused(Exception):
    """The code is unknown, used or too old, or its window was revoked meanwhile."""


@dataclass(frozen=True, slots=True)
class AddWindow:
    """Add a window to an office."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    code: str
    name: str
    office_code: str
    purposes: tuple[str, ...]

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: EXISTS, NO_OFFICE, NO_PURPOSE, or for code and name."""
        code = code_of(self.code)
        if acting.session.get(Kiosk, code) is not None:
            raise NotDone(Why.EXISTS)
        if acting.session.get(Office, self.office_code) is None:
            raise NotDone(Why.NO_OFFICE)
        acting.session.add(
            Kiosk(
                code=code,
                name=name_of(self.name),
                office_code=self.office_code,
                enrolled_at=acting.now,
                purposes=_purposes(self.purposes),
            )
        )
        _note(acting, code, "added")


@dataclass(frozen=True, slots=True)
class ChangeWindow:
    """Rename a window, and say what it serves."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    code: str
    name: str
    purposes: tuple[str, ...]

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, NO_PURPOSE, or for the name."""
        kiosk = _in_use(acting.session, self.code)
        kiosk.name, kiosk.purposes = name_of(self.name), _purposes(self.purposes)
        _note(acting, kiosk.code, "changed", purposes=kiosk.purposes)


@dataclass(frozen=True, slots=True)
class RevokeWindow:
    """Take a window out of use for good: its device is believed no more."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    code: str
    reason: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING, or for the reason."""
        reason, kiosk = reason_of(self.reason), _in_use(acting.session, self.code)
        kiosk.revoked_at, kiosk.credential_digest = acting.now, None
        _forget_codes(acting.session, kiosk.code)
        _note(acting, kiosk.code, "revoked", reason=reason)


@dataclass(frozen=True, slots=True)
class IssueEnrolmentCode:
    """Let whoever types this code at a device within half an hour make it that window.

    An earlier code for the window counts no more; the device in use keeps working until then.
    """

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    code: str
    letters: str = field(repr=False)

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING."""
        kiosk = _in_use(acting.session, self.code)
        _forget_codes(acting.session, kiosk.code)
        acting.session.add(
            EnrolmentCode(
                digest=_code_digest(self.letters),
                kiosk_code=kiosk.code,
                issued_by=acting.person.number,
                issued_at=acting.now,
                expires_at=acting.now + CODE_LASTS,
            )
        )
        _note(acting, kiosk.code, "enrolment_code")


def enrolment_letters(order_key: str, key: bytes) -> str:
    """The code for `IssueEnrolmentCode`: the same for the same order, so that two clicks agree."""
    return code_from(hmac.digest(key, _ENROLMENT + order_key.encode(), "sha256"))


def device_credential(letters: str, order_key: str, key: bytes) -> str:
    """A credential for `enrol_device`: the same for the same order, so that a device whose answer
    was lost asks again and gets it.
    """
    order = f"{_code_digest(letters)}\0{order_key}"
    drawn = hmac.digest(key, _CREDENTIAL + order.encode(), "sha256")
    return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()


def enrol_device(
    session: Session, letters: str, now: datetime, credential: str | None = None
) -> tuple[str, str]:
    """The window a code makes of a device, and the credential that the device keeps from now on:
    this one, or one that is drawn.

    The credential of whatever device was this window before counts no more; what a plan there
    holds stays dealt to it until that plan is over. Asked again for the same credential, it answers
    the same while the code lasts. Raises EnrolmentRefused.
    """
    code = session.get(EnrolmentCode, _code_digest(letters), with_for_update=True)
    if code is None or code.expires_at <= now:
        raise EnrolmentRefused
    try:
        kiosk = _in_use(session, code.kiosk_code)
    except NotDone as error:
        raise EnrolmentRefused from error
    credential = credential or secrets.token_urlsafe(32)
    if code.used_at is not None:
        if kiosk.credential_digest != device_digest(credential):
            raise EnrolmentRefused
        return kiosk.code, credential
    code.used_at, kiosk.credential_digest = now, device_digest(credential)
    session.flush()
    body: dict[str, Json] = {"window": kiosk.code, "change": "enrolled"}
    journal.append(session, Act.KIOSK_CHANGED, Author(None, code.issued_by), body, now)
    return kiosk.code, credential


def device_digest(credential: str) -> str:
    """What the registry knows a device by."""
    return _digest(credential)


def device_and_person(session: Session, credential: str, number: str) -> tuple[str, str] | None:
    """The window in use whose device proves itself with this credential, and the PIN's hash of a
    member of staff, empty when there is none; in one round, for it begins every request.
    """
    asked = {"digest": device_digest(credential), "number": number}
    found = session.execute(_DEVICE_AND_PERSON, asked).first()
    return (found[0], found[1] or "") if found else None


_DEVICE_AND_PERSON = (
    select(Kiosk.code, Staff.pin_hash)
    .outerjoin(Staff, Staff.number == bindparam("number"))
    .where(Kiosk.credential_digest == bindparam("digest"), Kiosk.revoked_at.is_(None))
)


def _in_use(session: Session, code: str) -> Kiosk:
    kiosk = session.scalar(select(Kiosk).where(Kiosk.code == code).with_for_update(of=Kiosk))
    if kiosk is None or kiosk.revoked_at is not None:
        raise NotDone(Why.MISSING)
    return kiosk


def _purposes(chosen: tuple[str, ...]) -> str:
    purposes = [purpose.value for purpose in Purpose if purpose in chosen]
    if not purposes:
        raise NotDone(Why.NO_PURPOSE)
    return " ".join(purposes)


def _forget_codes(session: Session, kiosk: str) -> None:
    unused = (EnrolmentCode.kiosk_code == kiosk, EnrolmentCode.used_at.is_(None))
    session.execute(delete(EnrolmentCode).where(*unused))


def _code_digest(typed: str) -> str:
    """However it is grouped or written."""
    return _digest("".join(char for char in typed.lower() if char in UNAMBIGUOUS))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _note(acting: Acting, code: str, change: str, **more: Json) -> None:
    acting.note(Act.KIOSK_CHANGED, {"window": code, "change": change, **more})
