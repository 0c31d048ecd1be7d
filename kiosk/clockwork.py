"""What a counter does by itself as time passes: screens that leave, names that hide, recovery."""

import logging
from dataclasses import replace

from kiosk import enrolling, handing, keeping, planning, shift
from kiosk.checkup import look_around
from kiosk.state import (
    CheckingUp,
    Enrolling,
    Hidden,
    Idle,
    OutOfOrder,
    SignedOut,
    State,
    is_open,
    under,
)
from kiosk.station import Station
from verifier.acts import GiveUpReason

_log = logging.getLogger(__name__)

RETRY = 2.0
"""Seconds between two questions to a registry that did not answer."""
REFRESH = 30.0
REFRESH_IN_RUSH = 3.0
"""Other windows draw and call numbers of the same queue."""
BACK_AGAIN = "登録簿との接続が戻りました。直前の操作の結果は、読み取り記録で確かめてください。"
NOBODY_HERE = "操作がなかったため、サインアウトしました。"


def tick(station: Station) -> None:
    """Let time pass; called a few times a second."""
    with station.acts:
        state = station.scene.state
        if planning.is_on_plan(station) and station.asked_ago >= RETRY:
            planning.look_after(station)
            station.refresh()
            state = station.scene.state
        if isinstance(state, OutOfOrder):
            if station.asked_ago >= RETRY:
                _recover(station, state)
            else:
                _forget_seal(station, state)
            return
        if isinstance(state, CheckingUp):
            look_around(station.scene, station.devices)
        elif is_open(state):
            _watch_open(station, state)
        elif not isinstance(state, SignedOut):
            _watch(station)
        facts = station.scene.snapshot().facts
        if station.asked_ago >= (REFRESH_IN_RUSH if facts and facts.rush else REFRESH):
            station.refresh()


def _watch(station: Station) -> None:
    """Nothing is open: a verdict leaves by itself, and so in the end does the clerk."""
    if station.scene.is_over:
        station.next()
    if station.scene.untouched_for >= station.timings.lock:
        shift.sign_out(station, NOBODY_HERE)


def _watch_open(station: Station, state: State) -> None:
    idle, timings = station.scene.untouched_for, station.timings
    if idle >= timings.cancel:
        if isinstance(under(state), Enrolling):
            enrolling.leave(station, "操作がないまま時間が過ぎたため、受付を中止しました。")
        else:
            handing.give_up(station, GiveUpReason.TIMEOUT)
    elif idle >= timings.hide_names and not isinstance(state, Hidden):
        keeping.cover(station)


def _recover(station: Station, state: OutOfOrder) -> None:
    station.refresh()
    snapshot = station.scene.snapshot()
    if snapshot.facts is None or not planning.settle(station):
        return
    if not isinstance(station.scene.state, OutOfOrder):
        return  # the journal of a plan was returned, and everybody signs in anew
    _log.info("the registry answers again")
    if snapshot.seat is None:
        station.scene.put(SignedOut())
        return
    with station.acting() as desk:
        if state.asked is None or not handing.settle(station, desk, state.asked):
            shift.go_on(station, desk, Idle(BACK_AGAIN), state.before)


def _forget_seal(station: Station, state: OutOfOrder) -> None:
    """The name on a sheet does not stay on the screen for as long as the registry is away."""
    if state.seal is not None and station.scene.untouched_for >= station.timings.hide_names:
        station.scene.revise(replace(state, seal=None))
