"""担当者: added, disabled and let in again; their PINs, passwords and roles."""

from dataclasses import dataclass, field
from typing import ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.tables import Staff
from shared.domain import Role
from verifier.administration.orders import Acting, reason_of
from verifier.administration.own import forget_recovery_codes
from verifier.administration.why import NotDone, Why
from verifier.console_sign_in import end_visits
from verifier.furnishing import code_of, name_of
from verifier.registry.journal import Act, Json

_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class AddPerson:
    """Add a member of staff; `pin_hash` is of a PIN that its owner typed."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    number: str
    name: str
    role: Role
    pin_hash: str = field(repr=False)

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone."""
        number = code_of(self.number)
        if acting.session.get(Staff, number) is not None:
            raise NotDone(Why.EXISTS)
        acting.session.add(
            Staff(
                number=number,
                name=name_of(self.name),
                role=self.role,
                pin_hash=self.pin_hash,
                added_at=acting.now,
            )
        )
        _note(acting, number, "added", role=self.role.value)


@dataclass(frozen=True, slots=True)
class Disable:
    """Let a person in no more: neither at a counter nor here."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    number: str
    reason: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: ONESELF, LAST_ADMINISTRATOR, NOTHING_TO_DO, or for the reason."""
        reason, person = reason_of(self.reason), _other(acting, self.number)
        if person.disabled_at is not None:
            raise NotDone(Why.NOTHING_TO_DO)
        _keep_an_administrator(acting.session, person)
        person.disabled_at = acting.now
        end_visits(acting.session, person.number, acting.now)
        _note(acting, person.number, "disabled", reason=reason)


@dataclass(frozen=True, slots=True)
class Enable:
    """Let a disabled person in again."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    number: str
    reason: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: ONESELF, NOTHING_TO_DO, or for the reason."""
        reason, person = reason_of(self.reason), _other(acting, self.number)
        if person.disabled_at is None:
            raise NotDone(Why.NOTHING_TO_DO)
        person.disabled_at = None
        _note(acting, person.number, "enabled", reason=reason)


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """Give a person another role; nobody changes their own."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    number: str
    role: Role
    reason: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: ONESELF, LAST_ADMINISTRATOR, NOTHING_TO_DO, or for the reason."""
        reason, person = reason_of(self.reason), _other(acting, self.number)
        if person.role is self.role:
            raise NotDone(Why.NOTHING_TO_DO)
        _keep_an_administrator(acting.session, person)
        before, person.role = person.role, self.role
        end_visits(acting.session, person.number, acting.now)
        roles = {"role": self.role.value, "role_before": before.value}
        _note(acting, person.number, "role", reason=reason, **roles)


@dataclass(frozen=True, slots=True)
class ResetPin:
    """Replace a PIN, and forget the failures that locked its owner."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    number: str
    pin_hash: str = field(repr=False)

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: MISSING."""
        person = _locked(acting.session, self.number)
        person.pin_hash, person.failures, person.locked_until = self.pin_hash, 0, None
        _note(acting, person.number, "pin")


@dataclass(frozen=True, slots=True)
class GivePassword:
    """Give a console password that its owner replaces at the first sign-in.

    A second factor in use is dropped with it: this is the way back for who lost both.
    """

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    number: str
    password_hash: str = field(repr=False)

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: ONESELF, MISSING."""
        person = _other(acting, self.number)
        person.password_hash, person.password_is_temporary = self.password_hash, True
        person.second_factor = person.second_factor_step = None
        person.failures, person.locked_until = 0, None
        forget_recovery_codes(acting.session, person)
        end_visits(acting.session, person.number, acting.now)
        _note(acting, person.number, "password")


@dataclass(frozen=True, slots=True)
class Unlock:
    """End a lock-out before its time: the person stands here and is who they say."""

    roles: ClassVar[frozenset[Role]] = _ADMINISTRATORS
    number: str

    def carry_out(self, acting: Acting) -> None:
        """Raises NotDone: ONESELF, MISSING."""
        person = _other(acting, self.number)
        person.failures, person.locked_until = 0, None
        _note(acting, person.number, "unlocked")


def _locked(session: Session, number: str) -> Staff:
    person = session.get(Staff, number, with_for_update=True)
    if person is None:
        raise NotDone(Why.MISSING)
    return person


def _other(acting: Acting, number: str) -> Staff:
    if number == acting.person.number:
        raise NotDone(Why.ONESELF)
    return _locked(acting.session, number)


def _keep_an_administrator(session: Session, person: Staff) -> None:
    if person.role is not Role.ADMINISTRATOR:
        return
    others = select(func.count()).where(
        Staff.role == Role.ADMINISTRATOR, Staff.disabled_at.is_(None), Staff.number != person.number
    )
    if not session.scalar(others):
        raise NotDone(Why.LAST_ADMINISTRATOR)


def _note(acting: Acting, number: str, change: str, **more: Json) -> None:
    acting.note(Act.STAFF_CHANGED, {"person": number, "change": change, **more})
