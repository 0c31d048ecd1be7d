"""A small portal on a real registry file: invented offices, procedures and filings, fresh keys."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from issuer.app import create_app
from issuer.attempts import Gate
from issuer.limits import Limits
from issuer.portal import Portal
from issuer.sheets import Press
from shared.db.session import Sessions
from shared.db.tables import Deliverable, Filing, IssuedSheet, Office, Procedure
from shared.domain import FilingNumber, FilingStatus
from shared.passwords import hash_secret
from tests.builders import KEYS, LOOKUP_KEY, SYSTEM
from tests.registries import new_sqlite

NUMBER = FilingNumber("1234567890123456")
FILING_PASSWORD = "shinsei-0001"
RECEIVER = "見本行政書士事務所　試験　太郎（00000001）"
START = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
GOOD = {
    "purpose": "authentication",
    "procedure": "1",
    "receiver_name": RECEIVER,
    "password": "mihon-no-himitsu",
    "password_confirm": "mihon-no-himitsu",
}
NO_LIMITS = Limits(issuing="9999/hour", drawing="9999/hour", signing_in="9999/hour")


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class World:
    """A portal and everything a test may look into."""

    app: Flask
    portal: Portal
    clock: Clock

    @property
    def sessions(self) -> Sessions:
        return self.portal.sessions

    def issued(self) -> int:
        """How many sheets there are."""
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(IssuedSheet)) or 0

    def browser(self) -> "Browser":
        return Browser(self.app.test_client())


class Browser:
    """A visitor without JavaScript: follows forms, and sends back what is hidden in them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of the forms on a page."""
        page = self.get(path).get_data(as_text=True)
        fields = {}
        for tag in re.findall(r"<input[^>]*hidden[^>]*>", page):
            name, value = re.search(r'name="?([\w]+)', tag), re.search(r'value="?([^">]*)', tag)
            if name and value:
                fields[name[1]] = value[1]
        return fields

    def send(self, form_path: str, values: dict[str, str], to: str | None = None) -> TestResponse:
        """Open a page and send its form."""
        return self.client.post(to or form_path, data=self.hidden(form_path) | values)

    def sign_in(self, number: str = NUMBER.digits, password: str = FILING_PASSWORD) -> TestResponse:
        self.send("/inquiry/", {"number": number})
        return self.send("/inquiry/password", {"password": password})


def make_world(folder: Path, press: Press, limits: Limits = NO_LIMITS, **settings: Any) -> World:
    """A fresh registry in that folder, and the portal on it, with other parts if wished."""
    sessions = new_sqlite(folder)
    with sessions.begin() as session:
        session.add_all(
            [
                Office(code="MIHON", name="見本事務所"),
                Procedure(code=1, name="継続検査"),
                Procedure(code=2, name="新車（新規検査・地方税申告）"),
                Procedure(code=3, name="終了した手続", is_open=False),
            ]
        )
        session.flush()
        session.add(Deliverable(procedure_code=1, position=1, name="自動車検査証"))
        session.add(a_filing())
    clock = Clock()
    settings = {"gate": Gate(patience=30)} | settings
    portal = Portal(sessions, press, clock, **settings)
    app = create_app(portal, b"a key for tests only", limits)
    return World(app, portal, clock)


def a_world(folder: Path) -> Iterator[World]:
    """A portal for one test: the body of a fixture."""
    world = make_world(folder, a_press())
    yield world
    world.sessions.kw["bind"].dispose()


def a_filing(number: str = NUMBER.digits, status: FilingStatus = FilingStatus.READY) -> Filing:
    """A filing of 継続検査 whose password is FILING_PASSWORD."""
    return Filing(
        number=number,
        procedure_code=1,
        office_code="MIHON",
        status=status,
        password_hash=hash_secret(FILING_PASSWORD, 4),
        received_at=START,
        updated_at=START,
    )


def a_press() -> Press:
    """The tests' own keys."""
    return Press(KEYS.signing, KEYS.sealing_public, KEYS.key_set, LOOKUP_KEY, SYSTEM)
