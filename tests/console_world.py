"""Shorthands for tests that look at the console's pages through one signed-in client."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.acting_world import Browser
from tests.builders import CONSOLE_PASSWORD, SUPERVISOR


def field(page: str, name: str) -> str:
    """The value of a form's field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def sign_in(
    client: FlaskClient, number: str = SUPERVISOR, password: str = CONSOLE_PASSWORD
) -> TestResponse:
    """Sign in as somebody; gives the answer."""
    return Browser(client).sign_in(number, password)


def send(
    client: FlaskClient, path: str, values: dict[str, object], form_on: str | None = None
) -> TestResponse:
    """Send a form of a page, with its token."""
    return Browser(client).post(path, values, form_on)
