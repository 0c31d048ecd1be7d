"""A browser on the console without a counter beside it, for tests that look at its pages."""

import re

from flask import Flask
from flask.testing import FlaskClient

from shared.web import install
from tests.builders import PIN, SUPERVISOR
from verifier.console import create_console
from verifier.installation import Installation


def console_app(installation: Installation) -> Flask:
    """The console alone."""
    app = Flask("console-test")
    app.config["SECRET_KEY"] = b"a key for tests only"
    app.register_blueprint(create_console(installation))
    install(app)
    return app


def field(page: str, name: str) -> str:
    """The value of a form's field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def sign_in(client: FlaskClient, number: str = SUPERVISOR, pin: str = PIN):
    """Sign in as somebody; gives the answer."""
    page = client.get("/console/sign-in").get_data(as_text=True)
    fields = {"number": number, "pin": pin, "csrf_token": field(page, "csrf_token")}
    return client.post("/console/sign-in", data=fields)


def send(client: FlaskClient, path: str, values: dict[str, str], form_on: str | None = None):
    """Send a form of a page, with its token."""
    page = client.get(form_on or path).get_data(as_text=True)
    return client.post(path, data={"csrf_token": field(page, "csrf_token")} | values)
