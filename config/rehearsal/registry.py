"""The rehearsal's registry: the demo's people, and filings that each lesson needs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from config.demo.filings import Invention, Pile
from config.demo.people import BCRYPT_COST, HANAKO, HIGH, MOVER, RECEIVERS, SUSPENDED, TARO, people
from config.demo.places import INSPECTION, NEW_CAR, places
from config.demo.sign_ins import SignIns
from shared.db.schema import upgrade
from shared.db.tables import Filing
from shared.domain import FilingStatus
from shared.key_files import make_keys
from shared.passwords import hash_secret
from shared.settings import read_settings
from verifier.registry import journal
from verifier.registry.journal import Act, Author
from verifier.rehearsal import MARK
from verifier.settings import VerifierSettings, open_installation

KEY_ID = 129
"""Bit 7: a practice key, which no real counter takes."""
HERE, ELSEWHERE = "K1", "K2"
BUNDLE, AWAY = RECEIVERS[4], RECEIVERS[3]
_AGE = timedelta(days=60)
_PILES = (
    (Pile(TARO, INSPECTION, HERE), 3),
    (Pile(BUNDLE, INSPECTION, HERE), 30),
    (Pile(HANAKO, NEW_CAR, HERE), 2),
    (Pile(AWAY, INSPECTION, ELSEWHERE), 2),
    (Pile(SUSPENDED, INSPECTION, HERE), 1),
    (Pile(HIGH, INSPECTION, HERE), 2),
    (Pile(MOVER, INSPECTION, HERE), 2),
    (Pile(None, INSPECTION, HERE), 3),
)


def furnish(var: Path, sign_ins: SignIns, now: datetime) -> None:
    """Make practice keys and a registry below `var`, whose settings files exist already."""
    make_keys(var / "keys", now, KEY_ID)
    installation = open_installation(read_settings(VerifierSettings, var / "verifier.toml"))
    upgrade(installation.sessions)
    with installation.sessions.begin() as session:
        session.add_all([*places(now - _AGE), *people(sign_ins, now - _AGE, now)])
        session.flush()
        session.add_all(_filings(hash_secret(sign_ins.inquiry_password, BCRYPT_COST), now))
        session.flush()
        journal.append(session, Act.INSTALLED, Author(), {MARK: True}, now)
    installation.sessions.kw["bind"].dispose()


def _filings(inquiry_hash: str, now: datetime) -> Iterator[Filing]:
    invention = Invention(inquiry_hash)
    for pile, count in _PILES:
        for _ in range(count):
            yield invention.filing(pile, FilingStatus.READY, now - timedelta(hours=2))
    yield invention.filing(_PILES[0][0], FilingStatus.CORRECTION, now - timedelta(hours=2))
