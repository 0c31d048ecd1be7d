"""Cookies that somebody copied, planted or kept: what they are worth after each way a session ends.

What the console does when it is signed out of stands in test_console_sign_in.py, what a pass of a
window is worth in test_every_verb.py.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from issuer.visits import IDLE, LONGEST, Visits
from kiosk import shift
from kiosk.state import Idle, SignedOut
from shared.db.tables import Filing, Staff
from shared.domain import FilingStatus, Role
from tests import issuer_world
from tests.acting_world import Browser as AtConsole
from tests.builders import ADMINISTRATOR, CLERK, CONSOLE_PASSWORD, PIN, SUPERVISOR
from tests.issuer_world import NUMBER, START, a_press
from tests.kiosk_world import Clerk, World, make_world

FILING = "/inquiry/filing"
FIRST = "/inquiry/"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[issuer_world.World]:
    world = issuer_world.make_world(tmp_path, a_press())
    yield world
    world.sessions.kw["bind"].dispose()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[World]:
    for made in make_world(tmp_path):
        made.house.receiver()
        made.house.filing()
        yield made


def cookie_of(browser: issuer_world.Browser) -> str:
    cookie = browser.client.get_cookie("portal")
    assert cookie is not None
    return cookie.value


def with_cookie(world: issuer_world.World, value: str) -> issuer_world.Browser:
    """The thief's browser."""
    thief = world.browser()
    thief.client.set_cookie("portal", value)
    return thief


def test_a_cookie_planted_before_the_sign_in_opens_nothing_after_it(
    portal: issuer_world.World,
) -> None:
    attacker = portal.browser()
    drawn = attacker.hidden(FIRST)["csrf_token"]
    planted = cookie_of(attacker)
    victim = with_cookie(portal, planted)
    assert victim.sign_in().status_code == 303
    assert victim.get(FILING).status_code == 200
    assert cookie_of(victim) != planted
    assert with_cookie(portal, planted).get(FILING).location == FIRST
    forged = victim.client.post("/inquiry/leave", data={"csrf_token": drawn})
    assert forged.status_code == 400, "a form's token of before counts no more"
    assert victim.get(FILING).status_code == 200


def test_a_form_token_drawn_before_the_sign_in_at_the_counter_ends_with_it(counter: World) -> None:
    attacker = Clerk(counter.app.test_client())
    drawn = re.search(r'name="csrf_token" value="([^"]+)"', attacker.page())
    planted = attacker.client.get_cookie("kiosk")
    assert drawn is not None
    assert planted is not None
    victim = Clerk(counter.app.test_client())
    victim.client.set_cookie("kiosk", planted.value)
    assert victim.post("/sign-in", {"number": CLERK, "pin": PIN}).status_code == 303
    forged = victim.client.post("/sign-out", data={"csrf_token": drawn[1]})
    assert forged.status_code == 400
    assert isinstance(counter.station.scene.state, Idle)
    assert victim.post("/sign-out").status_code == 303


def test_leaving_ends_a_copied_cookie_too_and_so_does_signing_in_again(
    portal: issuer_world.World,
) -> None:
    owner = portal.browser()
    owner.sign_in()
    copied = cookie_of(owner)
    assert with_cookie(portal, copied).get(FILING).status_code == 200
    owner.sign_in()
    assert with_cookie(portal, copied).get(FILING).location == FIRST
    second = cookie_of(owner)
    owner.send(FILING, {}, to="/inquiry/leave")
    assert with_cookie(portal, second).get(FILING).location == FIRST
    assert owner.get(FILING).location == FIRST


def test_a_sign_in_ends_after_twenty_idle_minutes_and_after_eight_hours_however_busy(
    portal: issuer_world.World,
) -> None:
    owner = portal.browser()
    owner.sign_in()
    portal.clock.move(minutes=19, seconds=59)
    assert owner.get(FILING).status_code == 200
    portal.clock.move(minutes=20)
    assert owner.get(FILING).location == FIRST
    owner.sign_in()
    for _ in range(31):
        portal.clock.move(minutes=15)
        assert owner.get(FILING).status_code == 200
    portal.clock.move(minutes=15)
    assert owner.get(FILING).location == FIRST


def test_the_portal_remembers_so_many_sign_ins_and_forgets_the_quietest() -> None:
    visits = Visits(kept=2)
    first, second = (visits.begin(NUMBER, START) for _ in range(2))
    assert visits.number_of(first, START) == NUMBER
    third = visits.begin(NUMBER, START)
    assert visits.number_of(second, START) is None
    assert {visits.number_of(token, START) for token in (first, third)} == {NUMBER}
    assert visits.number_of(first, START + IDLE) is None
    assert IDLE < LONGEST
    assert visits.number_of("never drawn", START) is None


def test_signing_out_of_the_counter_ends_a_copied_cookie_too(counter: World) -> None:
    clerk = counter.clerk()
    copied = clerk.client.get_cookie("kiosk")
    assert copied is not None
    thief = counter.app.test_client()
    thief.set_cookie("kiosk", copied.value)
    assert thief.get("/guide").status_code == 200
    clerk.post("/sign-out")
    assert isinstance(counter.station.scene.state, SignedOut)
    assert thief.get("/guide").status_code == 303
    counter.sign_in()
    assert thief.get("/guide").status_code == 303, "the next one's seat is another"


@pytest.mark.parametrize(
    "fields", [{"role": Role.AUDITOR}, {"disabled": True}], ids=["role", "job"]
)
def test_who_lost_the_role_or_the_job_hands_nothing_over_with_the_old_cookie(
    counter: World, fields: dict[str, object]
) -> None:
    clerk = counter.clerk()
    assert isinstance(counter.station.scene.state, Idle)
    with counter.house.sessions.begin() as session:
        person = session.get_one(Staff, CLERK)
        person.role = fields.get("role", person.role)
        person.disabled_at = counter.house.clock.now if "disabled" in fields else None
    counter.show_authentication()
    assert "見本 580" not in clerk.page()
    with counter.house.sessions() as session:
        assert set(session.scalars(session.query(Filing.status).statement)) == {FilingStatus.READY}
    assert not isinstance(
        shift.sign_in(counter.station, CLERK, "4701"), type(counter.station.scene.snapshot().seat)
    )


def ended_by(counter: World, how: str) -> Callable[[], None]:
    """What an administrator, or the person, does at another browser."""
    administrator = AtConsole(counter.app.test_client())
    administrator.sign_in(ADMINISTRATOR)
    own = AtConsole(counter.app.test_client())
    own.sign_in(SUPERVISOR)

    def change() -> None:
        path = f"/console/staff/{SUPERVISOR}"
        if how == "password":
            new = {"present": CONSOLE_PASSWORD, "password": "atarashii-mihon"}
            new["again"] = new["password"]
            answer = own.post("/console/account/password", new, form_on="/console/account")
        else:
            reason = {"reason": "異動のため", "role": "clerk"}
            answer = administrator.post(f"{path}/{how}", reason, form_on=path)
        assert answer.status_code == 303

    return change


@pytest.mark.parametrize("how", ["password", "disable", "role"])
def test_the_consoles_old_cookie_ends_with_the_password_the_job_and_the_role(
    counter: World, how: str
) -> None:
    thief = AtConsole(counter.app.test_client())
    thief.sign_in(SUPERVISOR)
    assert thief.client.get("/console/").status_code == 200
    ended_by(counter, how)()
    assert thief.client.get("/console/").location == "/console/sign-in"
    counter.house.clock.now += timedelta(seconds=1)
    assert thief.client.get("/console/receivers").location == "/console/sign-in"
