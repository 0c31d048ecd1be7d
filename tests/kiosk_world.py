"""A counter on a real registry file, without devices: what the tests of its screens stand on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from kiosk import shift
from kiosk.app import create_app
from kiosk.clockwork import tick
from kiosk.house import EXTENSION
from kiosk.house import House as KioskHouse
from kiosk.preview import Preview
from kiosk.seat import Seat
from kiosk.station import Station
from shared.domain import Purpose, Sheet, Source
from tests.builders import CLERK, PIN, WINDOW, House, house, receiver_sheet, text_of
from tests.registries import new_sqlite

SECRET = b"a key for tests only, 32 bytes.."
TARO = "見本行政書士事務所　試験　太郎（００００００１１）"


class Seconds:
    """Monotonic seconds that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class World:
    """A counter and everything a test may look into."""

    house: House
    station: Station
    seconds: Seconds
    app: Flask

    def clerk(self) -> "Clerk":
        """A browser in which a clerk signed in."""
        clerk = Clerk(self.app.test_client())
        clerk.post("/sign-in", {"number": CLERK, "pin": PIN}, form_on="/")
        return clerk

    def show(self, sheet: Sheet) -> str:
        """Hold a sheet before the camera; gives its text."""
        text = text_of(sheet)
        self.station.take(text, Source.CAMERA)
        return text

    def show_authentication(self, **fields: object) -> str:
        """Show TARO's sheet."""
        return self.show(receiver_sheet(Purpose.AUTHENTICATION, **fields))  # type: ignore[arg-type]

    def pass_(self, seconds: float) -> None:
        """Let time pass at the counter."""
        self.seconds.pass_(seconds)
        tick(self.station)

    def sign_in(self, number: str = CLERK) -> None:
        """Somebody sits down, without a browser."""
        assert isinstance(shift.sign_in(self.station, number, PIN), Seat)

    def lose_the_registry(self) -> None:
        """Take a table away that every act needs."""
        self._rename("kiosks", "kiosks_away")

    def find_the_registry(self) -> None:
        self._rename("kiosks_away", "kiosks")

    def _rename(self, name: str, other: str) -> None:
        with self.house.sessions.begin() as session:
            session.execute(text(f"ALTER TABLE {name} RENAME TO {other}"))

    def restart(self) -> None:
        """The program ends, however it was, and starts anew on the same registry."""
        self.station.scene.close()
        self.station = Station(self.house.counter, WINDOW, monotonic=self.seconds)
        self.app.extensions[EXTENSION] = KioskHouse(self.station, Preview())


class Clerk:
    """A browser without JavaScript: sends back what is hidden in the forms it sees."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def page(self, path: str = "/") -> str:
        return self.client.get(path).get_data(as_text=True)

    def text(self, path: str = "/") -> str:
        """What can be read on a page."""
        return re.sub(r"[ \n\t]+", " ", re.sub(r"<[^>]+>", "", self.page(path)))

    def post(
        self, path: str, values: dict[str, object] | None = None, form_on: str = "/"
    ) -> TestResponse:
        """Send a form of the page at `form_on`."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page(form_on))
        data = {"csrf_token": token[1] if token else ""} | (values or {})
        return self.client.post(path, data=data)

    def press(self, label: str, values: dict[str, object] | None = None) -> TestResponse:
        """Send the form that holds `label`, or whose button elsewhere does."""
        page = self.page()
        forms = re.findall(r"<form.*?</form>", page, re.S)
        outside = re.search(rf'<button[^>]*form="([^"]+)"[^>]*>[^<]*{label}', page)
        marks = f'id="{outside[1]}"' if outside else label
        form = next(form for form in forms if marks in form)
        action = re.search(r'action="([^"]+)"', form)
        assert action
        hidden: dict[str, list[str]] = {}
        for tag in re.findall(r"<input[^>]*hidden[^>]*>", form):
            fields = dict(re.findall(r'(name|value)="([^"]*)"', tag))
            hidden.setdefault(fields["name"], []).append(fields["value"])
        return self.client.post(action[1], data=hidden | (values or {}))

    def rows(self) -> list[str]:
        """The values of the ticks in the open basket."""
        return re.findall(r'name="released" value="(\d+)" data-row', self.page())


def make_world(folder: Path) -> Iterator[World]:
    """A counter for one test: the body of a fixture."""
    sessions = new_sqlite(folder)
    at = house(sessions)
    seconds = Seconds()
    station = Station(at.counter, WINDOW, monotonic=seconds)
    app = create_app(KioskHouse(station, Preview()), SECRET, at.installation)
    yield World(at, station, seconds, app)
    station.scene.close()
    sessions.kw["bind"].dispose()
