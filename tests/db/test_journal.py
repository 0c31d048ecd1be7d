"""The journal as whoever owns the database could tamper with it: every way is found, and where."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update

from shared.db.session import Sessions
from shared.db.tables import JournalEntry, Kiosk
from tests.builders import OTHER_WINDOW, START, WINDOW, house
from verifier.journal_check import check_neighbours, check_registry
from verifier.journal_export import Period, begin, check_export, lines
from verifier.journal_walk import MOST_BREAKS, Findings, How, Witnesses
from verifier.registry.journal import GENESIS, Act, Author, append, hash_of, link_of

WRITTEN = 9
"""Entries of `journal`: windows 1 and 2 in turn, every third from the console."""


@pytest.fixture
def journal(registry: Sessions) -> Sessions:
    """A journal of nine entries whose triggers the database's owner has dropped."""
    house(registry)
    authors = (Author(WINDOW, "1001"), Author(OTHER_WINDOW, "1002"), Author(None, "2001"))
    with registry.begin() as session:
        for number in range(WRITTEN):
            at = START + timedelta(minutes=number)
            append(session, Act.PRESENTED, authors[number % 3], {"ms": number}, at)
    with registry.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER journal_no_update"))
            session.execute(text("DROP TRIGGER journal_no_delete"))
        else:
            session.execute(text("DROP TRIGGER journal_no_change ON journal"))
    return registry


def run(sessions: Sessions, *statements: str) -> None:
    with sessions.begin() as session:
        for statement in statements:
            session.execute(text(statement))


def receipts(*heads: str) -> Witnesses:
    """What was printed and taken away."""
    return Witnesses(frozenset(heads))


def first(found: Findings) -> tuple[int, How]:
    return found.breaks[0].seq, found.breaks[0].how


def rebuild(sessions: Sessions, since: int) -> None:
    """Give every entry from `since` on a new hash, as somebody who knows the code would."""
    with sessions.begin() as session:
        entries = session.scalars(
            select(JournalEntry).where(JournalEntry.seq >= since - 1).order_by(JournalEntry.seq)
        ).all()
        prev = entries[0].hash if since > 1 else GENESIS
        for entry in entries[1:] if since > 1 else entries:
            link = replace(link_of(entry), prev=prev)
            session.execute(
                update(JournalEntry)
                .where(JournalEntry.seq == entry.seq)
                .values(prev=prev, hash=hash_of(link))
            )
            prev = hash_of(link)


def head_of(sessions: Sessions, seq: int) -> str:
    with sessions() as session:
        return session.scalars(select(JournalEntry.hash).where(JournalEntry.seq == seq)).one()


def test_an_untouched_journal_holds(journal: Sessions) -> None:
    found = check_registry(journal, receipts(head_of(journal, 4)[:12]))
    assert found.holds
    assert (found.first, found.last, found.entries) == (1, WRITTEN, WRITTEN)
    assert found.head == head_of(journal, WRITTEN)


def test_an_empty_journal_holds(registry: Sessions) -> None:
    found = check_registry(registry)
    assert found.holds
    assert (found.entries, found.head) == (0, GENESIS)


@pytest.mark.parametrize(
    "change",
    [
        "body = '{}'",
        "body = body || ' '",
        "act = 'judged'",
        "staff_number = '2001'",
        "staff_number = NULL",
        "kiosk_code = NULL, kiosk_seq = NULL",
        "hash = 'f' || substr(hash, 2)",
    ],
)
def test_an_edit_is_found_at_its_entry(journal: Sessions, change: str) -> None:
    run(journal, f"UPDATE journal SET {change} WHERE seq = 5")
    assert first(check_registry(journal)) == (5, How.EDITED)


def test_a_moved_time_is_an_edit(journal: Sessions) -> None:
    with journal.begin() as session:
        moved = update(JournalEntry).where(JournalEntry.seq == 5)
        session.execute(moved.values(at=START + timedelta(microseconds=1)))
    assert first(check_registry(journal)) == (5, How.EDITED)


@pytest.mark.parametrize(("gone", "after"), [("5", 6), ("5 OR seq = 6", 7), ("1", 2)])
def test_a_deletion_is_found_at_the_entry_after_it(
    journal: Sessions, gone: str, after: int
) -> None:
    run(journal, f"DELETE FROM journal WHERE seq = {gone}")
    found = check_registry(journal)
    assert first(found) == (after, How.MISSING)
    assert found.entries == WRITTEN - len(gone.split("OR"))


def test_a_deletion_whose_gap_was_closed_is_found(journal: Sessions) -> None:
    run(journal, "DELETE FROM journal WHERE seq = 5")
    for seq in range(6, WRITTEN + 1):
        run(journal, f"UPDATE journal SET seq = {seq - 1} WHERE seq = {seq}")
    assert first(check_registry(journal)) == (5, How.EDITED)


def test_a_deletion_hidden_by_new_hashes_leaves_a_gap_at_its_window(journal: Sessions) -> None:
    run(journal, "DELETE FROM journal WHERE seq = 5")
    for seq in range(6, WRITTEN + 1):
        run(journal, f"UPDATE journal SET seq = {seq - 1} WHERE seq = {seq}")
    rebuild(journal, 5)
    found = check_registry(journal)
    assert (found.broken, *first(found)) == (1, 7, How.KIOSK_GAP)
    assert f"number 3 of kiosk {OTHER_WINDOW}, which was at 1" in found.breaks[0].detail


def test_an_insertion_is_found(journal: Sessions) -> None:
    for seq in range(WRITTEN, 4, -1):
        run(journal, f"UPDATE journal SET seq = {seq + 1} WHERE seq = {seq}")
    with journal.begin() as session:
        forged = dict(seq=5, prev="a" * 64, at=START, act="presented", body="{}")
        session.execute(insert(JournalEntry).values(hash="b" * 64, **forged))
    assert first(check_registry(journal)) == (5, How.EDITED)


def test_an_insertion_with_a_good_hash_of_its_own_is_found_at_the_next_entry(
    journal: Sessions,
) -> None:
    """The entry fits the one before it; those after it would have to be written anew."""
    before = head_of(journal, WRITTEN)
    with journal.begin() as session:
        head = append(session, Act.PRESENTED, Author(None, "2001"), {"ms": 1}, START)
        append(session, Act.PRESENTED, Author(None, "2001"), {"ms": 2}, START)
    run(journal, f"UPDATE journal SET prev = '{before[:-1]}x' WHERE seq = {head.seq}")
    with journal.begin() as session:
        entry = session.get_one(JournalEntry, head.seq)
        anew = hash_of(link_of(entry))
        session.execute(update(JournalEntry).where(JournalEntry.seq == head.seq).values(hash=anew))
    found = check_registry(journal)
    assert [(b.seq, b.how) for b in found.breaks] == [
        (head.seq, How.MISLINKED),
        (head.seq + 1, How.MISLINKED),
    ]


def test_two_entries_that_changed_places_are_found(journal: Sessions) -> None:
    run(
        journal,
        "UPDATE journal SET seq = 99 WHERE seq = 3",
        "UPDATE journal SET seq = 3 WHERE seq = 6",
        "UPDATE journal SET seq = 6 WHERE seq = 99",
    )
    found = check_registry(journal)
    assert first(found) == (3, How.EDITED)
    assert {b.seq for b in found.breaks if b.how is How.EDITED} == {3, 6}


def test_an_edit_with_all_later_hashes_written_anew_needs_a_witness(journal: Sessions) -> None:
    receipt = head_of(journal, 7)[:12]
    run(journal, "UPDATE journal SET staff_number = '2001' WHERE seq = 5")
    rebuild(journal, 5)
    assert check_registry(journal).holds
    assert first(check_registry(journal, receipts(receipt))) == (WRITTEN, How.HEAD_UNKNOWN)
    assert check_registry(journal, receipts(head_of(journal, 4))).holds


def test_a_cut_off_end_is_found_by_the_windows_counters_or_by_a_witness(
    journal: Sessions,
) -> None:
    receipt = head_of(journal, 8)[:12]
    run(journal, "DELETE FROM journal WHERE seq > 7")
    assert first(check_registry(journal)) == (7, How.CUT_OFF)
    run(journal, f"UPDATE kiosks SET entries = 2 WHERE code = '{OTHER_WINDOW}'")
    assert check_registry(journal).holds
    assert first(check_registry(journal, receipts(receipt))) == (7, How.HEAD_UNKNOWN)


def test_an_entry_that_cannot_be_read_is_named(registry: Sessions, journal: Sessions) -> None:
    if registry.kw["bind"].dialect.name != "sqlite":
        pytest.skip("only SQLite stores what is not a time in a column of times")
    run(journal, "UPDATE journal SET at = 'yesterday' WHERE seq = 5")
    found = check_registry(journal)
    assert [(b.seq, b.how) for b in found.breaks] == [(5, How.UNREADABLE), (8, How.KIOSK_GAP)]
    run(journal, "UPDATE journal SET body = x'ff00' WHERE seq = 8")
    run(journal, "UPDATE journal SET seq = 'nine' WHERE seq = 9")
    found = check_registry(journal)
    assert [b.seq for b in found.breaks if b.how is How.UNREADABLE] == [5, 8, 9]


def test_a_journal_in_ruins_is_counted_but_not_recited(journal: Sessions) -> None:
    with journal.begin() as session:
        for number in range(40):
            append(session, Act.LOOKED, Author(None, "2001"), {"seq": number}, START)
    run(journal, "UPDATE journal SET body = '{}'")
    found = check_registry(journal)
    assert found.broken == WRITTEN + 40
    assert len(found.breaks) == MOST_BREAKS


@pytest.mark.parametrize("seq", [1, 2, 5, WRITTEN])
def test_the_links_of_one_entry_can_be_checked_alone(journal: Sessions, seq: int) -> None:
    with journal() as session:
        assert check_neighbours(session, seq).holds
    run(journal, f"UPDATE journal SET body = '{{}}' WHERE seq = {seq}")
    with journal() as session:
        assert first(check_neighbours(session, seq)) == (seq, How.EDITED)


@pytest.mark.parametrize(("gone", "seq"), [("= 4", 5), ("= 6", 5), ("= 1", 2), ("< 5", 5)])
def test_a_neighbour_that_is_gone_shows(journal: Sessions, gone: str, seq: int) -> None:
    run(journal, f"DELETE FROM journal WHERE seq {gone}")
    with journal() as session:
        assert first(check_neighbours(session, seq))[1] is How.MISSING


# --- exports ---------------------------------------------------------------------------------


def exported(sessions: Sessions, period: Period | None = None) -> list[str]:
    span = begin(sessions, period or Period(), Author(), START)
    return list(lines(sessions, span))


def test_an_export_holds_offline_and_names_its_head(journal: Sessions) -> None:
    export = exported(journal)
    assert len(export) == WRITTEN + 1
    end = json.loads(export[-1])
    assert end == {"entries": 9, "first": 1, "head": head_of(journal, 9), "last": 9}
    assert check_export(export, receipts(end["head"])).holds


def test_exporting_is_itself_in_the_journal(journal: Sessions) -> None:
    exported(journal)
    with journal() as session:
        entry = session.get_one(JournalEntry, WRITTEN + 1)
    assert (entry.act, entry.body) == ("exported", '{"first":1,"last":9}')
    assert check_registry(journal).holds


def test_the_same_entries_export_to_the_same_bytes(journal: Sessions) -> None:
    period = Period(until=START + timedelta(hours=1))
    first_time = exported(journal, period)
    run(journal, "DELETE FROM journal WHERE seq > 9")
    assert exported(journal, period) == first_time


def test_an_export_of_a_period_holds_and_says_where_it_begins(journal: Sessions) -> None:
    period = Period(START + timedelta(minutes=3), START + timedelta(minutes=6))
    export = exported(journal, period)
    found = check_export(export)
    assert found.holds
    assert (found.first, found.last, found.entries) == (4, 6, 3)


@pytest.mark.parametrize(
    "period",
    [Period(since=START + timedelta(days=1)), Period(until=START)],
)
def test_an_export_of_a_period_without_entries_holds(journal: Sessions, period: Period) -> None:
    export = exported(journal, period)
    assert json.loads(export[0])["entries"] == 0
    assert check_export(export).holds


def _edit(export: list[str]) -> None:
    export[4] = export[4].replace('\\"ms\\":4', '\\"ms\\":5')


def _delete(export: list[str]) -> None:
    del export[4]


def _insert(export: list[str]) -> None:
    export.insert(4, export[4])


def _swap(export: list[str]) -> None:
    export[4], export[5] = export[5], export[4]


def _cut(export: list[str]) -> None:
    del export[6:]


def _cut_and_close(export: list[str]) -> None:
    del export[6:-1]


def _behead(export: list[str]) -> None:
    del export[:3]


def _garble(export: list[str]) -> None:
    export[4] = export[4][:40]


def _nest(export: list[str]) -> None:
    export[4] = "[" * 9000


def _type(export: list[str]) -> None:
    export[4] = export[4].replace('"seq":5', '"seq":true')


def _naive(export: list[str]) -> None:
    export[4] = export[4].replace("+00:00", "")


def _append(export: list[str]) -> None:
    export.append(export[0])


def _surrogate(export: list[str]) -> None:
    export[4] = export[4].replace('"staff":"1002"', '"staff":"\\ud800"')


@pytest.mark.parametrize(
    ("tamper", "seq", "how"),
    [
        (_edit, 5, How.EDITED),
        (_delete, 6, How.MISSING),
        (_insert, 5, How.OUT_OF_ORDER),
        (_swap, 6, How.MISSING),
        (_cut, 6, How.CUT_OFF),
        (_cut_and_close, 6, How.CUT_OFF),
        (_behead, 9, How.CUT_OFF),
        (_garble, 5, How.UNREADABLE),
        (_nest, 5, How.UNREADABLE),
        (_type, 5, How.UNREADABLE),
        (_naive, 5, How.UNREADABLE),
        (_append, 10, How.UNREADABLE),
        (_surrogate, 5, How.EDITED),
    ],
)
def test_a_tampered_export_is_found_where_it_breaks(
    journal: Sessions, tamper: Callable[[list[str]], None], seq: int, how: How
) -> None:
    export = exported(journal)
    tamper(export)
    assert first(check_export(export)) == (seq, how)


def test_only_the_garbled_line_of_an_export_is_reported(journal: Sessions) -> None:
    export = exported(journal)
    export[4] = "{"
    found = check_export(export)
    assert [b.how for b in found.breaks] == [How.UNREADABLE, How.KIOSK_GAP, How.CUT_OFF]
    assert "line 5" in found.breaks[0].detail


def test_an_export_does_not_know_a_head_that_came_later(journal: Sessions) -> None:
    export = exported(journal)
    with journal() as session:
        later = session.get_one(JournalEntry, WRITTEN + 1).hash
    assert first(check_export(export, receipts(later[:12]))) == (9, How.HEAD_UNKNOWN)


def test_the_counters_of_the_windows_are_those_of_the_journal(journal: Sessions) -> None:
    with journal() as session:
        counted = {k.code: k.entries for k in session.scalars(select(Kiosk))}
    assert (counted[WINDOW], counted[OTHER_WINDOW]) == (3, 3)
