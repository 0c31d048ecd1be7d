"""受取者: registration, password changes, and the wrong passwords shown in their name."""

import hmac
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from shared.db.tables import FormerPassword, Receiver, WrongTag
from shared.domain import IdentityPaper, ReceiverClaim, Sheet
from shared.names import ReceiverName, compare_key
from shared.near_names import skeleton

FORMER_PASSWORDS_KEPT = 3
_DOMAIN = b"oss2d/v1/wrong-tag\0"


def register(
    session: Session, sheet: Sheet, password_hash: str, paper: IdentityPaper, now: datetime
) -> Receiver:
    """Enter the receiver a registration sheet names."""
    assert isinstance(sheet.claim, ReceiverClaim)  # noqa: S101 - decided before
    name = ReceiverName.parse(sheet.claim.name)
    receiver = Receiver(
        name=name.display,
        compare_key=name.key,
        skeleton=skeleton(name.display),
        password_hash=password_hash,
        identity_paper=paper,
        registered_at=now,
        credential_issued_at=sheet.issued_at,
    )
    session.add(receiver)
    session.flush()
    return receiver


def replace_password(
    session: Session, receiver: Receiver, sheet: Sheet, password_hash: str, now: datetime
) -> None:
    """Set the password of a change sheet; the old one tells old sheets from wrong ones."""
    session.add(
        FormerPassword(
            receiver_id=receiver.id, password_hash=receiver.password_hash, replaced_at=now
        )
    )
    receiver.password_hash = password_hash
    receiver.credential_issued_at = sheet.issued_at
    receiver.password_changed_at = now
    session.execute(delete(WrongTag).where(WrongTag.receiver_id == receiver.id))
    session.flush()
    _forget_older_passwords(session, receiver)


def lock(session: Session, sheet: Sheet) -> Receiver | None:
    """The receiver a sheet names, kept from changing until the transaction ends."""
    if not isinstance(sheet.claim, ReceiverClaim):
        return None
    return session.scalar(_LOCKED, {"key": compare_key(sheet.claim.name)})


def credential_of(session: Session, sheet: Sheet) -> tuple[int | None, str | None]:
    """Id and password hash of the receiver a sheet names; None when nobody has that name."""
    if not isinstance(sheet.claim, ReceiverClaim):
        return None, None
    known = session.execute(_CREDENTIAL, {"key": compare_key(sheet.claim.name)}).first()
    id_, password_hash = known or (None, None)
    return id_, password_hash


_BY_KEY = Receiver.compare_key == bindparam("key")
_LOCKED = select(Receiver).where(_BY_KEY).with_for_update()
_CREDENTIAL = select(Receiver.id, Receiver.password_hash).where(_BY_KEY)


def former_hashes(session: Session, receiver_id: int) -> list[str]:
    """The hashes of the last three passwords that were replaced, newest first."""
    return list(
        session.scalars(
            select(FormerPassword.password_hash)
            .where(FormerPassword.receiver_id == receiver_id)
            .order_by(FormerPassword.id.desc())
            .limit(FORMER_PASSWORDS_KEPT)
        )
    )


def count_wrong_tag(
    session: Session, receiver_id: int, tag: bytes, pepper: bytes, now: datetime
) -> None:
    """Count a wrong password once, however often it is shown: a hard lock would be an attack."""
    message = _DOMAIN + str(receiver_id).encode() + b"\0" + tag
    digest = hmac.digest(pepper, message, "sha256").hex()
    known = session.get(WrongTag, (receiver_id, digest))
    if known is None:
        session.add(WrongTag(receiver_id=receiver_id, tag_digest=digest, last_at=now))
    else:
        known.last_at = now


def _forget_older_passwords(session: Session, receiver: Receiver) -> None:
    kept = (
        select(FormerPassword.id)
        .where(FormerPassword.receiver_id == receiver.id)
        .order_by(FormerPassword.id.desc())
        .limit(FORMER_PASSWORDS_KEPT)
    )
    session.execute(
        delete(FormerPassword).where(
            FormerPassword.receiver_id == receiver.id, FormerPassword.id.not_in(kept)
        )
    )
