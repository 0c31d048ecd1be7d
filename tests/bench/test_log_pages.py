"""How long a page of the log takes when the log is long: 2 million entries, on both databases.

Run on demand: ``./run bench`` (set ENTRIES to try other sizes). Prints the percentiles of every
kind of view beside the floor of the same run, a page of a log of 2 thousand entries, and the
processor time of this process (with SQLite that is all of it); nothing is asserted about time,
because machines are shared.
"""

import os
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.db.schema import upgrade
from shared.db.session import Sessions, open_registry
from shared.db.tables import Filing, Presentation
from tests.acting_world import console_app
from tests.bench.many_entries import DAYS, FIRST_DAY, fill
from tests.builders import Clock, house_on
from tests.console_world import sign_in

pytestmark = pytest.mark.slow
ENTRIES = int(os.environ.get("ENTRIES", "2000000"))
FLOOR = 2_000
ROUNDS = 15
NOW = FIRST_DAY.replace(hour=4)


@pytest.fixture
def sessions(empty_registry_url: str) -> Iterator[Sessions]:
    """An empty registry on each database."""
    opened = open_registry(empty_registry_url)
    upgrade(opened)
    yield opened
    opened.kw["bind"].dispose()


def test_how_long_a_page_of_the_log_takes(sessions: Sessions, tmp_path_factory) -> None:
    began = time.perf_counter()
    fill(sessions, ENTRIES)
    print(f"\n{sessions.kw['bind'].dialect.name}: {ENTRIES:,} entries", end=" ")
    print(f"written in {time.perf_counter() - began:.0f} s")
    floor_url = f"sqlite:///{tmp_path_factory.mktemp('floor') / 'registry.db'}"
    floor = open_registry(floor_url)
    upgrade(floor)
    fill(floor, FLOOR)
    base = statistics.median(_times(_browser(floor), ""))
    floor.kw["bind"].dispose()
    print(f"floor: first page of {FLOOR:,} entries, median {base:.0f} ms")
    client = _browser(sessions)
    worst = 0.0
    for name, query in _views(sessions):
        spent = time.process_time()
        times = _times(client, query)
        spent = (time.process_time() - spent) / ROUNDS * 1000
        p95 = statistics.quantiles(times, n=20)[-1]
        worst = max(worst, p95)
        print(f"{name:42} median {statistics.median(times):4.0f} ms  p95 {p95:4.0f} ms", end="  ")
        print(f"{statistics.median(times) / base:4.1f} × floor  processor {spent:4.0f} ms")
    print(f"slowest p95: {worst:.0f} ms")
    assert worst > 0


def _browser(sessions: Sessions) -> FlaskClient:
    built = house_on(sessions, Clock(NOW + timedelta(days=DAYS - 1)))
    client = console_app(built).test_client()
    sign_in(client)
    return client


def _views(sessions: Sessions) -> list[tuple[str, str]]:
    with sessions() as session:
        middle = session.scalars(
            select(Presentation).order_by(Presentation.at).offset(ENTRIES // 4).limit(1)
        ).one()
        filing = session.scalars(select(Filing.id).order_by(Filing.id.desc()).limit(1)).one()
    return [
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
        ("registrations a year ago", "purpose=registration&since=2025-11-01&until=2025-11-30"),
        ("one receiver", "receiver=100"),
        ("twenty receivers, refused",
         "outcome=refused&receiver=" + ".".join(map(str, range(1, 21)))),
        ("one sheet by its search key", f"key={middle.key_digest}"),
        ("one vehicle", f"filing={filing}"),
    ]  # fmt: skip


def _times(client: FlaskClient, query: str) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = client.get(f"/console/journal?{query}")
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200
    return times
