"""One counter at work: codes in, verdicts and hand-overs out, one act at a time.

The judgement is the Counter's; this keeps what the screen shows and what the clerk has ticked.
Usable without any device: `take` is what every source calls. What the clerk does besides stands in
modules of its own: `handing`, `enrolling`, `keeping`, `shift`, `covering`.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import RLock

from kiosk.checkup import look_around
from kiosk.comparing import compare
from kiosk.offered_key import OfferedKey
from kiosk.scene import Scene
from kiosk.settings import Timings
from kiosk.state import (
    OPEN,
    RESTING,
    CheckingUp,
    Confirming,
    Enrolling,
    HandedOver,
    HoldList,
    Idle,
    InHand,
    Judging,
    Numbered,
    OutOfOrder,
    Paused,
    QueueList,
    Refused,
    Showing,
    State,
    Trouble,
    TypingKey,
    basket_in,
    is_open,
    under,
)
from kiosk.words import BUSY, sentence_for
from shared.db.tables import Compared
from shared.domain import Source
from shared.payload import looks_like_ours
from verifier.acts import (
    Conflict,
    Desk,
    HandOverOpen,
    NotOnPlan,
    NotPermitted,
    Presented,
    Presenting,
    SheetInHand,
)
from verifier.client.plans import Plans
from verifier.counter import LOST, Counter
from verifier.decision.verdict import Accepted
from verifier.seals import SealSeen

_log = logging.getLogger(__name__)

LEFT_OPEN = (
    "前回の途中で残った受け渡しです。渡したものだけに印を付けて確定するか、中止してください。"
)
_LISTENING = (*OPEN, *RESTING, TypingKey, HoldList, QueueList)
"""Screens on which a code that is read means something."""


class NotSignedIn(Exception):
    """The act needs a clerk."""


class Station:
    """What a counter can be asked to do. Safe to share between threads."""

    def __init__(
        self,
        counter: Counter,
        kiosk: str,
        timings: Timings | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        devices: tuple[str, ...] = (),
        look: Callable[[str], SealSeen] | None = None,
    ) -> None:
        """`look`: what is said of a sheet while the registry is lost; None: nothing."""
        self.counter = counter
        self.kiosk = kiosk
        self.timings = timings or Timings()
        self.scene = Scene(monotonic)
        self._look = look
        self.devices = devices
        """The devices that belong to this window, by name: the morning check looks for them."""
        self.registry = counter
        """The registry itself, also while the window works on a plan."""
        self.registry_is_back = False
        """It answers although the window still works on a plan."""
        self.plans: Plans | None = None
        """Day plans; only of a window whose registry is elsewhere."""
        self.offered = OfferedKey(monotonic)
        """A search key read off the paper of a sheet whose code cannot be read."""
        self.last: HandedOver | None = None
        """What this window handed over last, until the next sign-in."""
        self.last_clerk: str | None = None
        """Who worked here last: the next person takes over what is kept back."""
        self.acts = RLock()
        """Held for one act at a time."""
        self._asked_at = float("-inf")
        self.refresh()
        if isinstance(self.scene.state, CheckingUp):
            look_around(self.scene, devices)

    @contextmanager
    def acting(self) -> Iterator[Desk]:
        """One act at a time, by the person who is signed in; trouble ends out of order."""
        with self.acts:
            seat = self.scene.snapshot().seat
            if seat is None:
                raise NotSignedIn
            try:
                yield Desk(self.kiosk, seat.clerk.number)
            except NotOnPlan as waits:
                self._put_off(sentence_for(waits))
            except LOST as error:
                self.stop(error)
            else:
                self.refresh()

    def _put_off(self, notice: str) -> None:
        """What was asked waits for the registry; what is open stays open."""
        if isinstance(self.scene.state, RESTING):
            self.scene.put(Idle(notice))
        else:
            self.say(notice)

    def take(self, text: str, source: Source) -> None:
        """A code was read. While a basket is open it may be a paper taken in exchange."""
        with self.acts:
            if not self.is_attended:
                return
            state = self.scene.state
            if isinstance(state, OutOfOrder):
                self._look_at_seal(state, text)
                return
            with self.acting() as desk:
                self._take(desk, text, source)

    def present(self, desk: Desk, showing: Presenting, ask: Callable[[], Presented]) -> None:
        """Ask for a verdict and show it."""
        began = self.scene.monotonic()
        self.offered.withdraw()
        self.scene.put(Judging())
        try:
            answer = ask()
        except HandOverOpen:
            self.reopen(desk, Idle())
        except Conflict as conflict:
            self.scene.put(Idle(sentence_for(conflict)))
        else:
            _log_line(showing, answer, self.scene.monotonic() - began)
            self._show(Showing(showing.text, showing.source, answer))
        finally:
            if isinstance(self.scene.state, Judging):
                self.scene.put(Idle())

    def resume(self) -> None:
        """Take up the vehicles that were kept back under the sheet that was just refused."""
        with self.acting() as desk:
            state = self.scene.state
            if not isinstance(state, Refused) or not state.showing.can_resume:
                return
            before = state.showing
            showing = Presenting(str(uuid.uuid4()), before.text, before.source)
            self.present(desk, showing, lambda: self.counter.resume(desk, showing))

    def next(self) -> None:
        """Wait for the next sheet; what was begun is not left this way."""
        with self.acts:
            if isinstance(self.scene.state, (*RESTING, TypingKey, HoldList, QueueList)):
                self.scene.put(Idle())

    def reopen(self, desk: Desk, resting: State, carried: InHand | None = None) -> None:
        """Show what this counter has in hand by the registry's word; if nothing, `resting`.

        The ticks of a basket that was on the screen before are kept when it is still the same.
        """
        basket = self.counter.unfinished(desk)
        notice = getattr(resting, "notice", None)
        if basket is None:
            self.scene.put(resting)
        elif carried is not None and carried.basket.hand_over_id == basket.hand_over_id:
            self.scene.put(replace(carried, basket=basket, problems=(), notice=notice))
        else:
            self.scene.put(InHand(basket, None, notice=notice or LEFT_OPEN))

    def tell(self, notice: str) -> None:
        """Put a sentence on the screen that waits for a sheet."""
        with self.acts:
            if isinstance(self.scene.state, Idle):
                self.scene.put(Idle(notice))

    @property
    def is_attended(self) -> bool:
        """Somebody is at work here, so codes are looked at."""
        snapshot = self.scene.snapshot()
        looks = self._look is not None and getattr(snapshot.state, "trouble", None)
        listens = isinstance(snapshot.state, _LISTENING) or looks is Trouble.REGISTRY
        return snapshot.seat is not None and listens

    @property
    def is_free(self) -> bool:
        """Nothing is open or under way: the next sheet may come."""
        return self.is_attended and isinstance(self.scene.state, RESTING)

    @property
    def is_paused(self) -> bool:
        """The window is shut: no picture is shown or looked at."""
        return isinstance(self.scene.state, Paused)

    @property
    def draws_numbers(self) -> bool:
        """混雑時の受付: what is read gets a number."""
        facts = self.scene.snapshot().facts
        return facts is not None and facts.rush is not None and facts.rush.is_on

    def say(self, notice: str) -> None:
        """Put a sentence on the screen that is open."""
        state = self.scene.state
        if isinstance(state, InHand | Confirming | Enrolling):
            self.scene.revise(replace(state, notice=notice))

    def refresh(self) -> None:
        """Ask the registry for the header strip; no answer ends out of order."""
        with self.acts:
            self._asked_at = self.scene.monotonic()
            try:
                self.scene.count(self.counter.kiosk_facts(self.kiosk))
            except (*LOST, NotPermitted) as error:
                self.stop(error)

    @property
    def asked_ago(self) -> float:
        """Seconds since the registry was last asked for the header strip."""
        return self.scene.monotonic() - self._asked_at

    def stop(self, error: Exception) -> None:
        """Out of order until the registry answers; what is in hand stays in hand."""
        state = self.scene.state
        if not isinstance(state, OutOfOrder):
            _log.error("registry does not answer: %s", type(error).__name__)
            revoked = isinstance(error, NotPermitted)
            trouble = Trouble.REVOKED if revoked else Trouble.REGISTRY
            asked = state if isinstance(state, Confirming) else None
            self.scene.put(OutOfOrder(trouble, basket_in(state), asked))
        self.scene.count(None)

    def _look_at_seal(self, state: OutOfOrder, text: str) -> None:
        """Say what a sheet claims; codes of other systems lie on every bundle and say nothing."""
        if self._look is not None and looks_like_ours(text):
            self.scene.revise(replace(state, seal=self._look(text)))

    def _take(self, desk: Desk, text: str, source: Source) -> None:
        state = self.scene.state
        if isinstance(state, InHand) and not looks_like_ours(text):
            compare(self, desk, text, Compared.SCANNED)
        elif is_open(state):
            self._another_code(desk, text, source)
        else:
            showing = Presenting(str(uuid.uuid4()), text, source)
            verb = self.counter.queue_up if self.draws_numbers else self.counter.present
            self.present(desk, showing, lambda: verb(desk, showing))

    def _another_code(self, desk: Desk, text: str, source: Source) -> None:
        """The sheet in hand may lie there, and so may vehicle certificates with their codes."""
        if text == _text_in_hand(self.scene.state) or not looks_like_ours(text):
            return
        try:
            self.counter.refuse_while_open(desk, text, source)
        except SheetInHand:
            return
        self.say(BUSY)

    def _show(self, showing: Showing) -> None:
        answer = showing.answer
        if answer.basket is not None:
            self.scene.put(InHand(answer.basket, showing))
        elif answer.queued is not None:
            numbered = Numbered(answer.queued, answer.presentation_id)
            self.scene.put(numbered, self.timings.numbered)
        elif isinstance(answer.verdict, Accepted) and answer.claim is not None:
            self.scene.put(Enrolling(showing, answer.claim, str(uuid.uuid4())))
        else:
            self.scene.put(Refused(showing), self.timings.refused)


def _text_in_hand(state: State) -> str | None:
    basket = basket_in(state)
    showing = basket.showing if basket else getattr(under(state), "showing", None)
    return showing.text if isinstance(showing, Showing) else None


def _log_line(showing: Presenting, answer: Presented, seconds: float) -> None:
    """The canonical line of a presentation: no name, no number, no key."""
    verdict = answer.verdict
    accepted = isinstance(verdict, Accepted)
    _log.info(
        "presentation %s source=%s purpose=%s accepted=%s reason=%s ms=%d",
        showing.id, showing.source.value,
        answer.claim.purpose.value if answer.claim else "-",
        "yes" if accepted else "no",
        ",".join(verdict.notices if isinstance(verdict, Accepted) else verdict.reasons) or "-",
        round(seconds * 1000),
    )  # fmt: skip
