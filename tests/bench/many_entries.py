"""A registry as large as years at many windows make it: every table filled, the chain valid.

`fill` makes rows in the order of time, the chain in one pass, and writes them in bulk past the
models: going through the counter would take days.
"""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from shared.db.session import Sessions
from shared.db.tables import (
    Base,
    Filing,
    HandOver,
    HandOverItem,
    JournalEntry,
    Kiosk,
    LogLine,
    Presentation,
    Receiver,
    Staff,
)
from shared.domain import FilingStatus, IdentityPaper, PickupMethod, Role
from shared.names import compare_key
from shared.near_names import skeleton
from shared.vehicle_marks import tail
from tests.bench.bulk import bulk_writer
from tests.builders import INSPECTION, NEW_CAR, OSAKA, SHINAGAWA, furniture
from verifier.registry.journal import GENESIS, Link, canonical, hash_of

FIRST_DAY = datetime(2024, 11, 23, 0, 0, tzinfo=UTC)
DAYS = 730
RECEIVERS, WINDOWS, CLERKS = 5_000, 24, 60
SEED = 20261123
_BATCH = 20_000
_REASONS = ("NG-PW", "NG-NAME", "WARN-EMPTY", "NG-FORMAT", "NG-WAIT", "NG-EXPIRED", "NG-MISREAD")
_RARE = ("NG-TAMPER", "NG-KEY", "NG-STOP")
_SOURCES = (("camera", 80), ("scanner", 14), ("typed", 5), ("folder", 1))
_KANA = "あいうえかきくけこさすせそ"
TABLES = (Filing, Presentation, HandOver, HandOverItem, JournalEntry, LogLine)
Rows = dict[type[Base], list[dict[str, Any]]]


def fill(sessions: Sessions, entries: int) -> None:
    """Fill an empty registry at the newest revision with so many journal entries."""
    with sessions.begin() as session:
        session.add_all([*furniture(), *_windows(), *_clerks()])
        session.flush()
        session.execute(insert(Receiver), [_receiver(n) for n in range(1, RECEIVERS + 1)])
    with bulk_writer(sessions, TABLES) as write:
        for rows in _batches(entries):
            for table, values in rows.items():
                write(table, values)


def _windows() -> list[Kiosk]:
    return [
        Kiosk(code=f"B{n:02d}", name=f"試験窓口{n}", office_code=SHINAGAWA, enrolled_at=FIRST_DAY)
        for n in range(WINDOWS)
    ]


def _clerks() -> list[Staff]:
    return [
        Staff(
            number=f"8{n:03d}",
            name=f"試験　{n}子",
            role=Role.CLERK,
            pin_hash="-",
            added_at=FIRST_DAY,
        )
        for n in range(CLERKS)
    ]


def _receiver(n: int) -> dict[str, Any]:
    name = f"架空行政書士事務所　試験　{n}号"
    return {
        "id": n,
        "name": name,
        "compare_key": compare_key(name),
        "skeleton": skeleton(name),
        "password_hash": "-",
        "identity_paper": IdentityPaper.SCRIVENER_CARD,
        "registered_at": FIRST_DAY,
        "credential_issued_at": FIRST_DAY,
    }


def _batches(entries: int) -> Iterator[Rows]:
    day = _Days(entries)
    while day.seq < entries:
        rows: Rows = {table: [] for table in TABLES}
        while day.seq < entries and len(rows[JournalEntry]) < _BATCH:
            day.visit(rows)
        yield rows


class _Days:
    """One visit after another, through the opening hours of two years."""

    def __init__(self, entries: int) -> None:
        self.seq, self.visits = 0, 0
        self._entries = entries
        self._random = Random(SEED)
        self._prev = GENESIS
        self._kiosks: dict[str, int] = {}

    def visit(self, rows: Rows) -> None:
        """A sheet is shown; two thirds are followed by a hand-over."""
        self.visits += 1
        draw = self._random
        kiosk = f"B{int(draw.triangular(0, WINDOWS, 0)):02d}"
        clerk = f"8{(int(kiosk[1:]) * 3 + draw.randrange(4)) % CLERKS:03d}"
        showing = self._showing(draw, kiosk, clerk)
        rows[Presentation].append(showing)
        hand_over = str(uuid.UUID(int=draw.getrandbits(128))) if showing["accepted"] else None
        body = _body(showing) | {"hand_over": hand_over, "in_hand": 1 if hand_over else 0}
        self._entry(rows, "presented", showing, body, 1 if hand_over else 0)
        if hand_over is None:
            return
        filing = self._filing(rows, showing)
        rows[HandOver].append(_hand_over(hand_over, showing, self.seq + 1))
        item = {"hand_over_id": hand_over, "filing_id": self.visits, "state": "released"}
        rows[HandOverItem].append(
            item | {"id": self.visits, "reason": None, "settled_at": showing["at"]}
        )
        body = {"hand_over": hand_over, "presentation": showing["id"], "released": [filing]}
        body |= {"held": [], "returned": 0, "receipt": f"{kiosk}-{self.seq + 1:07d}"}
        self._entry(rows, "confirmed", showing, body, 1)

    def _showing(self, draw: Random, kiosk: str, clerk: str) -> dict[str, Any]:
        refused = draw.random() < 0.34
        reason = draw.choice(_REASONS if draw.random() > 0.001 else _RARE) if refused else None
        sources, weights = zip(*_SOURCES, strict=True)
        digest = hashlib.sha256(str(self.visits).encode()).hexdigest()
        return {
            "id": str(uuid.UUID(int=draw.getrandbits(128))),
            "at": self._moment(),
            "kiosk_code": kiosk,
            "staff_number": clerk,
            "source": draw.choices(sources, weights)[0],
            "typed_reason": None,
            "purpose": "authentication" if draw.random() < 0.97 else "registration",
            "procedure_code": INSPECTION if draw.random() < 0.8 else NEW_CAR,
            "receiver_id": min(int(draw.expovariate(4 / RECEIVERS)) + 1, RECEIVERS),
            "filing_id": None,
            "key_tail": f"{draw.randrange(10_000):04d}",
            "key_digest": digest,
            "fingerprint": digest,
            "accepted": not refused,
            "reason": reason,
            "reasons": reason or "",
            "elapsed_ms": draw.randrange(280, 420),
        }

    def _moment(self) -> datetime:
        """Evenly over the opening hours, nine to five in Tokyo."""
        hours = self.seq / self._entries * DAYS * 8
        return FIRST_DAY + timedelta(days=int(hours // 8), hours=hours % 8)

    def _filing(self, rows: Rows, showing: dict[str, Any]) -> str:
        n = self.visits
        plate = f"架空 58{n % 10} {_KANA[n % 13]} {n // 100 % 100:02d}-{n % 100:02d}"
        chassis = f"KAKU-{n:07d}"
        name = f"架空行政書士事務所　試験　{showing['receiver_id']}号"
        number = f"26{n:014d}"
        rows[Filing].append(
            {
                "id": n,
                "number": number,
                "procedure_code": showing["procedure_code"],
                "office_code": SHINAGAWA if n % 3 else OSAKA,
                "receiver_name": name,
                "receiver_key": compare_key(name),
                "status": FilingStatus.RELEASED.value,
                "pickup_method": PickupMethod.AUTHENTICATION.value,
                "individual_digest": None,
                "plate": plate,
                "chassis": chassis,
                "plate_tail": tail(plate),
                "chassis_tail": tail(chassis),
                "tax_confirmed": True,
                "password_hash": None,
                "inquiry_failures": 0,
                "inquiry_locked_until": None,
                "received_at": showing["at"],
                "updated_at": showing["at"],
            }
        )
        return number

    def _entry(
        self, rows: Rows, act: str, showing: dict[str, Any], body: dict[str, Any], items: int
    ) -> None:
        self.seq += 1
        kiosk = showing["kiosk_code"]
        self._kiosks[kiosk] = self._kiosks.get(kiosk, 0) + 1
        link = Link(
            self.seq,
            self._prev,
            showing["at"],
            act,
            kiosk,
            self._kiosks[kiosk],
            showing["staff_number"],
            canonical(body),
        )
        digest = hash_of(link)
        rows[JournalEntry].append(
            {name: getattr(link, name) for name in Link.__slots__} | {"hash": digest}
        )
        self._prev = digest
        judged = act == "presented"
        rows[LogLine].append(
            {name: showing[name] for name in ("at", "kiosk_code", "staff_number", "source")}
            | {name: showing[name] for name in ("purpose", "procedure_code", "receiver_id")}
            | {
                "seq": self.seq,
                "act": act,
                "accepted": showing["accepted"] if judged else None,
                "reason": showing["reason"] if judged else None,
                "presentation_id": showing["id"],
                "items": items,
            }
        )


def _body(showing: dict[str, Any]) -> dict[str, Any]:
    return {
        "presentation": showing["id"],
        "source": showing["source"],
        "typed_reason": None,
        "purpose": showing["purpose"],
        "procedure": showing["procedure_code"],
        "receiver": showing["receiver_id"],
        "filing": None,
        "key_tail": showing["key_tail"],
        "accepted": showing["accepted"],
        "reasons": showing["reasons"].split(),
        "ms": showing["elapsed_ms"],
    }


def _hand_over(id_: str, showing: dict[str, Any], seq: int) -> dict[str, Any]:
    return {
        "id": id_,
        "presentation_id": showing["id"],
        "kiosk_code": showing["kiosk_code"],
        "staff_number": showing["staff_number"],
        "state": "confirmed",
        "opened_at": showing["at"],
        "closed_at": showing["at"],
        "collector": "見本　受取",
        "receipt_number": f"{showing['kiosk_code']}-{seq:07d}",
    }
