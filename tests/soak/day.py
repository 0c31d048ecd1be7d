"""Ten real minutes: a counter, the registry it asks over a line, the portal, and faults."""

import contextlib
import http.client
import json
import random
import socket
import threading
import time
import urllib.request
import uuid
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.exc import OperationalError

from shared.db.session import Sessions
from shared.db.tables import Presentation
from shared.names import ReceiverName
from tests import forked
from tests.builders import ADMINISTRATOR, PASSWORD, WINDOW, receiver_sheet, text_of
from tests.cut_line import CutLine
from tests.cut_line import Line as Cut
from tests.e2e.counter_world import free_port
from tests.http_browser import HttpBrowser
from tests.kiosk_world import Clerk
from tests.once.acting import Diary
from tests.once.central import Portal
from tests.once.furnishing import add_filings, furnish
from tests.once.invariants import at_the_end
from tests.once.killing import at_work
from tests.once.office import Kiosk, Person
from tests.registry_process import Running, running, window
from tests.soak.gauges import Course, Sample, courses, held_by, now, with_children
from verifier.administration.orders import carry_out
from verifier.administration.windows import IssueEnrolmentCode, enrolment_letters
from verifier.client import Line
from verifier.client.device import enrol

EVERY = 5.0
"""Seconds between two samples."""
BETWEEN_FAULTS = 6.0
SHEETS = 40
"""At the window: the same one again within moments is the same showing."""
BESIDE, VISITOR_EVERY = 2, 0.3
"""Windows beside the counter, and seconds from one visitor of theirs to the next."""
DELIVERED = 20
"""Vehicles that become ready for one of them at a time."""
RECEIVER = ReceiverName.parse("架空行政書士事務所　試験　第0号").display


@dataclass
class Soaked:
    """What came of it."""

    done: Tally[str]
    faults: Tally[str]
    courses: dict[str, list[Course]]
    presented: int
    seconds: float


@dataclass
class Site:
    """Everything that runs."""

    sessions: Sessions
    served: Running
    portal: Portal
    kiosk: Kiosk
    line: CutLine
    beside: tuple[str, ...]
    """Windows that ask the registry themselves."""
    faults: Tally[str] = field(default_factory=Tally)

    def sample(self) -> dict[str, Sample]:
        """What each process holds now."""
        at, pids = (
            now(),
            {
                "counter": self.kiosk.process.pid,
                "portal": self.portal.process.pid,
            },
        )
        asked = sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        with self.sessions() as session:
            connections = session.scalar(asked) or 0
        held = {name: held_by(with_children(pid or 0)) for name, pid in pids.items()}
        held["registry"] = held_by(with_children(self.served.process.pid), connections)
        return {name: Sample(at, one) for name, one in held.items()}

    def trouble(self, done: threading.Event) -> None:
        """One fault after another, until the event is set."""
        chance = random.Random(3)
        faults: dict[str, Callable[[], None]] = {
            "line cut": lambda: self._line(Cut.CUT, 1.0),
            "line silent": lambda: self._line(Cut.SILENT, 2.0),
            "answers cut off": lambda: self.line.become(Cut.ANSWER_CUT, answers=3),
            "worker killed": lambda: self.served.workers[0].kill(),
            "connections ended": self._end_connections,
            "half-open and slow clients": self._half_open,
        }
        while not done.wait(BETWEEN_FAULTS):
            name = chance.choice(list(faults))
            faults[name]()
            self.faults[name] += 1
        self.line.become(Cut.WHOLE)

    def _line(self, state: Cut, seconds: float) -> None:
        self.line.become(state)
        time.sleep(seconds)
        self.line.become(Cut.WHOLE)

    def _end_connections(self) -> None:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        with self.sessions.begin() as session:
            session.execute(
                sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
            )

    def _half_open(self) -> None:
        """Requests that are never finished, given up after a while."""
        for address in (self.kiosk.address, self.portal.address, self.served.address):
            parts = urlsplit(address)
            for _ in range(5):
                with socket.create_connection((parts.hostname or "", parts.port or 0), 5) as one:
                    one.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nx")


def soak(sessions: Sessions, url: str, folder: Path, minutes: float) -> Soaked:
    """Work for so long while one fault follows another; raises AssertionError."""
    began, samples = time.monotonic(), []
    with _site(sessions, url, folder) as (site, texts):
        person = Person(
            site.kiosk,
            Diary(folder / "clerk.diary"),
            [],
            Clerk(HttpBrowser(site.kiosk.address)),  # type: ignore[arg-type]
        )
        person.supply = lambda: _next_sheet(sessions, site, texts, person)
        beside = [partial(_hand_over, site, code) for code in site.beside]
        with at_work([person.work, site.trouble, partial(_watch_pages, site), *beside]):
            until = time.monotonic() + 60 * minutes
            while time.monotonic() < until:
                time.sleep(EVERY)
                with contextlib.suppress(Exception):  # its own connection was ended: the next one
                    samples.append(site.sample())
        end = at_the_end(sessions, Diary.read(folder))
        with sessions() as session:
            presented = session.scalar(select(func.count()).select_from(Presentation)) or 0
    found = {name: courses([one[name] for one in samples]) for name in samples[0]}
    assert end.released > 0
    return Soaked(person.done, site.faults, found, presented, time.monotonic() - began)


def _next_sheet(
    sessions: Sessions, site: Site, texts: list[str], person: Person
) -> tuple[str, str]:
    """Mostly a sheet with nothing to collect, now and then a vehicle, now and then a new sheet."""
    chance = person.chance
    if chance.random() < 0.08:
        with contextlib.suppress(Exception):  # the registry's connections were ended just now
            add_filings(sessions, [RECEIVER])
    if chance.random() < 0.1:
        with contextlib.suppress(OSError):
            texts[chance.randrange(len(texts))] = _issue(site, RECEIVER)
    return "", chance.choice(texts)


def _hand_over(site: Site, code: str, done: threading.Event) -> None:
    """A window beside the counter, straight at the registry: what a registry serves all day."""
    with window(site.served.house, site.served.address, code) as beside:
        while not done.wait(VISITOR_EVERY):
            for text in _delivered(site):
                beside.hand_over(text)
                if done.wait(VISITOR_EVERY):
                    return


def _delivered(site: Site) -> list[str]:
    """Sheets for vehicles that became ready; none when connections were ended just now."""
    try:
        return site.served.individual_sheets(DELIVERED)
    except OperationalError:
        return []


def _issue(site: Site, name: str) -> str:
    """A new 認証用 from the portal's API."""
    order = {
        "purpose": "authentication", "receiver_name": name, "password": PASSWORD, "procedure": 1,
    }  # fmt: skip
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    request = urllib.request.Request(
        site.portal.address + "api/v1/sheets", json.dumps(order).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.loads(answer.read())["code"])


def _watch_pages(site: Site, done: threading.Event) -> None:
    """A monitor, and pages whose event stream is opened and left."""
    while not done.wait(1.0):
        for address in (site.kiosk.address, site.served.address + "/", site.portal.address):
            with contextlib.suppress(OSError, http.client.HTTPException):
                HttpBrowser(address).get("/readyz")


@contextmanager
def _site(sessions: Sessions, url: str, folder: Path) -> Iterator[tuple[Site, list[str]]]:
    with ExitStack() as stack:
        served = stack.enter_context(running(folder, sessions, url))
        beside = furnish(sessions, BESIDE, 5, served.keys).windows
        line = stack.enter_context(CutLine(served.address))
        portal = Portal.start(folder, url)
        stack.callback(lambda: forked.kill(portal.process))
        kiosk = _kiosk(served, line, folder)
        stack.callback(lambda: forked.kill(kiosk.process))
        kiosk.wait()
        issued = datetime.now(UTC) - timedelta(minutes=1)
        sheets = (
            receiver_sheet(name=RECEIVER, issued_at=issued, by=served.keys) for _ in range(SHEETS)
        )
        texts = [text_of(sheet, served.keys) for sheet in sheets]
        yield Site(sessions, served, portal, kiosk, line, beside), texts


def _kiosk(served: Running, line: CutLine, folder: Path) -> Kiosk:
    """A window elsewhere, enrolled with a code of the console."""
    letters = enrolment_letters("a click", served.house.installation.keys.console)
    order = IssueEnrolmentCode(WINDOW, letters)
    carry_out(served.house.installation, ADMINISTRATOR, "a click", order)
    with Line(served.address) as direct:
        enrol(direct, letters, folder / "var" / "device")
    port = free_port()
    (folder / "kiosk.toml").write_text(
        f'kiosk = "{WINDOW}"\nvar = "var"\nport = {port}\n[registry]\nurl = "{line.address}"\n'
    )
    (folder / "kiosk.log").touch()
    return Kiosk(folder, f"http://127.0.0.1:{port}/", forked.start(folder))
