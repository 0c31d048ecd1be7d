"""計画: a window goes on by itself while its registry is away for hours, and comes back from it.

Only somebody in charge switches to a plan, and everybody signs in anew on it and after it: the
plan's own journal says who worked. Back at the registry, nothing is judged before it has that
journal.
"""

import logging

from kiosk.scene import Plan
from kiosk.state import OutOfOrder, SignedOut, Trouble, is_open
from kiosk.station import Station
from verifier.acts import Conflict, RegistryLost, SignInRefused
from verifier.client.plans import Plans
from verifier.counter import LOST
from verifier.dayplan.envelope import Head, InvalidPlan
from verifier.dayplan.local import PlanCounter

_log = logging.getLogger(__name__)

BEGUN = "計画に切り替えました。担当者はサインインしてください。"
ENDED = "登録簿に戻りました。計画での受け渡しは登録簿に送りました。サインインしてください。"


def furnish(station: Station, plans: Plans) -> None:
    """Give a window its plans; after a restart it goes on where it was."""
    with station.acts:
        station.plans = plans
        counter = plans.at_work()
        if counter is not None:
            _work_on(station, counter)
        elif plans.owes:
            station.stop(RegistryLost("the journal of a plan is to be returned first"))


def fetch(station: Station) -> None:
    """Take the registry's newest plan. Raises RegistryLost, NotPermitted."""
    if station.plans is None or is_on_plan(station):
        return
    try:
        head = station.plans.fetch()
    except (InvalidPlan, OSError) as error:
        _log.error("the day plan is not taken: %s", error)
    else:
        if head is not None:
            _log.info("day plan %d until %s", head.number, head.expires_at.isoformat())


def offered(station: Station) -> Head | None:
    """The plan this window may be switched to now: only while its registry is lost."""
    state = station.scene.state
    lost = isinstance(state, OutOfOrder) and state.trouble is Trouble.REGISTRY
    if not lost or station.plans is None or station.plans.owes or is_on_plan(station):
        return None
    return station.plans.offered()


def begin(station: Station, number: str, pin: str) -> SignInRefused | None:
    """Switch to the plan, by the PIN of somebody in charge; None when it is done."""
    with station.acts:
        plans = station.plans
        if plans is None or offered(station) is None:
            return SignInRefused()
        try:
            answer = plans.begin(number, pin)
        except LOST as error:
            _log.error("the day plan cannot be begun: %s", type(error).__name__)
            return SignInRefused()
        if isinstance(answer, SignInRefused):
            return answer
        _log.warning("the window works on day plan %d", answer.head.number)
        _work_on(station, answer)
        station.last_clerk = None
        station.scene.sit(None)
        station.scene.put(SignedOut(BEGUN))
        return None


def is_on_plan(station: Station) -> bool:
    """The window works on a plan."""
    return station.counter is not station.registry


def probe(station: Station) -> None:
    """See whether the registry is back. May take seconds, so nobody's act waits for it."""
    if is_on_plan(station):
        try:
            station.registry.registry_time()
        except LOST:
            station.registry_is_back = False
        else:
            station.registry_is_back = True


def look_after(station: Station) -> None:
    """Go back to the registry when it answers and nothing is open; stop when the time is over."""
    plans, counter = station.plans, station.counter
    if plans is None or not isinstance(counter, PlanCounter):
        return
    try:
        is_over = plans.end_if_over()
        is_ended = not is_over and station.registry_is_back and not is_open(station.scene.state)
        if is_ended:
            plans.close()
    except OSError as error:
        _log.error("the day plan cannot be put away: %s", error.strerror)
        station.stop(error)
        return
    if not is_over and not is_ended:
        _show(station, counter, is_back=station.registry_is_back)
        return
    _log.warning("the day plan is over")
    _leave(station)
    station.stop(RegistryLost("the journal of the plan is to be returned first"))
    if is_ended:
        settle(station)


def settle(station: Station) -> bool:
    """Return the journal of a plan that is over; False: nothing is judged here before that."""
    plans = station.plans
    if plans is None:
        return True
    plans.end_if_over()
    if not plans.owes:
        return True
    try:
        plans.give_back()
    except LOST:
        return False
    except OSError as error:
        _log.error("the journal of the plan cannot be put away: %s", error.strerror)
        return False
    except Conflict as error:
        _log.error("the registry does not take the journal of the plan: %s", type(error).__name__)
        _refuse(station)
        return False
    station.refresh()  # first: the page of the sign-in, once drawn, must know that it answers
    station.scene.sit(None)
    station.scene.put(SignedOut(ENDED))
    return True


def _refuse(station: Station) -> None:
    state = station.scene.state
    if isinstance(state, OutOfOrder) and state.trouble is not Trouble.PLAN:
        station.scene.revise(OutOfOrder(Trouble.PLAN))


def _work_on(station: Station, counter: PlanCounter) -> None:
    station.counter, station.registry_is_back = counter, False
    _show(station, counter, is_back=False)
    station.refresh()


def _show(station: Station, counter: PlanCounter, *, is_back: bool) -> None:
    head = counter.head
    station.scene.work_on(Plan(head.number, head.expires_at, counter.left, head.is_drill, is_back))


def _leave(station: Station) -> None:
    station.counter = station.registry
    station.scene.work_on(None)
    station.last_clerk = None
