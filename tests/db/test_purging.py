"""What has outlived its purpose goes; what is still needed, and the journal, stay."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase

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
    LOOKUP_KEY,
    START,
    SUPERVISOR,
    WINDOW,
    House,
    filing_sheet,
    house,
    own_keys,
    receiver_sheet,
)
from tests.console_day import play
from verifier import purging
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


def test_what_a_day_left_behind_goes_and_the_record_stays(at: House) -> None:
    play(at)
    receiver = at.receiver("架空行政書士事務所　試験　次郎")
    with at.sessions.begin() as session:
        session.add_all([
            WrongTag(receiver_id=receiver, tag_digest="1" * 64, last_at=START),
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
    assert min(done.filings, done.collectors, done.wrong_tags, done.answers, done.sign_ins) > 0
    with at.sessions() as session:
        assert session.scalars(select(HandOver.collector)).all() == [None] * hand_overs
        memos = select(Hold.memo).where(Hold.lifted_at.is_not(None))
        assert set(session.scalars(memos)) <= {None}
        newest = select(JournalEntry).order_by(JournalEntry.seq.desc()).limit(1)
        [entry] = session.scalars(newest)
    assert (entry.act, json.loads(entry.body)["filings"]) == ("purged", done.filings)
    assert count(at, JournalEntry) == entries + 1
    for table in (WrongTag, IdempotencyKey, ConsoleVisit, EnrolmentCode):
        assert count(at, table) == 0
    assert count(at, RecoveryCode) == 1, "the one that can still be used stays"
    assert check_registry(at.sessions, publics=own_keys().checkpoint_publics).holds
