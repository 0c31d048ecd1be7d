"""Turning to something else at a counter: the list of holds, a typed key, a covered screen."""

import uuid

from kiosk.state import (
    COVERABLE,
    RESTING,
    Hidden,
    HoldList,
    TypingKey,
)
from kiosk.station import Station
from kiosk.words import BUSY, sentence_for
from shared.domain import Source
from verifier.acts import NoSuchHold, Presenting, TypedReason
from verifier.acts import TypingKey as Typed
from verifier.desk_acts import TakingUp


def list_holds(station: Station) -> None:
    """F3: what is kept back at this office."""
    with station.acting() as desk:
        if not isinstance(station.scene.state, RESTING):
            station.say(BUSY)
            return
        station.scene.put(HoldList(station.counter.holds(desk)))


def take_up(station: Station, filing_id: int) -> None:
    """Open the basket of a held bundle from the list."""
    with station.acting() as desk:
        state = station.scene.state
        if not isinstance(state, HoldList):
            return
        if filing_id not in {held.filing_id for held in state.held}:
            station.scene.put(HoldList(station.counter.holds(desk), sentence_for(NoSuchHold())))
            return
        taking = TakingUp(str(uuid.uuid4()), filing_id)
        showing = Presenting(taking.id, "", Source.TYPED)
        station.present(desk, showing, lambda: station.counter.take_up(desk, taking))


def begin_typing(station: Station) -> None:
    """F2: the sheet cannot be read."""
    with station.acts:
        if isinstance(station.scene.state, RESTING):
            station.scene.put(TypingKey())
        else:
            station.say(BUSY)


def ask_again(station: Station, asked: TypingKey) -> None:
    """The key or its reason is missing or mistyped: nobody was asked yet."""
    with station.acts:
        if isinstance(station.scene.state, TypingKey):
            station.scene.put(asked)


def take_typed_key(station: Station, key: str, reason: TypedReason) -> None:
    """Judge the sheet a typed search key stands for."""
    with station.acting() as desk:
        if not isinstance(station.scene.state, TypingKey):
            station.say(BUSY)
            return
        typed = Typed(str(uuid.uuid4()), key, reason)
        showing = Presenting(typed.id, key, Source.TYPED)
        station.present(desk, showing, lambda: station.counter.present_typed_key(desk, typed))


def cover(station: Station) -> None:
    """F10: nobody shall read what stands here."""
    with station.acts:
        state = station.scene.state
        if isinstance(state, COVERABLE):
            station.scene.cover(Hidden(state))


def uncover(station: Station) -> None:
    """Somebody is back: show it again."""
    with station.acting():
        state = station.scene.state
        if isinstance(state, Hidden):
            station.scene.put(state.before)
