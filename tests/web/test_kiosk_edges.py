"""Every edge of the counter's behaviour is walked by what a clerk, a sheet or a clock does."""

import logging
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk import enrolling, handing, keeping, queueing, shift, state
from kiosk.checkup import look_around
from kiosk.edges import EDGES, NoSuchEdge
from kiosk.handing import Overtaken, Ticks
from kiosk.settings import Timings
from kiosk.state import (
    CheckingUp,
    Choice,
    Closed,
    Closing,
    Confirming,
    Done,
    Enrolling,
    Hidden,
    HoldList,
    Idle,
    InHand,
    Judging,
    Numbered,
    OutOfOrder,
    Paused,
    QueueList,
    Refused,
    SignedOut,
    State,
    TakingOver,
    TypingKey,
)
from kiosk.station import Station
from shared.db.tables import Staff, TicketState
from shared.domain import IdentityPaper, Purpose, Source
from tests.builders import (
    CLERK,
    DESK,
    OTHER_DESK,
    PIN,
    SUPERVISOR,
    WINDOW,
    receiver_sheet,
    showing,
    text_of,
)
from tests.kiosk_world import World, make_world
from verifier.acts import (
    Check,
    DeclineReason,
    GiveUpReason,
    Holding,
    HoldReason,
    TypedReason,
)
from verifier.acts import (
    Confirming as Wish,
)
from verifier.acts import (
    Enrolling as EnrolWish,
)
from verifier.acts.queueing import Calling

Walk = Callable[[World], object]
CHECKED = {"paper": "scrivener_card", "same_name": "yes", "same_number": "yes"}
SECOND_CLERK = "1002"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    for made in make_world(tmp_path):
        made.house.receiver()
        yield made


# How the counter comes into each state, by real acts.


def checking_up(world: World) -> None:
    world.station = Station(
        world.house.counter, WINDOW, monotonic=world.seconds, devices=("camera",)
    )


def signed_out(world: World) -> None:
    assert isinstance(world.station.scene.state, SignedOut)


def idle(world: World) -> None:
    world.sign_in()


def keep_back(world: World) -> int:
    """Another window keeps a vehicle back."""
    world.house.filing()
    opened = world.house.counter.present(OTHER_DESK, showing(text_of(receiver_sheet()))).basket
    assert opened is not None
    held = Holding(opened.rows[0].filing_id, HoldReason.PAPER_MISSING)
    wish = Wish(opened.hand_over_id, (), (held,), None, str(uuid.uuid4()))
    world.house.counter.confirm(OTHER_DESK, wish)
    return held.filing_id


def taking_over(world: World) -> None:
    keep_back(world)
    world.sign_in()


def typing(world: World) -> None:
    idle(world)
    keeping.begin_typing(world.station)


def in_hand(world: World) -> None:
    idle(world)
    world.house.filing()
    world.show_authentication()


def basket(world: World) -> InHand:
    found = state.basket_in(world.station.scene.state)
    assert found is not None
    return found


def ticks(world: World) -> Ticks:
    rows = frozenset(row.filing_id for row in basket(world).basket.rows)
    return Ticks(Choice(released=rows, checked=frozenset({Check.BY_EYE})))


def ask(world: World) -> None:
    handing.ask(world.station, basket(world).basket.hand_over_id, ticks(world))


def confirming(world: World) -> None:
    in_hand(world)
    ask(world)
    world.seconds.pass_(1)


def confirm(world: World) -> None:
    now = world.station.scene.state
    assert isinstance(now, Confirming)
    chosen = now.before.choice.released
    handing.confirm(world.station, now.before.basket.hand_over_id, chosen, now.idempotency_key)


def enrolling_(world: World) -> None:
    idle(world)
    world.show(receiver_sheet(Purpose.REGISTRATION, name="見本　新人（００００００５５）"))


def presentation(world: World) -> str:
    now = state.under(world.station.scene.state)
    assert isinstance(now, Enrolling)
    return now.showing.answer.presentation_id


def done(world: World) -> None:
    confirming(world)
    confirm(world)


def refused(world: World) -> None:
    idle(world)
    world.show_authentication(password="chigau-himitsu")


def hold_list(world: World) -> None:
    idle(world)
    keep_back(world)
    keeping.list_holds(world.station)


def rush(world: World) -> None:
    """The office draws numbers."""
    world.house.counter.begin_rush(OTHER_DESK.__class__(WINDOW, SUPERVISOR))


def numbered(world: World) -> None:
    rush(world)
    idle(world)
    world.house.filing()
    world.show_authentication()


def queue_list(world: World) -> None:
    numbered(world)
    queueing.list_queue(world.station)


def called(world: World) -> None:
    numbered(world)
    queueing.call(world.station)


def paused(world: World) -> None:
    idle(world)
    shift.pause(world.station)


def closing(world: World) -> None:
    idle(world)
    shift.look_at_the_day(world.station)


def closed(world: World) -> None:
    closing(world)
    shift.close_day(world.station, world.station.scene.state.idempotency_key)


def hidden(world: World) -> None:
    idle(world)
    cover(world)


def out_of_order(world: World) -> None:
    idle(world)
    lose(world)


ENTER: dict[type[State], Walk] = {
    CheckingUp: checking_up, SignedOut: signed_out, TakingOver: taking_over, Idle: idle,
    TypingKey: typing, InHand: in_hand, Confirming: confirming, Enrolling: enrolling_,
    Done: done, Refused: refused, HoldList: hold_list, Paused: paused, Closing: closing,
    Numbered: numbered, QueueList: queue_list, Closed: closed, Hidden: hidden,
    OutOfOrder: out_of_order,
}  # fmt: skip


# What leads from one to the next.


def cover(world: World) -> None:
    keeping.cover(world.station)


def uncover(world: World) -> None:
    keeping.uncover(world.station)


def lose(world: World) -> None:
    world.lose_the_registry()
    world.station.refresh()


def come_back(world: World) -> None:
    world.find_the_registry()
    world.pass_(3)


def another_browser(world: World) -> None:
    world.sign_in()


def show(world: World) -> None:
    world.station.take("https://example.jp/", Source.CAMERA)


def next_(world: World) -> None:
    world.station.next()


def give_up(world: World) -> None:
    handing.give_up(world.station)


def time_out(world: World) -> None:
    world.pass_(Timings().cancel + 1)


def covered(enter: Walk) -> Walk:
    """Into a state, then F10."""

    def walk(world: World) -> None:
        enter(world)
        cover(world)

    return walk


def after(*acts: Walk) -> Walk:
    def walk(world: World) -> None:
        for act in acts:
            act(world)

    return walk


def lost_before_the_receipt(world: World) -> None:
    """The registry records the hand-over, and is lost before its answer is here."""
    confirming(world)
    asked = world.station.scene.state
    assert isinstance(asked, Confirming)
    world.house.counter.confirm(DESK, handing.wish_of(asked))
    lose(world)


def lost_with_a_basket(world: World) -> None:
    in_hand(world)
    lose(world)


def lost_in_a_pause(world: World) -> None:
    paused(world)
    lose(world)


def left_open(world: World) -> None:
    in_hand(world)
    world.restart()


def paused_before(world: World) -> None:
    paused(world)
    world.restart()


def kept_back_elsewhere(world: World) -> None:
    keep_back(world)


def a_stranger_to_the_list(world: World) -> None:
    keeping.take_up(world.station, 999_999)


def dismissed(world: World) -> None:
    """The clerk is not at work any more: a conflict, not a verdict."""
    with world.house.sessions.begin() as session:
        session.get_one(Staff, CLERK).disabled_at = world.house.clock()
    show(world)


def ask_for_nothing(world: World) -> None:
    handing.ask(world.station, basket(world).basket.hand_over_id, Ticks(Choice()))


def gone_meanwhile(world: World) -> None:
    """Somebody ended the hand-over by other means."""
    hand_over = basket(world).basket.hand_over_id
    world.house.counter.give_up(OTHER_DESK.__class__(WINDOW, CLERK), hand_over, GiveUpReason.CLERK)
    with pytest.raises(Overtaken):
        confirm(world)


def enrol(world: World) -> None:
    enrolling.enrol(world.station, presentation(world), CHECKED)


def registered_elsewhere(world: World) -> None:
    """Another window registers the same name first."""
    now = world.station.scene.state
    assert isinstance(now, Enrolling)
    text = now.showing.text
    shown = world.house.counter.present(OTHER_DESK, showing(text))
    wish = EnrolWish(
        shown.presentation_id, text, Source.CAMERA, IdentityPaper.SCRIVENER_CARD, str(uuid.uuid4())
    )
    world.house.counter.enrol(OTHER_DESK, wish)
    enrol(world)


def decline(world: World) -> None:
    enrolling.decline(world.station, presentation(world), DeclineReason.NO_PAPER)


def everything_is_there(world: World) -> None:
    world.station.scene.device("camera", None)
    look_around(world.station.scene, ("camera",))


FROM_REST: dict[type[State], Walk] = {
    Idle: next_,
    TypingKey: lambda w: keeping.begin_typing(w.station),
    Judging: show,
    HoldList: lambda w: keeping.list_holds(w.station),
    QueueList: lambda w: queueing.list_queue(w.station),
    Paused: lambda w: shift.pause(w.station),
    Closing: lambda w: shift.look_at_the_day(w.station),
    Hidden: cover,
}
WALKS: dict[tuple[type[State], type[State]], tuple[Walk, Walk]] = {
    **{
        (rest, there): (ENTER[rest], walk)
        for rest in (Idle, Refused, Done, Numbered)
        for there, walk in FROM_REST.items()
    },
    **{(Hidden, here): (covered(ENTER[here]), uncover) for here in state.COVERABLE},
    **{(here, Hidden): (ENTER[here], cover) for here in state.COVERABLE},
    **{(here, OutOfOrder): (enter, lose) for here, enter in ENTER.items() if here != OutOfOrder},
    **{
        (here, SignedOut): (enter, another_browser)
        for here, enter in ENTER.items()
        if here not in {SignedOut, CheckingUp, OutOfOrder}
    },
    (OutOfOrder, SignedOut): (after(signed_out, lose), come_back),
    (CheckingUp, SignedOut): (checking_up, everything_is_there),
    (SignedOut, Idle): (signed_out, idle),
    (SignedOut, InHand): (left_open, another_browser),
    (SignedOut, TakingOver): (kept_back_elsewhere, another_browser),
    (SignedOut, Paused): (paused_before, another_browser),
    (TakingOver, Idle): (taking_over, lambda w: shift.take_over(w.station)),
    (TypingKey, TypingKey): (typing, lambda w: keeping.ask_again(w.station, TypingKey("2"))),
    (TypingKey, Idle): (typing, next_),
    (TypingKey, Judging): (
        typing, lambda w: keeping.take_typed_key(w.station, "2" * 16, TypedReason.OTHER),
    ),
    (HoldList, HoldList): (hold_list, a_stranger_to_the_list),
    (HoldList, Idle): (hold_list, next_),
    (HoldList, Judging): (hold_list, show),
    (QueueList, QueueList): (queue_list, lambda w: queueing.list_queue(w.station)),
    (QueueList, Idle): (queue_list, next_),
    (QueueList, Judging): (queue_list, lambda w: queueing.call(w.station)),
    (Judging, Numbered): (after(rush, idle), lambda w: (w.house.filing(), w.show_authentication())),
    (Judging, Idle): (idle, dismissed),
    (Judging, InHand): (idle, lambda w: (w.house.filing(), w.show_authentication())),
    (Judging, Enrolling): (
        idle, lambda w: w.show(receiver_sheet(Purpose.PASSWORD_CHANGE, password="atarashii-ka")),
    ),
    (Judging, Refused): (idle, show),
    (InHand, InHand): (in_hand, ask_for_nothing),
    (InHand, Confirming): (in_hand, ask),
    (InHand, Idle): (in_hand, give_up),
    (Confirming, InHand): (confirming, lambda w: handing.back(w.station)),
    (Confirming, Done): (confirming, confirm),
    (Confirming, Idle): (confirming, gone_meanwhile),
    (Enrolling, Enrolling): (
        enrolling_, lambda w: enrolling.enrol(w.station, presentation(w), {}),
    ),
    (Enrolling, Done): (enrolling_, enrol),
    (Enrolling, Refused): (enrolling_, registered_elsewhere),
    (Enrolling, Idle): (enrolling_, decline),
    (Paused, Idle): (paused, lambda w: shift.reopen(w.station)),
    (Closing, Idle): (closing, lambda w: shift.keep_open(w.station)),
    (Closing, Closed): (
        closing, lambda w: shift.close_day(w.station, w.station.scene.state.idempotency_key),
    ),
    (OutOfOrder, Idle): (out_of_order, come_back),
    (OutOfOrder, InHand): (lost_with_a_basket, come_back),
    (OutOfOrder, Done): (lost_before_the_receipt, come_back),
    (OutOfOrder, Paused): (lost_in_a_pause, come_back),
}  # fmt: skip
NAMES = sorted(WALKS, key=lambda edge: (edge[0].__name__, edge[1].__name__))


def test_there_is_a_walk_for_every_edge_and_for_no_other() -> None:
    assert set(WALKS) == EDGES


@pytest.mark.parametrize("edge", NAMES, ids=lambda edge: f"{edge[0].__name__}-{edge[1].__name__}")
def test_the_edge_can_be_walked(
    world: World, edge: tuple[type[State], type[State]], caplog: pytest.LogCaptureFixture
) -> None:
    enter, walk = WALKS[edge]
    enter(world)
    if edge[0] is not Judging:
        assert type(world.station.scene.state) is edge[0]
    with caplog.at_level(logging.DEBUG, logger="kiosk.scene"):
        walk(world)
    said = [r.getMessage() for r in caplog.records if r.name == "kiosk.scene"]
    moves = [match.groups() for line in said if (match := re.fullmatch(r"(\w+) to (\w+)", line))]
    wanted = tuple(kind.__name__ for kind in edge)
    assert moves[1 if edge[0] is Judging else 0] == wanted, moves


def test_a_move_that_is_not_listed_is_refused(world: World) -> None:
    in_hand(world)
    with pytest.raises(NoSuchEdge, match="InHand to Done"):
        world.station.scene.put(Done(world.house.clock()))
    assert isinstance(world.station.scene.state, InHand)
    with pytest.raises(TypeError):
        world.station.scene.revise(Idle())


def test_nothing_but_the_second_look_leads_to_done() -> None:
    """Also when its answer was lost with the registry, and is asked for again."""
    before = {here for here, there in EDGES if there is Done}
    assert before == {Confirming, Enrolling, Hidden, OutOfOrder}
    assert {here for here, there in EDGES if there is Confirming} == {InHand, Hidden}


@pytest.mark.parametrize(
    "enter", [typing, refused, done, hold_list, numbered, queue_list, paused, closing, taking_over]
)
def test_a_window_that_everybody_left_signs_out_by_itself(world: World, enter: Walk) -> None:
    enter(world)
    world.station.scene.stay()
    world.pass_(Timings().lock + 1)
    assert isinstance(world.station.scene.state, SignedOut)
    assert world.station.scene.snapshot().seat is None


@pytest.mark.parametrize("enter", [in_hand, confirming, covered(in_hand), covered(confirming)])
def test_an_open_basket_times_out_covered_or_not(world: World, enter: Walk) -> None:
    enter(world)
    time_out(world)
    now = world.station.scene.state
    assert isinstance(now, Idle)
    assert "時間切れ" in str(now.notice)


def test_the_same_person_takes_nothing_over(world: World) -> None:
    idle(world)
    keep_back(world)
    assert shift.sign_out(world.station)
    world.sign_in()
    assert isinstance(world.station.scene.state, Idle)
    assert shift.sign_out(world.station)
    world.sign_in(SECOND_CLERK)
    assert isinstance(world.station.scene.state, TakingOver)


def test_ticks_outlive_a_lost_registry_and_another_browser(world: World) -> None:
    in_hand(world)
    chosen = ticks(world)
    handing.choose(world.station, basket(world).basket.hand_over_id, chosen)
    lose(world)
    come_back(world)
    assert basket(world).choice.released == chosen.choice.released
    another_browser(world)
    assert basket(world).choice.released == chosen.choice.released


def test_a_second_sign_in_with_a_wrong_pin_disturbs_nobody(world: World) -> None:
    in_hand(world)
    shift.sign_in(world.station, CLERK, PIN + "9")
    assert isinstance(world.station.scene.state, InHand)


@pytest.mark.parametrize("enter", [hidden, paused, closing, closed, taking_over, out_of_order])
def test_codes_are_not_looked_at_where_nobody_expects_them(world: World, enter: Walk) -> None:
    enter(world)
    before = type(world.station.scene.state)
    show(world)
    assert type(world.station.scene.state) is before


def test_a_called_number_outlives_a_restart_and_a_time_out_leaves_it_absent(world: World) -> None:
    called(world)
    assert basket(world).basket.number == 1
    world.restart()
    world.sign_in()
    assert basket(world).basket.number == 1
    queueing.call_again(world.station)
    assert basket(world).basket.calls == 2
    time_out(world)
    (queued,) = world.house.counter.queue(OTHER_DESK)
    assert queued.state is TicketState.ABSENT


def test_what_was_called_needs_a_look_at_who_stands_there(world: World) -> None:
    called(world)
    world.seconds.pass_(1)
    ask(world)
    assert isinstance(world.station.scene.state, InHand)
    assert any("番号票（1番）" in problem for problem in basket(world).problems)


def test_another_windows_call_is_seen_here_within_seconds(world: World) -> None:
    numbered(world)
    world.station.next()
    assert world.house.counter.call(OTHER_DESK, Calling(str(uuid.uuid4()))).called == 1
    world.pass_(4)
    facts = world.station.scene.snapshot().facts
    assert facts is not None
    assert facts.rush is not None
    assert [(call.number, call.kiosk_name) for call in facts.rush.called] == [(1, "窓口2")]
    queueing.call(world.station)
    now = world.station.scene.state
    assert isinstance(now, Idle)
    assert "呼べる番号がありません" in str(now.notice)
