"""A day at portal, counter and console with marked secrets; then everything written is searched.

Passwords, PINs, hashes and keys may stand nowhere, in no answer either; names, plates and texts of
sheets only in the columns that `verifier.purging` lists, and on the screens where they belong.
"""

import gzip
import logging
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select

from issuer.app import create_app as create_portal
from issuer.portal import Portal
from kiosk.house import FRAGMENT
from shared.db.session import reading
from shared.db.tables import Filing, HandOver, IssuedSheet, Staff
from shared.passwords import hash_secret
from shared.payload import decode
from shared.search_key import canonical
from tests import issuer_world
from tests.acting_world import Browser as AtConsole
from tests.builders import (
    ADMINISTRATOR,
    DESK,
    KEYS,
    LOOKUP_KEY,
    SUPERVISOR,
    SYSTEM,
    own_keys,
    seen_to,
    showing,
)
from tests.issuer_world import NO_LIMITS, a_press
from tests.key_shapes import PRIVATE, found_in, looks_like_a_key
from tests.kiosk_world import SECRET, Clerk, World, make_world
from tests.web.test_every_route import VALUES, routes
from verifier.acts import Confirming, Holding, HoldReason
from verifier.backup.writing import back_up
from verifier.serving import Rooms
from verifier.serving import create_app as create_registry

CONFIG = Path(__file__).parents[2] / "config"
NAME = "見本標識事務所　試験　標子（７７７７７７７７）"
PLATE = "見本 777 し 77-77"
MEMO = "標識の覚え書き"
COLLECTOR = "見本　標識使者"
PASSWORD, WRONG = "shirushi-no-himitsu", "chigatta-shirushi"
FILING_PASSWORD, PUSHED_PASSWORD = "shirushi-no-shinsei", "shirushi-no-renkei"
CONSOLE_PASSWORD, PIN = "shirushi-no-konsoru", "739164825017"
ENDLESS = ("text/event-stream", "multipart/x-mixed-replace")
PUSH_KEY = "shirushi-no-tsuuyou-kagi"
KEYS_OF_ALL = {
    "signing": KEYS.signing.private.private_bytes_raw(),
    "sealing": KEYS.sealing.private.private_bytes_raw(),
    "checkpoint": own_keys().checkpoint.private.private_bytes_raw(),
    "lookup": LOOKUP_KEY,
    "console": own_keys().console,
    "cookie": SECRET,
    "push": PUSH_KEY.encode(),
}
KEY_BELONGS = {
    "issuer:sheet.page",  # printed there
    "issuer:sheet.pdf",
    "kiosk:console.take_search",  # whoever typed it sees their own form again
}
NOWHERE = (PASSWORD, WRONG, FILING_PASSWORD, PUSHED_PASSWORD, CONSOLE_PASSWORD, PIN)
MAY_HOLD = {
    NAME: {"receivers.name", "receivers.compare_key", "receivers.skeleton", "filings.receiver_name",
           "filings.receiver_key"},
    PLATE: {"filings.plate"},
    MEMO: {"holds.memo"},
    COLLECTOR: {"hand_overs.collector"},
}  # fmt: skip


@dataclass
class Day:
    """What happened, and what was written of it."""

    world: World
    folder: Path
    addresses: list[str] = field(default_factory=list)
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    """What was answered, by its endpoint: pages, files, JSON, refusals."""
    texts: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def watch(self, app: Flask) -> None:
        """Note every address asked for or sent to, as an access log would, and every answer."""

        @app.after_request
        def note(answer: Response) -> Response:
            self.addresses += [request.full_path, answer.location or "", request.referrer or ""]
            place = f"{app.name}:{request.endpoint}"
            if answer.mimetype in ENDLESS:
                answer.response = self._noting(place, answer.response)
            else:
                answer.direct_passthrough = False
                self.bodies.append((place, _readable(answer)))
            return answer

    def _noting(self, place: str, parts: Iterable[Any]) -> Iterator[Any]:
        for part in parts:
            raw = part.encode() if isinstance(part, str) else part
            self.bodies.append((place, raw))
            yield part


def _readable(answer: Response) -> bytes:
    """The whole of an answer with its headers; of a PDF also what can be read on it."""
    raw = str(answer.headers).encode() + answer.get_data()
    if answer.mimetype == "application/pdf":
        with pypdfium2.PdfDocument(answer.get_data()) as paper:
            raw += "".join(page.get_textpage().get_text_range() for page in paper).encode()
    return raw


class Log(logging.Handler):
    """Everything that any part says."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def log() -> Iterator[Log]:
    log, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    yield log
    root.removeHandler(log)
    root.setLevel(level)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, log: Log) -> Iterator[Day]:
    tmp_path = tmp_path_factory.mktemp("day")
    for world in make_world(tmp_path):
        day = Day(world, tmp_path)
        day.watch(world.app)
        house = world.house
        house.receiver(NAME, PASSWORD)
        hashed = hash_secret(FILING_PASSWORD, 4)
        numbers = [
            house.filing(receiver_name=NAME, plate=PLATE, password_hash=hashed) for _ in range(3)
        ]
        with house.sessions.begin() as session:
            person = session.get_one(Staff, SUPERVISOR)
            person.pin_hash, person.password_hash = (
                hash_secret(PIN, 4),
                hash_secret(CONSOLE_PASSWORD, 4),
            )
        at_portal(day, numbers[2])
        at_counter(day)
        at_console(day)
        at_every_address(day)
        at_registry(day)
        backup = tmp_path / "day.backup"
        back_up(house.sessions, backup, own_keys().checkpoint, house.clock.now, lambda rows: None)
        yield day


def at_portal(day: Day, number: str) -> None:
    """Two sheets, one with a wrong password; an inquiry, first with a wrong one."""
    portal = Portal(day.world.house.sessions, a_press(), day.world.house.clock)
    app = create_portal(portal, b"a key for tests only", NO_LIMITS)
    day.watch(app)
    for password in (PASSWORD, WRONG):
        browser = issuer_world.Browser(app.test_client())
        wish = {"purpose": "authentication", "procedure": "1", "receiver_name": NAME,
                "password": password, "password_confirm": password}  # fmt: skip
        sheet = browser.send("/codes/new", wish)
        assert browser.get(sheet.location).status_code == 200
        assert browser.get(f"{sheet.location}.pdf").status_code == 200
    broken = issuer_world.Browser(app.test_client()).send(
        "/codes/new", wish | {"password_confirm": "other-than-that"}
    )
    assert WRONG not in broken.get_data(as_text=True)
    browser = issuer_world.Browser(app.test_client())
    assert browser.sign_in(number, WRONG).status_code == 422
    assert browser.sign_in(number, FILING_PASSWORD).status_code == 303
    assert browser.get("/inquiry/filing").status_code == 200
    with reading(day.world.house.sessions) as session:
        day.texts = list(session.scalars(select(IssuedSheet.text).order_by(IssuedSheet.issued_at)))
    sheets = [decode(text, KEYS.key_set, SYSTEM, day.world.house.clock.now) for text in day.texts]
    day.keys = [canonical(sheet.search_key) for sheet in sheets]


def at_counter(day: Day) -> None:
    """A sign-in; both sheets: one refused, one opened, one vehicle handed over, one kept back."""
    clerk, counter = day.world.clerk(), day.world.house.counter
    handed_over = 0
    for text in day.texts:
        basket = counter.present(DESK, showing(text)).basket
        if basket is None:
            continue
        handed_over += 1
        released, held, *_ = (row.filing_id for row in basket.rows)
        kept = (Holding(held, HoldReason.PAPER_MISSING, MEMO),)
        key = str(uuid.uuid4())
        vouched = seen_to(basket, (released,))
        counter.confirm(
            DESK, Confirming(basket.hand_over_id, (released,), kept, COLLECTOR, key, **vouched)
        )
    assert handed_over == 1
    clerk.page()


def at_console(day: Day) -> None:
    """Wrong and right passwords, and a search for what a clerk would type."""
    console = AtConsole(day.world.app.test_client())
    assert console.sign_in(SUPERVISOR, WRONG).status_code == 422
    assert console.sign_in(SUPERVISOR, CONSOLE_PASSWORD).status_code == 303
    for typed in (NAME, PLATE, day.keys[0]):
        console.post("/console/search", {"text": typed, "name": typed, "key": typed})
    for path in ("/console/", "/console/journal", "/console/receivers", "/console/holds"):
        assert CONSOLE_PASSWORD not in console.page(path)


def at_every_address(day: Day) -> None:
    """Somebody in charge looks at, and sends empty, whatever counter and console answer."""
    with reading(day.world.house.sessions) as session:
        filing = session.scalars(select(Filing.id).where(Filing.receiver_name == NAME)).first()
        hand_over = session.scalars(select(HandOver.id)).first()
    values = VALUES | {"filing_id": filing, "hand_over_id": hand_over}
    with day.world.house.sessions.begin() as session:
        session.get_one(Staff, ADMINISTRATOR).pin_hash = hash_secret(PIN, 4)
    for at in (("/", day.world.app.test_client()), ("/console/", day.world.app.test_client())):
        begin, client = at
        signed_in_at(day, begin, client)
        for _, method, address in routes(day.world.app, values):
            if method == "GET" and address.startswith("/console") == (begin == "/console/"):
                client.get(address, headers={FRAGMENT: "1"}).close()


def signed_in_at(day: Day, begin: str, client: FlaskClient) -> None:
    """An administrator at the counter or at the console."""
    if begin == "/console/":
        assert AtConsole(client).sign_in(SUPERVISOR, CONSOLE_PASSWORD).status_code == 303
        return
    Clerk(client).post("/sign-in", {"number": ADMINISTRATOR, "pin": PIN}, form_on="/")


def at_registry(day: Day) -> None:
    """A push, with the key and without; a window that asks for its keys."""
    installation = day.world.house.installation
    keys = replace(installation.keys, push=PUSH_KEY.encode())
    house = replace(installation, keys=keys)
    app = create_registry(Rooms(house, house), KEYS.pinned, SECRET)
    day.watch(app)
    filing = {
        "number": "7777000077770000", "procedure": 1, "office": "S1", "status": "ready",
        "receiver_name": NAME, "plate": PLATE, "password": PUSHED_PASSWORD,
    }  # fmt: skip
    for key, status in ((PUSH_KEY, 200), ("another", 401)):
        headers = {"Authorization": f"Bearer {key}"}
        answer = app.test_client().post(
            "/api/v1/filings", json={"filings": [filing]}, headers=headers
        )
        assert answer.status_code == status, answer.text
    for path in ("/metrics", "/readyz", "/api/v1/openapi.json", "/api/v1/counter/holds"):
        app.test_client().get(path)


def cells(day: Day) -> Iterator[tuple[str, str]]:
    """(table.column, text) of everything in the database."""
    with day.world.house.sessions() as session:
        found = MetaData()
        found.reflect(session.connection())
        for table in found.sorted_tables:
            for row in session.execute(select(table)).mappings():
                for name, value in row.items():
                    yield f"{table.name}.{name}", str(value)


def files(day: Day) -> Iterator[tuple[str, bytes]]:
    """Everything on disk but the database itself; backups unpacked."""
    for path in day.folder.rglob("*"):
        if path.is_file() and not path.name.startswith("registry.db"):
            raw = path.read_bytes()
            yield path.name, gzip.decompress(raw) if path.suffix == ".backup" else raw


def test_the_database_holds_each_secret_where_it_may_and_nowhere_else(day: Day) -> None:
    wrong, seen = set(), set()
    for where, text in cells(day):
        wrong |= {(where, mark) for mark in (*NOWHERE, *day.keys) if mark in text}
        for mark, allowed in MAY_HOLD.items():
            if mark in text:
                seen.add(mark)
                wrong |= {(where, mark)} - {(each, mark) for each in allowed}
        if any(sheet in text for sheet in day.texts) and where != "issued_sheets.text":
            wrong.add((where, "text of a sheet"))
    assert wrong == set()
    assert seen == set(MAY_HOLD), "the day left no trace of its own"


def test_logs_and_addresses_hold_nothing_of_anybody(day: Day, log: Log) -> None:
    marks = (*NOWHERE, *MAY_HOLD, *day.texts, *day.keys)
    assert len(day.addresses) > 30
    assert log.lines
    written = "\n".join(day.addresses) + "\n".join(log.lines)
    assert [mark for mark in marks if mark in written] == []


def test_no_answer_holds_a_password_a_hash_or_a_key(day: Day) -> None:
    """Names stand on screens where they belong; these stand nowhere, not even in a form."""
    assert len({place for place, _ in day.bodies}) > 60
    marks = (*NOWHERE, *day.texts, *(mark.decode() for mark in PRIVATE))
    wrong = set()
    for place, body in day.bodies:
        wrong |= {(place, mark) for mark in marks if mark.encode() in body}
        wrong |= {(place, key) for key in found_in(body, KEYS_OF_ALL)}
        if place not in KEY_BELONGS:
            close = body.replace(b" ", b"").replace(b"-", b"")
            wrong |= {(place, "search key") for key in day.keys if key.encode() in close}
    assert wrong == set()
    assert any(NAME.encode() in body for _, body in day.bodies), "no page showed what it is for"


def test_the_portal_shows_names_and_plates_to_nobody_who_did_not_say_them(day: Day) -> None:
    for place, body in day.bodies:
        if place.startswith("issuer:") and place != "issuer:inquiry.filing":
            assert PLATE.encode() not in body, place


def test_backups_and_files_hold_no_password_and_no_key(day: Day) -> None:
    found = dict(files(day))
    assert "day.backup" in found
    secrets = (*NOWHERE, *day.keys)
    wrong = [(n, mark) for n, raw in found.items() for mark in secrets if mark.encode() in raw]
    wrong += [(n, key) for n, raw in found.items() for key in found_in(raw, KEYS_OF_ALL)]
    assert wrong == []
    assert NAME.encode() in found["day.backup"], "a backup is the whole registry"


def test_the_database_holds_no_key(day: Day) -> None:
    raw = b"".join(path.read_bytes() for path in day.folder.rglob("registry.db*"))
    assert found_in(raw, KEYS_OF_ALL) == []


def test_no_settings_to_begin_with_hold_a_secret() -> None:
    files = [path for path in CONFIG.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {"issuer.toml", "uketori.conf", "uketori-backup.service"} <= {p.name for p in files}
    wrong = {path.name: looks_like_a_key(path.read_bytes()) for path in files}
    assert {name: found for name, found in wrong.items() if found} == {}
