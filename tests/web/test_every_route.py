"""Every route of every application, with every role and without any.

The routes come from the applications themselves; each must stand in its table below, so that nobody
adds one without saying who may use it.
"""

import re
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import TestResponse

from kiosk.house import FRAGMENT
from shared.db.tables import Staff
from shared.domain import Role
from tests import issuer_world
from tests.acting_world import Browser
from tests.builders import ADMINISTRATOR, AUDITOR, CLERK, PIN, SHINAGAWA, SUPERVISOR, WINDOW
from tests.hardened import BEHIND_TLS, what_lacks
from tests.issuer_world import a_press
from tests.kiosk_world import World, make_world

NUMBERS = {
    Role.CLERK: CLERK,
    Role.SUPERVISOR: SUPERVISOR,
    Role.ADMINISTRATOR: ADMINISTRATOR,
    Role.AUDITOR: AUDITOR,
}
WHO = (None, *Role)
ANYBODY = frozenset(WHO)
COUNTER = frozenset({Role.CLERK, Role.SUPERVISOR, Role.ADMINISTRATOR})
READ = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
OWN = READ
"""One's own password, second factor and views: all that an auditor changes."""
SUPERVISE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
ADMINISTER = frozenset({Role.ADMINISTRATOR})

KIOSK = {
    "acts.ask": COUNTER,
    "acts.back": COUNTER,
    "acts.choose": COUNTER,
    "acts.compare": COUNTER,
    "acts.confirm": COUNTER,
    "acts.decline": COUNTER,
    "acts.enrol": COUNTER,
    "acts.give_up": COUNTER,
    "acts.leave": COUNTER,
    "acts.resume": COUNTER,
    "commission.end": SUPERVISE,
    "commission.keep": SUPERVISE,
    "commission.now": SUPERVISE,
    "commission.page": SUPERVISE,
    "console.account": OWN,
    "console.acknowledge": SUPERVISE,
    "console.add_office": ADMINISTER,
    "console.allow_plans": ADMINISTER,
    "console.forbid_plans": ADMINISTER,
    "console.plans": READ,
    "console.settle_conflict": SUPERVISE,
    "console.add_person": ADMINISTER,
    "console.add_procedure": ADMINISTER,
    "console.add_window": ADMINISTER,
    "console.alerts": READ,
    "console.change_password": OWN,
    "console.change_person": ADMINISTER,
    "console.change_procedure": ADMINISTER,
    "console.change_setting": ADMINISTER,
    "console.change_window": ADMINISTER,
    "console.check": READ,  # checking is reading: the auditor's own work
    "console.close_day": SUPERVISE,
    "console.day": READ,
    "console.days": READ,
    "console.decide": SUPERVISE,
    "console.download": READ,
    "console.drop_factor": OWN,
    "console.enrol": ADMINISTER,
    "console.entry": READ,
    "console.export": READ,
    "console.forget_view": OWN,
    "console.holds": READ,
    "console.integrity": READ,
    "console.journal": READ,
    "console.lift": SUPERVISE,
    "console.lift_page": SUPERVISE,
    "console.narrow": READ,
    "console.new_factor": OWN,
    "console.new_person": ADMINISTER,
    "console.new_procedure": ADMINISTER,
    "console.new_window": ADMINISTER,
    "console.newer": READ,
    "console.offices": READ,
    "console.ordered": READ,
    "console.overview": READ,
    "console.people": READ,
    "console.person": READ,
    "console.procedure": READ,
    "console.procedures": READ,
    "console.propose": SUPERVISE,
    "console.prove": OWN,
    "console.receiver": READ,
    "console.receivers": READ,
    "console.refuse_older": SUPERVISE,
    "console.rename_office": ADMINISTER,
    "console.revoke_window": ADMINISTER,
    "console.save_view": OWN,  # a view is a name for an address
    "console.search": READ,
    "console.settings": READ,
    "console.sign_in": ANYBODY,
    "console.sign_out": OWN,
    "console.static": ANYBODY,
    "console.take_export": READ,  # asks for the purpose and is itself in the journal
    "console.take_factor": OWN,
    "console.take_proof": OWN,
    "console.take_search": READ,
    "console.take_sign_in": ANYBODY,
    "console.undo": SUPERVISE,
    "console.undo_page": SUPERVISE,
    "console.unlock": SUPERVISE,
    "console.window": READ,
    "console.windows": READ,
    "desk.begin_typing": COUNTER,
    "desk.close_day": COUNTER,
    "desk.cover": COUNTER,
    "desk.end_check": ANYBODY,  # the morning's check comes before the first sign-in
    "desk.keep_open": COUNTER,
    "desk.list_holds": COUNTER,
    "desk.look_at_the_day": COUNTER,
    "desk.pause": COUNTER,
    "desk.reopen": COUNTER,
    "desk.sign_out": COUNTER,
    "desk.take_over": COUNTER,
    "desk.take_typed_key": COUNTER,
    "desk.take_up": COUNTER,
    "desk.uncover": COUNTER,
    "events.events": ANYBODY,  # says only that something changed, and its number
    "events.preview": COUNTER,
    "events.state": ANYBODY,  # for monitoring: no names
    "monitoring.metrics": ANYBODY,
    "health.healthz": ANYBODY,
    "health.readyz": ANYBODY,
    "papers.print_receipt": COUNTER,
    "papers.receipt": COUNTER,
    "papers.receipts": COUNTER,
    "papers.slip": COUNTER,
    "plans.begin": ANYBODY,  # asks for the PIN of somebody in charge itself
    "plans.page": ANYBODY,  # nobody can sign in while the registry is lost
    "queue.absent": COUNTER,
    "queue.begin_rush": SUPERVISE,
    "queue.call": COUNTER,
    "queue.call_again": COUNTER,
    "queue.call_next": COUNTER,
    "queue.end_rush": SUPERVISE,
    "queue.put_back": COUNTER,
    "queue.show": COUNTER,
    "queue.slip": COUNTER,
    "queue.strike": COUNTER,
    "screens.counter": ANYBODY,  # shows the sign-in
    "screens.guide": COUNTER,
    "screens.next_sheet": COUNTER,
    "screens.sign_in": ANYBODY,
    "screens.speak": ANYBODY,  # the language of the sign-in page is chosen there
    "screens.stage": COUNTER,
    "screens.stay": COUNTER,
    "shared_web.set_text_size": ANYBODY,
    "shared_web.static": ANYBODY,
    "static": ANYBODY,
    "visitor.page": ANYBODY,  # for the display beside the clerk: counts and plain words
    "wedge.take": COUNTER,
}
VALUES: dict[str, object] = {
    "act": "disable",
    "alert_id": 1,
    "change_id": 1,
    "code": WINDOW,
    "conflict_id": 1,
    "day": "2026-11-23",
    "filename": "console.css",
    "filing_id": 1,
    "hand_over_id": uuid.UUID(int=1),
    "number": CLERK,
    "office": SHINAGAWA,
    "presentation_id": uuid.UUID(int=1),
    "receiver_id": 1,
    "rule": "clock_tolerance_seconds",
    "seq": 1,
    "hold_id": 1,
    "view_id": 1,
}
"""What stands in the places of an address. Forms are sent empty: who may send one is told what
is missing, so that this walk changes nothing."""


def behind_a_proxy(app: Flask) -> None:
    """Let it trust the proxy that ends TLS before it."""
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1)  # type: ignore[method-assign]


def browser(app: Flask) -> FlaskClient:
    """A browser behind TLS."""
    client = app.test_client()
    client.environ_base |= BEHIND_TLS
    return client


@pytest.fixture(scope="module")
def counter() -> Iterator[World]:
    """A counter with its console, on a registry with a receiver and an entry."""
    with tempfile.TemporaryDirectory(prefix="uketori-routes-") as folder:
        for world in make_world(Path(folder)):
            behind_a_proxy(world.app)
            world.house.receiver()
            world.house.filing()
            Browser(browser(world.app)).sign_in()
            yield world


@pytest.fixture(scope="module")
def portal() -> Iterator[Flask]:
    with tempfile.TemporaryDirectory(prefix="uketori-routes-") as folder:
        world = issuer_world.make_world(Path(folder), a_press())
        behind_a_proxy(world.app)
        yield world.app
        world.sessions.kw["bind"].dispose()


def routes(app: Flask, places: dict[str, object] = VALUES) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of everything the application answers."""
    for rule in app.url_map.iter_rules():
        values = {name: places.get(name, "1") for name in rule.arguments}
        if rule.endpoint in ("console.procedure", "console.change_procedure"):
            values["code"] = 1
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def signed_in(app: Flask, role: Role | None, endpoint: str) -> FlaskClient:
    """A browser in which a person of that role has tried to sign in, where the route belongs."""
    client = browser(app)
    if role is None:
        return client
    if endpoint.startswith("console."):
        Browser(client).sign_in(NUMBERS[role])
    else:
        page = client.get("/").get_data(as_text=True)
        client.post(
            "/sign-in", data={"number": NUMBERS[role], "pin": PIN, "csrf_token": token(page)}
        )
    return client


def forgive(world: World) -> None:
    """Nobody is locked out by what this walk was refused before."""
    with world.house.sessions.begin() as session:
        session.execute(update(Staff).values(failures=0, locked_until=None))


def token(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def asked(app: Flask, role: Role | None, route: tuple[str, str, str]) -> TestResponse:
    endpoint, method, address = route
    client = signed_in(app, role, endpoint)
    console = endpoint.startswith("console.")
    form = {}
    if method == "POST":
        page = client.get("/console/account" if console else "/", follow_redirects=True)
        form = {"csrf_token": token(page.get_data(as_text=True)), "key": str(uuid.uuid4())}
    headers = {} if console else {FRAGMENT: "1"}
    answer = client.open(address, method=method, data=form, headers=headers)
    assert what_lacks(answer.headers) == [], (endpoint, method, answer.status_code)
    return answer


def was_let_in(answer: TestResponse) -> bool:
    """Told no: 401, 403, or sent to the sign-in by a route that is not the sign-out."""
    answer.close()  # the event stream has no end
    sent_away = answer.status_code == 303 and answer.location == "/console/sign-in"
    signs_out = answer.request.path.endswith("/sign-out")
    return answer.status_code not in (401, 403) and (signs_out or not sent_away)


def test_every_route_of_the_counter_and_the_console_has_its_people(counter: World) -> None:
    assert {endpoint for endpoint, _, _ in routes(counter.app)} == set(KIOSK)


@pytest.mark.parametrize("role", WHO, ids=lambda role: role or "nobody")
def test_the_counter_and_the_console_let_in_whom_they_should(
    counter: World, role: Role | None
) -> None:
    wrong = []
    for route in routes(counter.app):
        forgive(counter)
        answer = asked(counter.app, role, route)
        expected = role in KIOSK[route[0]]
        if route[0] == "console.sign_out" and not expected:
            expected = True  # whoever is out already ends up at the sign-in as well
        if was_let_in(answer) is not expected or answer.status_code >= 500:
            wrong.append((*route, answer.status_code, answer.location))
    assert wrong == []


@pytest.mark.parametrize("role", WHO, ids=lambda role: role or "nobody")
def test_no_form_is_taken_without_its_token_or_with_that_of_another_session(
    counter: World, role: Role | None
) -> None:
    page = browser(counter.app).get("/console/sign-in").get_data(as_text=True)
    forms = ({}, {"csrf_token": token(page)}, {"csrf_token": "forged"})
    for endpoint, method, address in routes(counter.app):
        if method == "POST" and role in KIOSK[endpoint]:
            forgive(counter)
            client = signed_in(counter.app, role, endpoint)
            statuses = [client.post(address, data=form).status_code for form in forms]
            assert statuses == [400, 400, 400], endpoint


def test_no_form_of_the_portal_is_taken_without_its_token_or_with_that_of_another_session(
    portal: Flask,
) -> None:
    """Its API has no cookie that one could misuse, and so no token."""
    page = browser(portal).get("/inquiry/").get_data(as_text=True)
    other = re.search(r'csrf_token"? value="?([^">]+)', page)[1]
    tried = set()
    for endpoint, method, address in routes(portal):
        if method != "POST" or endpoint.startswith("api."):
            continue
        tried.add(endpoint)
        client = browser(portal)
        client.get("/inquiry/")
        for form in ({}, {"csrf_token": other}, {"csrf_token": "forged"}):
            assert client.post(address, data=form).status_code == 400, endpoint
    assert {"codes.issue", "inquiry.switch", "inquiry.leave"} <= tried


def test_the_portal_knows_no_staff(portal: Flask) -> None:
    """Every route of the portal is for the public: none tells apart who asks, none is staff's."""
    known = {endpoint.split(".")[0] for endpoint, _, _ in routes(portal)}
    assert "console" not in known
    for endpoint, method, address in routes(portal):
        client = browser(portal)
        form = {}
        if method == "POST":
            page = client.get("/inquiry/").get_data(as_text=True)
            form = {"csrf_token": re.search(r'csrf_token"? value="?([^">]+)', page)[1]}
        answer = client.open(address, method=method, data=form)
        answer.close()
        assert what_lacks(answer.headers) == [], (endpoint, method)
        assert answer.status_code < 500, (endpoint, answer.status_code)
        assert answer.status_code not in (401, 403), endpoint
