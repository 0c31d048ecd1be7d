"""The registry of many offices: PostgreSQL, `verifier serve`, the portal; each is killed."""

import threading
import time
import urllib.request
from collections import Counter as Tally
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from shared.db.session import Sessions
from shared.db.tables import Filing
from shared.domain import FilingStatus
from tests import forked
from tests.builders import SUPERVISOR
from tests.e2e.counter_world import free_port
from tests.http_browser import HttpBrowser
from tests.issuer_world import Browser
from tests.once.acting import Diary, Told, Window
from tests.once.furnishing import (
    FILING_PASSWORD,
    Furnished,
    add_filings,
    furnish,
    switched_texts,
)
from tests.once.invariants import always, at_the_end
from tests.once.killing import Killed, Plan, at_work, kill_in_turns
from tests.once.racing import window_at
from tests.own_postgresql import kill_without_a_word
from tests.registry_process import Running, running, window
from verifier.acts import Desk
from verifier.api.passes import staff_pass

WINDOWS = 4
ENOUGH_READY = 100
"""When fewer vehicles are left, as many more become ready."""
MASTER_EVERY = 10
"""Of so many kills of the server one takes the master, the others a worker."""
STARTING = 60.0


@dataclass
class Portal:
    """`issuer serve` as a process, and a visitor who switches filings there."""

    folder: Path
    address: str
    process: BaseProcess
    done: Tally[str] = field(default_factory=Tally)

    @classmethod
    def start(cls, folder: Path, url: str) -> "Portal":
        """With the keys of that folder, on a free port."""
        port = free_port()
        rates = "".join(
            f'{name} = "100000 per minute"\n'
            for name in ("issuing", "drawing", "signing_in", "everybody")
        )
        (folder / "issuer.toml").write_text(
            f'registry = "{url}"\nsystem_id = "tests"\nkeys = "keys/issuer"\nport = {port}\n'
            f"[limits]\n{rates}"
        )
        made = cls(folder, f"http://127.0.0.1:{port}/", forked.start(folder, "issuer"))
        made._wait()
        return made

    def kill(self) -> None:
        """And start it again."""
        forked.kill(self.process)
        self.process = forked.start(self.folder, "issuer")
        self._wait()

    def switch(self, number: str, diary: Diary) -> None:
        """From the sign-in to the printed individual code; begun anew whatever was cut off."""
        while True:
            try:
                status = self._try_to_switch(number)
            except OSError:
                self.done["portal lost"] += 1
                time.sleep(0.1)
                continue
            if status != 503:
                break
        self.done["switch" if status == 303 else "switch refused"] += 1
        if status == 303:
            diary.write(Told("switched", (number,), at=time.time()))

    def _try_to_switch(self, number: str) -> int:
        """The status of the last step: 303 when the switch was acknowledged."""
        browser = Browser(HttpBrowser(self.address))  # type: ignore[arg-type]
        step = browser.sign_in(number, FILING_PASSWORD)
        if step.location != "/inquiry/filing":
            return 503 if step.status_code >= 500 else step.status_code
        page = browser.get("/inquiry/switch")
        if page.status_code >= 500:
            return 503
        if page.status_code == 303:  # switched before, though nobody was told; or too late
            shown = browser.send("/inquiry/filing", {"number": number}, to="/inquiry/again")
            return 503 if shown.status_code >= 500 else shown.status_code
        answer = browser.send("/inquiry/switch", {"number": number})
        return 503 if answer.status_code >= 500 else answer.status_code

    def _wait(self) -> None:
        until = time.monotonic() + STARTING
        while True:
            try:
                with urllib.request.urlopen(self.address, timeout=5):
                    return
            except OSError:
                assert time.monotonic() < until, (self.folder / "issuer.log").read_text()
                time.sleep(0.05)


@dataclass
class Central:
    """All of it."""

    sessions: Sessions
    postgresql: Any
    served: Running
    portal: Portal
    furnished: Furnished
    folder: Path
    killed: int = 0
    ready: list[str] = field(default_factory=list)

    def kill_server(self) -> None:
        """A worker, which is replaced; now and then the master."""
        self.killed += 1
        if self.killed % MASTER_EVERY == 0:
            self.served.kill_with_master()
            return
        victims = self.served.workers
        victims[self.killed % len(victims)].kill()

    def kill_postgresql(self) -> None:
        """And start it again."""
        kill_without_a_word(self.postgresql)
        self.postgresql.start()

    def look(self) -> None:
        """All is well, and there is work left."""
        self.sessions.kw["bind"].dispose()  # its connections died with the server
        always(self.sessions)
        ready = select(Filing.number).where(Filing.status == FilingStatus.READY)
        with self.sessions() as session:
            self.ready = list(session.scalars(ready.order_by(func.random())))
        if len(self.ready) < ENOUGH_READY:
            wanted = self.furnished.names * (ENOUGH_READY // len(self.furnished.names))
            add_filings(self.sessions, wanted)


def killed_central(
    postgresql: Any, sessions: Sessions, url: str, folder: Path, plan: Plan
) -> Killed:
    """Kill server, portal and database so often while windows and the portal are at work."""
    began = time.monotonic()
    with ExitStack() as stack:
        served = stack.enter_context(running(folder, sessions, url))
        furnished = furnish(sessions, WINDOWS, 2 * ENOUGH_READY, served.keys)
        portal = Portal.start(folder, url)
        stack.callback(lambda: forked.kill(portal.process))
        central = Central(sessions, postgresql, served, portal, furnished, folder)
        windows = []
        for code in furnished.windows:
            there = stack.enter_context(window(served.house, served.address, code))
            word = staff_pass(served.house.installation, Desk(code, SUPERVISOR))
            there.counter.hold_pass(SUPERVISOR, word)
            windows.append(window_at(there.counter, code, folder))
        victims = {
            "server": central.kill_server,
            "portal": portal.kill,
            "PostgreSQL": central.kill_postgresql,
        }
        shifts = [lambda done, one=one: _work(one, furnished, done) for one in windows]
        with at_work([*shifts, lambda done: _switch(central, done)]):
            kills = kill_in_turns(
                victims, plan, central.look, lambda: sum(_acts(one) for one in windows)
            )
        done = sum((one.done for one in windows), portal.done)
        for text in (*furnished.texts, *switched_texts(sessions)):
            windows[0].release_all(text)
        with sessions() as session:
            assert set(session.scalars(select(Filing.status))) == {FilingStatus.RELEASED}
    return Killed(kills, done, at_the_end(sessions, Diary.read(folder)), time.monotonic() - began)


def _acts(at: Window) -> int:
    return at.done["present"] + at.done["confirm"]


def _work(at: Window, furnished: Furnished, done: threading.Event) -> None:
    while not done.is_set():
        at.visit(at.chance.choice(furnished.texts))
    at.empty_hands()


def _switch(central: Central, done: threading.Event) -> None:
    diary = Diary(central.folder / "portal.diary")
    while not done.wait(0.2):
        if central.ready:
            central.portal.switch(central.ready.pop(), diary)
