"""Headers and cookies of every application: behind a proxy with TLS, without one, and in errors."""

import re
import socket
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from kiosk.app import create_app as create_counter
from kiosk.house import House as KioskHouse
from kiosk.preview import Preview
from shared.web import install
from shared.web.crowds import Crowd
from tests import issuer_world
from tests.builders import KEYS
from tests.hardened import BEHIND_TLS, what_lacks
from tests.issuer_world import a_press
from tests.kiosk_world import SECRET, World, make_world
from tests.served import served
from verifier.serving import Rooms, create_app

TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
ONE_PROXY = {"x_for": 1, "x_proto": 1}
"""As `issuer serve` and `verifier serve` count it with trusted_proxies = 1."""
PATHS = {
    "portal": ("/codes/new", "/inquiry/", "/nowhere", "/shared/base.css", "/api/v1/nothing",
               "/api/v1/openapi.json", "/healthz", "/codes/none"),
    "counter": ("/", "/visitor", "/nowhere", "/static/kiosk.css", "/api/state", "/wedge"),
    "registry": ("/console/sign-in", "/console/", "/nowhere", "/console/static/console.css",
                 "/api/v1/counter/holds", "/api/v1/openapi.json", "/metrics", "/healthz"),
}  # fmt: skip
FIRST = {"portal": "/codes/new", "counter": "/", "registry": "/console/sign-in"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from make_world(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = issuer_world.make_world(tmp_path_factory.mktemp("tls"), a_press())
    yield made.app
    made.sessions.kw["bind"].dispose()


@pytest.fixture(scope="module")
def apps(world: World, portal: Flask) -> dict[str, Flask]:
    at = world.house.installation
    return {
        "portal": portal,
        "counter": create_counter(KioskHouse(world.station, Preview()), SECRET, at),
        "registry": create_app(Rooms(at, at), KEYS.pinned, SECRET),
    }


@pytest.fixture
def behind(apps: dict[str, Flask]) -> Iterator[Callable[[str], FlaskClient]]:
    """A browser that asks through a proxy which these applications trust."""
    before = {name: app.wsgi_app for name, app in apps.items()}
    for app in apps.values():
        app.wsgi_app = ProxyFix(app.wsgi_app, **ONE_PROXY)  # type: ignore[method-assign]
    yield lambda name: apps[name].test_client()
    for name, app in apps.items():
        app.wsgi_app = before[name]  # type: ignore[method-assign]


@pytest.mark.parametrize("name", PATHS)
def test_every_answer_carries_every_header(behind: Callable[[str], FlaskClient], name: str) -> None:
    for path in PATHS[name]:
        for method in ("GET", "POST", "DELETE"):
            with behind(name).open(path, method=method, headers=TLS) as answer:
                headers = answer.headers
            assert what_lacks(headers) == [], (path, method)


def test_sheets_and_files_carry_every_header(behind: Callable[[str], FlaskClient]) -> None:
    client = behind("portal")
    client.environ_base |= BEHIND_TLS
    sheet = issuer_world.Browser(client).send("/codes/new", issuer_world.GOOD)
    order = {**issuer_world.GOOD, "procedure": 1}
    order.pop("password_confirm")
    answers = [sheet, client.get(sheet.location), client.get(f"{sheet.location}.pdf")]
    for kind in ("application/pdf", "image/svg+xml", "image/png", "application/json"):
        answers.append(client.post("/api/v1/sheets", json=order, headers={"Accept": kind}))
        assert answers[-1].mimetype == kind, answers[-1].text
    assert [what_lacks(answer.headers) for answer in answers] == [[]] * 7


@pytest.mark.parametrize("proxied", [True, False], ids=["behind a proxy", "without one"])
@pytest.mark.parametrize(
    ("asked", "crowd", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\nx", Crowd(), "413"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 17_000 + b"\r\n\r\n", Crowd(), "431"),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", Crowd(in_hand=0), "503"),
        (b"", Crowd(each=0), "429"),
    ],
    ids=["a huge body", "huge headers", "no turn", "no connection"],
)
def test_what_the_loop_refuses_carries_every_header(
    asked: bytes, crowd: Crowd, status: str, proxied: bool
) -> None:
    app = Flask("sample")
    app.config["SECRET_KEY"] = SECRET
    install(app)
    if proxied:
        app.wsgi_app = ProxyFix(app.wsgi_app, **ONE_PROXY)  # type: ignore[method-assign]
    with served(app, threads=2, crowd=crowd) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 20) as client:
            client.sendall(asked)
            head = client.recv(65536).split(b"\r\n\r\n")[0].decode()
    assert head.split()[1] == status
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert what_lacks(headers) == ([] if proxied else ["Strict-Transport-Security"]), head


def marks_of(cookie: str) -> set[str]:
    return {part.strip().lower() for part in cookie.split(";")[1:]}


@pytest.mark.parametrize("name", FIRST)
def test_behind_tls_the_cookie_belongs_to_this_host_and_to_tls(
    behind: Callable[[str], FlaskClient], name: str
) -> None:
    answer = behind(name).get(FIRST[name], headers=TLS)
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-")
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= marks_of(cookie)
    assert not any(mark.startswith("domain") for mark in marks_of(cookie))


@pytest.mark.parametrize("name", FIRST)
def test_a_form_is_taken_behind_tls_from_our_own_pages_alone(
    behind: Callable[[str], FlaskClient], name: str
) -> None:
    client, here = behind(name), {**TLS, "Host": "portal.example"}
    page = client.get(FIRST[name], headers=here).get_data(as_text=True)
    form = {"csrf_token": re.search(r'csrf_token"? value="?([^">]+)', page)[1], "size": "large"}
    statuses = {}
    for referrer in ("https://portal.example/", "https://evil.example/", ""):
        headers = here | ({"Referer": referrer} if referrer else {})
        answer = client.post(
            "/text-size", data=form, headers=headers, base_url="https://portal.example/"
        )
        statuses[referrer] = answer.status_code
    assert list(statuses.values()) == [303, 400, 400]


@pytest.mark.parametrize("name", FIRST)
def test_nobody_but_a_trusted_proxy_says_that_there_is_tls(
    apps: dict[str, Flask], name: str
) -> None:
    answer = apps[name].test_client().get(FIRST[name], headers=TLS)
    assert "Strict-Transport-Security" not in answer.headers
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert not cookie.startswith("__Host-")
    assert {"httponly", "samesite=lax"} <= marks_of(cookie)
    assert "secure" not in marks_of(cookie), "without TLS the browser would never send it"
