"""A registry with many receivers, each with a few vehicles that are ready, and many windows."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from shared.db.session import Sessions
from shared.db.tables import Filing, IssuedSheet, Kiosk, Office, Receiver
from shared.domain import FilingStatus, IdentityPaper, PickupMethod
from shared.names import ReceiverName, compare_key
from shared.near_names import skeleton
from shared.passwords import hash_secret, hash_tag, password_tag
from tests.builders import (
    INSPECTION,
    PASSWORD,
    SHINAGAWA,
    START,
    Keys,
    furniture,
    receiver_sheet,
    text_of,
)

VEHICLES = 5
"""Of each receiver."""
FILING_PASSWORD = "mihon-shinsei"
LOWEST_COST = 4
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Furnished:
    """What was put into a registry, and the sheets of its receivers."""

    windows: tuple[str, ...]
    names: tuple[str, ...]
    texts: tuple[str, ...]


def furnish(sessions: Sessions, windows: int, filings: int, by: Keys, mark: str = "") -> Furnished:
    """Fill a registry without receivers, or without any of this mark."""
    names = tuple(
        ReceiverName.parse(f"架空行政書士事務所　試験　第{mark}{n}号").display
        for n in range(-(-filings // VEHICLES))
    )
    codes = tuple(f"X{mark}{n}" for n in range(1, windows + 1))
    now = datetime.now(UTC)
    with sessions.begin() as session:
        if session.get(Office, SHINAGAWA) is None:
            session.add_all(furniture())
            session.flush()
        session.add_all(
            Kiosk(code=code, name=code, office_code=SHINAGAWA, enrolled_at=now) for code in codes
        )
        session.execute(insert(Receiver), [_receiver(name) for name in names])
    add_filings(sessions, [names[n // VEHICLES] for n in range(filings)])
    issued = now - timedelta(minutes=1)
    sheets = (receiver_sheet(name=name, issued_at=issued, by=by) for name in names)
    return Furnished(codes, names, tuple(text_of(sheet, by) for sheet in sheets))


def add_filings(sessions: Sessions, names: Sequence[str]) -> list[str]:
    """One more ready vehicle for each name; their numbers."""
    rows = [_filing(name) for name in names]
    with sessions.begin() as session:
        session.execute(insert(Filing), rows)
    return [str(row["number"]) for row in rows]


def switched_texts(sessions: Sessions) -> list[str]:
    """The latest sheets of all filings that were switched to 個別申告用."""
    latest = select(IssuedSheet.text).join(
        Filing, Filing.individual_digest == IssuedSheet.lookup_digest
    )
    with sessions() as session:
        return list(session.scalars(latest.where(Filing.pickup_method == PickupMethod.INDIVIDUAL)))


def _receiver(name: str) -> dict[str, object]:
    key = compare_key(name)
    return {
        "name": name,
        "compare_key": key,
        "skeleton": skeleton(name),
        "password_hash": hash_tag(password_tag(key, PASSWORD), LOWEST_COST),
        "identity_paper": IdentityPaper.SCRIVENER_CARD,
        "registered_at": START - timedelta(days=400),
        "credential_issued_at": START - timedelta(days=400),
    }


def _filing(name: str) -> dict[str, object]:
    return {
        "number": f"29{next(_NUMBERS):014d}",
        "procedure_code": INSPECTION,
        "office_code": SHINAGAWA,
        "receiver_name": name,
        "receiver_key": compare_key(name),
        "status": FilingStatus.READY,
        "plate": "見本 580 あ 00-01",
        "password_hash": _PASSWORD_HASH,
        "received_at": START,
        "updated_at": START,
    }


_PASSWORD_HASH = hash_secret(FILING_PASSWORD, LOWEST_COST)
