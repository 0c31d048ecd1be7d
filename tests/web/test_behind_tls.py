"""Headers and cookies of every application: behind a proxy with TLS, without one, and in errors."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from kiosk.app import create_app as create_counter
from kiosk.house import House as KioskHouse
from kiosk.preview import Preview
from tests import issuer_world
from tests.builders import KEYS
from tests.issuer_world import a_press
from tests.kiosk_world import SECRET, World, make_world
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
            policy = headers["Content-Security-Policy"]
            assert "unsafe" not in policy, path
            assert {"default-src 'self'", "object-src 'none'", "base-uri 'none'"} <= set(
                policy.split("; ")
            )
            assert "frame-ancestors 'none'" in policy
            assert "form-action 'self'" in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert headers["Strict-Transport-Security"] == "max-age=31536000", path
            assert headers.get("Access-Control-Allow-Origin") is None


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
