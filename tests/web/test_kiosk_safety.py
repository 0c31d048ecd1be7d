"""Whatever comes in whatever order: nothing leaves without basket, tick and confirmation, and no
hand-over in progress is lost."""

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk import enrolling, handing, keeping, queueing, shift
from kiosk.clockwork import tick
from kiosk.edges import EDGES
from kiosk.handing import FIRST_LOOK, Overtaken, Ticks
from kiosk.state import (
    Choice,
    Confirming,
    Enrolling,
    HoldList,
    InHand,
    OutOfOrder,
    Paused,
    SignedOut,
    TakingOver,
    basket_in,
    under,
)
from kiosk.station import NotSignedIn
from shared.db.tables import (
    Filing,
    HandOver,
    HandOverItem,
    HandOverState,
    ItemState,
    Ticket,
    TicketState,
)
from shared.domain import FilingStatus, Purpose, Source
from tests.builders import (
    CLERK,
    DESK,
    NEW_CAR,
    SUPERVISOR,
    WINDOW,
    filing_sheet,
    receiver_sheet,
    text_of,
)
from tests.kiosk_world import World, make_world
from verifier.acts import Check, Desk, GiveUpReason, Holding, HoldReason

SUPERVISING = Desk(WINDOW, SUPERVISOR)
SECONDS = st.sampled_from([0.1, 0.6, 4, 30, 200, 650, 1000])


class Counter(RuleBasedStateMachine):
    """A counter on a real registry file, and beside it what a careful observer wrote down."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="uketori-")
        self.made = make_world(Path(self.folder.name))
        self.world: World = next(self.made)
        self.lost = False
        self.allowed: set[int] = set()
        """Filings that were ticked in a basket, looked at again and confirmed in time."""
        self.old: list[tuple[str, frozenset[int], str]] = []
        """Confirmations that were on a screen once."""
        house = self.world.house
        house.receiver()
        for _ in range(2):
            house.filing()
        house.filing(procedure_code=NEW_CAR)
        number = house.filing(receiver_name=None)
        single = filing_sheet(number)
        house.individual(number, single)
        self.texts = [
            text_of(sheet)
            for sheet in (
                receiver_sheet(),
                receiver_sheet(procedure=NEW_CAR),
                receiver_sheet(password="chigau-himitsu"),
                receiver_sheet(Purpose.REGISTRATION, name="見本　新人（００００００５５）"),
                single,
            )
        ] + ["https://example.jp/", "2/1/MIHON-000019/1", "2" * 16]

    def teardown(self) -> None:
        event(f"released {len(self.allowed)}")
        for _ in self.made:
            pass
        self.folder.cleanup()

    @property
    def state(self):
        return self.world.station.scene.state

    def act(self, what) -> None:
        with suppress(NotSignedIn, Overtaken):  # an older page, which is then shown afresh
            what()

    @rule(which=st.integers(0, 7), source=st.sampled_from([Source.CAMERA, Source.SCANNER]))
    def scan(self, which, source) -> None:
        self.act(lambda: self.world.station.take(self.texts[which], source))

    @initialize()
    def begin_the_day(self) -> None:
        self.world.sign_in()

    @rule(number=st.sampled_from([CLERK, "1002"]))
    def sign_in(self, number) -> None:
        if not self.lost:
            self.world.sign_in(number)

    @rule(
        key=st.sampled_from(
            [
                "next",
                "cover",
                "uncover",
                "type",
                "holds",
                "pause",
                "reopen",
                "day",
                "keep",
                "out",
                "over",
                "back",
                "leave",
                "resume",
                "queue",
                "call",
                "again",
                "absent",
            ]
        )
    )
    def press(self, key) -> None:
        station = self.world.station
        acts = {
            "next": station.next, "resume": station.resume,
            "cover": lambda: keeping.cover(station), "uncover": lambda: keeping.uncover(station),
            "type": lambda: keeping.begin_typing(station),
            "holds": lambda: keeping.list_holds(station),
            "pause": lambda: shift.pause(station), "reopen": lambda: shift.reopen(station),
            "day": lambda: shift.look_at_the_day(station),
            "keep": lambda: shift.keep_open(station), "out": lambda: shift.sign_out(station),
            "over": lambda: shift.take_over(station), "back": lambda: handing.back(station),
            "leave": lambda: enrolling.leave(station),
            "queue": lambda: queueing.list_queue(station),
            "call": lambda: queueing.call(station), "again": lambda: queueing.call_again(station),
            "absent": lambda: handing.give_up(station, GiveUpReason.ABSENT),
        }  # fmt: skip
        self.act(acts[key])

    @rule(typed=st.sampled_from(["0001", "00-01", "9999", "あ"]))
    def type_a_paper(self, typed) -> None:
        if not isinstance(self.state, InHand):
            return
        hand_over = self.state.basket.hand_over_id
        self.act(lambda: handing.compare(self.world.station, hand_over, typed))

    @rule(data=st.data())
    def tick_some_and_ask(self, data) -> None:
        if not isinstance(self.state, InHand):
            return
        basket = self.state.basket
        rows = [row.filing_id for row in basket.rows]
        fates = data.draw(
            st.lists(st.sampled_from(["tick", "tick", "hold", "leave"]), min_size=len(rows))
        )
        fate = dict(zip(rows, fates, strict=False))
        choice = Choice(
            released=frozenset(row for row in rows if fate[row] == "tick"),
            held=tuple(Holding(row, HoldReason.NOT_FOUND) for row in rows if fate[row] == "hold"),
            checked=data.draw(st.sampled_from([frozenset(), frozenset({*Check})])),
        )
        act = data.draw(st.sampled_from([handing.choose, handing.ask]))
        self.act(lambda: act(self.world.station, basket.hand_over_id, Ticks(choice)))

    @rule()
    def confirm(self) -> None:
        now = self.state
        if not isinstance(now, Confirming):
            return
        before = now.before
        self.old.append((before.basket.hand_over_id, before.choice.released, now.idempotency_key))
        self.send(self.old[-1])

    @rule(place=st.integers(0, 5))
    def send_an_old_confirmation_again(self, place) -> None:
        if self.old:
            self.send(self.old[place % len(self.old)])

    def send(self, wish) -> None:
        """Allowed if this very panel is shown now, long enough, and the registry answers."""
        now, station = self.state, self.world.station
        shown = isinstance(now, Confirming) and now.idempotency_key == wish[2]
        if shown and not self.lost and station.scene.monotonic() - now.opened >= FIRST_LOOK:
            self.allowed |= wish[1]
        self.act(lambda: handing.confirm(station, *wish))

    @rule(released=st.frozensets(st.integers(1, 6)), key=st.uuids())
    def forge_a_confirmation(self, released, key) -> None:
        basket = basket_in(self.state)
        hand_over = basket.basket.hand_over_id if basket else str(key)
        self.act(lambda: handing.confirm(self.world.station, hand_over, released, str(key)))

    @rule()
    def give_up(self) -> None:
        self.act(lambda: handing.give_up(self.world.station))

    @rule()
    def take_up_a_hold(self) -> None:
        if not isinstance(self.state, HoldList) or not self.state.held:
            return
        held = self.state.held[0].filing_id
        self.act(lambda: keeping.take_up(self.world.station, held))

    @rule(
        which=st.sampled_from([0, 1, 4]),
        pauses=st.lists(st.sampled_from([0.1, 0.3, 0.6]), max_size=3),
    )
    def serve(self, which, pauses) -> None:
        """What an honest clerk does up to the second look, and presses that may come too early."""
        if self.lost:
            return
        station = self.world.station
        self.world.sign_in()
        self.press("over")
        self.press("reopen")
        self.act(lambda: station.take(self.texts[which], Source.CAMERA))
        basket = basket_in(self.state)
        if basket is not None:
            rows = frozenset(row.filing_id for row in basket.basket.rows)
            ticks = Ticks(Choice(released=rows, checked=frozenset({*Check})))
            self.press("back")
            self.act(lambda: handing.ask(station, basket.basket.hand_over_id, ticks))
        for pause in pauses:
            self.world.seconds.pass_(pause)
            if isinstance(self.state, Confirming):
                self.confirm()

    @rule(
        which=st.sampled_from(["begin", "end", "put_back", "strike", "call"]),
        place=st.integers(0, 3),
    )
    def change_the_queue(self, which, place) -> None:
        if self.lost:
            return
        counter, station = self.world.house.counter, self.world.station
        if which in {"begin", "end"}:
            {"begin": counter.begin_rush, "end": counter.end_rush}[which](SUPERVISING)
            station.refresh()
            return
        queue = counter.queue(DESK)
        if queue:
            ticket = queue[place % len(queue)].ticket_id
            self.act(lambda: getattr(queueing, which)(station, ticket))

    @rule(seconds=SECONDS)
    def wait(self, seconds) -> None:
        self.world.seconds.pass_(seconds)
        tick(self.world.station)

    @rule()
    def lose_the_registry(self) -> None:
        if self.lost:
            return
        self.world.lose_the_registry()
        self.lost = True

    @rule()
    def find_the_registry(self) -> None:
        if not self.lost:
            return
        self.world.find_the_registry()
        self.lost = False
        self.world.pass_(3)

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @invariant()
    def only_what_was_confirmed_is_released(self) -> None:
        with self.world.house.sessions() as session:
            released = {
                id_ for (id_,) in session.query(Filing.id).filter_by(status=FilingStatus.RELEASED)
            }
            confirmed = {
                id_
                for (id_,) in session.query(HandOverItem.filing_id)
                .join(HandOver)
                .filter(
                    HandOverItem.state == ItemState.RELEASED,
                    HandOver.state == HandOverState.CONFIRMED,
                )
            }
        assert released == confirmed
        assert released <= self.allowed

    @invariant()
    def what_is_in_hand_is_on_the_counter_or_waits_for_a_sign_in(self) -> None:
        with self.world.house.sessions() as session:
            in_hand = {
                id_ for (id_,) in session.query(Filing.id).filter_by(status=FilingStatus.HANDING)
            }
            opened = session.query(HandOver.id).filter_by(state=HandOverState.OPEN).scalar()
        shown = basket_in(self.state)
        if opened is None:
            assert in_hand == set()
            return
        assert in_hand != set()
        if self.lost or isinstance(self.state, SignedOut | OutOfOrder):
            return
        assert shown is not None
        assert shown.basket.hand_over_id == opened

    @invariant()
    def a_basket_on_the_counter_is_the_registrys(self) -> None:
        shown = basket_in(self.state)
        if shown is None or self.lost or isinstance(self.state, OutOfOrder):
            return
        found = self.world.house.counter.unfinished(DESK)
        assert found is not None
        assert shown.basket.hand_over_id == found.hand_over_id
        assert shown.choice.released <= {row.filing_id for row in found.rows}

    @invariant()
    def a_number_that_is_called_has_its_basket_open(self) -> None:
        with self.world.house.sessions() as session:
            calls = {
                id_ for (id_,) in session.query(Ticket.call_id).filter_by(state=TicketState.CALLED)
            }
            opened = {
                id_
                for (id_,) in session.query(HandOver.presentation_id).filter_by(
                    state=HandOverState.OPEN
                )
            }
        assert calls <= opened

    @invariant()
    def nobody_works_without_a_seat(self) -> None:
        snapshot = self.world.station.scene.snapshot()
        if snapshot.seat is None:
            assert (
                isinstance(snapshot.state, SignedOut | OutOfOrder)
                or type(snapshot.state).__name__ == "CheckingUp"
            )


TestCounter = Counter.TestCase
TestCounter.settings = settings(
    max_examples=15,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_the_machine_speaks_of_real_states() -> None:
    """The rules above name states that can be reached."""
    reachable = {there for _, there in EDGES}
    assert {InHand, Confirming, HoldList, Paused, TakingOver, Enrolling} <= reachable
    assert under(SignedOut()) == SignedOut()
