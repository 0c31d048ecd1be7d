"""Filings that the application system sends by itself: a few at a time, judged as a file's rows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from shared.db.session import reading
from verifier.filings.importing import hash_passwords, sorted_out
from verifier.filings.records import Refused, record_of
from verifier.filings.rows import FilingRow, load_known, read_row
from verifier.filings.seen import SeenNumbers
from verifier.filings.staging import write
from verifier.installation import Installation
from verifier.registry import journal
from verifier.registry.journal import Act, Author, Json

MOST = 200
"""Filings a push; they fit into one request."""
MOST_PASSWORDS = 20
"""Each takes bcrypt a third of a second, and the sender waits."""


class TooManyPasswords(ValueError):
    """A push with more of them than a request can wait for."""


@dataclass(frozen=True, slots=True)
class PushedProblem:
    """Why a filing stayed out."""

    filing: int
    """Its place in the push, from 1."""
    field: str
    reason: str
    """Never repeats a name or a password."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of the filings of a push. Sent again, what is there is left as it is."""

    new: int
    updated: int
    unchanged: int
    kept: int
    """In hand, handed over or withdrawn: they stay as they are."""
    refused: int
    problems: tuple[PushedProblem, ...]
    """Of the refused ones; the others are in."""


def push(house: Installation, filings: Sequence[Mapping[str, Any]]) -> Pushed:
    """Bring filings in, with the fields of a JSON Lines file. Raises TooManyPasswords."""
    with reading(house.sessions) as session:
        known = load_known(session)
    records = [record_of(place, values) for place, values in enumerate(filings, start=1)]
    judged = [one if isinstance(one, Refused) else read_row(one, known) for one in records]
    rows, refused = sorted_out(judged, SeenNumbers())
    if sum(bool(row.password) for row in rows) > MOST_PASSWORDS:
        raise TooManyPasswords
    hashes = hash_passwords(house.sessions, rows, house.policy.bcrypt_cost)
    return _write(house, rows, refused, hashes)


def _write(
    house: Installation, rows: list[FilingRow], refused: list[Refused], hashes: Mapping[str, str]
) -> Pushed:
    now = house.clock()
    with house.sessions.begin() as session:
        weighed = write(session, rows, hashes, now)
        refused = sorted([*refused, *weighed.refused])
        counts = asdict(weighed.summary) | {"refused": len(refused)}
        body: dict[str, Json] = {**counts, "pushed": True}
        journal.append(session, Act.IMPORTED, Author(), body, now)
    told = (PushedProblem(*problem) for row in refused for problem in row.problems)
    return Pushed(**counts, problems=tuple(told))
