"""Holds, pauses, receipts and the end of the day, on both databases."""

import json
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import Compared, JournalEntry, Kiosk, PaperTaken, Procedure, Receiver
from shared.domain import FilingStatus, Source
from tests.builders import (
    DESK,
    HANAKO,
    INSPECTION,
    OSAKA_WINDOW,
    OTHER_DESK,
    SUPERVISOR,
    TARO,
    WINDOW,
    House,
    filing_sheet,
    house,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from verifier.acts import (
    Basket,
    Confirming,
    Desk,
    GiveUpReason,
    HandOverOpen,
    Holding,
    HoldReason,
    NoSuchHold,
    NoSuchReceipt,
    NotInBasket,
    Receipt,
    Taken,
    Undoing,
)
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Accepted, Refused
from verifier.desk_acts import Layout, Printing, TakingUp
from verifier.registry.journal import Act

AT_OSAKA = Desk(OSAKA_WINDOW, "1001")


@pytest.fixture
def at(registry: Sessions, asked: Callable[[House], House]) -> House:
    built = house(registry)
    built.receiver()
    return asked(built)


def basket(at: House, text: str | None = None) -> Basket:
    presented = at.counter.present(DESK, showing(text or text_of(receiver_sheet())))
    assert presented.basket is not None
    return presented.basket


def confirm(at: House, opened: Basket, **fields: object) -> Receipt:
    values = {
        "hand_over_id": opened.hand_over_id,
        "released": tuple(row.filing_id for row in opened.rows),
        "held": (),
        "collector": "見本　使者",
        "idempotency_key": str(uuid.uuid4()),
    }
    values |= seen_to(opened, fields.get("released"))  # type: ignore[arg-type]
    return at.counter.confirm(DESK, Confirming(**values | fields))  # type: ignore[arg-type]


def keep_back(at: House, text: str | None = None) -> int:
    """Hold the only vehicle of a basket; its filing's id."""
    opened = basket(at, text)
    held = Holding(opened.rows[0].filing_id, HoldReason.PAPER_MISSING, "納税証明書")
    confirm(at, opened, released=(), held=(held,))
    return held.filing_id


def take_up(at: House, filing_id: int, desk: Desk = DESK):
    return at.counter.take_up(desk, TakingUp(str(uuid.uuid4()), filing_id))


def bodies(at: House, act: Act) -> list[dict[str, object]]:
    with at.sessions() as session:
        rows = session.scalars(
            select(JournalEntry.body).where(JournalEntry.act == act).order_by(JournalEntry.seq)
        )
        return [json.loads(body) for body in rows]


def test_what_was_taken_in_exchange_is_kept_a_vehicle_and_journalled(at):
    number = at.filing()
    opened = basket(at)
    row = opened.rows[0].filing_id
    confirm(at, opened, taken=(Taken(row, "旧自動車検査証", Compared.SCANNED),))
    with at.sessions() as session:
        taken = session.scalars(select(PaperTaken)).one()
        assert (taken.name, taken.compared) == ("旧自動車検査証", Compared.SCANNED)
    assert bodies(at, Act.CONFIRMED)[0]["taken"] == [
        {"filing": number, "paper": "旧自動車検査証", "compared": "scanned"}
    ]


def test_a_paper_for_a_vehicle_that_is_not_released_is_refused(at):
    at.filing()
    opened = basket(at)
    row = opened.rows[0].filing_id
    with pytest.raises(NotInBasket):
        confirm(
            at,
            opened,
            released=(),
            held=(Holding(row, HoldReason.NOT_FOUND),),
            taken=(Taken(row, "旧自動車検査証", Compared.SEEN),),
        )


def test_a_basket_shows_the_rest_of_its_bundle_and_why_it_waits(at):
    kept = at.filing()
    keep_back(at)
    at.filing(status=FilingStatus.PAYMENT)
    at.filing(status=FilingStatus.WITHDRAWN)
    at.filing(receiver_name=HANAKO)
    at.filing(procedure_code=2)
    at.filing(office_code="O1")
    at.filing()
    waiting = basket(at).waiting
    assert [(row.status, row.hold is not None) for row in waiting] == [
        ("ready", True),
        ("payment", False),
    ]
    assert waiting[0].number.replace(" ", "") == kept


def test_the_list_of_holds_is_the_offices_with_reason_memo_and_clerk(at):
    at.filing()
    keep_back(at)
    (held,) = at.counter.holds(OTHER_DESK)
    assert (held.receiver_name, held.procedure) == (TARO, "継続検査")
    assert (held.hold.reason, held.hold.memo) == ("paper_missing", "納税証明書")
    assert (held.kiosk_name, held.clerk) == ("窓口1", "見本　一郎")
    assert at.counter.holds(AT_OSAKA) == ()


def test_a_held_bundle_is_taken_up_without_its_sheet_at_another_window(at):
    at.filing()
    filing_id = keep_back(at)
    presented = take_up(at, filing_id, OTHER_DESK)
    assert presented.verdict == Accepted()
    assert presented.basket is not None
    assert presented.basket.from_hold_list
    assert [row.filing_id for row in presented.basket.rows] == [filing_id]
    body = bodies(at, Act.PRESENTED)[-1]
    assert (body["source"], body["typed_reason"]) == (Source.TYPED, "hold_list")


def test_the_same_taking_up_twice_is_one(at):
    at.filing()
    filing_id = keep_back(at)
    taking = TakingUp(str(uuid.uuid4()), filing_id)
    first, again = (at.counter.take_up(DESK, taking) for _ in range(2))
    assert first.basket is not None
    assert again.basket is not None
    assert first.basket.hand_over_id == again.basket.hand_over_id


def test_a_hold_cannot_be_taken_up_at_another_office_or_twice(at):
    at.filing()
    filing_id = keep_back(at)
    with pytest.raises(NoSuchHold):
        take_up(at, filing_id, AT_OSAKA)
    opened = take_up(at, filing_id).basket
    assert opened is not None
    with pytest.raises(HandOverOpen):
        take_up(at, filing_id)
    elsewhere = take_up(at, filing_id, OTHER_DESK)
    assert elsewhere.verdict == Refused((Reason.BEING_HANDED_OVER,))
    confirm(at, opened)
    with pytest.raises(NoSuchHold):
        take_up(at, filing_id)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"suspended_at": True}, Reason.SUSPENDED),
        ({"password_changed_at": True}, Reason.FORMER_PASSWORD),
        ({"not_before": True}, Reason.NOT_BEFORE),
    ],
)
def test_what_would_refuse_the_sheet_refuses_its_hold(at, change, reason):
    at.filing()
    filing_id = keep_back(at)
    later = at.clock.move(minutes=5)
    with at.sessions.begin() as session:
        session.query(Receiver).update(dict.fromkeys(change, later))
    presented = take_up(at, filing_id)
    assert presented.verdict == Refused((reason,))
    assert at.counter.unfinished(DESK) is None


def test_a_closed_procedure_and_a_locked_window_refuse_a_hold(at):
    at.filing()
    filing_id = keep_back(at)
    with at.sessions.begin() as session:
        session.get_one(Procedure, INSPECTION).is_open = False
        session.get_one(Kiosk, WINDOW).locked_at = at.clock()
    verdict = take_up(at, filing_id).verdict
    assert verdict == Refused((Reason.KIOSK_LOCKED, Reason.PROCEDURE_CLOSED))


def test_a_held_filing_that_was_switched_needs_its_individual_sheet(at):
    number = at.filing()
    filing_id = keep_back(at)
    sheet = filing_sheet(number)
    at.individual(number, sheet)
    at.issued(sheet)
    assert take_up(at, filing_id).verdict == Refused((Reason.INDIVIDUAL_ONLY,))


def test_an_individual_hold_is_taken_up_only_under_its_latest_sheet(at):
    number = at.filing(receiver_name=None)
    sheet = filing_sheet(number)
    at.individual(number, sheet)
    at.issued(sheet)
    filing_id = keep_back(at, text_of(sheet))
    opened = take_up(at, filing_id).basket
    assert opened is not None
    at.counter.give_up(DESK, opened.hand_over_id, GiveUpReason.CLERK)
    newer = filing_sheet(number)
    at.individual(number, newer)
    at.issued(newer)
    assert take_up(at, filing_id).verdict == Refused((Reason.SUPERSEDED,))


def test_taking_over_journals_what_was_kept_back(at):
    number = at.filing()
    keep_back(at)
    at.counter.take_over(OTHER_DESK)
    assert bodies(at, Act.TOOK_OVER) == [{"held": [number]}]


def test_a_paper_of_another_vehicle_is_journalled(at):
    at.filing()
    opened = basket(at)
    at.counter.differed(DESK, opened.hand_over_id, Compared.SCANNED)
    assert bodies(at, Act.DIFFERED) == [{"hand_over": opened.hand_over_id, "compared": "scanned"}]


def test_a_pause_is_kept_by_the_registry_and_said_once(at):
    at.counter.pause(DESK)
    at.counter.pause(DESK)
    assert at.counter.kiosk_facts(WINDOW).paused
    at.counter.reopen(DESK)
    assert not at.counter.kiosk_facts(WINDOW).paused
    assert (bodies(at, Act.PAUSED), bodies(at, Act.REOPENED)) == ([{}], [{}])


@pytest.mark.parametrize("verb", ["pause", "close_day"])
def test_a_window_with_papers_in_hand_is_neither_paused_nor_closed(at, verb):
    at.filing()
    basket(at)
    arguments = ("k" * 36,) if verb == "close_day" else ()
    with pytest.raises(HandOverOpen):
        getattr(at.counter, verb)(DESK, *arguments)


def test_the_day_is_counted_and_closed_with_the_head_of_the_journal(at):
    for _ in range(2):
        at.filing()
    confirm(at, basket(at))
    at.filing()
    keep_back(at)
    at.counter.present(DESK, showing(text_of(receiver_sheet(password="chigau-himitsu"))))
    before = at.counter.day(DESK)
    assert (before.presented, before.accepted, before.released) == (3, 2, 2)
    assert (before.held, before.still_held, before.given_up) == (1, 1, 0)
    key = str(uuid.uuid4())
    closed, again = (at.counter.close_day(DESK, key) for _ in range(2))
    assert closed == again
    with at.sessions() as session:
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.seq.desc())).all()
    assert (closed.journal_entries, closed.journal_head) == (entries[0].seq, entries[0].hash)
    (body,) = bodies(at, Act.DAY_CLOSED)
    assert body["figures"]["released"] == 2
    assert closed.day.isoformat() == "2026-11-23"


def test_yesterday_is_not_counted(at):
    at.filing()
    confirm(at, basket(at))
    at.clock.move(days=1)
    assert at.counter.day(DESK).released == 0


def test_what_is_handed_over_after_a_weekend_counts_on_the_day_it_left(at):
    at.filing()
    opened = basket(at)
    at.clock.move(days=3)
    confirm(at, opened)
    assert at.counter.day(DESK).released == 1
    assert at.counter.kiosk_facts(DESK.kiosk).released == 1
    assert at.counter.kiosk_facts(OTHER_DESK.kiosk).released == 0


def test_a_receipt_can_be_had_again_and_each_print_is_journalled(at):
    at.filing()
    opened = basket(at)
    row = opened.rows[0].filing_id
    receipt = confirm(at, opened, taken=(Taken(row, "旧自動車検査証", Compared.TYPED),))
    at.clock.move(days=2)
    copy = at.counter.receipt(OTHER_DESK, receipt.number)
    assert (copy.journal_head, copy.at) == (receipt.journal_head, receipt.at)
    assert (copy.receiver_name, copy.collector, copy.clerk) == (TARO, "見本　使者", "見本　一郎")
    assert [taken.name for taken in copy.rows[0].taken] == ["旧自動車検査証"]
    printing = Printing(receipt.number, Layout.ROLL, str(uuid.uuid4()))
    prints = [at.counter.print_receipt(DESK, printing).prints for _ in range(2)]
    again = Printing(receipt.number, Layout.A4, str(uuid.uuid4()))
    assert [*prints, at.counter.print_receipt(DESK, again).prints] == [1, 1, 2]
    assert [body["layout"] for body in bodies(at, Act.RECEIPT_PRINTED)] == ["80mm", "a4"]


def test_a_receipt_is_its_offices(at):
    at.filing()
    receipt = confirm(at, basket(at))
    with pytest.raises(NoSuchReceipt):
        at.counter.receipt(AT_OSAKA, receipt.number)
    with pytest.raises(NoSuchReceipt):
        at.counter.receipt(DESK, "W1-999999")


def test_a_receipt_says_what_was_taken_back_later(at):
    at.filing()
    at.filing()
    opened = basket(at)
    receipt = confirm(at, opened)
    undoing = Undoing(opened.rows[0].filing_id, "渡し間違い", str(uuid.uuid4()))
    at.counter.undo(Desk(WINDOW, SUPERVISOR), undoing)
    assert [row.undone for row in at.counter.receipt(DESK, receipt.number).rows] == [True, False]


def test_the_latest_receipts_of_a_window_are_listed_newest_first(at):
    numbers = []
    for _ in range(2):
        at.filing()
        numbers.append(confirm(at, basket(at)).number)
        at.clock.move(minutes=1)
    lines = at.counter.receipts(DESK)
    assert [line.number for line in lines] == numbers[::-1]
    assert lines[0].released == 1
    assert at.counter.receipts(OTHER_DESK) == ()


def test_a_basket_keeps_its_notices_after_a_restart(at):
    at.filing()
    sheet = receiver_sheet()
    opened = basket(at, text_of(sheet))
    at.counter.give_up(DESK, opened.hand_over_id, GiveUpReason.CLERK)
    again = basket(at, text_of(sheet))
    assert again.notices
    found = at.counter.unfinished(DESK)
    assert found is not None
    assert found.notices == again.notices
