"""One office: the counter's program with its registry on SQLite; it is killed at its work."""

import random
import re
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import Filing
from shared.domain import PickupMethod
from shared.key_files import (
    LOOKUP,
    make_keys,
    read_pinned_key_set,
    read_sealing_keys,
    read_signing_key,
)
from shared.lookup import lookup_digest
from shared.settings import read_secret
from tests import forked
from tests.builders import CLERK, PIN, WINDOW, Keys, filing_sheet, text_of
from tests.e2e.counter_world import free_port
from tests.http_browser import HttpBrowser
from tests.kiosk_world import Clerk
from tests.once.acting import Diary, Told
from tests.once.furnishing import add_filings, furnish
from tests.once.invariants import always, at_the_end
from tests.once.killing import Killed, Plan, at_work, kill_in_turns
from tests.registries import new_sqlite

WITHIN = 2.5
"""Seconds: a visit from the sheet to the receipt."""
FIRST_LOOK = 0.55
"""Seconds in which the second look takes no press."""
STARTING = 60.0


@dataclass
class Kiosk:
    """`kiosk run` as a process."""

    folder: Path
    address: str
    process: BaseProcess

    def kill(self) -> None:
        """And start it again."""
        forked.kill(self.process)
        self.process = forked.start(self.folder)
        self.wait()

    def wait(self) -> None:
        """Until it answers."""
        until = time.monotonic() + STARTING
        browser = HttpBrowser(self.address)
        while True:
            try:
                browser.get("/")
            except OSError:
                assert time.monotonic() < until, (self.folder / "kiosk.log").read_text()
                time.sleep(0.05)
            else:
                return


@dataclass
class Person:
    """A clerk who goes on wherever the screen is, and signs in again after every power cut."""

    kiosk: Kiosk
    diary: Diary
    sheets: list[tuple[str, str]]
    """(filing number, text), the next one last."""
    clerk: Clerk
    laid: str = ""
    """The number on the sheet that lies there."""
    done: Tally[str] = field(default_factory=Tally)
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    supply: Callable[[], tuple[str, str]] | None = None
    """Where sheets come from in place of the list."""

    def work(self, done: threading.Event) -> None:
        """Until the event is set, and then until nothing is open."""
        while not done.is_set() or self._state() not in ("idle", ""):
            try:
                self.step()
            except OSError:
                self.done["cut off"] += 1
                time.sleep(0.05)

    def step(self) -> None:
        """Look at the screen, and do what is next."""
        state = self._state()
        act = {"": self._sign_in, "idle": self._lay, "basket": self._tick, "confirm": self._confirm}
        act.get(state, self._next)()

    def _state(self) -> str:
        found = re.search(r'id="scene"[^>]*data-state="(\w+)"', self.clerk.page())
        return found[1] if found else ""

    def _sign_in(self) -> None:
        self.clerk = Clerk(HttpBrowser(self.kiosk.address))  # type: ignore[arg-type]
        self.clerk.post("/sign-in", {"number": CLERK, "pin": PIN})
        self.done["sign in"] += 1

    def _lay(self) -> None:
        self.laid, text = self.supply() if self.supply else self.sheets.pop()
        self.done["present"] += 1
        self.clerk.post("/scan", {"text": text})

    def _tick(self) -> None:
        if self.chance.random() < 0.1:
            self.done["give up"] += 1
            self.clerk.press("中止")
            return
        self.clerk.press("を受け渡した", {"released": self.clerk.rows(), "checked": ["by-eye"]})

    def _confirm(self) -> None:
        time.sleep(FIRST_LOOK)
        self.done["confirm"] += 1
        self.clerk.press("受け渡しを確定する")
        page = self.clerk.page()
        receipt = re.search(r">([A-Za-z0-9]+-[0-9]{6})</dd>", page)
        head = re.search(r">([0-9a-f]{12})</dd>", page)
        if receipt and head:
            laid = (self.laid,) if self.laid else ()
            self.diary.write(Told("released", laid, receipt[1], head[1]))

    def _next(self) -> None:
        self.clerk.post("/next")


def killed_kiosk(folder: Path, plan: Plan) -> Killed:
    """Kill the counter so often while a clerk works at it."""
    began = time.monotonic()
    sessions = new_sqlite(folder)
    sheets = _sheets(sessions, folder, 40 + 20 * plan.rounds)
    kiosk = _kiosk(folder)
    kiosk.wait()
    person = Person(kiosk, Diary(folder / "clerk.diary"), sheets, Clerk(HttpBrowser(kiosk.address)))  # type: ignore[arg-type]
    try:
        with at_work([person.work]):
            kills = kill_in_turns(
                {"kiosk": kiosk.kill},
                plan,
                lambda: always(sessions),
                lambda: person.done["present"] + person.done["confirm"],
            )
    finally:
        forked.kill(kiosk.process)
    end = at_the_end(sessions, Diary.read(folder))
    sessions.kw["bind"].dispose()
    return Killed(kills, person.done, end, time.monotonic() - began)


def _kiosk(folder: Path) -> Kiosk:
    port = free_port()
    (folder / "verifier.toml").write_text(
        f'registry = "sqlite:///{folder / "registry.db"}"\nsystem_id = "tests"\n'
        'keys = "keys/registry"\n'
    )
    (folder / "kiosk.toml").write_text(
        f'kiosk = "{WINDOW}"\nverifier = "verifier.toml"\nport = {port}\n'
    )
    (folder / "kiosk.log").touch()
    return Kiosk(folder, f"http://127.0.0.1:{port}/", forked.start(folder))


def _sheets(sessions: Sessions, folder: Path, count: int) -> list[tuple[str, str]]:
    """As many ready filings, each with its individual sheet: no password, no bcrypt."""
    now = datetime.now(UTC)
    make_keys(folder / "keys", now)
    registry, issuer = folder / "keys" / "registry", folder / "keys" / "issuer"
    key_set = read_pinned_key_set(registry, now)
    by = Keys(read_signing_key(issuer), read_sealing_keys(registry)[0], key_set)
    furnished = furnish(sessions, 1, 5, by)
    lookup, made = read_secret(registry / LOOKUP), []
    numbers = add_filings(sessions, furnished.names * count)
    with sessions.begin() as session:
        for filing in session.scalars(select(Filing).where(Filing.number.in_(numbers))):
            sheet = filing_sheet(filing.number, issued_at=now, by=by)
            filing.pickup_method = PickupMethod.INDIVIDUAL
            filing.individual_digest = lookup_digest(sheet.search_key, lookup)
            made.append((filing.number, text_of(sheet, by)))
    return made
