"""What leaves the screen by itself, and when; nothing is ever released by waiting."""

import threading
from dataclasses import replace

from kiosk import hands
from kiosk.state import Done, Enrolling, HandingOver, OutOfOrder, Refused
from kiosk.station import Station
from verifier.acts import GiveUpReason

RETRY_SECONDS = 3.0
"""Between two attempts to reach a registry that did not answer."""


def pass_time(station: Station) -> None:
    """Let what has been on the screen for long enough go; called once a second."""
    state, idle, settings = station.stage.state, station.stage.untouched_for(), station.settings
    match state:
        case Done() if idle > settings.done_seconds:
            station.next()
        case Refused() if idle > settings.refusal_seconds:
            station.next()
        case Enrolling() if idle > settings.cancel_seconds:
            station.drop(state)
        case HandingOver() if idle > settings.cancel_seconds:
            hands.give_up(station, GiveUpReason.TIMEOUT)
        case HandingOver(hidden=False) if idle > settings.hide_seconds:
            station.stage.cover(replace(state, hidden=True))
        case OutOfOrder() if idle > RETRY_SECONDS:
            station.try_again()


def keep_passing(station: Station, stop: threading.Event) -> None:
    """Run `pass_time` once a second until told to stop."""
    while not stop.wait(1.0):
        pass_time(station)
