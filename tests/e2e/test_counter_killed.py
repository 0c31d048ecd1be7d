"""The counter's program is killed in every state: the page says so, and the day goes on there."""

import contextlib
import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from shared.db.tables import Filing, HandOver, HandOverState, Receiver
from shared.domain import FilingStatus, IdentityPaper, Purpose
from shared.key_files import read_pinned_key_set, read_sealing_keys, read_signing_key
from shared.names import ReceiverName, compare_key
from shared.near_names import skeleton
from shared.passwords import hash_tag, password_tag
from tests.builders import (
    CLERK,
    INSPECTION,
    PASSWORD,
    PIN,
    SHINAGAWA,
    START,
    TARO,
    Keys,
    receiver_sheet,
    text_of,
)
from tests.e2e.counter_world import CounterWorld, counter_world, start, wait_for

pytestmark = pytest.mark.browser
DEAF = 700
SLOWLY = 60_000
"""Milliseconds: the program starts anew on a busy machine."""


class Scanner:
    """A scanner on the network: everybody who connects is told what is scanned."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._windows: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def scan(self, text: str) -> None:
        for window in self._windows:
            with contextlib.suppress(OSError):  # the one that was killed
                window.sendall(f"{text}\r".encode())

    def close(self) -> None:
        self._listener.close()
        for window in self._windows:
            window.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._windows.append(self._listener.accept()[0])


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    made = Scanner()
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path, scanner: Scanner) -> Iterator[CounterWorld]:
    with counter_world(tmp_path) as built:
        settings = tmp_path / "kiosk.toml"
        lines = [line for line in settings.read_text().splitlines() if "camera" not in line]
        settings.write_text("\n".join([*lines, f'scanner = "{scanner.address}"', ""]))
        register(built)
        kill(built)
        restart(built)
        yield built


def register(world: CounterWorld) -> None:
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


def filing(world: CounterWorld) -> None:
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


def kill(world: CounterWorld) -> None:
    """Without a word, as a power cut does."""
    process = world.processes.pop()
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)


def restart(world: CounterWorld) -> None:
    world.processes.append(start(world.folder, "kiosk", ["run"]))
    wait_for(world.counter, world)


def state(page: Page, name: str) -> None:
    expect(page.locator("#scene")).to_have_attribute("data-state", name, timeout=SLOWLY)


def sign_in(page: Page) -> None:
    """Through the morning check, which waits for the scanner."""
    expect(page.locator("#number")).to_be_visible(timeout=SLOWLY)
    page.fill("#number", CLERK)
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    expect(page.locator("[data-sound-switch]")).to_be_visible(timeout=SLOWLY)


def press(page: Page, key: str) -> None:
    page.wait_for_timeout(DEAF)
    page.keyboard.press(key)


class Walk:
    """One window with its clerk, its scanner and its registry."""

    def __init__(self, world: CounterWorld, page: Page, scanner: Scanner) -> None:
        self.world, self.page, self.scanner = world, page, scanner
        (sealing,) = read_sealing_keys(world.keys / "registry")
        now = datetime.now(UTC)
        key_set = read_pinned_key_set(world.keys / "registry", now)
        self.own = Keys(read_signing_key(world.keys / "issuer"), sealing, key_set)

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

    def end_what_is_open(self, shown: str) -> None:
        if shown == "basket":
            press(self.page, "Escape")
        elif shown == "paused":
            press(self.page, "Enter")
        state(self.page, "idle")


STEPS: dict[str, tuple[Callable[[Walk], None], str]] = {
    "idle": (lambda walk: state(walk.page, "idle"), "idle"),
    "typing": (lambda walk: walk.by_key("F2", "typing"), "idle"),
    "hold_list": (lambda walk: walk.by_key("F3", "hold_list"), "idle"),
    "closing": (lambda walk: walk.by_key("End", "closing"), "idle"),
    "paused": (Walk.paused, "paused"),
    "refused": (Walk.refused, "idle"),
    "enrol": (Walk.enrol, "idle"),
    "basket": (Walk.basket, "basket"),
    "hidden": (Walk.hidden, "basket"),
    "confirm": (Walk.confirm, "basket"),
    "done": (Walk.done, "idle"),
}
"""State → how it is reached, and what the counter shows after the restart and the sign-in."""


def test_killed_in_every_state_it_loses_and_releases_nothing(
    world: CounterWorld, chromium: Browser, scanner: Scanner
) -> None:
    page = chromium.new_page(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    page.goto(world.counter)
    sign_in(page)
    walk = Walk(world, page, scanner)
    for name, (reach, afterwards) in STEPS.items():
        reach(walk)
        opened, released = standing(world)
        kill(world)
        expect(page.locator("#offline")).to_be_visible(timeout=25_000)
        assert standing(world) == (opened, released), name
        restart(world)
        sign_in(page)
        state(page, afterwards)
        assert standing(world) == (opened, released), name
        if afterwards == "basket":
            expect(page.locator("#banners")).to_contain_text("前回の途中で残った受け渡しです")
        walk.end_what_is_open(afterwards)
    assert standing(world) == (0, 4)  # of the one hand-over that was confirmed
    page.close()


def standing(world: CounterWorld) -> tuple[int, int]:
    """Open hand-overs, and filings that are gone."""
    with world.sessions() as session:
        opened = session.scalars(
            select(HandOver.id).where(HandOver.state == HandOverState.OPEN)
        ).all()
        gone = session.scalars(
            select(Filing.id).where(Filing.status == FilingStatus.RELEASED)
        ).all()
    return len(opened), len(gone)
