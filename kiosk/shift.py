"""Who works at the window: sign-in, change of clerk, pause, the end of the day."""

import uuid
from dataclasses import replace

from kiosk.seat import Seat
from kiosk.state import (
    RESTING,
    CheckingUp,
    Closed,
    Closing,
    Idle,
    InHand,
    Paused,
    SignedOut,
    State,
    TakingOver,
    basket_in,
    is_open,
)
from kiosk.station import Station
from kiosk.words import BUSY, sentence_for
from shared.texts import Language
from verifier.acts import Conflict, Desk, SignedIn, SignInRefused
from verifier.counter import LOST


def sign_in(station: Station, number: str, pin: str) -> Seat | SignInRefused:
    """Let a person work here; what was left in hand is opened again, a pause goes on."""
    with station.acts:
        try:
            answer = station.counter.sign_in(station.kiosk, number, pin, str(uuid.uuid4()))
        except LOST as error:
            station.stop(error)
            return SignInRefused()
        if not isinstance(answer, SignedIn):
            return answer
        seat = Seat(answer)
        _sit(station, seat)
        return seat


def sign_out(station: Station, notice: str | None = None) -> bool:
    """Leave the counter; refused (False) while something is open on it."""
    with station.acts:
        if is_open(station.scene.state):
            station.say(BUSY)
            return False
        if station.scene.snapshot().seat is not None:
            _leave(station, notice)
        return True


def speak(station: Station, language: Language) -> None:
    """Speak to the clerk who is signed in in this language."""
    with station.acts:
        seat = station.scene.snapshot().seat
        if seat is not None and seat.language is not language:
            station.scene.sit(replace(seat, language=language))


def take_over(station: Station) -> None:
    """引継ぎを受けた: the day goes on."""
    with station.acting() as desk:
        if isinstance(station.scene.state, TakingOver):
            station.counter.take_over(desk)
            station.scene.put(Idle())


def pause(station: Station) -> None:
    """Shut the window for a while."""
    with station.acting() as desk:
        if not isinstance(station.scene.state, RESTING):
            station.say(BUSY)
            return
        station.counter.pause(desk)
        station.scene.put(Paused())


def reopen(station: Station) -> None:
    """Open a paused window again."""
    with station.acting() as desk:
        if isinstance(station.scene.state, Paused):
            station.counter.reopen(desk)
            station.scene.put(Idle())


def look_at_the_day(station: Station) -> None:
    """Show the day's numbers before it is closed."""
    with station.acting() as desk:
        if not isinstance(station.scene.state, RESTING):
            station.say(BUSY)
            return
        station.scene.put(Closing(station.counter.day(desk), str(uuid.uuid4())))


def close_day(station: Station, key: str) -> None:
    """業務終了: the numbers go into the journal. Pressed twice it is one act."""
    with station.acting() as desk:
        state = station.scene.state
        if not isinstance(state, Closing) or state.idempotency_key != key:
            return
        try:
            report = station.counter.close_day(desk, key)
        except Conflict as conflict:
            station.scene.put(Idle(sentence_for(conflict)))
        else:
            station.scene.put(Closed(report))


def keep_open(station: Station) -> None:
    """The day is not over after all."""
    with station.acts:
        if isinstance(station.scene.state, Closing):
            station.scene.put(Idle())


def end_check(station: Station) -> None:
    """Go on from the morning check, whatever is still away."""
    with station.acts:
        if isinstance(station.scene.state, CheckingUp):
            station.scene.put(SignedOut())


def go_on(station: Station, desk: Desk, resting: State, carried: InHand | None) -> None:
    """Where this window stood by the registry's word: in a pause, with a basket, or `resting`."""
    facts = station.scene.snapshot().facts
    if carried is None and facts is not None and facts.paused:
        station.scene.put(Paused())
    else:
        station.reopen(desk, resting, carried)


def _sit(station: Station, seat: Seat) -> None:
    carried = basket_in(station.scene.state)
    same_person = seat.clerk.number == station.last_clerk
    if not isinstance(station.scene.state, SignedOut):
        station.scene.put(SignedOut())  # another browser had this window until now
    station.last, station.last_clerk = None, seat.clerk.number
    station.scene.sit(seat)
    station.refresh()
    with station.acting() as desk:
        held = () if same_person else station.counter.holds(desk)
        go_on(station, desk, TakingOver(held) if held else Idle(), carried)


def _leave(station: Station, notice: str | None) -> None:
    station.last = None
    station.scene.sit(None)
    station.scene.put(SignedOut(notice))
