"""One counter at work: codes in, verdicts and hand-overs out, one act at a time.

The judgement is the Counter's; this keeps what the screen shows and what the clerk has ticked.
Usable without any device: `take` is what every source calls.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import RLock

from sqlalchemy.exc import SQLAlchemyError

from kiosk.reporter import Reporter
from kiosk.scene import Scene
from kiosk.seat import Seat
from kiosk.settings import Timings
from kiosk.state import (
    OPEN,
    Done,
    Enrolling,
    HandedOver,
    Idle,
    InHand,
    Judging,
    OutOfOrder,
    Refused,
    Showing,
    SignedOut,
    State,
)
from kiosk.words import BUSY, sentence_for
from shared.domain import Source
from shared.payload import looks_like_ours
from verifier.acts import (
    Conflict,
    Desk,
    HandOverOpen,
    NotPermitted,
    Presented,
    Presenting,
    SignedIn,
    SignInRefused,
    TypedReason,
    TypingKey,
)
from verifier.counter import Counter
from verifier.decision.verdict import Accepted

_log = logging.getLogger(__name__)

LEFT_OPEN = (
    "前回の途中で残った受け渡しです。渡したものだけに印を付けて確定するか、中止してください。"
)


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
    ) -> None:
        self.counter = counter
        self.kiosk = kiosk
        self.timings = timings or Timings()
        self.scene = Scene(monotonic)
        self.devices = devices
        """The devices that belong to this window, by name."""
        self.last: HandedOver | None = None
        """The newest receipt of this window, printable until the next sign-in."""
        self.acts = RLock()
        """Held for one act at a time."""
        self._asked_at = float("-inf")
        self._reporter = Reporter(counter, kiosk, monotonic)
        self.refresh()

    @contextmanager
    def acting(self) -> Iterator[Desk]:
        """One act at a time, by the person who is signed in; trouble ends out of order."""
        with self.acts:
            seat = self.scene.snapshot().seat
            if seat is None:
                raise NotSignedIn
            try:
                yield Desk(self.kiosk, seat.clerk.number)
            except SQLAlchemyError as error:
                self._stop(error)
            else:
                self.refresh()

    def sign_in(self, number: str, pin: str) -> Seat | SignInRefused:
        """Let a person work here; what was left in hand is opened again."""
        with self.acts:
            try:
                answer = self.counter.sign_in(self.kiosk, number, pin)
            except SQLAlchemyError as error:
                self._stop(error)
                return SignInRefused()
            if not isinstance(answer, SignedIn):
                return answer
            seat = Seat(answer)
            self.last = None
            self.scene.sit(seat)
            with self.acting() as desk:
                self.reopen(desk)
            return seat

    def sign_out(self) -> bool:
        """Leave the counter; refused (False) while something is open on it."""
        with self.acts:
            if isinstance(self.scene.state, OPEN):
                self.say(BUSY)
                return False
            self.last = None
            self.scene.sit(None)
            self.scene.put(SignedOut())
            return True

    def take(self, text: str, source: Source) -> None:
        """A code was read. Refused while a hand-over is open; not looked at when nobody works."""
        if self.scene.snapshot().seat is None or isinstance(self.scene.state, OutOfOrder):
            return
        with self.acting() as desk:
            if isinstance(self.scene.state, OPEN):
                self._another_code(desk, text, source)
            else:
                showing = Presenting(str(uuid.uuid4()), text, source)
                self._judge(showing, lambda: self.counter.present(desk, showing))

    def take_typed_key(self, key: str, reason: TypedReason) -> None:
        """A search key was typed by the clerk."""
        with self.acting() as desk:
            if isinstance(self.scene.state, OPEN):
                self.say(BUSY)
                return
            typing = TypingKey(str(uuid.uuid4()), key, reason)
            showing = Presenting(typing.id, key, Source.TYPED)
            self._judge(showing, lambda: self.counter.present_typed_key(desk, typing))

    def resume(self) -> None:
        """Take up the vehicles that were kept back under the sheet that was just refused."""
        with self.acting() as desk:
            state = self.scene.state
            if not isinstance(state, Refused) or not state.showing.answer.facts.held:
                return
            before = state.showing
            showing = Presenting(str(uuid.uuid4()), before.text, before.source)
            self._judge(showing, lambda: self.counter.resume(desk, showing))

    def next(self) -> None:
        """Wait for the next sheet; an open hand-over is not left this way."""
        with self.acts:
            if not isinstance(self.scene.state, (*OPEN, SignedOut, OutOfOrder)):
                self.scene.put(Idle())

    def reopen(self, desk: Desk, notice: str | None = LEFT_OPEN) -> None:
        """Show what this counter has in hand by the registry's word, or wait for a sheet."""
        basket = self.counter.unfinished(desk)
        if basket is None:
            self.scene.put(Idle(None if notice == LEFT_OPEN else notice))
        else:
            self.scene.put(InHand(basket, None, notice=notice))

    def tell(self, notice: str) -> None:
        """Put a sentence on the screen that waits for a sheet."""
        with self.acts:
            if isinstance(self.scene.state, Idle):
                self.scene.put(Idle(notice))

    @property
    def is_attended(self) -> bool:
        """Somebody is signed in, so codes are looked at."""
        return self.scene.snapshot().seat is not None

    @property
    def is_free(self) -> bool:
        """Nothing is open or under way: the next sheet may come."""
        return isinstance(self.scene.state, (Idle, Done))

    def say(self, notice: str) -> None:
        """Put a sentence on the screen that is open."""
        state = self.scene.state
        if isinstance(state, OPEN):
            self.scene.revise(_with_notice(state, notice))

    def refresh(self) -> None:
        """Ask the registry for the header strip; no answer ends out of order."""
        with self.acts:
            self._asked_at = self.scene.monotonic()
            try:
                self.scene.count(self.counter.kiosk_facts(self.kiosk))
            except (SQLAlchemyError, NotPermitted) as error:
                self._stop(error)

    def report(self) -> None:
        """Tell the registry how the devices are; no answer ends out of order."""
        with self.acts:
            try:
                self._reporter.tell(self.scene.snapshot().lost.values())
            except (SQLAlchemyError, NotPermitted) as error:
                self._stop(error)

    @property
    def asked_ago(self) -> float:
        """Seconds since the registry was last asked for the header strip."""
        return self.scene.monotonic() - self._asked_at

    def _stop(self, error: Exception) -> None:
        if not isinstance(self.scene.state, OutOfOrder):
            _log.error("registry does not answer: %s", type(error).__name__)
            self.scene.put(OutOfOrder(revoked=isinstance(error, NotPermitted)))
        self.scene.count(None)

    def _another_code(self, desk: Desk, text: str, source: Source) -> None:
        """The sheet in hand may lie there, and so may vehicle certificates with their codes."""
        if text == _text_in_hand(self.scene.state) or not looks_like_ours(text):
            return
        self.counter.refuse_while_open(desk, text, source)
        self.say(BUSY)

    def _judge(self, showing: Presenting, ask: Callable[[], Presented]) -> None:
        began = self.scene.monotonic()
        self.scene.put(Judging())
        try:
            answer = ask()
        except HandOverOpen:
            with self.acting() as desk:
                self.reopen(desk)
        except Conflict as conflict:
            self.scene.put(Idle(sentence_for(conflict)))
        else:
            _log_line(showing, answer, self.scene.monotonic() - began)
            self._show(Showing(showing.text, showing.source, answer))
        finally:
            if isinstance(self.scene.state, Judging):
                self.scene.put(Idle())

    def _show(self, showing: Showing) -> None:
        answer = showing.answer
        if answer.basket is not None:
            self.scene.put(InHand(answer.basket, showing))
        elif isinstance(answer.verdict, Accepted) and answer.claim is not None:
            self.scene.put(Enrolling(showing, answer.claim, str(uuid.uuid4())))
        else:
            self.scene.put(Refused(showing), self.timings.refused)


def _with_notice(state: State, notice: str) -> State:
    return replace(state, notice=notice) if isinstance(state, OPEN) else state


def _text_in_hand(state: State) -> str | None:
    showing = getattr(getattr(state, "before", state), "showing", None)
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
