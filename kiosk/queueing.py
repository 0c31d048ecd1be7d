"""混雑時の受付 at a window: the list of numbers, the next one, calling again, who is absent."""

import uuid
from collections.abc import Callable
from dataclasses import replace

from kiosk.state import RESTING, Idle, InHand, QueueList
from kiosk.station import Station
from kiosk.words import BUSY, sentence_for
from shared.domain import Source
from verifier.acts import Conflict, Desk, Presenting
from verifier.acts.queueing import Calling

_TURNING = (*RESTING, QueueList)
"""Screens from which a number may be called."""


def list_queue(station: Station) -> None:
    """PageUp: who waits, and for how long."""
    with station.acting() as desk:
        if not isinstance(station.scene.state, _TURNING):
            station.say(BUSY)
            return
        station.scene.put(_list(station, desk))


def call(station: Station, ticket_id: int | None = None) -> None:
    """PageDown: open the basket of whose turn it is, or of a number picked from the list."""
    with station.acting() as desk:
        if not isinstance(station.scene.state, _TURNING):
            station.say(BUSY)
            return
        calling = Calling(str(uuid.uuid4()), ticket_id)
        showing = Presenting(calling.id, "", Source.CAMERA)
        station.present(desk, showing, lambda: station.counter.call(desk, calling))


def call_again(station: Station) -> None:
    """Insert: the displays call the number of this basket once more."""
    with station.acting() as desk:
        state = station.scene.state
        if not isinstance(state, InHand) or state.basket.number is None:
            return
        try:
            station.counter.call_again(desk, state.basket.hand_over_id)
        except Conflict as conflict:
            station.reopen(desk, Idle(sentence_for(conflict)))
        else:
            basket = replace(state.basket, calls=state.basket.calls + 1)
            station.scene.revise(replace(state, basket=basket))


def put_back(station: Station, ticket_id: int) -> None:
    """Who was absent is here and waits again."""
    _change(station, lambda desk: station.counter.put_back(desk, ticket_id))


def strike(station: Station, ticket_id: int) -> None:
    """Who waited has left."""
    _change(station, lambda desk: station.counter.strike(desk, ticket_id))


def begin_rush(station: Station) -> None:
    """From now on sheets get a number at this office; who may is the registry's to say."""
    _change(station, station.counter.begin_rush)


def end_rush(station: Station) -> None:
    """Sheets open their basket again."""
    _change(station, station.counter.end_rush)


def _change(station: Station, act: Callable[[Desk], None]) -> None:
    """Change something about the queue, and show the list as it is then."""
    with station.acting() as desk:
        if not isinstance(station.scene.state, QueueList):
            return
        notice = None
        try:
            act(desk)
        except Conflict as conflict:
            notice = sentence_for(conflict)
        station.refresh()
        station.scene.put(_list(station, desk, notice))


def _list(station: Station, desk: Desk, notice: str | None = None) -> QueueList:
    return QueueList(station.counter.queue(desk), notice)
