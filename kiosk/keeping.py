"""Turning to something else at a counter: the list of holds, a typed key, a covered screen."""

import uuid
from dataclasses import replace

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
from shared.search_key import parse
from verifier.acts import NoSuchHold, Presenting, TypedReason
from verifier.acts import TypingKey as Typed
from verifier.desk_acts import TakingUp

NOT_AS_PRINTED = "読み取った検索キーを直したときは、ほかの理由を選んでください"


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
    """F2: the sheet cannot be read. A key that was read off it is filled in, to be confirmed."""
    with station.acts:
        if isinstance(station.scene.state, RESTING):
            key = station.offered.text
            reason = TypedReason.READ_FROM_PRINT.value if key else ""
            station.scene.put(TypingKey(key, reason, offered=key))
        else:
            station.say(BUSY)


def ask_again(station: Station, asked: TypingKey) -> None:
    """The key or its reason is missing or mistyped: nobody was asked yet."""
    with station.acts:
        state = station.scene.state
        if isinstance(state, TypingKey):
            station.scene.put(replace(asked, offered=state.offered))


def take_typed_key(station: Station, key: str, reason: TypedReason) -> None:
    """Judge the sheet a typed search key stands for."""
    with station.acting() as desk:
        state = station.scene.state
        if not isinstance(state, TypingKey):
            station.say(BUSY)
            return
        if reason is TypedReason.READ_FROM_PRINT and not _is_same(key, state.offered):
            ask_again(station, TypingKey(key, problems=(("reason", NOT_AS_PRINTED),)))
            return
        typed = Typed(str(uuid.uuid4()), key, reason)
        showing = Presenting(typed.id, key, Source.TYPED)
        counter = station.counter
        verb = counter.queue_up if station.draws_numbers else counter.present_typed_key
        station.present(desk, showing, lambda: verb(desk, typed))


def _is_same(key: str, offered: str) -> bool:
    return bool(offered) and parse(key) == parse(offered)


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
