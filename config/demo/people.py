"""The demo's people, all visibly invented: staff, and receivers with names that look alike."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from config.demo.sign_ins import SignIns
from shared.db.base import Base
from shared.db.tables import FormerPassword, Receiver, Staff
from shared.domain import IdentityPaper, Role
from shared.names import ReceiverName
from shared.near_names import skeleton
from shared.passwords import hash_secret, hash_tag, password_tag
from verifier.console_sign_in import CONSOLE_ROLES

BCRYPT_COST = 12
CLERK, OTHER_CLERK, SUPERVISOR = "1001", "1002", "2001"
STAFF = {
    CLERK: ("見本　一郎", Role.CLERK),
    OTHER_CLERK: ("見本　二葉", Role.CLERK),
    SUPERVISOR: ("見本　三枝", Role.SUPERVISOR),
    "3001": ("見本　四季", Role.ADMINISTRATOR),
    "4001": ("見本　五月", Role.AUDITOR),
}
TARO = "見本行政書士事務所　試験　太郎（00000001）"
HANAKO = "見本行政書士事務所　試験　花子（00000002）"
MOVER = "見本行政書士事務所　試験　次郎（00000003）"
"""Changed the password last month, and holds the clip's sheet that changes it again."""
SUSPENDED = "見本行政書士法人　試験　休止（00000009）"
HIGH = "見本自動車販売協会　髙崎支部"
LOOKS_LIKE_HIGH = "見本自動車販売協会　高崎支部"
"""Not registered: one character from HIGH."""
RECEIVERS = (
    TARO,
    HANAKO,
    MOVER,
    "見本行政書士法人　架空事務所（00000004）",
    "見本行政書士事務所　髙橋　試子（00000005）",
    "見本行政書士事務所　高橋　試子（00000006）",
    "見本行政書士事務所　斎藤　架空（00000007）",
    "見本行政書士事務所　𠮷田　架空（00000008）",
    SUSPENDED,
    HIGH,
    "見本軽自動車団体　試験センター",
    "見本軽自動車販売店協会　架空県支部",
)
FORMER_PASSWORD = "mihon-mae-no"  # noqa: S105 - nobody has it any more
NEWCOMERS = tuple(f"見本行政書士事務所　新規　{n}（000001{n:02d}）" for n in range(1, 31))
"""Not registered yet: the clip's registration sheet bears the first who still is not."""


def people(sign_ins: SignIns, since: datetime, now: datetime) -> list[Base]:
    """The rows of staff and receivers. Hashing takes seconds: bcrypt is slow on purpose."""
    with ThreadPoolExecutor(max_workers=2) as both_cores:
        staff = list(both_cores.map(partial(_staff, sign_ins=sign_ins, since=since), STAFF))
        receivers = list(
            both_cores.map(partial(_receiver, sign_ins=sign_ins, since=since), RECEIVERS)
        )
    by_name = dict(zip(RECEIVERS, receivers, strict=True))
    _suspend(by_name[SUSPENDED], now - timedelta(days=9))
    _had_another_password(by_name[MOVER], now - timedelta(days=30))
    return [*staff, *receivers]


def _staff(number: str, sign_ins: SignIns, since: datetime) -> Staff:
    name, role = STAFF[number]
    at_console = role in CONSOLE_ROLES
    password = hash_secret(sign_ins.console_password, BCRYPT_COST) if at_console else None
    return Staff(
        number=number,
        name=name,
        role=role,
        pin_hash=hash_secret(sign_ins.pins[number], BCRYPT_COST),
        password_hash=password,
        added_at=since,
    )


def _receiver(text: str, sign_ins: SignIns, since: datetime) -> Receiver:
    name = ReceiverName.parse(text)
    scrivener = "行政書士" in text
    return Receiver(
        name=name.display,
        compare_key=name.key,
        skeleton=skeleton(name.display),
        password_hash=hash_tag(password_tag(name.key, sign_ins.receiver_password), BCRYPT_COST),
        identity_paper=(
            IdentityPaper.SCRIVENER_CARD if scrivener else IdentityPaper.ORGANISATION_ID
        ),
        registered_at=since,
        credential_issued_at=since,
    )


def _suspend(receiver: Receiver, at: datetime) -> None:
    receiver.suspended_at = at
    receiver.suspension_reason = "見本：届出により停止中"


def _had_another_password(receiver: Receiver, until: datetime) -> None:
    former = hash_tag(password_tag(receiver.compare_key, FORMER_PASSWORD), BCRYPT_COST)
    receiver.former_passwords = [FormerPassword(password_hash=former, replaced_at=until)]
    receiver.credential_issued_at = receiver.password_changed_at = until
