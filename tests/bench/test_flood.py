"""The portal under fifty times what it can do, with counter and console beside it.

Run on demand: ``./run bench -k flood``. Real processes of the commands `issuer serve` and `kiosk
run`. The flood comes over loopback from fifty addresses and yields to everything else (nice 19);
it still shares processor and memory with what it floods, which a flood from outside does not.
Ratios are against the same walk in the same run before the flood.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest

from shared.db import schema
from shared.db.session import open_registry
from shared.key_files import make_keys
from tests.bench.tally import p95, table
from tests.builders import WINDOW, furniture
from tests.e2e.counter_world import STARTING_SECONDS, free_port, start, stop
from tests.issuer_world import GOOD

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
TIMES, LEAST = 50, 45
"""Times its capacity: what is meant to be offered, and below which the flood was none."""
TWICE = 2.0
"""Times as long as unloaded that admitted requests of the portal may take (p95)."""
UNAFFECTED = 2.0
"""The same for pages of counter and console, processes of their own on the same two cores."""
FLOODING, QUIET = 26, 15
"""Seconds."""
SHED = {429, 503}


@dataclass
class Walk:
    """What one visitor after another, each from an address of their own, was answered."""

    port: int
    times: dict[str, list[float]] = field(default_factory=dict)
    shed: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    """Connections that broke."""
    visitors: int = 0

    def ask(self, what: str, path: str, cookie: str = "", form: str = "") -> tuple[int, str, str]:
        """Status, cookie or place to go on, page; its time counts when it was admitted."""
        source = (f"127.2.{self.visitors // 250 % 250}.{self.visitors % 250 + 1}", 0)
        line = HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=source)
        began = time.perf_counter()
        try:
            headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            line.request("POST" if form else "GET", path, form or None, headers)
            answer = line.getresponse()
            page = answer.read().decode("utf-8", "replace")
        except (OSError, HTTPException):
            self.lost += 1
            return 0, "", ""
        finally:
            line.close()
        if answer.status in SHED:
            assert answer.headers["Retry-After"]
            self.shed[answer.status] += 1
            return answer.status, "", ""
        assert answer.status in (200, 303), (path, answer.status)
        self.times.setdefault(what, []).append(time.perf_counter() - began)
        cookie = answer.headers["Set-Cookie"] or ""
        return answer.status, answer.headers["Location"] or cookie.split(";")[0], page

    def once(self) -> None:
        """Open the form, issue a sheet, look at it, take it as a file."""
        self.visitors += 1
        _, cookie, page = self.ask("form", "/codes/new")
        hidden = dict(re.findall(r'type="?hidden"? name="?(\w+)"? value="?([^">]+)', page))
        if not hidden:
            return
        _, sheet, _ = self.ask("issue", "/codes/new", cookie, urlencode(GOOD | hidden))
        if sheet.startswith("/codes/"):
            self.ask("sheet", sheet, cookie)
            self.ask("PDF", f"{sheet}.pdf", cookie)

    @property
    def all(self) -> list[float]:
        """Seconds of everything admitted."""
        return [each for times in self.times.values() for each in times]


@dataclass
class Beside:
    """Pages of another process of the same machine, and how long they took."""

    port: int
    times: dict[str, list[float]] = field(default_factory=lambda: {"/": [], "/console/sign-in": []})

    def once(self) -> None:
        for path, times in self.times.items():
            line = HTTPConnection("127.0.0.1", self.port, timeout=30)
            began = time.perf_counter()
            line.request("GET", path)
            answer = line.getresponse()
            answer.read()
            line.close()
            assert answer.status == 200, path
            times.append(time.perf_counter() - began)


@contextmanager
def installation(folder: Path) -> Iterator[tuple[int, int]]:
    """Portal and counter, as processes; gives their ports."""
    make_keys(folder / "keys", datetime.now(UTC))
    url = f"sqlite:///{folder / 'registry.db'}"
    sessions = open_registry(url)
    schema.upgrade(sessions)
    with sessions.begin() as session:
        session.add_all(furniture())
    sessions.kw["bind"].dispose()
    portal, counter = free_port(), free_port()
    common = f'registry = "{url}"\nsystem_id = "flood"\n'
    (folder / "issuer.toml").write_text(f'{common}keys = "keys/issuer"\nport = {portal}\n')
    (folder / "verifier.toml").write_text(f'{common}keys = "keys/registry"\n')
    kiosk = f'verifier = "verifier.toml"\nkiosk = "{WINDOW}"\nport = {counter}\n'
    (folder / "kiosk.toml").write_text(kiosk)
    processes = [start(folder, "issuer", ["serve"]), start(folder, "kiosk", ["run"])]
    try:
        for port in (portal, counter):
            _wait_for(port)
        yield portal, counter
        assert [process.poll() for process in processes] == [None, None], "a server ended"
    finally:
        stop(processes)


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while True:
        walk = Walk(port)
        if walk.ask("ready", "/healthz")[0] == 200:
            return
        assert time.monotonic() < until
        time.sleep(0.2)


def capacity(port: int, seconds: float = 8) -> float:
    """Requests a second that the portal answers when as many ask as it has threads."""
    walks = [Walk(port, visitors=1000 * number) for number in range(16)]
    until = time.monotonic() + seconds

    def go(walk: Walk) -> None:
        while time.monotonic() < until:
            walk.visitors += 1
            walk.ask("form", "/codes/new")

    asking = [threading.Thread(target=go, args=(walk,)) for walk in walks]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    return sum(len(walk.all) for walk in walks) / seconds


def going_round(walk: Walk, beside: Beside, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        walk.once()
        beside.once()
        time.sleep(0.05)


def recovered_after(port: int, usual: float) -> float:
    """Seconds until a walk is answered as usual."""
    began = time.monotonic()
    while True:
        walk = Walk(port, visitors=50_000)
        walk.once()
        if len(walk.all) == 4 and max(walk.all) <= usual:
            return time.monotonic() - began
        assert time.monotonic() < began + 30


def test_a_flood_of_the_portal(tmp_path: Path) -> None:
    with installation(tmp_path) as (portal, counter):
        able = capacity(portal)
        before, counter_before = Walk(portal), Beside(counter)
        going_round(before, counter_before, QUIET)
        command = [sys.executable, "-m", "tests.bench.flooding", "127.0.0.1", str(portal)]
        flood = subprocess.Popen(
            [*command, str(able * TIMES), str(FLOODING)],
            stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ,
        )  # fmt: skip
        time.sleep(3)
        during, counter_during = Walk(portal, visitors=20_000), Beside(counter)
        going_round(during, counter_during, FLOODING - 6)
        told, _ = flood.communicate(timeout=60)
        after = recovered_after(portal, 2 * p95(before.all))
    sent = json.loads(told)
    offered = sent["offered"] / FLOODING
    print(f"\ncapacity {able:.0f} pages/s; offered {offered:.0f}/s = {offered / able:.0f} times")
    print(f"flood answered {sent['answers']}, {sent['cut']} connections closed without a word")
    print(f"visitors: {len(during.all)} admitted, shed {dict(during.shed)}, broken {during.lost}")
    both = [what for what in before.times if what in during.times]
    rows = [_row(f"portal: {what}", before.times[what], during.times[what]) for what in both]
    rows.append(_row("portal, all", before.all, during.all))
    for path, times in counter_before.times.items():
        rows.append(_row(f"counter: {path}", times, counter_during.times[path]))
    head = ("milliseconds", "p50 before", "flooded", "p95 before", "flooded", "ratio of p95")
    print(table(head, rows))
    print(f"back to usual {after:.2f} s after the flood")
    assert set(sent["answers"]) <= {"200", "404", "410", "429", "503"}
    assert offered >= LEAST * able, "the flood was none"
    assert during.lost == 0
    assert p95(during.all) <= TWICE * p95(before.all), "who was admitted waited too long"
    for path, times in counter_before.times.items():
        assert p95(counter_during.times[path]) <= UNAFFECTED * p95(times), f"counter: {path}"
    assert after < 1


def _row(what: str, before: list[float], during: list[float]) -> tuple[str, ...]:
    figures = (f(times) for f in (statistics.median, p95) for times in (before, during))
    ratio = p95(during) / p95(before)
    return (what, *(f"{figure * 1000:.1f}" for figure in figures), f"{ratio:.1f}")
