"""The console on a furnished registry, in browsers without JavaScript."""

import re
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shared.db.tables import JournalEntry
from shared.web import install
from tests.builders import CONSOLE_PASSWORD, SUPERVISOR, House
from verifier.console import create_console


def console_app(at: House) -> Flask:
    """The console alone, as its own application."""
    app = Flask("console-test")
    app.config["SECRET_KEY"] = b"a key for tests only"
    app.register_blueprint(create_console(at.installation))
    install(app)
    return app


@dataclass
class Browser:
    """Somebody at the console; sends back what is hidden in the forms it sees."""

    client: FlaskClient

    def page(self, path: str) -> str:
        return self.client.get(path).get_data(as_text=True)

    def sign_in(
        self, number: str = SUPERVISOR, password: str = CONSOLE_PASSWORD, code: str = ""
    ) -> TestResponse:
        fields = {"number": number, "password": password, "code": code}
        return self.post("/console/sign-in", fields, form_on="/console/sign-in")

    def post(
        self, path: str, values: dict[str, object] | None = None, form_on: str | None = None
    ) -> TestResponse:
        """Send a form of the page at `form_on`, or of the page at `path` itself."""
        page = self.page(form_on or path)
        return self.client.post(path, data=hidden_in(page) | (values or {}))


def hidden_in(page: str) -> dict[str, object]:
    """The token and the key of a page's forms."""
    names = ("csrf_token", "key", "sealed")
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def browser(at: House, number: str | None = SUPERVISOR) -> Browser:
    """A browser of its own, signed in as somebody."""
    new = Browser(console_app(at).test_client())
    if number is not None:
        assert new.sign_in(number).status_code == 303
    return new


def entries(at: House) -> list[JournalEntry]:
    """The journal, oldest first."""
    with at.sessions() as session:
        return list(session.scalars(select(JournalEntry).order_by(JournalEntry.seq)))
