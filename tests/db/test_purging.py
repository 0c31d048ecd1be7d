"""What has outlived its purpose goes; what is still needed, and the journal, stay."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import Table, func, select
from sqlalchemy.orm import DeclarativeBase

from shared.db.base import Base
from shared.db.session import Sessions
from shared.db.tables import (
    ConsoleVisit,
    EnrolmentCode,
    Filing,
    HandOver,
    Hold,
    IdempotencyKey,
    IssuedSheet,
    JournalEntry,
    RecoveryCode,
    WrongTag,
)
from shared.domain import FilingStatus, Purpose
from shared.lookup import lookup_digest
from tests.builders import (
    DESK,
    LOOKUP_KEY,
    START,
    SUPERVISOR,
    WINDOW,
    House,
    filing_sheet,
    house,
    own_keys,
    receiver_sheet,
    showing,
    text_of,
)
from tests.console_day import play
from verifier import purging
from verifier.acts import Desk, Lifting
from verifier.decision.evidence import FAILURES_BEFORE_PASSWORD_LOCK
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Refused
from verifier.journal_check import check_registry
from verifier.purging import Purged, purge

KEEP = timedelta(days=1095)


@pytest.fixture
def at(registry: Sessions) -> House:
    return house(registry)


def count(at: House, table: type[DeclarativeBase]) -> int:
    with at.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def filings(at: House) -> dict[str, Filing]:
    with at.sessions() as session:
        return {filing.number: filing for filing in session.scalars(select(Filing))}


def test_settled_filings_forget_their_names_when_their_time_is_over(
    at: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "_BATCH", 2)
    old, new = START - KEEP - timedelta(days=1), START - KEEP + timedelta(days=1)
    gone = [
        at.filing(status=status, updated_at=old, chassis="MH00-1", password_hash="h" * 60)
        for status in (FilingStatus.RELEASED, FilingStatus.WITHDRAWN, FilingStatus.RELEASED)
    ]
    kept = [
        at.filing(status=FilingStatus.RELEASED, updated_at=new),
        at.filing(status=FilingStatus.READY, updated_at=old),
        at.filing(status=FilingStatus.HANDING, updated_at=old),
    ]
    assert purge(at.sessions, KEEP, START) == Purged(filings=3)
    found = filings(at)
    for number in gone:
        filing = found[number]
        told = (filing.receiver_name, filing.receiver_key, filing.plate, filing.plate_tail,
                filing.chassis, filing.chassis_tail, filing.password_hash)  # fmt: skip
        assert told == (None,) * 7
        assert filing.status in (FilingStatus.RELEASED, FilingStatus.WITHDRAWN)
    assert all(found[number].receiver_name and found[number].plate for number in kept)
    assert purge(at.sessions, KEEP, START) == Purged()


def test_texts_of_sheets_go_when_nobody_can_use_them_any_more(at: House) -> None:
    waiting, released = at.filing(), at.filing()
    named = filing_sheet(waiting)
    for sheet in (receiver_sheet(valid_days=30), receiver_sheet(valid_days=90), named,
                  filing_sheet(waiting), filing_sheet(released)):  # fmt: skip
        at.issued(sheet)
    at.individual(waiting, named)
    assert purge(at.sessions, KEEP, START + timedelta(days=31)).sheets == 3
    with at.sessions() as session:
        left = {sheet.lookup_digest: sheet for sheet in session.scalars(select(IssuedSheet))}
    assert {sheet.purpose for sheet in left.values()} == {
        Purpose.INDIVIDUAL,
        Purpose.AUTHENTICATION,
    }
    assert lookup_digest(named.search_key, LOOKUP_KEY) in left


def lift_one(at: House) -> None:
    """A supervisor lifts one of the holds."""
    with at.sessions() as session:
        hold = session.scalars(select(Hold.id).order_by(Hold.id).limit(1)).one()
    at.counter.lift(Desk(WINDOW, SUPERVISOR), Lifting(hold, "納税証明書が届いた", "a-lift"))


def memos(at: House) -> list[str | None]:
    with at.sessions() as session:
        return list(session.scalars(select(Hold.memo).order_by(Hold.id)))


def test_a_note_on_a_hold_goes_with_its_lifting_or_with_its_settled_filing(at: House) -> None:
    """An import that withdraws a filing leaves the hold on it live."""
    play(at)
    lift_one(at)
    with at.sessions.begin() as session:
        withdrawn = session.scalars(select(Hold.filing_id).order_by(Hold.id)).all()[1]
        filing = session.get_one(Filing, withdrawn)
        filing.status, filing.updated_at = FilingStatus.WITHDRAWN, at.clock.now
    note = "納税証明書"
    assert memos(at) == [note] * 3
    assert purge(at.sessions, KEEP, at.clock.now + KEEP).memos == 0
    assert purge(at.sessions, KEEP, at.clock.move(days=KEEP.days + 1)).memos == 2
    assert memos(at) == [None, None, note], "what still waits keeps its note"


def test_the_purge_lifts_no_suspension_of_a_password(at: House) -> None:
    """A hundred wrong passwords count until it is changed, however slowly they came."""
    receiver = at.receiver()
    at.filing()
    with at.sessions.begin() as session:
        session.add_all(
            WrongTag(receiver_id=receiver, tag_digest=f"{number:064x}", last_at=START)
            for number in range(FAILURES_BEFORE_PASSWORD_LOCK)
        )
    now = at.clock.move(days=31)
    purge(at.sessions, KEEP, now)
    shown = at.counter.present(DESK, showing(text_of(receiver_sheet(issued_at=now))))
    assert isinstance(shown.verdict, Refused)
    assert shown.verdict.reason is Reason.PASSWORD_LOCKED


def test_what_a_day_left_behind_goes_and_the_record_stays(at: House) -> None:
    play(at)
    lift_one(at)
    with at.sessions.begin() as session:
        session.add_all([
            IdempotencyKey(key="k", fingerprint="2" * 64, answer="", at=START),
            ConsoleVisit(digest="3" * 64, staff_number=SUPERVISOR, began_at=START,
                         proved_at=START),
            EnrolmentCode(digest="4" * 64, kiosk_code=WINDOW, issued_by=SUPERVISOR, issued_at=START,
                          expires_at=START),
            RecoveryCode(digest="5" * 64, staff_number=SUPERVISOR, used_at=START),
            RecoveryCode(digest="6" * 64, staff_number=SUPERVISOR),
        ])  # fmt: skip
    entries, hand_overs = count(at, JournalEntry), count(at, HandOver)
    soon = purge(at.sessions, KEEP, START + timedelta(days=1))
    assert (soon.total, count(at, JournalEntry)) == (0, entries)
    later = at.clock.move(days=KEEP.days + 2)
    done = purge(at.sessions, KEEP, later)
    assert min(done.filings, done.collectors, done.memos, done.answers, done.sign_ins) > 0
    with at.sessions() as session:
        assert session.scalars(select(HandOver.collector)).all() == [None] * hand_overs
        lifted = select(Hold.memo).where(Hold.lifted_at.is_not(None))
        assert session.scalars(lifted).all() == [None]
        newest = select(JournalEntry).order_by(JournalEntry.seq.desc()).limit(1)
        [entry] = session.scalars(newest)
    assert (entry.act, json.loads(entry.body)["filings"]) == ("purged", done.filings)
    assert count(at, JournalEntry) == entries + 1
    for table in (IdempotencyKey, ConsoleVisit, EnrolmentCode):
        assert count(at, table) == 0
    assert count(at, RecoveryCode) == 1, "the one that can still be used stays"
    assert check_registry(at.sessions, publics=own_keys().checkpoint_publics).holds


def test_the_list_of_what_is_kept_names_tables_that_are_there() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", purging.__doc__ or "", re.MULTILINE)
    named = {name for row in rows[1:] for name in row[1].split(", ")}
    assert named <= set(Base.metadata.tables)
    assert {table.name for table in Base.metadata.tables.values() if _tells(table)} <= named


def _tells(table: Table) -> bool:
    """Whether a column holds a person's name, a password's hash, a sheet's text or free words."""
    return bool({"receiver_name", "collector", "memo", "password_hash", "pin_hash", "sheet_text",
                 "compare_key"} & set(table.columns.keys()))  # fmt: skip
