"""The clerk's acts on an open basket: tick, look again, confirm, give up."""

import uuid
from dataclasses import replace

from kiosk.state import Choice, Confirming, Done, HandedOver, Idle, InHand, Showing, State
from kiosk.station import Station
from kiosk.words import PAPER_RULES, sentence_for
from shared.db.tables import PaperRule
from shared.domain import Purpose
from verifier.acts import Basket, Conflict, Desk, GiveUpReason, Receipt
from verifier.acts import Confirming as Wish
from verifier.decision.reasons import Notice
from verifier.decision.verdict import Accepted

FIRST_LOOK = 0.5
"""Seconds in which a second press cannot confirm: the hand that opened the panel may still be on
its way."""
NOT_HANDED_OVER = "中止しました。どの車両も渡していない記録にしました。"
TIMED_OUT = "操作がないまま時間が過ぎたため、受け渡しを中止しました（時間切れ）。"


class Overtaken(Exception):
    """What the browser acted on is no longer what is on the counter: show it afresh."""


def checks(state: InHand) -> tuple[tuple[str, str], ...]:
    """(name, sentence) of what must be looked at before anything in this basket is released."""
    asked = []
    if state.basket.purpose is Purpose.INDIVIDUAL:
        asked += [
            (f"paper-{number}", f"{paper.name}{_rule(paper.rule)}を確かめた")
            for number, paper in enumerate(state.basket.rows[0].papers)
        ]
    if Notice.STEP_UP in notices(state.showing):
        asked.append(("identity", "受け取る方の身分証を確かめた"))
    return tuple(asked)


def notices(showing: Showing | None) -> tuple[Notice, ...]:
    """What is said beside an accepted sheet."""
    verdict = showing.answer.verdict if showing else None
    return verdict.notices if isinstance(verdict, Accepted) else ()


def choose(station: Station, hand_over_id: str, choice: Choice) -> None:
    """Keep what the clerk has ticked, so that a reload shows it. Raises Overtaken."""
    with station.acting():
        state = _in_hand(station.scene.state, hand_over_id)
        station.scene.revise(replace(state, choice=_possible(state, choice), problems=()))


def ask(station: Station, hand_over_id: str, choice: Choice) -> None:
    """Go to the second look, or say what is missing. Raises Overtaken."""
    with station.acting():
        state = _in_hand(station.scene.state, hand_over_id)
        chosen = replace(state, choice=_possible(state, choice), notice=None)
        if problems := _problems(chosen):
            station.scene.put(replace(chosen, problems=problems))
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


def give_up(station: Station, reason: GiveUpReason = GiveUpReason.CLERK) -> None:
    """渡していない: everything in this basket is ready again."""
    with station.acting() as desk:
        state = station.scene.state
        held = state.before if isinstance(state, Confirming) else state
        if not isinstance(held, InHand):
            return
        try:
            station.counter.give_up(desk, held.basket.hand_over_id, reason)
        except Conflict as conflict:
            station.reopen(desk, sentence_for(conflict))
        else:
            timed_out = reason is GiveUpReason.TIMEOUT
            station.scene.put(Idle(TIMED_OUT if timed_out else NOT_HANDED_OVER))


def _record(station: Station, desk: Desk, state: Confirming) -> None:
    basket, choice = state.before.basket, state.before.choice
    collector = choice.collector or None
    released = tuple(sorted(choice.released))
    wish = Wish(basket.hand_over_id, released, choice.held, collector, state.idempotency_key)
    try:
        receipt = station.counter.confirm(desk, wish)
    except Conflict as conflict:
        station.reopen(desk, sentence_for(conflict))
        raise Overtaken from conflict
    station.last = _handed_over(station, basket, choice, receipt)
    done = Done(receipt.at, handed=station.last, purpose=basket.purpose)
    station.scene.put(done, station.timings.done)


def _handed_over(station: Station, basket: Basket, choice: Choice, receipt: Receipt) -> HandedOver:
    seat = station.scene.snapshot().seat
    return HandedOver(
        receipt=receipt,
        hand_over_id=basket.hand_over_id,
        rows=tuple(row for row in basket.rows if row.filing_id in choice.released),
        receiver_name=basket.receiver_name,
        procedure=basket.procedure,
        then=basket.then,
        collector=choice.collector or None,
        clerk=seat.clerk.name if seat else "",
    )


def _is_recorded(station: Station, hand_over_id: str) -> bool:
    last = station.last
    return last is not None and last.hand_over_id == hand_over_id


def _in_hand(state: State, hand_over_id: str) -> InHand:
    if not isinstance(state, InHand) or state.basket.hand_over_id != hand_over_id:
        raise Overtaken
    return state


def _possible(state: InHand, choice: Choice) -> Choice:
    """Only rows of this basket; a ticked row is not kept back as well."""
    rows = {row.filing_id for row in state.basket.rows}
    held = tuple(
        h for h in choice.held if h.filing_id in rows and h.filing_id not in choice.released
    )
    return replace(choice, released=choice.released & rows, held=held)


def _problems(state: InHand) -> tuple[str, ...]:
    choice = state.choice
    if not choice.released and not choice.held:
        return ("渡す車両に印を付けるか、保留の理由を選んでください。",)
    if not choice.released:
        return ()
    missing = [text for name, text in checks(state) if name not in choice.checked]
    return tuple(f"「{text}」に印を付けてください。" for text in missing)


def _rule(rule: PaperRule) -> str:
    note = PAPER_RULES[rule]
    return f"（{note}）" if note else ""
