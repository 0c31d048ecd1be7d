"""One counter window: what its devices read and its clerk presses becomes acts of the Counter.

The one place where the screen's state changes. Slow work (bcrypt, the registry) is done while the
state says 照合中 and nothing else is accepted, so no two acts of one window overlap.
"""

import logging
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from kiosk import words
from kiosk.settings import KioskSettings
from kiosk.stage import Stage
from kiosk.state import (
    Done,
    Enrolling,
    HandingOver,
    Idle,
    Judging,
    OutOfOrder,
    Refused,
    SignedOut,
    State,
)
from shared.domain import Source
from shared.payload import looks_like_ours
from verifier.acts import (
    Conflict,
    Desk,
    NotPermitted,
    Presented,
    Presenting,
    SignedIn,
    TypedReason,
    TypingKey,
)
from verifier.counter import Counter
from verifier.decision.verdict import Accepted
from verifier.decision.verdict import Refused as RefusedVerdict

_log = logging.getLogger(__name__)
Kind = TypeVar("Kind", bound=State)


class Station:
    """The window's state and everything that may change it. Safe for many threads."""

    def __init__(
        self,
        counter: Counter,
        settings: KioskSettings,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counter = counter
        self.settings = settings
        self.stage = Stage(monotonic)
        self.clerk: SignedIn | None = None
        self.token = ""
        """Names the browser the clerk signed in with; a later sign-in takes over."""

    @property
    def desk(self) -> Desk:
        """Who acts, and where. Raises NotPermitted while nobody is signed in."""
        if self.clerk is None:
            raise NotPermitted
        return Desk(self.settings.kiosk, self.clerk.number)

    def sign_in(self, number: str, pin: str) -> bool:
        """Let a clerk in; what was left in hand is opened again."""
        answer = self.counter.sign_in(self.settings.kiosk, number.strip(), pin)
        if not isinstance(answer, SignedIn):
            with self.stage.lock:
                if isinstance(self.stage.state, SignedOut):
                    self.stage.show(SignedOut(answer))
            return False
        with self.stage.lock:
            self.clerk, self.token = answer, secrets.token_urlsafe(16)
            if isinstance(self.stage.state, SignedOut):
                self.stage.show(self._where_we_were())
        return True

    def sign_out(self) -> None:
        """End a clerk's turn; an open basket waits for whoever signs in next."""
        with self.stage.lock:
            if not isinstance(self.stage.state, Judging):
                self.clerk, self.token = None, ""
                self.stage.show(SignedOut())

    def listens(self) -> bool:
        """Whether a sheet shown now would be judged."""
        return isinstance(self.stage.state, Idle | Done | Refused)

    def take(self, text: str, source: Source) -> None:
        """A device read this text: judge it, or say that something else is open."""
        shown = Presenting(str(uuid.uuid4()), text, source)
        if self.begin(Idle, Done, Refused) is None:
            self._refuse_while_open(shown)
            return
        self._judge(shown, lambda: self.counter.present(self.desk, shown))

    def type_key(self, key: str, reason: TypedReason) -> None:
        """The clerk typed a search key."""
        if self.begin(Idle, Done, Refused) is None:
            return
        shown = Presenting(str(uuid.uuid4()), key, Source.TYPED)
        typing = TypingKey(shown.id, key, reason)
        self._judge(shown, lambda: self.counter.present_typed_key(self.desk, typing))

    def resume(self) -> None:
        """Take up the vehicles kept back that a refused sheet speaks of."""
        state = self.begin(Refused)
        if state is not None:
            shown = replace(state.shown, id=str(uuid.uuid4()))
            self._judge(shown, lambda: self.counter.resume(self.desk, shown))

    def next(self) -> None:
        """次の読み取りへ."""
        with self.stage.lock:
            if self.listens():
                self.stage.show(Idle())

    def note(self, sentence: str) -> None:
        """Say something to the clerk while nothing is open."""
        with self.stage.lock:
            if self.listens():
                self.stage.show(Idle(sentence))

    def drop(self, state: Enrolling) -> None:
        """Take evidence that nobody looked at any more off the screen; nothing has changed."""
        with self.stage.lock:
            if self.stage.state is state:
                self.stage.show(Idle())

    def try_again(self) -> None:
        """Ask a registry that did not answer once more."""
        with self.stage.lock:
            if isinstance(self.stage.state, OutOfOrder):
                self.stage.show(self._where_we_were() if self.clerk else SignedOut())

    def begin(self, *kinds: type[Kind]) -> Kind | None:
        """Claim the stage for one act if it is in one of these states; None otherwise."""
        with self.stage.lock:
            state = self.stage.state
            if not isinstance(state, kinds):
                return None
            self.stage.show(Judging())
            return state

    def finish(self, act: Callable[[], State], otherwise: Callable[[Conflict], State]) -> None:
        """Do the act that was begun and show what it came to; the stage never stays claimed."""
        try:
            self.stage.show(self._outcome(act, otherwise))
        except SQLAlchemyError as error:
            _log.error("the registry does not answer: %s", type(error).__name__)
            self.stage.show(OutOfOrder())
        except BaseException:
            self.stage.show(Idle())
            raise

    def open_again(self) -> State:
        """The basket this window has in hand according to the registry, or waiting."""
        return self._where_we_were()

    def _outcome(self, act: Callable[[], State], otherwise: Callable[[Conflict], State]) -> State:
        try:
            return act()
        except Conflict as conflict:
            return otherwise(conflict)

    def _judge(self, shown: Presenting, ask: Callable[[], Presented]) -> None:
        began = time.perf_counter()

        def act() -> State:
            presented = ask()
            _log_presentation(shown, presented, time.perf_counter() - began)
            return state_of(presented, shown)

        self.finish(act, lambda conflict: self._idle_or_open(words.of_conflict(conflict)))

    def _idle_or_open(self, notice: str) -> State:
        state = self._where_we_were()
        return Idle(notice) if isinstance(state, Idle) else state

    def _where_we_were(self) -> State:
        """After a power cut or a change of clerks: what is still in hand comes first."""
        try:
            basket = self.counter.unfinished(self.desk)
        except SQLAlchemyError as error:
            _log.error("the registry does not answer: %s", type(error).__name__)
            return OutOfOrder()
        if basket is None:
            return Idle()
        return HandingOver(basket, None, str(uuid.uuid4()), problem=words.LEFT_IN_HAND)

    def _refuse_while_open(self, shown: Presenting) -> None:
        """Another sheet while something is open: said and written down, never judged."""
        with self.stage.lock:
            state = self.stage.state
            if not isinstance(state, HandingOver | Enrolling) or not looks_like_ours(shown.text):
                return
            if state.shown_text == shown.text:
                return
            self.stage.show(replace(state, problem=words.BUSY))
        try:
            self.counter.refuse_while_open(self.desk, shown.text, shown.source)
        except (Conflict, SQLAlchemyError) as error:
            _log.error("a sheet shown meanwhile is not in the journal: %s", type(error).__name__)


def state_of(presented: Presented, shown: Presenting) -> State:
    """The screen that follows a judgement."""
    if not isinstance(presented.verdict, Accepted):
        return Refused(presented, shown)
    key = str(uuid.uuid4())
    if presented.basket is not None:
        return HandingOver(presented.basket, presented, key, shown_text=shown.text)
    return Enrolling(presented, shown, key)


def _log_presentation(shown: Presenting, presented: Presented, seconds: float) -> None:
    """One line a presentation: codes and times, never what the sheet says."""
    verdict = presented.verdict
    reason = verdict.reason.value if isinstance(verdict, RefusedVerdict) else "-"
    _log.info(
        "presentation id=%s source=%s purpose=%s accepted=%s reason=%s ms=%d",
        shown.id,
        shown.source,
        presented.claim.purpose if presented.claim else "-",
        "yes" if isinstance(verdict, Accepted) else "no",
        reason,
        round(seconds * 1000),
    )
