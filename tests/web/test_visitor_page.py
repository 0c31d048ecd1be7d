"""The display turned to the visitor: whatever stands on the counter, nothing personal leaves it."""

import re
import typing
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.exchange import Comparison
from kiosk.seat import Seat
from kiosk.state import (
    Choice,
    Confirming,
    Done,
    Enrolling,
    HandedOver,
    Hidden,
    HoldList,
    InHand,
    Numbered,
    OutOfOrder,
    QueueList,
    Refused,
    Showing,
    State,
    TakingOver,
    TypingKey,
)
from kiosk.visitor_pages import page_of
from shared.db.tables import Compared, PaperRule, TicketState
from shared.domain import Purpose, Role, Source
from tests.builders import START
from tests.kiosk_world import World, make_world
from verifier.acts import (
    Basket,
    BasketRow,
    Claim,
    EarlierAct,
    Enrolled,
    Facts,
    Holding,
    HoldPlaced,
    HoldReason,
    NearMiss,
    PaperAsked,
    Presented,
    Receipt,
    SignedIn,
    WaitingRow,
)
from verifier.acts.queueing import QueuedSheet
from verifier.decision.reasons import Notice, Reason
from verifier.decision.verdict import Accepted
from verifier.decision.verdict import Refused as No
from verifier.desk_acts import HeldFiling

SECRET = st.text("架空試験桜花子太郎甲乙丙", min_size=4, max_size=12)
DIGITS = st.text("0123456789", min_size=16, max_size=16)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from make_world(Path(tmp_path_factory.mktemp("visitor")))


class Drawn:
    """One visitor's secrets, and every screen that can show them."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.name, self.clerk, self.memo = draw(SECRET), draw(SECRET), draw(SECRET)
        self.number, self.key = draw(DIGITS), draw(DIGITS)
        self.plate = f"架空 580 {draw(SECRET)} {self.number[:4]}"
        self.chassis = f"KAKUU-{self.number[:8]}"
        self.count = draw(st.integers(1, 5))
        self.purpose = draw(st.sampled_from(list(Purpose)))
        self.reason = draw(st.sampled_from(list(Reason)))
        self.notices = tuple(draw(st.sets(st.sampled_from(list(Notice)))))
        self.rule = draw(st.sampled_from(list(PaperRule)))
        self.states = self._states()

    @property
    def secrets(self) -> tuple[str, ...]:
        return (
            self.name, self.clerk, self.memo, self.number, self.key, self.key[-4:], self.plate,
            self.chassis, self.number[:4], self.number[:8],
        )  # fmt: skip

    def _states(self) -> tuple[State, ...]:
        in_hand, refused = self._in_hand(), Refused(self._showing(No((self.reason,))))
        enrolling = Enrolling(
            self._showing(Accepted(self.notices)), self._claim(), self.key, {"name": self.name}
        )
        shown: tuple[State, ...] = (
            in_hand, refused, enrolling, Confirming(in_hand, self.key, 0.0, self.memo),
            self._done(), Done(START, enrolled=Enrolled(self.name, START)),
            Numbered(self._queued(), self.key), QueueList((self._queued(),), self.memo),
            TypingKey(self.key), HoldList(self._held(), self.memo), TakingOver(self._held()),
            OutOfOrder(before=in_hand),
        )  # fmt: skip
        return (*shown, Hidden(in_hand), Hidden(refused), Hidden(enrolling))

    def _claim(self) -> Claim:
        return Claim(self.purpose, START, self.key[-4:], self.name, self.memo, self.number, START)

    def _showing(self, verdict: Accepted | No) -> Showing:
        act = EarlierAct(START, self.memo, self.clerk, self.name)
        facts = Facts(
            near_misses=(NearMiss(self.name, ()),), read_before=act, released=act,
            other_offices=((self.memo, 2),),
        )  # fmt: skip
        answer = Presented(self.key, START, verdict, self._claim(), facts)
        return Showing(self.key + self.number, Source.SCANNER, answer)

    def _rows(self) -> tuple[BasketRow, ...]:
        hold = HoldPlaced(HoldReason.OTHER, self.memo, START)
        paper = PaperAsked(self.memo, self.rule)
        return tuple(
            BasketRow(place, self.number, self.plate, (self.memo,), (paper,), hold, self.chassis)
            for place in range(self.count)
        )

    def _in_hand(self) -> InHand:
        waiting = (WaitingRow(self.number, self.plate, "ready", None),) * self.count
        basket = Basket(
            self.key, self.purpose, self.name, self.memo, None, START, self._rows(), waiting,
            self.notices,
        )  # fmt: skip
        choice = Choice(
            frozenset(range(self.count - 1)),
            (Holding(self.count - 1, HoldReason.OTHER, self.memo),),
            collector=self.name,
            compared=(Comparison(0, Compared.TYPED),),
        )
        return InHand(
            basket, self._showing(Accepted(self.notices)), choice, (self.memo,), self.memo
        )

    def _done(self) -> Done:
        receipt = Receipt(self.number, START, self.count, 1, 0, self.key[:12])
        handed = HandedOver(receipt, self.key, self._rows(), (0,), self.name, self.memo, None)
        return Done(START, handed, purpose=self.purpose)

    def _queued(self) -> QueuedSheet:
        return QueuedSheet(
            1, 7, TicketState.WAITING, START, timedelta(), self.purpose, self.memo, self.name,
            self.number, self.memo, self.count,
        )  # fmt: skip

    def _held(self) -> tuple[HeldFiling, ...]:
        hold = HoldPlaced(HoldReason.OTHER, self.memo, START)
        held = HeldFiling(
            1, self.number, self.plate, self.purpose, self.name, self.memo, (self.memo,), hold,
            self.memo, self.clerk,
        )  # fmt: skip
        return (held,) * self.count


drawn = st.composite(lambda draw: Drawn(draw))()


def words_on(page: str) -> str:
    body = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", body))


@given(drawn)
@settings(max_examples=150, deadline=None)
def test_no_name_number_plate_or_key_is_on_the_page_in_any_state(world: World, made: Drawn) -> None:
    with world.app.test_request_context("/visitor"):
        idle = world.station.scene.snapshot()
        seat = Seat(SignedIn(made.number, made.clerk, Role.CLERK))
        for state in made.states:
            page = page_of(replace(idle, state=state, seat=seat, guidance=made.memo))
            for secret in made.secrets:
                assert secret not in page, type(state).__name__
                assert secret.replace(" ", "") not in words_on(page)


WITHOUT_SECRETS = {"CheckingUp", "SignedOut", "Idle", "Judging", "Paused", "Closing", "Closed"}


@given(drawn)
@settings(max_examples=1)
def test_every_screen_that_can_carry_a_secret_is_among_them(made: Drawn) -> None:
    every = {kind.__name__ for kind in typing.get_args(State)}
    assert {type(state).__name__ for state in made.states} == every - WITHOUT_SECRETS


def test_the_page_needs_no_sign_in_but_this_machine(world: World) -> None:
    client = world.app.test_client()
    mine = client.get("/visitor")
    assert mine.status_code == 200
    assert "この窓口は準備中です" in mine.get_data(as_text=True)
    assert mine.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in mine.headers
    for address in ("192.0.2.7", "2001:db8::7"):
        there = client.get("/visitor", environ_overrides={"REMOTE_ADDR": address})
        assert there.status_code == 403
    local = client.get("/visitor", environ_overrides={"REMOTE_ADDR": "::1"})
    assert local.status_code == 200


def test_the_page_follows_without_a_script(world: World) -> None:
    page = world.app.test_client().get("/visitor").get_data(as_text=True)
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
