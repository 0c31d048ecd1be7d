"""混雑時の受付, on both databases: numbers, calls, no-shows, and the judgement made anew."""

import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from shared.db.session import Sessions
from shared.db.tables import Filing, JournalEntry, Kiosk, Receiver, Ticket, TicketState
from shared.domain import FilingStatus, Source
from shared.search_key import canonical
from tests.builders import (
    CLERK,
    DESK,
    HANAKO,
    OSAKA,
    OSAKA_WINDOW,
    OTHER_DESK,
    OTHER_WINDOW,
    SUPERVISOR,
    WINDOW,
    House,
    filing_sheet,
    house,
    receiver_sheet,
    showing,
    text_of,
)
from verifier import lookout
from verifier.acts import (
    Basket,
    Confirming,
    Desk,
    GiveUpReason,
    HandOverOpen,
    Holding,
    HoldReason,
    NoSuchTicket,
    NotPermitted,
    Presented,
    TypedReason,
    TypingKey,
)
from verifier.acts.queueing import Calling
from verifier.decision.reasons import Notice, Reason
from verifier.decision.verdict import Accepted, Refused
from verifier.installation import Policy
from verifier.registry.journal import Act

AT_OSAKA = Desk(OSAKA_WINDOW, CLERK)
AS_SUPERVISOR = Desk(WINDOW, SUPERVISOR)
quick = pytest.mark.parametrize("registry", ["sqlite"], indirect=True)
"""What no database decides is asked of one."""


@pytest.fixture
def at(registry: Sessions, asked: Callable[[House], House]) -> House:
    built = house(registry)
    built.receiver()
    built.receiver(HANAKO)
    return asked(built)


def arrive(at: House, text: str, desk: Desk = DESK) -> Presented:
    return at.counter.queue_up(desk, showing(text))


def draw(at: House, text: str, desk: Desk = DESK) -> int:
    queued = arrive(at, text, desk).queued
    assert queued is not None
    return queued.number


def call(at: House, desk: Desk = DESK, ticket_id: int | None = None) -> Presented:
    return at.counter.call(desk, Calling(str(uuid.uuid4()), ticket_id))


def basket(answer: Presented) -> Basket:
    assert answer.basket is not None, answer.verdict
    return answer.basket


def hold(at: House, opened: Basket, desk: Desk = DESK) -> None:
    """End a basket by a confirmation that hands nothing over."""
    held = tuple(Holding(row.filing_id, HoldReason.NOT_FOUND) for row in opened.rows)
    wish = Confirming(opened.hand_over_id, (), held, None, str(uuid.uuid4()))
    at.counter.confirm(desk, wish)


def states(at: House) -> dict[int, TicketState]:
    with at.sessions() as session:
        return {number: state for number, state in session.query(Ticket.number, Ticket.state)}


def statuses(at: House) -> set[FilingStatus]:
    with at.sessions() as session:
        return {status for (status,) in session.query(Filing.status)}


def acts(at: House, *wanted: Act) -> list[tuple[str, dict[str, object]]]:
    with at.sessions() as session:
        rows = session.execute(
            select(JournalEntry.act, JournalEntry.body)
            .where(JournalEntry.act.in_(wanted))
            .order_by(JournalEntry.seq)
        )
        return [(act, json.loads(body)) for act, body in rows]


def taro(at: House) -> str:
    at.filing()
    return text_of(receiver_sheet())


def hanako(at: House) -> str:
    at.filing(receiver_name=HANAKO)
    return text_of(receiver_sheet(name=HANAKO))


def single(at: House) -> str:
    number = at.filing(receiver_name=None)
    sheet = filing_sheet(number)
    at.individual(number, sheet)
    return text_of(sheet)


def test_numbers_are_drawn_in_order_and_called_in_order_by_two_windows(at: House) -> None:
    first, second, third = taro(at), hanako(at), single(at)
    assert [draw(at, first), draw(at, second, OTHER_DESK), draw(at, third)] == [1, 2, 3]
    queue = at.counter.queue(OTHER_DESK)
    assert [(q.number, q.ahead) for q in queue] == [(1, 0), (2, 1), (3, 2)]
    assert [q.receiver_name is not None for q in queue] == [True, True, False]
    assert queue[2].filing_number is not None
    assert at.counter.unfinished(DESK) is None, "nothing is in hand before the call"

    mine, yours = basket(call(at)), basket(call(at, OTHER_DESK))
    assert (mine.number, yours.number) == (1, 2)
    assert [(c.number, c.kiosk_name) for c in at.counter.kiosk_facts(WINDOW).rush.called] == [
        (1, "窓口1"),
        (2, "窓口2"),
    ]
    hold(at, mine)
    hold(at, yours, OTHER_DESK)
    assert basket(call(at, OTHER_DESK)).number == 3
    assert states(at) == {
        1: TicketState.SERVED,
        2: TicketState.SERVED,
        3: TicketState.CALLED,
    }
    with pytest.raises(NoSuchTicket):
        call(at)


def test_arrival_releases_nothing_and_is_in_the_journal_once_each(at: House) -> None:
    text = taro(at)
    answer = arrive(at, text)
    assert answer.basket is None
    assert statuses(at) == {FilingStatus.READY}
    call(at)
    queued, presented = acts(at, Act.QUEUED, Act.PRESENTED)
    assert (queued[0], queued[1]["number"], queued[1]["accepted"]) == ("queued", 1, True)
    assert (presented[1]["number"], presented[1]["in_hand"]) == (1, 1)
    assert Notice.READ_BEFORE not in basket_notices(at), "its own arrival is no showing before"


def basket_notices(at: House) -> tuple[Notice, ...]:
    found = at.counter.unfinished(DESK)
    assert found is not None
    return found.notices


@quick
def test_a_sheet_that_counts_once_may_be_called_after_it_was_read_at_arrival(
    registry: Sessions,
) -> None:
    at = house(registry, Policy(bcrypt_cost=4, single_use_authentication=True))
    at.receiver()
    draw(at, taro(at))
    assert basket(call(at)).number == 1


def test_the_same_sheet_keeps_its_number_and_a_retry_is_one_act(at: House) -> None:
    text = taro(at)
    shown = showing(text)
    assert at.counter.queue_up(DESK, shown).queued.number == 1
    again = arrive(at, text, OTHER_DESK).queued
    assert (again.number, again.read_before) == (1, True)
    assert draw(at, hanako(at)) == 2
    calling = Calling(str(uuid.uuid4()))
    opened = at.counter.call(DESK, calling)
    again = at.counter.call(DESK, calling)
    assert (again.basket, again.called, again.verdict) == (opened.basket, 1, opened.verdict)
    with pytest.raises(HandOverOpen):
        call(at)


@quick
def test_what_is_refused_at_arrival_gets_no_number(at: House) -> None:
    at.filing()
    wrong = arrive(at, text_of(receiver_sheet(password="chigau-himitsu")))
    assert isinstance(wrong.verdict, Refused)
    assert wrong.queued is None
    assert at.counter.queue(DESK) == ()
    assert [a for a, _ in acts(at, Act.QUEUED, Act.PRESENTED)] == ["presented"]


def test_a_number_is_no_authority_its_sheet_is_judged_again(at: House) -> None:
    first, second = taro(at), hanako(at)
    draw(at, first)
    draw(at, second)
    with at.sessions.begin() as session:
        suspended = session.scalars(select(Receiver).order_by(Receiver.id)).first()
        suspended.suspended_at = at.clock()
    answer = call(at)
    assert answer.verdict.reason is Reason.SUSPENDED
    assert (answer.called, answer.basket) == (1, None)
    assert states(at)[1] is TicketState.REFUSED
    at.clock.move(days=31)  # nothing of yesterday is called; today's sheet has expired
    with pytest.raises(NoSuchTicket):
        call(at)


def test_a_sheet_that_expires_while_its_holder_waits_is_refused(at: House) -> None:
    at.filing()
    nearly = receiver_sheet(issued_at=at.clock() - timedelta(days=30) + timedelta(minutes=10))
    draw(at, text_of(nearly))
    at.clock.move(minutes=11)
    answer = call(at)
    assert answer.verdict.reason is Reason.EXPIRED
    assert states(at) == {1: TicketState.REFUSED}
    assert kept_texts(at) == [""]


def kept_texts(at: House) -> list[str]:
    with at.sessions() as session:
        return list(session.scalars(select(Ticket.sheet_text).order_by(Ticket.number)))


@quick
def test_a_refusal_that_is_about_the_window_leaves_the_number_its_place(at: House) -> None:
    draw(at, taro(at))
    with at.sessions.begin() as session:
        session.get_one(Kiosk, WINDOW).locked_at = at.clock()
    assert call(at).verdict.reason is Reason.KIOSK_LOCKED
    assert states(at) == {1: TicketState.WAITING}
    assert basket(call(at, OTHER_DESK)).number == 1


def test_who_is_absent_is_passed_over_and_put_back_in_the_old_place(at: House) -> None:
    draw(at, taro(at))
    draw(at, hanako(at))
    opened = basket(call(at))
    at.counter.call_again(DESK, opened.hand_over_id)
    assert at.counter.unfinished(DESK).calls == 2
    at.counter.give_up(DESK, opened.hand_over_id, GiveUpReason.ABSENT)
    assert statuses(at) == {FilingStatus.READY}
    rush = at.counter.kiosk_facts(WINDOW).rush
    assert (rush.waiting, rush.absent) == (1, 1)
    (absent, _) = at.counter.queue(DESK)
    at.counter.put_back(DESK, absent.ticket_id)
    at.counter.put_back(OTHER_DESK, absent.ticket_id)  # pressed twice
    assert basket(call(at)).number == 1
    assert [(a, b["ticket"]) for a, b in acts(at, Act.CALLED, Act.TICKET_MOVED)] == [
        ("called", "called"),
        ("ticket_moved", "waiting"),
    ]


@quick
@pytest.mark.parametrize(
    ("reason", "left"),
    [
        (GiveUpReason.CLERK, TicketState.WAITING),
        (GiveUpReason.WRONG_PERSON, TicketState.WAITING),
        (GiveUpReason.TIMEOUT, TicketState.ABSENT),
    ],
)
def test_a_basket_given_up_leaves_its_number_callable(at: House, reason, left) -> None:
    draw(at, taro(at))
    at.counter.give_up(DESK, basket(call(at)).hand_over_id, reason)
    assert states(at) == {1: left}
    (queued,) = at.counter.queue(DESK)
    assert basket(call(at, ticket_id=queued.ticket_id)).number == 1, "called out of turn"


@quick
def test_who_left_is_struck_and_may_come_again(at: House) -> None:
    text = taro(at)
    draw(at, text)
    (queued,) = at.counter.queue(DESK)
    with pytest.raises(NoSuchTicket):
        at.counter.strike(AT_OSAKA, queued.ticket_id)
    at.counter.strike(DESK, queued.ticket_id)
    with pytest.raises(NoSuchTicket):
        at.counter.strike(DESK, queued.ticket_id)
    assert kept_texts(at) == [""]
    assert draw(at, text) == 2


def test_numbers_begin_anew_at_midnight_in_tokyo(at: House) -> None:
    text = taro(at)
    assert draw(at, text) == 1
    at.clock.now = at.clock.now.replace(hour=14, minute=59)  # 23:59 in Tokyo
    assert draw(at, hanako(at)) == 2
    at.clock.move(minutes=1)
    assert at.counter.queue(DESK) == ()
    assert draw(at, text) == 1
    assert kept_texts(at).count("") == 2, "nothing of yesterday's sheets is kept"


@quick
def test_the_watch_forgets_what_yesterday_left(at: House) -> None:
    draw(at, taro(at))
    at.clock.move(days=1)
    lookout.look_around(at.installation, lambda: None)
    assert states(at) == {1: TicketState.STRUCK}
    assert kept_texts(at) == [""]


@quick
def test_each_office_has_its_own_queue(at: House) -> None:
    draw(at, taro(at))
    at.filing(office_code=OSAKA)
    assert draw(at, text_of(receiver_sheet()), AT_OSAKA) == 1
    assert len(at.counter.queue(AT_OSAKA)) == 1
    assert at.counter.kiosk_facts(OTHER_WINDOW).rush.waiting == 1


@quick
def test_only_who_supervises_switches_and_drawn_numbers_outlive_the_switch(at: House) -> None:
    for verb in (at.counter.begin_rush, at.counter.end_rush):
        with pytest.raises(NotPermitted):
            verb(DESK)
    assert at.counter.kiosk_facts(WINDOW).rush is None
    at.counter.begin_rush(AS_SUPERVISOR)
    at.counter.begin_rush(AS_SUPERVISOR)
    assert at.counter.kiosk_facts(OTHER_WINDOW).rush.is_on
    draw(at, taro(at))
    at.counter.end_rush(AS_SUPERVISOR)
    rush = at.counter.kiosk_facts(WINDOW).rush
    assert (rush.is_on, rush.waiting) == (False, 1)
    assert [body["on"] for _, body in acts(at, Act.RUSH_SWITCHED)] == [True, False]
    assert basket(call(at)).number == 1


@quick
def test_a_sheet_that_is_opened_directly_ends_its_number(at: House) -> None:
    text = taro(at)
    draw(at, text)
    opened = basket(at.counter.present(DESK, showing(text)))
    assert opened.number == 1
    hold(at, opened)
    assert states(at) == {1: TicketState.SERVED}


@quick
def test_a_typed_key_gets_a_number_and_its_key_is_not_kept(at: House) -> None:
    at.filing()
    sheet = receiver_sheet()
    at.issued(sheet)
    typing = TypingKey(str(uuid.uuid4()), canonical(sheet.search_key), TypedReason.DIRTY_SHEET)
    assert at.counter.queue_up(DESK, typing).queued.number == 1
    assert draw(at, text_of(sheet)) == 1, "scanned, it is the same sheet"
    assert kept_texts(at) == [text_of(sheet)]
    assert isinstance(call(at).verdict, Accepted)
    with at.sessions() as session:
        assert session.scalar(select(Ticket.source)) is Source.TYPED


@quick
def test_the_days_numbers_name_who_still_waits(at: House) -> None:
    draw(at, taro(at))
    report = at.counter.close_day(DESK, str(uuid.uuid4()))
    assert report.still_waiting == 1
    assert at.counter.close_day(DESK, str(uuid.uuid4())).still_waiting == 1
    assert basket(call(at, OTHER_DESK)).number == 1, "another window goes on"


@pytest.mark.postgresql
@pytest.mark.parametrize("registry", ["postgresql"], indirect=True)
@pytest.mark.parametrize("asked", ["here"], indirect=True)
def test_one_sheet_at_two_windows_at_once_gets_one_number(at: House) -> None:
    """Both have read the sheet, and wait for its receiver, before either draws."""
    at.filing()
    sheet = text_of(receiver_sheet())
    with ThreadPoolExecutor(2) as windows, at.sessions() as long:
        long.execute(select(Receiver.id).with_for_update())
        drawn = [windows.submit(draw, at, sheet, desk) for desk in (DESK, OTHER_DESK)]
        _wait_until_blocked(at.sessions, 2)
        long.rollback()
        assert [one.result(60) for one in drawn] == [1, 1]
    assert len(states(at)) == 1


def _wait_until_blocked(sessions: Sessions, count: int) -> None:
    """So many other connections wait for a lock."""
    waiting = sql("SELECT count(*) FROM pg_locks WHERE NOT granted")
    until = time.monotonic() + 30
    with sessions() as session:
        while session.scalar(waiting) < count:
            assert time.monotonic() < until
            time.sleep(0.02)


def test_two_windows_call_and_read_at_once_without_a_number_twice(at: House) -> None:
    """Two threads draw twenty numbers each, then both call until nobody is left."""
    texts = [single(at) for _ in range(20)]
    gate, drawn, called = Barrier(2), [], []

    def work(desk: Desk, mine: list[str]) -> None:
        gate.wait()
        for text in mine:
            drawn.append(draw(at, text, desk))
        gate.wait()
        while True:
            try:
                opened = basket(call(at, desk))
            except NoSuchTicket:
                rush = at.counter.kiosk_facts(desk.kiosk).rush
                if rush is None or not rush.waiting:
                    return
                continue
            called.append(opened.number)
            hold(at, opened, desk)

    threads = [
        Thread(target=work, args=(DESK, texts[::2])),
        Thread(target=work, args=(OTHER_DESK, texts[1::2])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(drawn) == list(range(1, 21))
    assert sorted(called) == list(range(1, 21))
    assert set(states(at).values()) == {TicketState.SERVED}
