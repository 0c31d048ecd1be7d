"""The tamper matrix: every way to change the record, against every witness, on both databases.

The attacker owns the database and knows this code, but has neither the signing key of the
checkpoints nor what lies outside. What each row says "unseen" of is what the manual says, too.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from shared.db.session import Sessions
from shared.db.tables import (
    AlertKind,
    Checkpoint,
    Filing,
    HandOver,
    HandOverItem,
    HandOverState,
    ItemState,
    JournalEntry,
    Kiosk,
    PaperTaken,
    Receiver,
    Staff,
)
from shared.domain import FilingStatus
from shared.passwords import hash_tag
from tests.builders import START, WINDOW, House, house, own_keys
from tests.console_day import play
from tests.tamper import drop_triggers
from verifier import checkpoints, notary
from verifier.checkpoints import InvalidCheckpoints
from verifier.journal_check import check_registry
from verifier.journal_walk import Findings, How, Witnesses
from verifier.registry import alerts
from verifier.registry.journal import GENESIS, Act, Author, append, hash_of, link_of
from verifier.state_check import check_everything

WRITTEN = 240
VICTIM = 150
"""The entry somebody wants changed: between the checkpoints of 100 and 200 entries."""
PUBLICS = own_keys().checkpoint_publics
Tamper = Callable[[Sessions], None]


@pytest.fixture
def at(registry: Sessions) -> House:
    """A journal of 240 entries with its checkpoints, whose triggers the attacker has dropped."""
    built = house(registry)
    with registry.begin() as session:
        for number in range(WRITTEN):
            author, now = Author(WINDOW, "1001"), built.clock.move(seconds=1)
            append(session, Act.PRESENTED, author, {"ms": number}, now)
    with registry.begin() as session:
        for size in (100, 200, WRITTEN):
            checkpoints.sign(session, size, own_keys().checkpoint, built.clock.now)
    with registry.begin() as session:
        drop_triggers(session)
    return built


# --- what an attacker does -------------------------------------------------------------------


def edit(sessions: Sessions) -> None:
    with sessions.begin() as session:
        change = update(JournalEntry).where(JournalEntry.seq == VICTIM)
        session.execute(change.values(staff_number="1002"))


def remove(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(delete(JournalEntry).where(JournalEntry.seq == VICTIM))


def slip_in(sessions: Sessions) -> None:
    """An entry with a good hash of its own between two others."""
    _shift(sessions, since=VICTIM, by=1)
    with sessions.begin() as session:
        before = session.get_one(JournalEntry, VICTIM - 1)
        link = replace(
            link_of(before), seq=VICTIM, prev=before.hash, kiosk_code=None, kiosk_seq=None
        )
        values = {name: getattr(link, name) for name in link.__slots__}
        # The old prev is unique: the attacker moves it out of the way.
        session.execute(update(JournalEntry).where(JournalEntry.seq == VICTIM + 1).values(prev="x"))
        session.execute(insert(JournalEntry).values(**values, hash=hash_of(link)))


def swap(sessions: Sessions) -> None:
    with sessions.begin() as session:
        for old, new in ((VICTIM, 9999), (VICTIM + 10, VICTIM), (9999, VICTIM + 10)):
            session.execute(update(JournalEntry).where(JournalEntry.seq == old).values(seq=new))


def cut(sessions: Sessions) -> None:
    """The last forty entries go, and every trace of them: counters and checkpoints too."""
    with sessions.begin() as session:
        session.execute(delete(JournalEntry).where(JournalEntry.seq > 200))
        session.execute(delete(Checkpoint).where(Checkpoint.size > 200))
        session.execute(update(Kiosk).where(Kiosk.code == WINDOW).values(entries=200))


def rebuild(sessions: Sessions) -> None:
    """One entry changed and every later hash written anew; nobody can sign the checkpoints anew."""
    edit(sessions)
    _hash_anew(sessions, VICTIM)


def everything(sessions: Sessions) -> None:
    """No entry and no checkpoint is left, and no window counted any."""
    with sessions.begin() as session:
        session.execute(delete(JournalEntry))
        session.execute(delete(Checkpoint))
        session.execute(update(Kiosk).values(entries=0))


def rebuild_all(sessions: Sessions) -> None:
    """As before, and the checkpoints that contradict are gone."""
    rebuild(sessions)
    with sessions.begin() as session:
        session.execute(delete(Checkpoint).where(Checkpoint.size > VICTIM))


def rebuild_and_forge(sessions: Sessions) -> None:
    """As before, with checkpoints signed by a key of the attacker's own."""
    rebuild_all(sessions)
    with sessions.begin() as session:
        checkpoints.sign(session, 200, own_keys(seed=77).checkpoint, START)


def _shift(sessions: Sessions, since: int, by: int) -> None:
    with sessions.begin() as session:
        for seq in range(WRITTEN, since - 1, -1):
            session.execute(
                update(JournalEntry).where(JournalEntry.seq == seq).values(seq=seq + by)
            )


def _hash_anew(sessions: Sessions, since: int) -> None:
    with sessions.begin() as session:
        entries = session.scalars(
            select(JournalEntry).where(JournalEntry.seq >= since).order_by(JournalEntry.seq)
        ).all()
        before = session.get(JournalEntry, since - 1)
        prev = GENESIS if before is None else before.hash
        for entry in entries:
            digest = hash_of(replace(link_of(entry), prev=prev))
            session.execute(
                update(JournalEntry)
                .where(JournalEntry.seq == entry.seq)
                .values(prev=prev, hash=digest)
            )
            prev = digest


# --- what is found -----------------------------------------------------------------------------


def nothing(at: House, folder: Path) -> Witnesses:
    return Witnesses()


def copy_outside(at: House, folder: Path) -> Witnesses:
    with at.sessions() as session:
        checkpoints.copy_out(session, folder / "copy.jsonl")
    lines = (folder / "copy.jsonl").read_text().splitlines()
    return Witnesses(sizes=checkpoints.sizes(checkpoints.read_lines(lines, PUBLICS)))


def receipt(at: House, folder: Path) -> Witnesses:
    """Twelve digits on paper, of the entry before the last checkpoint."""
    with at.sessions() as session:
        return Witnesses(frozenset({session.get_one(JournalEntry, 230).hash[:12]}))


UNSEEN = None
MATRIX = {
    # tamper: (without anything outside, with the copy of the checkpoints, with one receipt)
    edit: ((150, How.EDITED),) * 3,
    remove: ((151, How.MISSING),) * 3,
    slip_in: ((151, How.EDITED),) * 3,
    swap: ((150, How.EDITED),) * 3,
    cut: (UNSEEN, (200, How.CUT_OFF), (200, How.HEAD_UNKNOWN)),
    everything: (UNSEEN, (0, How.CUT_OFF), (0, How.HEAD_UNKNOWN)),
    rebuild: ((200, How.REWRITTEN),) * 3,
    rebuild_all: (UNSEEN, (200, How.REWRITTEN), (240, How.HEAD_UNKNOWN)),
    rebuild_and_forge: (
        (200, How.CHECKPOINT_FORGED),
        (200, How.REWRITTEN),
        (240, How.HEAD_UNKNOWN),
    ),
}
CASES = [
    pytest.param(tamper, witness, found, id=f"{tamper.__name__}-{witness.__name__}")
    for tamper, row in MATRIX.items()
    for witness, found in zip((nothing, copy_outside, receipt), row, strict=True)
]


def first(found: Findings) -> tuple[int, How] | None:
    return None if found.holds else (found.breaks[0].seq, found.breaks[0].how)


@pytest.mark.parametrize(("tamper", "witness", "expected"), CASES)
def test_the_matrix(
    at: House, tmp_path: Path, tamper: Tamper, witness, expected: tuple[int, How] | None
) -> None:
    outside = witness(at, tmp_path)
    assert check_registry(at.sessions, outside, PUBLICS).holds
    tamper(at.sessions)
    assert first(check_registry(at.sessions, outside, PUBLICS)) == expected


def test_what_was_written_anew_is_narrowed_down_by_the_checkpoints(at: House) -> None:
    rebuild(at.sessions)
    found = check_registry(at.sessions, publics=PUBLICS)
    assert "written anew, from entry 101 on" in found.breaks[0].detail
    assert found.agreed == 1


def test_a_deleted_checkpoint_shows_at_the_next_one(at: House) -> None:
    with at.sessions.begin() as session:
        session.execute(delete(Checkpoint).where(Checkpoint.size == 200))
    assert first(check_registry(at.sessions, publics=PUBLICS)) == (
        WRITTEN,
        How.CHECKPOINT_MISSING,
    )


@pytest.mark.parametrize("change", [{"head": "a" * 64}, {"at": START}, {"key_id": 2}])
def test_an_edited_checkpoint_is_forged(at: House, change: dict[str, object]) -> None:
    with at.sessions.begin() as session:
        session.execute(update(Checkpoint).where(Checkpoint.size == 200).values(**change))
    found = check_registry(at.sessions, publics=PUBLICS)
    assert (200, How.CHECKPOINT_FORGED) in [(b.seq, b.how) for b in found.breaks]


# --- what the journal tells of -----------------------------------------------------------------


@pytest.fixture
def day(registry: Sessions) -> House:
    """Hand-overs of a morning, one of them taken back; the attacker leaves the journal alone."""
    built = house(registry)
    play(built)
    return built


def ready_again(session: Session, item: HandOverItem) -> None:
    """So that the same sheet collects the papers once more; its row stays."""
    item.filing.status = FilingStatus.READY


def returned(session: Session, item: HandOverItem) -> None:
    """The row goes along: filing and hand-over agree with each other."""
    item.filing.status, item.state = FilingStatus.READY, ItemState.RETURNED


def taken_back(session: Session, item: HandOverItem) -> None:
    """As if a supervisor had undone it."""
    item.filing.status, item.state = FilingStatus.READY, ItemState.UNDONE


def never_there(session: Session, item: HandOverItem) -> None:
    item.filing.status = FilingStatus.READY
    session.execute(delete(PaperTaken).where(PaperTaken.item_id == item.id))
    session.execute(delete(HandOverItem).where(HandOverItem.id == item.id))


def of_another(session: Session, item: HandOverItem) -> None:
    """The papers of another filing went out in its place."""
    other = session.scalars(
        select(Filing).where(Filing.status == FilingStatus.EXAMINING).limit(1)
    ).one()
    item.filing.status, other.status = FilingStatus.READY, FilingStatus.RELEASED
    item.filing_id = other.id


def slipped_out(session: Session, item: HandOverItem) -> None:
    """Papers went out in a hand-over that no entry tells of."""
    basket = session.scalars(
        select(HandOver).where(HandOver.state == HandOverState.OPEN).limit(1)
    ).one()
    for row in basket.items:
        row.state, row.filing.status = ItemState.RELEASED, FilingStatus.RELEASED
    basket.state = HandOverState.CONFIRMED


def withdrawn(session: Session, item: HandOverItem) -> None:
    item.filing.status = FilingStatus.WITHDRAWN


ON_STATE = [ready_again, returned, taken_back, never_there, of_another, slipped_out, withdrawn]


@pytest.mark.parametrize("change", ON_STATE)
def test_a_filing_that_is_not_as_the_journal_says_is_named(
    day: House, change: Callable[[Session, HandOverItem], None]
) -> None:
    assert check_everything(day.sessions, publics=PUBLICS).holds
    with day.sessions.begin() as session:
        items = select(HandOverItem).where(HandOverItem.state == ItemState.RELEASED)
        item = session.scalars(items.order_by(HandOverItem.id).limit(1)).one()
        number = item.filing.number
        change(session, item)
        session.flush()
        named = {number} if change is not slipped_out else handed_over_last(session)
    assert check_registry(day.sessions, publics=PUBLICS).holds, "the chain cannot tell"
    found = check_everything(day.sessions, publics=PUBLICS)
    assert {flaw.how for flaw in found.breaks} == {How.STATE_DIFFERS}
    assert all(any(one in flaw.detail for flaw in found.breaks) for one in named)


def handed_over_last(session: Session) -> set[str]:
    newest = select(HandOver).order_by(HandOver.opened_at.desc()).limit(1)
    return {item.filing.number for item in session.scalars(newest).one().items}


def test_an_undone_release_that_is_set_back_is_named(day: House) -> None:
    with day.sessions.begin() as session:
        undone = select(HandOverItem).where(HandOverItem.state == ItemState.UNDONE)
        item = session.scalars(undone).one()
        item.state, item.filing.status = ItemState.RELEASED, FilingStatus.RELEASED
        number = item.filing.number
    [flaw] = check_everything(day.sessions, publics=PUBLICS).breaks
    assert flaw.how is How.STATE_DIFFERS
    assert number in flaw.detail
    with day.sessions() as session:
        assert session.get_one(JournalEntry, flaw.seq).act == Act.UNDONE


def replaced_password(session: Session) -> None:
    """The attacker's own password counts for somebody's sheets from now on."""
    session.execute(update(Receiver).values(password_hash=hash_tag(b"t" * 16, 4)))


def replaced_pin(session: Session) -> None:
    session.execute(update(Staff).values(pin_hash=hash_tag(b"p" * 16, 4)))


def another_name(session: Session) -> None:
    session.execute(update(Filing).values(receiver_name="見本　他人"))


NEVER_SEEN = [replaced_password, replaced_pin, another_name]
"""What SECURITY.md names among what is not promised: no entry binds it."""


@pytest.mark.parametrize("change", NEVER_SEEN)
def test_what_no_entry_binds_is_unseen(day: House, change: Callable[[Session], None]) -> None:
    with day.sessions.begin() as session:
        change(session)
    assert first(check_everything(day.sessions, publics=PUBLICS)) is UNSEEN


# --- making them -------------------------------------------------------------------------------


def write(at: House, count: int) -> None:
    with at.sessions.begin() as session:
        for number in range(count):
            append(session, Act.LOOKED, Author(None, "2001"), {"entry": number}, at.clock.now)


def signed(at: House) -> list[int]:
    with at.sessions() as session:
        return list(session.scalars(select(Checkpoint.size).order_by(Checkpoint.size)))


def test_a_checkpoint_is_made_every_hundred_entries_or_five_minutes(registry: Sessions) -> None:
    at = house(registry)
    assert notary.sign_due(at.installation) == 0
    write(at, 3)
    assert (notary.sign_due(at.installation), signed(at)) == (1, [3])
    write(at, 99)
    assert notary.sign_due(at.installation) == 0
    write(at, 202)
    assert (notary.sign_due(at.installation), signed(at)) == (3, [3, 103, 203, 303])
    write(at, 1)
    at.clock.move(minutes=4)
    assert notary.sign_due(at.installation) == 0
    at.clock.move(minutes=1)
    assert (notary.sign_due(at.installation), signed(at)[-1]) == (1, 305)
    at.clock.move(minutes=30)
    assert notary.sign_due(at.installation) == 0, "nothing is new"
    assert check_registry(registry, publics=PUBLICS).agreed == 5


@pytest.mark.parametrize("tamper", [edit, remove, rebuild])
def test_nothing_is_signed_over_a_chain_that_does_not_hold(at: House, tamper: Tamper) -> None:
    with at.sessions.begin() as session:
        session.execute(delete(Checkpoint).where(Checkpoint.size > 100))
    if tamper is rebuild:  # before what was signed, so that the signed head differs
        with at.sessions.begin() as session:
            session.execute(
                update(JournalEntry).where(JournalEntry.seq == 50).values(staff_number="1002")
            )
        _hash_anew(at.sessions, 50)
    else:
        tamper(at.sessions)
    at.clock.move(minutes=10)
    assert notary.sign_due(at.installation) == 0
    assert signed(at) == [100]
    with at.sessions() as session:
        assert alerts.open_by_kind(session) == {AlertKind.CHAIN_BROKEN: 1}


def test_the_database_refuses_to_change_a_checkpoint(registry: Sessions) -> None:
    at = house(registry)
    write(at, 1)
    notary.sign_due(at.installation)
    for change in ("UPDATE checkpoints SET head = 'x'", "DELETE FROM checkpoints"):
        with pytest.raises(Exception, match="append-only"), registry.begin() as session:
            session.execute(text(change))


# --- the copy outside --------------------------------------------------------------------------


def test_the_copy_outside_is_added_to_and_heals_a_torn_line(at: House, tmp_path: Path) -> None:
    path = tmp_path / "copy.jsonl"
    with at.sessions() as session:
        assert checkpoints.copy_out(session, path) == 3
        assert checkpoints.copy_out(session, path) == 0
        path.write_text(path.read_text()[:-20])
        assert checkpoints.copy_out(session, path) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line.replace('"size": 100', '"size": 101'),
        lambda line: "[" * 900,
        lambda line: "x" * 5000,
        lambda line: json.dumps({**json.loads(line), "at": "gestern"}),
        lambda line: json.dumps({**json.loads(line), "at": "2026-11-23T00:00:00"}),
        lambda line: json.dumps({**json.loads(line), "size": True}),
        lambda line: json.dumps({**json.loads(line), "signature": "no base64!"}),
        lambda line: json.dumps({**json.loads(line), "more": 1}),
    ],
)
def test_a_copy_that_is_not_the_registrys_is_refused(
    at: House, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    path = tmp_path / "copy.jsonl"
    with at.sessions() as session:
        checkpoints.copy_out(session, path)
    lines = path.read_text().splitlines()
    lines[0] = spoil(lines[0])
    with pytest.raises(InvalidCheckpoints, match="line 1"):
        checkpoints.read_lines(lines, PUBLICS)


def test_a_checkpoint_says_the_same_in_every_time_zone(at: House) -> None:
    with at.sessions() as session:
        words = checkpoints.words_of(session.get_one(Checkpoint, 100))
    elsewhere = replace(words, at=words.at.astimezone(ZoneInfo("Asia/Tokyo")))
    assert elsewhere.encoded() == words.encoded()
