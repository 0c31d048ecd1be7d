"""The verbs of the counter against a model of them: whatever the order, both say the same.

Two windows, one receiver with four vehicles, one sheet. The model knows which vehicle is ready, in
whose hands, kept back or gone; the registry must answer as it says.
"""

import itertools
import uuid
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import Filing, Hold
from shared.domain import FilingStatus
from tests.builders import CLERK, KEYS, SUPERVISOR, house_on, seen_to, showing
from tests.once.furnishing import furnish
from tests.once.invariants import always
from tests.once.racing import Now
from verifier.acts import (
    Basket,
    Confirming,
    Conflict,
    Desk,
    GiveUpReason,
    HandOverOpen,
    Holding,
    HoldReason,
    NotReleased,
    Receipt,
    Undoing,
)

STEPS = 25
VEHICLES = 4
WINDOWS = 2
_AT = st.integers(0, WINDOWS - 1)
_MARKS = itertools.count(1)
_WHICH = st.integers(0, VEHICLES - 1)


@dataclass
class Model:
    """What should be: of each vehicle where it is, and in which window's hands."""

    ready: set[int] = field(default_factory=lambda: set(range(VEHICLES)))
    held: set[int] = field(default_factory=set)
    """Among the ready ones."""
    out: set[int] = field(default_factory=set)
    hands: dict[str, set[int]] = field(default_factory=dict)

    def present(self, desk: Desk, *, again: bool) -> set[int] | None:
        """What a sheet opens: None when the hands are full."""
        if desk.kiosk in self.hands:
            return None
        taken = set(self.ready) if again else self.ready - self.held
        if taken:
            self.hands[desk.kiosk] = taken
            self.ready -= taken
        return set(taken)

    def confirm(self, desk: Desk, ticked: set[int]) -> None:
        """Ticked ones are out, and no hold is left on them; the others are ready again."""
        back = self.hands.pop(desk.kiosk) - ticked
        self.out |= ticked
        self.held -= ticked
        self.ready |= back

    def hold(self, desk: Desk, one: int) -> None:
        """One is kept back; hands with nothing in them are empty."""
        self.hands[desk.kiosk].remove(one)
        self.ready.add(one)
        self.held.add(one)
        if not self.hands[desk.kiosk]:
            del self.hands[desk.kiosk]

    def undo(self, one: int) -> bool:
        """It is ready again, if it was out."""
        if one not in self.out:
            return False
        self.out.remove(one)
        self.ready.add(one)
        return True


class Verbs(RuleBasedStateMachine):
    """Each walk has a receiver and two windows of its own on a registry that all walks share."""

    sessions: Sessions

    def __init__(self) -> None:
        super().__init__()
        mark = next(_MARKS)
        furnished = furnish(self.sessions, WINDOWS, VEHICLES, KEYS, f"{mark}-")
        self.counter = house_on(self.sessions, Now()).counter
        self.desks = [Desk(code, CLERK) for code in furnished.windows]
        self.model, (self.text,) = Model(), furnished.texts
        self.baskets: dict[str, Basket] = {}
        self.receipts: list[tuple[Desk, Confirming, Receipt]] = []
        own = Filing.receiver_name == furnished.names[0]
        with self.sessions() as session:
            self.ids = list(session.scalars(select(Filing.id).where(own).order_by(Filing.id)))

    @rule(at=_AT, again=st.booleans())
    def present(self, at: int, again: bool) -> None:
        desk = self.desks[at]
        verb = self.counter.resume if again else self.counter.present
        expected = self.model.present(desk, again=again)
        try:
            presented = verb(desk, showing(self.text))
        except HandOverOpen:
            assert expected is None
            return
        opened = presented.basket.rows if presented.basket else ()
        assert {row.filing_id for row in opened} == self._rows(expected or set())
        assert expected is not None
        if presented.basket:
            self.baskets[desk.kiosk] = presented.basket

    @rule(at=_AT, ticked=st.sets(_WHICH, min_size=1))
    def confirm(self, at: int, ticked: set[int]) -> None:
        desk = self.desks[at]
        basket = self.baskets.get(desk.kiosk)
        if basket is None:
            return
        rows = tuple(sorted(self._rows(ticked)))
        vouched = seen_to(basket, rows)
        wish = Confirming(basket.hand_over_id, rows, (), None, str(uuid.uuid4()), **vouched)
        fits = ticked <= self.model.hands.get(desk.kiosk, set())
        try:
            receipt = self.counter.confirm(desk, wish)
        except Conflict:
            assert not fits
            return
        assert fits
        self.model.confirm(desk, ticked)
        self.receipts.append((desk, wish, receipt))
        assert receipt.released == len(ticked)

    @rule(at=_AT)
    def give_up(self, at: int) -> None:
        desk = self.desks[at]
        if desk.kiosk not in self.model.hands:
            return
        id_ = self.baskets[desk.kiosk].hand_over_id
        self.counter.give_up(desk, id_, GiveUpReason.CLERK)
        self.model.confirm(desk, set())

    @rule(at=_AT, one=_WHICH)
    def hold(self, at: int, one: int) -> None:
        desk = self.desks[at]
        if desk.kiosk not in self.baskets:
            return
        fits = one in self.model.hands.get(desk.kiosk, set())
        wish = Holding(self.ids[one], HoldReason.NOT_FOUND)
        try:
            self.counter.hold(desk, self.baskets[desk.kiosk].hand_over_id, wish)
        except Conflict:
            assert not fits
            return
        assert fits
        self.model.hold(desk, one)

    @rule(one=_WHICH)
    def undo(self, one: int) -> None:
        wish = Undoing(self.ids[one], "見本の取消し", str(uuid.uuid4()))
        try:
            self.counter.undo(Desk(self.desks[0].kiosk, SUPERVISOR), wish)
        except NotReleased:
            assert not self.model.undo(one)
            return
        assert self.model.undo(one)

    @rule(which=st.integers(0, 3))
    def confirm_again(self, which: int) -> None:
        """The same request once more, whatever came after it: the same receipt, and no act."""
        if which < len(self.receipts):
            desk, wish, receipt = self.receipts[-1 - which]
            assert self.counter.confirm(desk, wish) == receipt

    @rule(at=_AT)
    def restart(self, at: int) -> None:
        """After a power cut the window finds in hand what it had."""
        desk = self.desks[at]
        left = self.counter.unfinished(desk)
        found = {row.filing_id for row in left.rows} if left else set()
        assert found == self._rows(self.model.hands.get(desk.kiosk, set()))

    @invariant()
    def the_registry_is_as_the_model_says(self) -> None:
        with self.sessions() as session:
            own = Filing.id.in_(self.ids)
            rows = session.execute(select(Filing.id, Filing.status).where(own)).all()
            live = select(Hold.filing_id).where(Hold.filing_id.in_(self.ids))
            held = set(session.scalars(live.where(Hold.lifted_at.is_(None))))
        in_hand = set().union(*self.model.hands.values())
        expected = {
            FilingStatus.READY: self.model.ready,
            FilingStatus.RELEASED: self.model.out,
            FilingStatus.HANDING: in_hand,
        }
        for status, which in expected.items():
            assert {id_ for id_, now in rows if now is status} == self._rows(which)
        assert held == self._rows(self.model.held)

    def teardown(self) -> None:
        always(self.sessions)

    def _rows(self, which: set[int]) -> set[int]:
        return {self.ids[one] for one in which}


def walk(sessions: Sessions, examples: int) -> None:
    """So many walks on one furnished registry; raises AssertionError with the shortest one."""

    class OnThis(Verbs):
        pass

    OnThis.sessions = sessions
    chosen = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(OnThis, settings=chosen)  # type: ignore[no-untyped-call]
