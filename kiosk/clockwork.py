"""What a counter does by itself as time passes: screens that leave, names that hide, recovery."""

import logging
from dataclasses import replace

from kiosk import enrolling, handing
from kiosk.state import OPEN, Confirming, Enrolling, InHand, OutOfOrder, SignedOut
from kiosk.station import NotSignedIn, Station
from verifier.acts import GiveUpReason

_log = logging.getLogger(__name__)

RETRY = 2.0
"""Seconds between two questions to a registry that did not answer."""
REFRESH = 30.0
BACK_AGAIN = "登録簿との接続が戻りました。直前の操作の結果は、読み取り記録で確かめてください。"


def tick(station: Station) -> None:
    """Let time pass; called a few times a second."""
    state = station.scene.state
    if isinstance(state, OutOfOrder):
        if station.asked_ago >= RETRY:
            _recover(station)
        return
    if station.scene.is_over:
        station.next()
    if isinstance(state, OPEN):
        _watch_open(station, state)
    if station.asked_ago >= REFRESH:
        station.refresh()
    station.report()


def _watch_open(station: Station, state: InHand | Confirming | Enrolling) -> None:
    idle, timings = station.scene.untouched_for, station.timings
    if idle >= timings.cancel:
        if isinstance(state, Enrolling):
            enrolling.leave(station, "操作がないまま時間が過ぎたため、受付を中止しました。")
        else:
            handing.give_up(station, GiveUpReason.TIMEOUT)
    elif idle >= timings.hide_names and not state.hidden:
        station.scene.conceal(replace(state, hidden=True))


def uncover(station: Station) -> None:
    """Somebody is back: show the names again."""
    with station.acting():
        state = station.scene.state
        if isinstance(state, OPEN) and state.hidden:
            station.scene.put(replace(state, hidden=False))


def _recover(station: Station) -> None:
    station.refresh()
    if station.scene.snapshot().facts is None:
        return
    _log.info("the registry answers again")
    try:
        with station.acting() as desk:
            station.reopen(desk, BACK_AGAIN)
    except NotSignedIn:
        station.scene.put(SignedOut())
