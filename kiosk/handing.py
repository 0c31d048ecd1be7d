"""The clerk's acts on an open basket: tick, compare, look again, confirm, give up."""

import uuid
from contextlib import suppress
from dataclasses import dataclass, replace

from kiosk.comparing import compare as compare_paper
from kiosk.obligations import problems, taken, vouched
from kiosk.state import (
    Choice,
    Confirming,
    Done,
    HandedOver,
    Idle,
    InHand,
    State,
    basket_in,
)
from kiosk.station import Station
from kiosk.words import sentence_for
from shared.db.tables import Compared
from verifier.acts import Basket, Conflict, Desk, GiveUpReason, Receipt
from verifier.acts import Confirming as Wish

FIRST_LOOK = 0.5
"""Seconds in which a second press cannot confirm: the hand that opened the panel may still be on
its way."""
NOT_HANDED_OVER = "中止しました。どの車両も渡していない記録にしました。"
ABSENT = "不在として、番号を保留しました。戻られたら、順番待ちの一覧（PageUp）で戻してください。"
TIMED_OUT = "操作がないまま時間が過ぎたため、受け渡しを中止しました（時間切れ）。"


_GIVEN_UP = {GiveUpReason.TIMEOUT: TIMED_OUT, GiveUpReason.ABSENT: ABSENT}


class Overtaken(Exception):
    """What the browser acted on is no longer what is on the counter: show it afresh."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """What a page sends: its ticks, and how many papers it knew to be compared by then."""

    choice: Choice
    known: int = 0


def choose(station: Station, hand_over_id: str, ticks: Ticks) -> None:
    """Keep what the clerk has ticked, so that a reload shows it. Raises Overtaken."""
    with station.acting():
        state = _in_hand(station.scene.state, hand_over_id)
        station.scene.revise(replace(state, choice=_possible(state, ticks), problems=()))


def compare(station: Station, hand_over_id: str, typed: str, looked_for: int | None = None) -> None:
    """Find the vehicle of a paper by what was typed from it. Raises Overtaken."""
    with station.acting() as desk:
        _in_hand(station.scene.state, hand_over_id)
        compare_paper(station, desk, typed, Compared.TYPED, looked_for)


def ask(station: Station, hand_over_id: str, ticks: Ticks) -> None:
    """Go to the second look, or say what is missing. Raises Overtaken."""
    with station.acting():
        state = _in_hand(station.scene.state, hand_over_id)
        chosen = replace(state, choice=_possible(state, ticks), notice=None, heard=None)
        if missing := problems(chosen):
            station.scene.put(replace(chosen, problems=missing))
            return
        opened = station.scene.monotonic()
        chosen = replace(chosen, problems=())
        station.scene.put(Confirming(chosen, str(uuid.uuid4()), opened))


def back(station: Station) -> None:
    """From the second look to the ticks."""
    with station.acting():
        state = station.scene.state
        if isinstance(state, Confirming):
            station.scene.put(state.before)


def confirm(station: Station, hand_over_id: str, released: frozenset[int], key: str) -> None:
    """Record the hand-over. Pressed twice it is one act. Raises Overtaken with nothing recorded."""
    with station.acting() as desk:
        state = station.scene.state
        if _is_recorded(station, hand_over_id):
            return
        if not isinstance(state, Confirming) or state.idempotency_key != key:
            raise Overtaken
        basket, choice = state.before.basket, state.before.choice
        if basket.hand_over_id != hand_over_id or choice.released != released:
            raise Overtaken
        if station.scene.monotonic() - state.opened < FIRST_LOOK:
            return
        _record(station, desk, state)


def settle(station: Station, desk: Desk, asked: Confirming) -> bool:
    """Show what became of a confirmation whose answer was lost; False: nothing was recorded.

    The same key again gives the receipt of an act that was done, and cannot do it twice.
    """
    if station.counter.unfinished(desk) is not None:
        return False
    with suppress(Overtaken):  # the basket was closed in another way: the screen says so
        _record(station, desk, asked)
    return True


def give_up(station: Station, reason: GiveUpReason = GiveUpReason.CLERK) -> None:
    """渡していない: everything in this basket is ready again."""
    with station.acting() as desk:
        held = basket_in(station.scene.state)
        if held is None:
            return
        try:
            station.counter.give_up(desk, held.basket.hand_over_id, reason)
        except Conflict as conflict:
            station.reopen(desk, Idle(sentence_for(conflict)))
        else:
            station.scene.put(Idle(_GIVEN_UP.get(reason, NOT_HANDED_OVER)))


def wish_of(state: Confirming) -> Wish:
    """What the registry is asked on this second look: the same each time, key and all."""
    basket, choice = state.before.basket, state.before.choice
    return Wish(
        basket.hand_over_id,
        tuple(sorted(choice.released)),
        choice.held,
        choice.collector or None,
        state.idempotency_key,
        taken(state.before),
        vouched(state.before),
    )


def _record(station: Station, desk: Desk, state: Confirming) -> None:
    basket, choice = state.before.basket, state.before.choice
    try:
        receipt = station.counter.confirm(desk, wish_of(state))
    except Conflict as conflict:
        station.reopen(desk, Idle(sentence_for(conflict)))
        raise Overtaken from conflict
    station.last = _handed_over(basket, choice, receipt)
    done = Done(receipt.at, handed=station.last, purpose=basket.purpose)
    station.scene.put(done, station.timings.done)


def _handed_over(basket: Basket, choice: Choice, receipt: Receipt) -> HandedOver:
    return HandedOver(
        receipt=receipt,
        hand_over_id=basket.hand_over_id,
        rows=tuple(row for row in basket.rows if row.filing_id in choice.released),
        held=tuple(holding.filing_id for holding in choice.held),
        receiver_name=basket.receiver_name,
        procedure=basket.procedure,
        then=basket.then,
    )


def _is_recorded(station: Station, hand_over_id: str) -> bool:
    last = station.last
    return last is not None and last.hand_over_id == hand_over_id


def _in_hand(state: State, hand_over_id: str) -> InHand:
    if not isinstance(state, InHand) or state.basket.hand_over_id != hand_over_id:
        raise Overtaken
    return state


def _possible(state: InHand, ticks: Ticks) -> Choice:
    """Only rows of this basket; a ticked row is not kept back as well.

    What was compared since the page was drawn is ticked, though the page did not know it.
    """
    choice, compared = ticks.choice, state.choice.compared
    rows = {row.filing_id for row in state.basket.rows}
    released = choice.released | {c.filing_id for c in compared[ticks.known :]}
    held = tuple(h for h in choice.held if h.filing_id in rows - released)
    return replace(choice, released=released & rows, held=held, compared=compared)
