"""What a clerk does with an open basket or with evidence on the counter."""

from dataclasses import replace

from kiosk import words
from kiosk.state import Deed, Done, Enrolling, HandingOver, Idle, Refused, State
from kiosk.station import Station
from shared.domain import IdentityPaper, Purpose
from verifier import acts
from verifier.acts import (
    Confirming,
    Conflict,
    DeclineReason,
    Enrolled,
    GiveUpReason,
    HandOverClosed,
    Holding,
    Receipt,
)


def keep_ticks(station: Station, ticks: HandingOver) -> None:
    """Remember what is ticked so far, so that a reload loses nothing."""
    with station.stage.lock:
        state = station.stage.state
        if isinstance(state, HandingOver) and _same(state, ticks):
            station.stage.show(replace(ticks, hidden=False))


def confirm(station: Station, ticks: HandingOver) -> None:
    """Release what is ticked. Raises Conflict; the screen then shows what is true now."""
    state = station.begin(HandingOver)
    if state is None or not _same(state, ticks):
        if state is not None:
            station.stage.show(state)
        raise HandOverClosed
    failed: list[Conflict] = []

    def act() -> State:
        return _done(ticks, station.counter.confirm(station.desk, _confirming(ticks)))

    def otherwise(conflict: Conflict) -> State:
        failed.append(conflict)
        return _after(station, ticks, conflict)

    station.finish(act, otherwise)
    if failed:
        raise failed[0]


def give_up(station: Station, reason: GiveUpReason) -> None:
    """中止: nothing was handed over, everything in hand is ready again."""
    state = station.begin(HandingOver)
    if state is None:
        return
    said = words.TIMED_OUT if reason is GiveUpReason.TIMEOUT else words.GIVEN_UP

    def act() -> State:
        station.counter.give_up(station.desk, state.basket.hand_over_id, reason)
        return Idle(said)

    station.finish(act, lambda conflict: _after(station, state, conflict))


def enrol(station: Station, paper: IdentityPaper) -> None:
    """The evidence matches the sheet: register, or replace the password."""
    state = station.begin(Enrolling)
    if state is None:
        return
    claim = state.presented.claim
    registers = claim is not None and claim.purpose is Purpose.REGISTRATION
    counter = station.counter
    verb = counter.enrol if registers else counter.change_password

    def act() -> State:
        answer = verb(station.desk, _enrolling(state, paper))
        if isinstance(answer, Enrolled):
            deed = Deed.REGISTERED if registers else Deed.PASSWORD_CHANGED
            return Done(deed, enrolled=answer)
        return Refused(answer, state.shown)

    station.finish(act, lambda conflict: Idle(words.of_conflict(conflict)))


def decline(station: Station, reason: DeclineReason) -> None:
    """The evidence does not match: nothing changes."""
    state = station.begin(Enrolling)
    if state is None:
        return

    def act() -> State:
        station.counter.decline(station.desk, state.presented.presentation_id, reason)
        return Idle(words.DECLINED)

    station.finish(act, lambda conflict: Idle(words.of_conflict(conflict)))


def unlock(station: Station, reason: str) -> None:
    """A supervisor has looked: this window judges again."""
    state = station.begin(Refused)
    if state is None:
        return

    def act() -> State:
        station.counter.unlock(station.desk, station.settings.kiosk, reason)
        return Idle(words.UNLOCKED)

    station.finish(act, lambda conflict: Idle(words.of_conflict(conflict)))


def _same(state: HandingOver, ticks: HandingOver) -> bool:
    return state.basket.hand_over_id == ticks.basket.hand_over_id


def _confirming(ticks: HandingOver) -> Confirming:
    return Confirming(
        hand_over_id=ticks.basket.hand_over_id,
        released=tuple(sorted(ticks.ticked)),
        held=tuple(Holding(filing, why) for filing, why in sorted(ticks.held.items())),
        collector=ticks.collector or None,
        idempotency_key=ticks.idempotency_key,
    )


def _enrolling(state: Enrolling, paper: IdentityPaper) -> acts.Enrolling:
    return acts.Enrolling(
        presentation_id=state.presented.presentation_id,
        text=state.shown.text,
        source=state.shown.source,
        paper=paper,
        idempotency_key=state.idempotency_key,
    )


def _done(ticks: HandingOver, receipt: Receipt) -> Done:
    deed = Deed.RELEASED if receipt.released else Deed.HELD
    return Done(deed, receipt, ticks.basket, ticks.ticked, ticks.collector)


def _after(station: Station, before: HandingOver, conflict: Conflict) -> State:
    """What is true now, with the reason why the act was not done."""
    state = station.open_again()
    said = words.of_conflict(conflict)
    if not isinstance(state, HandingOver):
        return Idle(said) if isinstance(state, Idle) else state
    rows = {row.filing_id for row in state.basket.rows}
    return replace(
        before,
        basket=state.basket,
        ticked=before.ticked & rows,
        held={filing: why for filing, why in before.held.items() if filing in rows},
        asking=False,
        problem=said,
    )
