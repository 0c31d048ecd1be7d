"""The counter's program is killed in every state: the page says so, and the day goes on there."""

import contextlib
import socket
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, text

from shared.db import schema
from shared.db.session import Sessions, open_registry
from shared.db.tables import Filing, HandOver, HandOverState, Office, Receiver
from shared.domain import FilingStatus, IdentityPaper, Purpose
from shared.key_files import make_keys, read_pinned_key_set, read_sealing_keys, read_signing_key
from shared.names import ReceiverName, compare_key
from shared.near_names import skeleton
from shared.passwords import hash_tag, password_tag
from tests import forked
from tests.builders import (
    CLERK,
    INSPECTION,
    PASSWORD,
    PIN,
    SHINAGAWA,
    START,
    TARO,
    WINDOW,
    Keys,
    furniture,
    receiver_sheet,
    text_of,
)
from tests.e2e.counter_world import free_port

pytestmark = pytest.mark.browser
DEAF = 700
SLOWLY = 60_000
"""Milliseconds: the program starts anew on a busy machine."""


class Scanner:
    """A scanner on the network, plugged in later: who connects is told what is scanned."""

    def __init__(self) -> None:
        self._port = free_port()
        self._listener: socket.socket | None = None
        self._windows: list[socket.socket] = []

    @property
    def address(self) -> str:
        return f"socket://127.0.0.1:{self._port}"

    def plug_in(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def scan(self, text: str) -> None:
        for window in self._windows:
            with contextlib.suppress(OSError):  # the one that was killed
                window.sendall(f"{text}\r".encode())

    def close(self) -> None:
        for part in (self._listener, *self._windows):
            if part is not None:
                part.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._windows.append(listener.accept()[0])


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    made = Scanner()
    yield made
    made.close()


@dataclass
class Window:
    """A window's folder, its registry, and the program that is killed."""

    folder: Path
    sessions: Sessions
    address: str
    process: BaseProcess | None = None

    def start(self) -> None:
        self.process = forked.start(self.folder)
        until = time.monotonic() + SLOWLY / 1000
        while not answers(self.address):
            log = (self.folder / "kiosk.log").read_text("utf-8")
            assert self.process.is_alive(), log
            assert time.monotonic() < until, log
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.process is not None
        forked.kill(self.process)
        self.process = None

    def lose_the_registry(self) -> None:
        self._rename("kiosks", "kiosks_away")

    def find_the_registry(self) -> None:
        self._rename("kiosks_away", "kiosks")

    def _rename(self, name: str, other: str) -> None:
        with self.sessions.begin() as session:
            session.execute(text(f"ALTER TABLE {name} RENAME TO {other}"))


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def world(tmp_path: Path, scanner: Scanner) -> Iterator[Window]:
    make_keys(tmp_path / "keys", datetime.now(UTC))
    registry, port = f"sqlite:///{tmp_path / 'registry.db'}", free_port()
    (tmp_path / "verifier.toml").write_text(
        f'registry = "{registry}"\nsystem_id = "tests"\nkeys = "keys/registry"\n'
    )
    (tmp_path / "kiosk.toml").write_text(
        f'kiosk = "{WINDOW}"\nverifier = "verifier.toml"\nport = {port}\n'
        f'scanner = "{scanner.address}"\n'
    )
    (tmp_path / "kiosk.log").touch()
    sessions = open_registry(registry)
    schema.upgrade(sessions)
    with sessions.begin() as session:
        session.add_all(furniture())
    window = Window(tmp_path, sessions, f"http://127.0.0.1:{port}")
    register(window)
    window.start()
    yield window
    if window.process is not None:
        window.kill()
    sessions.kw["bind"].dispose()


def register(world: Window) -> None:
    name = ReceiverName.parse(TARO).display
    with world.sessions.begin() as session:
        session.add(
            Receiver(
                name=name,
                compare_key=compare_key(name),
                skeleton=skeleton(name),
                password_hash=hash_tag(password_tag(compare_key(name), PASSWORD), 4),
                identity_paper=IdentityPaper.SCRIVENER_CARD,
                registered_at=START,
                credential_issued_at=START,
            )
        )


def filing(world: Window) -> None:
    number = f"27{uuid.uuid4().int % 10**14:014d}"
    with world.sessions.begin() as session:
        session.add(
            Filing(
                number=number,
                procedure_code=INSPECTION,
                office_code=SHINAGAWA,
                receiver_name=TARO,
                receiver_key=compare_key(TARO),
                status=FilingStatus.READY,
                plate="見本 580 あ 00-01",
                received_at=START,
                updated_at=START,
            )
        )


def state(page: Page, name: str) -> None:
    expect(page.locator("#scene")).to_have_attribute("data-state", name, timeout=SLOWLY)


def sign_in(page: Page, number: str = CLERK) -> None:
    """Through the morning check, which waits for the scanner."""
    expect(page.locator("#number")).to_be_visible(timeout=SLOWLY)
    page.fill("#number", number)
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    expect(page.locator("[data-sound-switch]")).to_be_visible(timeout=SLOWLY)


def press(page: Page, key: str) -> None:
    page.wait_for_timeout(DEAF)
    page.keyboard.press(key)


class Walk:
    """One window with its clerk, its scanner and its registry."""

    def __init__(self, world: Window, page: Page, scanner: Scanner) -> None:
        self.world, self.page, self.scanner = world, page, scanner
        keys, now = world.folder / "keys", datetime.now(UTC)
        (sealing,) = read_sealing_keys(keys / "registry")
        key_set = read_pinned_key_set(keys / "registry", now)
        self.own = Keys(read_signing_key(keys / "issuer"), sealing, key_set)

    def show(self, purpose: Purpose = Purpose.AUTHENTICATION, **fields: str) -> None:
        sheet = receiver_sheet(purpose, issued_at=datetime.now(UTC), by=self.own, **fields)
        self.scanner.scan(text_of(sheet, self.own))

    def basket(self) -> None:
        filing(self.world)
        self.show()
        state(self.page, "basket")

    def confirm(self) -> None:
        self.basket()
        press(self.page, "F6")
        press(self.page, "Enter")
        expect(self.page.locator("#check-by-eye")).to_be_focused(timeout=SLOWLY)
        press(self.page, "Space")
        self.page.keyboard.press("Enter")
        state(self.page, "confirm")

    def done(self) -> None:
        self.confirm()
        press(self.page, "Enter")
        state(self.page, "done")

    def by_key(self, key: str, name: str) -> None:
        press(self.page, key)
        state(self.page, name)

    def enrol(self) -> None:
        self.show(Purpose.REGISTRATION, name="見本事務所　試験　桜子（００００００７７）")
        state(self.page, "enrol")

    def refused(self) -> None:
        self.show(password="chigau-himitsu")
        state(self.page, "refused")

    def hidden(self) -> None:
        self.basket()
        self.by_key("F10", "hidden")

    def paused(self) -> None:
        self.by_key("F9", "paused")

    def closed(self) -> None:
        self.by_key("End", "closing")
        self.by_key("Enter", "closed")

    def out_of_order(self) -> None:
        self.basket()
        self.world.lose_the_registry()
        state(self.page, "out_of_order")

    def rush(self) -> None:
        with self.world.sessions.begin() as session:
            session.get_one(Office, SHINAGAWA).rush_since = datetime.now(UTC)
        press(self.page, "F9")
        self.by_key("Enter", "idle")  # any act looks at the registry anew
        filing(self.world)
        self.show()
        state(self.page, "numbered")

    def queue_list(self) -> None:
        self.by_key("PageUp", "queue_list")
        expect(self.page.locator("[data-ticket=waiting]")).to_have_count(1)

    def called(self) -> None:
        self.by_key("PageDown", "basket")

    def taking_over(self) -> None:
        """A vehicle was kept back, and another person comes."""
        self.basket()
        hold = self.page.locator("[name^=hold-]").first
        hold.select_option("not_found")
        self.by_key("Enter", "confirm")
        self.by_key("Enter", "done")
        press(self.page, "F8")
        sign_in(self.page, "1002")
        state(self.page, "taking_over")

    def end_what_is_open(self, shown: str) -> None:
        if shown == "basket":
            press(self.page, "Escape")
        elif shown in {"paused", "taking_over"}:
            press(self.page, "Enter")
        state(self.page, "idle")


Steps = dict[str, tuple[Callable[[Walk], None], str]]
"""State → how it is reached, and what the counter shows after the restart and the sign-in."""
LOOKING: Steps = {
    "idle": (lambda walk: state(walk.page, "idle"), "idle"),
    "typing": (lambda walk: walk.by_key("F2", "typing"), "idle"),
    "hold_list": (lambda walk: walk.by_key("F3", "hold_list"), "idle"),
    "closing": (lambda walk: walk.by_key("End", "closing"), "idle"),
    "closed": (Walk.closed, "idle"),
    "paused": (Walk.paused, "paused"),
    "refused": (Walk.refused, "idle"),
    "enrol": (Walk.enrol, "idle"),
    "basket": (Walk.basket, "basket"),
    "hidden": (Walk.hidden, "basket"),
}
ACTING: Steps = {
    "confirm": (Walk.confirm, "basket"),
    "done": (Walk.done, "idle"),
    "out_of_order": (Walk.out_of_order, "basket"),
    "taking_over": (Walk.taking_over, "taking_over"),
}
QUEUE: Steps = {
    "numbered": (Walk.rush, "idle"),
    "queue_list": (Walk.queue_list, "idle"),
    "called": (Walk.called, "basket"),
}


@pytest.mark.parametrize(
    ("steps", "handed_over"),
    [(LOOKING, 0), (ACTING, 2), (QUEUE, 0)],
    ids=["looking", "acting", "queue"],
)
def test_killed_in_every_state_it_loses_and_releases_nothing(
    world: Window, chromium: Browser, scanner: Scanner, steps: Steps, handed_over: int
) -> None:
    page = chromium.new_page(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    killed_in_the_morning_check(world, page)
    scanner.plug_in()
    sign_in(page)
    walk = Walk(world, page, scanner)
    for name, (reach, afterwards) in steps.items():
        reach(walk)
        kill_and_start_again(walk, name, afterwards)
        walk.end_what_is_open(afterwards)
    assert standing(world) == (0, handed_over)
    page.close()


def kill_and_start_again(walk: Walk, name: str, afterwards: str) -> None:
    world, page, before = walk.world, walk.page, standing(walk.world)
    world.kill()
    if name == "out_of_order":
        world.find_the_registry()
    expect(page.locator("#offline")).to_be_visible(timeout=25_000)
    assert standing(world) == before, name
    world.start()
    sign_in(page)
    state(page, afterwards)
    assert standing(world) == before, name
    if afterwards == "basket":
        expect(page.locator("#banners")).to_contain_text("前回の途中で残った受け渡しです")


def killed_in_the_morning_check(world: Window, page: Page) -> None:
    """It waits for its scanner, which nobody has plugged in yet, and waits for it again."""
    page.goto(world.address)
    expect(page.locator("h1")).to_have_text("起動点検")
    world.kill()
    assert standing(world) == (0, 0)
    world.start()
    page.goto(world.address)
    expect(page.locator("h1")).to_have_text("起動点検")


def standing(world: Window) -> tuple[int, int]:
    """Open hand-overs, and filings that are gone."""
    with world.sessions() as session:
        opened = session.scalars(
            select(HandOver.id).where(HandOver.state == HandOverState.OPEN)
        ).all()
        gone = session.scalars(
            select(Filing.id).where(Filing.status == FilingStatus.RELEASED)
        ).all()
    return len(opened), len(gone)
