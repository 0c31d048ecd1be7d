"""Sheets and registries for tests: visibly invented people, fixed keys, a clock that tests move.

Test modules build what they need from here; nothing is shared between two tests but the code.
"""

import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.db.session import Sessions
from shared.db.tables import (
    Compared,
    Deliverable,
    Filing,
    IssuedSheet,
    Kiosk,
    Office,
    Paper,
    PaperRule,
    Procedure,
    Receiver,
    Staff,
)
from shared.domain import (
    FilingClaim,
    FilingNumber,
    FilingStatus,
    IdentityPaper,
    PickupMethod,
    Purpose,
    ReceiverClaim,
    Role,
    SearchKey,
    Sheet,
    Source,
)
from shared.key_files import Pinned
from shared.keys import (
    CheckpointKey,
    KeySet,
    SealingKey,
    SealingPublicKey,
    SigningKey,
    TestKeys,
    sign_key_set,
)
from shared.lookup import lookup_digest
from shared.names import ReceiverName, compare_key
from shared.near_names import skeleton
from shared.passwords import hash_secret, hash_tag, password_tag
from shared.payload import encode, seal
from shared.search_key import draw
from verifier.acts import Basket, Check, Desk, Presenting, Taken
from verifier.counter import Counter
from verifier.installation import Installation, OwnKeys, Policy
from verifier.opening import Opener

START = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
"""09:05 in Tokyo."""
SYSTEM = "tests"
TARO = "見本行政書士事務所　試験　太郎（００００００１１）"
HANAKO = "見本自動車販売団体　試験　花子"
PASSWORD = "mihon-no-himitsu"
PIN = "4701"
CONSOLE_PASSWORD = "mihon-no-konsoru"
INSPECTION, NEW_CAR = 1, 2
SHINAGAWA, OSAKA = "S1", "O1"
WINDOW, OTHER_WINDOW, OSAKA_WINDOW = "W1", "W2", "W9"
CLERK, SUPERVISOR, OTHER_SUPERVISOR = "1001", "2001", "2002"
ADMINISTRATOR, AUDITOR = "3001", "4001"
DESK, OTHER_DESK = Desk(WINDOW, CLERK), Desk(OTHER_WINDOW, CLERK)
LOOKUP_KEY = b"l" * 32
_NUMBERS = itertools.count(48_210_000_901)


class Clock:
    """A clock that tests move."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@dataclass(frozen=True)
class Keys:
    """The keys of one installation."""

    signing: SigningKey
    sealing: SealingKey
    key_set: KeySet

    @property
    def pinned(self) -> Pinned:
        """The key set as it travels."""
        root = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
        pem = root.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return Pinned(pem.decode(), sign_key_set(self.key_set, root).decode())

    @property
    def sealing_public(self) -> SealingPublicKey:
        return SealingPublicKey(self.sealing.key_id, self.sealing.private.public_key())


def keys(seed: int = 1, key_id: int = 1) -> Keys:
    """Fixed keys: the same seed gives the same keys."""
    signing = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    sealing = X25519PrivateKey.from_private_bytes(bytes([seed + 100]) * 32)
    key_set = KeySet(
        {key_id: signing.public_key()},
        {key_id: sealing.public_key()},
        1,
        START + timedelta(days=395),
    )
    return Keys(SigningKey(key_id, signing), SealingKey(key_id, sealing), key_set)


KEYS = keys()


def receiver_sheet(
    purpose: Purpose = Purpose.AUTHENTICATION,
    *,
    name: str = TARO,
    password: str = PASSWORD,
    procedure: int = INSPECTION,
    issued_at: datetime = START,
    valid_days: int = 30,
    key: SearchKey | None = None,
    by: Keys = KEYS,
) -> Sheet:
    """A sheet of kinds 1 to 3, as the portal would seal it."""
    name = ReceiverName.parse(name).display
    sheet = Sheet(
        search_key=key or draw(purpose),
        signing_key_id=by.signing.key_id,
        sealing_key_id=by.sealing.key_id,
        issued_at=issued_at.replace(microsecond=0),
        valid_days=valid_days,
        procedure=procedure if purpose is Purpose.AUTHENTICATION else 0,
        claim=ReceiverClaim(name, b""),
    )
    tag = password_tag(compare_key(name), password)
    sealed = seal(sheet, tag, by.sealing_public, SYSTEM)
    return replace(sheet, claim=ReceiverClaim(name, sealed))


def filing_sheet(
    number: str,
    *,
    procedure: int = INSPECTION,
    issued_at: datetime = START,
    key: SearchKey | None = None,
    by: Keys = KEYS,
) -> Sheet:
    """An individual sheet."""
    return Sheet(
        search_key=key or draw(Purpose.INDIVIDUAL),
        signing_key_id=by.signing.key_id,
        sealing_key_id=0,
        issued_at=issued_at.replace(microsecond=0),
        valid_days=0,
        procedure=procedure,
        claim=FilingClaim(FilingNumber(number)),
    )


def text_of(sheet: Sheet, by: Keys = KEYS) -> str:
    """The digits on paper."""
    return encode(sheet, by.signing, SYSTEM)


def showing(text: str, source: Source = Source.CAMERA) -> Presenting:
    """One showing of a text."""
    return Presenting(str(uuid.uuid4()), text, source)


def seen_to(basket: Basket, released: Iterable[int] | None = None) -> dict[str, tuple[object, ...]]:
    """What a clerk vouches for who compared every paper by eye and looked at every slip."""
    wanted = {row.filing_id for row in basket.rows} if released is None else set(released)
    taken = tuple(
        Taken(row.filing_id, paper.name, Compared.SEEN)
        for row in basket.rows
        if row.filing_id in wanted
        for paper in row.papers
        if paper.rule is not PaperRule.IF_ANY
    )
    return {"taken": taken, "checked": tuple(Check)}


def opener(by: Keys = KEYS, test_keys: TestKeys = TestKeys.REFUSED) -> Opener:
    """The registry's keys."""
    return Opener(by.key_set, (by.sealing,), LOOKUP_KEY, SYSTEM, test_keys)


def own_keys(seed: int = 50, key_id: int = 1) -> OwnKeys:
    """What the registry signs its journal and encrypts second factors with."""
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    key = CheckpointKey(key_id, private)
    return OwnKeys(key, {key_id: private.public_key()}, b"c" * 64)


@dataclass
class House:
    """A registry with offices, windows, staff and procedures, and the counter on it."""

    sessions: Sessions
    clock: Clock
    installation: Installation
    counter: Counter

    def receiver(self, name: str = TARO, password: str = PASSWORD, **fields: object) -> int:
        """Register a receiver; gives the id."""
        name = ReceiverName.parse(name).display
        tag = password_tag(compare_key(name), password)
        values = {
            "name": name,
            "compare_key": compare_key(name),
            "skeleton": skeleton(name),
            "password_hash": hash_tag(tag, 4),
            "identity_paper": IdentityPaper.SCRIVENER_CARD,
            "registered_at": START - timedelta(days=400),
            "credential_issued_at": START - timedelta(days=400),
        }
        with self.sessions.begin() as session:
            receiver = Receiver(**values | fields)
            session.add(receiver)
            session.flush()
            return receiver.id

    def filing(self, **fields: object) -> str:
        """Add a ready filing of TARO's; gives its number."""
        number = f"26{next(_NUMBERS):014d}"
        name = fields.get("receiver_name", TARO)
        values = {
            "number": number,
            "procedure_code": INSPECTION,
            "office_code": SHINAGAWA,
            "receiver_name": name,
            "receiver_key": compare_key(str(name)) if name else None,
            "status": FilingStatus.READY,
            "plate": "見本 580 あ 00-01",
            "received_at": START,
            "updated_at": START,
        }
        with self.sessions.begin() as session:
            session.add(Filing(**values | fields))
        return number

    def individual(self, number: str, sheet: Sheet) -> None:
        """Make a sheet the latest individual code of a filing, as the portal does."""
        with self.sessions.begin() as session:
            filing = session.query(Filing).filter_by(number=number).one()
            filing.pickup_method = PickupMethod.INDIVIDUAL
            filing.individual_digest = lookup_digest(sheet.search_key, LOOKUP_KEY)

    def issued(self, sheet: Sheet) -> None:
        """Store a sheet's text under its search key, as the portal does."""
        with self.sessions.begin() as session:
            session.add(
                IssuedSheet(
                    lookup_digest=lookup_digest(sheet.search_key, LOOKUP_KEY),
                    text=text_of(sheet),
                    purpose=sheet.purpose,
                    issued_at=sheet.issued_at,
                    expires_at=sheet.expires_at,
                )
            )

    def status_of(self, number: str) -> FilingStatus:
        """Where a filing stands now."""
        with self.sessions() as session:
            return session.query(Filing.status).filter_by(number=number).scalar()


def house(sessions: Sessions, policy: Policy | None = None) -> House:
    """Furnish an empty registry and open the counter on it."""
    with sessions.begin() as session:
        session.add_all(furniture())
    return house_on(sessions, Clock(), policy)


def house_on(sessions: Sessions, clock: Clock, policy: Policy | None = None) -> House:
    """Open the counter on a registry that is furnished already."""
    chosen = policy or Policy(bcrypt_cost=4)
    installation = Installation(sessions, opener(), chosen, clock, keys=own_keys())
    return House(sessions, clock, installation, Counter(installation))


def furniture() -> list[object]:
    """Offices, windows, staff and procedures of an invented installation."""
    pin, password = hash_secret(PIN, 4), hash_secret(CONSOLE_PASSWORD, 4)
    then = "車両番号標の窓口（7番）へ"
    people = (
        (CLERK, "見本　一郎", Role.CLERK),
        ("1002", "見本　二郎", Role.CLERK),
        (SUPERVISOR, "見本　三子", Role.SUPERVISOR),
        (OTHER_SUPERVISOR, "見本　三太", Role.SUPERVISOR),
        (ADMINISTRATOR, "見本　四子", Role.ADMINISTRATOR),
        (AUDITOR, "見本　五郎", Role.AUDITOR),
    )
    windows = ((WINDOW, "窓口1", SHINAGAWA), (OTHER_WINDOW, "窓口2", SHINAGAWA))
    return [
        Office(code=SHINAGAWA, name="見本第一事務所"),
        Office(code=OSAKA, name="見本第二事務所"),
        Procedure(code=INSPECTION, name="継続検査"),
        Procedure(code=NEW_CAR, name="新車（新規検査・地方税申告）", then=then),
        *(
            Deliverable(procedure_code=code, position=i, name=name)
            for code in (INSPECTION, NEW_CAR)
            for i, name in enumerate(("自動車検査証", "自動車検査証記録事項", "検査標章"))
        ),
        Paper(procedure_code=INSPECTION, position=0, name="旧自動車検査証", rule=PaperRule.ALWAYS),
        Paper(
            procedure_code=INSPECTION,
            position=1,
            name="納税証明書",
            rule=PaperRule.TAX_UNCONFIRMED,
        ),
        *(
            Kiosk(code=code, name=name, office_code=office, enrolled_at=START)
            for code, name, office in (*windows, (OSAKA_WINDOW, "窓口9", OSAKA))
        ),
        *(
            Staff(
                number=number,
                name=name,
                role=role,
                pin_hash=pin,
                password_hash=password if role is not Role.CLERK else None,
                added_at=START,
            )
            for number, name, role in people
        ),
    ]
