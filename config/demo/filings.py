"""Invented filings over offices, procedures, receivers and statuses: every time the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from config.demo.people import HIGH, LOOKS_LIKE_HIGH, RECEIVERS
from config.demo.places import INSPECTION, NEW_CAR, OFFICES
from shared.db.tables import Filing
from shared.domain import FilingStatus
from shared.names import ReceiverName

SEED = 20261123
_WAITING = 215
_STATUSES = {
    FilingStatus.READY: 58,
    FilingStatus.ACCEPTED: 11,
    FilingStatus.EXAMINING: 11,
    FilingStatus.CORRECTION: 7,
    FilingStatus.PAYMENT: 7,
    FilingStatus.WITHDRAWN: 6,
}
"""Percent of the waiting filings; handing and released ones come from the counter's history."""
_KANA = "あいうえかきくけこさすせそ"
_APPLICANT_ONLY = 0.06
"""Share of filings without a receiver: only an individual code collects them."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Filings that one receiver collects under one procedure at one office."""

    receiver: str | None
    procedure: int
    office: str


class Invention:
    """Makes up one filing after another; each has its own number, plate and chassis."""

    def __init__(self, inquiry_hash: str) -> None:
        self._inquiry_hash = inquiry_hash
        self._random = Random(SEED)  # noqa: S311 - the same demo every time
        self._made = 0

    def filing(self, pile: Pile, status: FilingStatus, at: datetime) -> Filing:
        """A filing of this pile that took this status at that time."""
        self._made += 1
        n = self._made
        name = ReceiverName.parse(pile.receiver) if pile.receiver else None
        return Filing(
            number=f"9900{n:012d}",
            procedure_code=pile.procedure,
            office_code=pile.office,
            receiver_name=name.display if name else None,
            receiver_key=name.key if name else None,
            status=status,
            plate=f"見本 58{n % 10} {_KANA[n % len(_KANA)]} {n // 100:02d}-{n % 100:02d}",
            chassis=f"MIHON-{n:06d}",
            tax_confirmed=self._random.random() < 0.8,
            password_hash=self._inquiry_hash,
            received_at=at - timedelta(hours=self._random.randrange(30, 200)),
            updated_at=at,
        )

    def waiting(self, now: datetime) -> Iterator[Filing]:
        """Today's filings in every status a counter does not give, some for names unregistered."""
        draw = self._random
        receivers = (*RECEIVERS, *RECEIVERS[:3] * 3, HIGH, LOOKS_LIKE_HIGH)
        for _ in range(_WAITING):
            alone = draw.random() < _APPLICANT_ONLY
            pile = Pile(
                None if alone else draw.choice(receivers),
                draw.choices((INSPECTION, NEW_CAR), (3, 1))[0],
                draw.choices(tuple(OFFICES), (5, 3, 2))[0],
            )
            (status,) = draw.choices(tuple(_STATUSES), tuple(_STATUSES.values()))
            yield self.filing(pile, status, now - timedelta(minutes=draw.randrange(20, 4000)))
