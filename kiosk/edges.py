"""Which screen may follow which: the whole behaviour of a counter on one page.

A move that is not listed is a bug and is refused. Two edges lead away from every screen: somebody
else signs in (SignedOut), and the registry is lost (OutOfOrder). Only Judging has neither: it is
one act, and what interrupts it ends it first.
"""

from kiosk.state import (
    CheckingUp,
    Closed,
    Closing,
    Confirming,
    Done,
    Enrolling,
    Hidden,
    HoldList,
    Idle,
    InHand,
    Judging,
    Numbered,
    OutOfOrder,
    Paused,
    QueueList,
    Refused,
    SignedOut,
    State,
    TakingOver,
    TypingKey,
)

_FROM_REST = {Idle, TypingKey, Judging, HoldList, QueueList, Paused, Closing, Hidden}
_ONWARD: dict[type[State], set[type[State]]] = {
    CheckingUp: set(),
    SignedOut: {Idle, InHand, TakingOver, Paused},
    TakingOver: {Idle, Hidden},
    Idle: _FROM_REST,
    Refused: _FROM_REST,
    Done: _FROM_REST,
    Numbered: _FROM_REST,
    TypingKey: {TypingKey, Idle, Judging, Hidden},
    HoldList: {HoldList, Idle, Judging, Hidden},
    QueueList: {QueueList, Idle, Judging, Hidden},
    Judging: {Idle, InHand, Enrolling, Refused, Numbered},
    InHand: {InHand, Confirming, Idle, Hidden},
    Confirming: {InHand, Done, Idle, Hidden},
    Enrolling: {Enrolling, Done, Refused, Idle, Hidden},
    Hidden: {
        InHand, Confirming, Enrolling, Idle, TypingKey, Refused, Done, Numbered, QueueList,
        HoldList, TakingOver,
    },
    Paused: {Idle},
    Closing: {Idle, Closed},
    Closed: set(),
    OutOfOrder: {Idle, InHand, Paused, Done},
}  # fmt: skip
_FROM_EVERYWHERE = {SignedOut, OutOfOrder}
EDGES = frozenset(
    (here, there)
    for here, onward in _ONWARD.items()
    for there in onward | (set() if here is Judging else _FROM_EVERYWHERE - {here})
)


class NoSuchEdge(Exception):
    """The counter was told to go where it cannot go from here."""


def require_edge(here: State, there: State) -> None:
    """Raise NoSuchEdge unless this screen may follow that one."""
    if (type(here), type(there)) not in EDGES:
        raise NoSuchEdge(f"{type(here).__name__} to {type(there).__name__}")
