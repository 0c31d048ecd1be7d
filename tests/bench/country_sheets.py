"""Sheets for the registry of a country: receivers with passwords, and papers that are ready."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import text, update

from shared.db.session import Sessions
from shared.db.tables import Receiver
from shared.names import compare_key
from shared.passwords import hash_tag, password_tag
from tests.bench.country import BUNDLE, OFFICES, Sizes, name_of, office_of, receiver_of, window_of
from tests.builders import INSPECTION, KEYS, PASSWORD, Keys, receiver_sheet, text_of
from verifier.acts import Desk

BUSY = 40
"""The receivers with the most filings: those who come every day."""
_DELIVER = text(
    """
    INSERT INTO filings (number, procedure_code, office_code, receiver_name, receiver_key, status,
        pickup_method, plate, chassis, plate_tail, chassis_tail, tax_confirmed, inquiry_failures,
        received_at, updated_at)
    SELECT '27' || lpad((last + n)::text, 14, '0'), 1, :office, name, compare_key, 'ready',
        'authentication', '架空 580 い 00-' || lpad(n::text, 2, '0'), 'KAKU-0000000' || n,
        lpad(n::text, 4, '0'), lpad(n::text, 4, '0'), true, 0, now(), now()
    FROM receivers, generate_series(1, :count) AS n, (SELECT max(id) AS last FROM filings) AS newest
    WHERE receivers.id = :receiver"""
)


@dataclass(frozen=True, slots=True)
class Errand:
    """One receiver who comes to one window."""

    receiver: int
    window: str

    @property
    def desk(self) -> Desk:
        """Where, and who serves there."""
        return Desk(self.window, f"C{self.window[1:]}")

    @property
    def tag(self) -> bytes:
        """Of the password they know."""
        return password_tag(compare_key(name_of(self.receiver)), PASSWORD)

    def sheet(self, by: Keys = KEYS) -> str:
        """A sheet of this morning; another one each time."""
        issued = datetime.now(UTC) - timedelta(hours=1)
        return text_of(receiver_sheet(name=name_of(self.receiver), issued_at=issued, by=by), by)


def of_everybody(sessions: Sessions, sizes: Sizes, count: int, cost: int) -> list[Errand]:
    """Whoever's papers wait, drawn by bundles: who has many comes often. Nobody knows the cost
    of their hash but who chooses it here.
    """
    draw, found = Random(count), {}
    while len(found) < count:
        bundle = draw.randrange(sizes.visits, sizes.filings // BUNDLE)
        if bundle % 10 in (1, 2, 3, 4):  # ready, and of the first procedure
            found[bundle] = Errand(receiver_of(bundle, sizes.receivers), window_of(bundle))
    give_passwords(sessions, found.values(), cost)
    return list(found.values())


def of_the_busy(windows: Iterable[str], each: int) -> dict[str, list[Errand]]:
    """So many errands at each window; no two windows of an office have the same receiver."""
    turns = dict.fromkeys(range(OFFICES), 0)
    errands: dict[str, list[Errand]] = {}
    for window in windows:
        office = int(office_of(window)[1:])
        first = turns[office]
        turns[office] += each
        errands[window] = [Errand((first + n) % BUSY + 1, window) for n in range(each)]
    return errands


def give_passwords(sessions: Sessions, errands: Iterable[Errand], cost: int) -> None:
    """Let the registry know their password."""
    one_of_each = {errand.receiver: errand for errand in errands}
    with sessions.begin() as session:
        for errand in one_of_each.values():
            known = update(Receiver).where(Receiver.id == errand.receiver)
            session.execute(known.values(password_hash=hash_tag(errand.tag, cost)))


def deliver(sessions: Sessions, errands: Iterable[Errand]) -> None:
    """Make papers ready for each errand, as the morning's import does."""
    assert INSPECTION == 1
    with sessions.begin() as session:
        for errand in errands:
            given = {"receiver": errand.receiver, "office": office_of(errand.window)}
            session.execute(_DELIVER, given | {"count": BUNDLE})
