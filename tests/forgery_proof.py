"""The proof that no forged code and no random text is accepted: 1 000 000 of each.

    ./run proofs forgery      hours; Ctrl-C keeps what was done
    ./run proofs forgery --decoder-alone   half an hour: no counter is asked
    ./run proofs forgery --texts N         fewer of each

Every text goes through the decoder, and then to a window of a whole counter on a registry of its
own, in which what the genuine codes collect is waiting. The clock goes on by five minutes a text,
so that no lock is in the way of a text that might be accepted; after every part the genuine codes
must be, and the journal must hold. What was done is kept in docs/proofs and gone on from there, as
long as neither the counter nor the texts change. Progress goes to standard error.
"""

import hashlib
import multiprocessing
import sqlite3
import sys
import tempfile
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import event, func, select

from shared.db.session import Sessions
from shared.db.tables import Filing, Presentation
from shared.domain import FilingStatus, PickupMethod, SearchKey, Source
from shared.lookup import lookup_digest
from shared.passwords import hash_tag
from shared.payload import decode, open_tag
from shared.payload_errors import PayloadError
from tests import forgeries
from tests.builders import DESK, KEYS, LOOKUP_KEY, SYSTEM, Clock, House, furniture, house_on
from tests.long_proof import KEPT, go_on, resumed
from tests.registries import new_sqlite
from verifier.acts import GiveUpReason, Presented, Presenting
from verifier.decision.verdict import Accepted, Refused
from verifier.journal_check import check_registry

TEXTS, PART = 1_000_000, 5_000
"""A part is over before the genuine codes expire."""
PAUSE = 301
"""Seconds between two texts: three forgeries in ten minutes would lock the window."""
ROOT = Path(__file__).parents[1]
STATE = KEPT / "forgery.json"
KINDS = {"forged": forgeries.forged, "random": forgeries.random_text}
GENUINE = "equals a genuine code: left out"
Counts = dict[str, dict[str, int]]
"""Kind of text: answer: how often."""


@dataclass(frozen=True, slots=True)
class Part:
    """What became of texts that follow each other."""

    name: str
    answers: Counts
    broken: list[str]
    """Texts that were accepted, or raised something, by number."""


@dataclass(slots=True)
class State:
    """What was tried so far, on one state of the program."""

    made_by: str
    parts: dict[str, Counts] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, part: Part) -> None:
        """Count one more."""
        self.parts[part.name] = part.answers
        self.broken += part.broken


def tried(name: str) -> Part:
    """Try the texts of a part, at a window of a registry of its own."""
    with tempfile.TemporaryDirectory(prefix="uketori-forgery-") as folder:
        sessions = new_sqlite(Path(folder))
        event.listen(sessions.kw["bind"], "connect", _keep_in_memory)
        try:
            return tried_at(waiting(sessions), name, PART)
        finally:
            sessions.kw["bind"].dispose()


def decoded(name: str) -> Part:
    """Try the texts of a part on the decoder alone, at one moment."""
    return _part(name, PART, lambda text: f"{_decoded(text, forgeries.NOW) or '!a sheet'}")


def tried_at(at: House, name: str, count: int) -> Part:
    """Try the first texts of a part at a window. Raises AssertionError for a counter that errs."""
    part = _part(name, count, lambda text: answered(at, text))
    left_out = sum(tally.get(GENUINE, 0) for tally in part.answers.values())
    _require_sound(at, count - left_out)
    return part


def answered(at: House, text: str) -> str:
    """What decoder and counter say; begins with "!" when they must not."""
    now = at.clock.move(seconds=PAUSE)
    error, presented = _decoded(text, now), _shown(at, text)
    if not isinstance(presented.verdict, Refused):
        return "!accepted"
    return f"{error or 'signature holds'}, {presented.verdict.reason}"


def waiting(sessions: Sessions) -> House:
    """A counter where everything waits that the genuine codes collect."""
    with sessions.begin() as session:
        session.add_all(furniture())
    at = house_on(sessions, Clock(forgeries.NOW))
    name, tag = forgeries.RECEIVER["name"], bytes.fromhex(forgeries.RECEIVER["tag"])
    at.receiver(name, password_hash=hash_tag(tag, 4))
    at.filing(receiver_name=name)
    individual = forgeries.VECTORS["valid"][3]
    key = SearchKey(individual["purpose"], individual["search_key_number"])
    at.filing(
        number=individual["filing_number"],
        procedure_code=individual["procedure"],
        receiver_name=name,
        pickup_method=PickupMethod.INDIVIDUAL,
        individual_digest=lookup_digest(key, LOOKUP_KEY),
    )
    return at


def fingerprint() -> str:
    """Changes with the counter and with the texts."""
    files = [ROOT / "tests/forgeries.py", ROOT / "tests/vectors/payload_v1.json"]
    files += sorted((ROOT / "shared").rglob("*.py")) + sorted((ROOT / "verifier").rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def said(state: State) -> str:
    """The result: a line for each kind and answer, and the sums."""
    sums: dict[tuple[str, str, str], int] = {}
    for name, answers in state.parts.items():
        for kind, tally in answers.items():
            for answer, count in tally.items():
                row = name.split()[0], kind, answer
                sums[row] = sums.get(row, 0) + count
    lines = [f"{count:>9}  {which}: {kind}: {answer}" for (which, kind, answer), count in
             sorted(sums.items())]  # fmt: skip
    total, left_out = sum(sums.values()), sum(n for row, n in sums.items() if row[2] == GENUINE)
    lines.append(
        f"{total - left_out} texts in {state.seconds / 60:.0f} min"
        f" ({total / state.seconds:.0f} a second), {left_out} more equal a genuine code:"
        f" accepted or crashed {len(state.broken)}"
    )
    return "\n".join([*lines, *state.broken])


@click.command()
@click.option("--texts", default=TEXTS, show_default=True, help="of each: forged, random")
@click.option("--state", "path", default=STATE, type=click.Path(path_type=Path))
@click.option("--processes", default=multiprocessing.cpu_count(), show_default=True)
@click.option("--decoder-alone", "trying", flag_value="decoder", help="ask no counter")
def main(texts: int, path: Path, processes: int, trying: str | None) -> None:
    """Look for a text that is accepted. Ends with 1 when there is one."""
    path = path.with_stem(f"{path.stem}-{trying}") if trying else path
    state = resumed(path, State(fingerprint()))
    wanted = [f"{which} {part}" for which in KINDS for part in range(-(-texts // PART))]
    missing = [name for name in wanted if name not in state.parts]
    go_on(state, path, decoded if trying else tried, missing, processes)
    click.echo(said(state))
    sys.exit(bool(state.broken))


def _part(name: str, count: int, answer: Callable[[str], str]) -> Part:
    """The answers to the first texts of a part."""
    which, part = name.split()
    answers: dict[str, Tally[str]] = {}
    broken = []
    for number in range(int(part) * PART, int(part) * PART + count):
        strange = KINDS[which](number)
        said = GENUINE if strange.is_genuine else _without_crash(answer, strange.text)
        answers.setdefault(strange.kind, Tally())[said] += 1
        if said.startswith("!"):
            broken.append(f"{which} {number}: {said}")
    return Part(name, {kind: dict(tally) for kind, tally in answers.items()}, broken)


def _without_crash(answer: Callable[[str], str], text: str) -> str:
    try:
        return answer(text)
    except Exception as crash:  # noqa: BLE001 - the proof is about every one of them
        return f"!{type(crash).__name__}"


def _decoded(text: str, now: datetime) -> str | None:
    try:
        open_tag(decode(text, KEYS.key_set, SYSTEM, now), [KEYS.sealing], SYSTEM)
    except PayloadError as error:
        return error.code
    return None


def _shown(at: House, text: str) -> Presented:
    presenting = Presenting(f"{at.clock.now.timestamp():.0f}", text, Source.CAMERA)
    return at.counter.present(DESK, presenting)


def _require_sound(at: House, shown: int) -> None:
    """Everything was written down, nothing was given out, and the genuine codes still count."""
    with at.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Presentation)) == shown
        assert set(session.scalars(select(Filing.status))) == {FilingStatus.READY}
    for text in (forgeries.TEXTS[1], forgeries.TEXTS[3]):
        at.clock.move(seconds=PAUSE)
        presented = _shown(at, text)
        assert isinstance(presented.verdict, Accepted), presented.verdict
        assert presented.basket is not None
        at.counter.give_up(DESK, presented.basket.hand_over_id, GiveUpReason.CLERK)
    assert check_registry(at.sessions).holds


def _keep_in_memory(connection: sqlite3.Connection, _record: object) -> None:
    """One process uses the registry, for a minute: it need not survive a power cut."""
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = MEMORY", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}")


if __name__ == "__main__":
    main()
