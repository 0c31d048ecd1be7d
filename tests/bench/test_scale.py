"""The registry of a country on one PostgreSQL: what a window waits for, and how much goes through.

Run on demand: ``KEPT_IN=DIR ./run bench -k scale``. FILINGS, RECEIVERS and ENTRIES are for other
sizes (the full ones take 27 GB and half an hour to make), SHOWINGS for another number of tries.

Each figure stands beside its floor of the same
run, measured in turns with it, because machines are shared: bcrypt, a registry of one hundredth, a
bare loop of inserts. PostgreSQL waits for its disk here.
"""

import os
import secrets
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import MetaData, insert, select, text

from kiosk.machine import EVERY
from shared.db.session import Sessions
from shared.db.tables import HandOver, HandOverState, JournalEntry, LogLine
from shared.passwords import check_tag, hash_tag
from tests.bench.country import WINDOWS, Sizes, fill
from tests.bench.country_server import country_server, waits_for_disk
from tests.bench.country_sheets import (
    BUSY,
    Errand,
    deliver,
    give_passwords,
    of_everybody,
    of_the_busy,
)
from tests.bench.crowds import Crowds
from tests.bench.filled import KEPT_IN, kept_database
from tests.bench.tally import p95, table
from tests.builders import Clock, House, house_on, showing
from tests.registry_process import Running, serving
from verifier.acts import Desk, GiveUpReason
from verifier.registry import journal
from verifier.registry.journal import Act, Author

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
SIZES = Sizes(
    int(os.environ.get("FILINGS", "10000000")),
    int(os.environ.get("RECEIVERS", "200000")),
    int(os.environ.get("ENTRIES", "20000000")),
)
COST = 12
SHOWINGS = int(os.environ.get("SHOWINGS", "80"))
LIGHT_SHOWINGS = 2 * SHOWINGS
APPENDS, ROUNDS = 150, 7
AT_ONCE = 16
"""Windows without a pause, to see how much goes through."""
WARMING_SECONDS = 30
"""Nobody restarts a registry in the middle of a rush: its memory holds what is asked for often."""
THROUGH_SECONDS, CROWD_SHEETS = SHOWINGS // 4, 1
A_YEAR = 17_000_000 / (240 * 8 * 3600)
"""Hand-overs a second in the opening hours of a year."""
HASHING_SHARE = 0.25
"""Of what bcrypt alone does on these cores, so many visitors come to the crowd at most: all its
windows ask for the time and their strips besides, and run on the same cores.
"""
HASHING_EVERY = 5
"""Seconds from one bcrypt beside the crowd to the next."""


@dataclass
class Country:
    """The whole registry, and one of a hundredth beside it on the same server."""

    large: Sessions
    small: Sessions
    server: psutil.Process

    @property
    def url(self) -> str:
        """Of the whole registry."""
        return str(self.large.kw["bind"].url.render_as_string(hide_password=False))


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    folder = Path(KEPT_IN) if KEPT_IN else tmp_path_factory.mktemp("country")
    with country_server(folder) as server:
        waits_for_disk(server, waits=False)
        began = time.perf_counter()
        with _kept(server, SIZES) as large, _kept(server, SIZES.fraction) as small:
            for sessions in (large, small):
                _end_what_is_open(sessions)
            waits_for_disk(server, waits=True)
            print(f"\n{SIZES.filings:,} filings, {SIZES.receivers:,} receivers,", end=" ")
            print(
                f"{SIZES.entries:,} entries, ready in {time.perf_counter() - began:.0f} s;", end=" "
            )
            print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
            yield Country(large, small, psutil.Process(server.get_pid()))


def _kept(server: Any, sizes: Sizes) -> Any:
    return kept_database(server, sizes.name, lambda sessions: fill(sessions, sizes))


def _now_house(sessions: Sessions) -> House:
    return house_on(sessions, Clock(datetime.now(UTC)))


def _end_what_is_open(sessions: Sessions) -> None:
    """A run that was cut off leaves baskets in its windows' hands."""
    house = _now_house(sessions)
    with sessions() as session:
        left = session.scalars(select(HandOver).where(HandOver.state == HandOverState.OPEN)).all()
    for basket in left:
        desk = Desk(basket.kiosk_code, basket.staff_number)
        house.counter.give_up(desk, basket.id, GiveUpReason.TIMEOUT)


def _ms(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _show(house: House, errand: Errand) -> tuple[float, float]:
    """Present a sheet, look at its basket, give it up: milliseconds of the first two."""
    house.clock.now = datetime.now(UTC)
    said, answers = showing(errand.sheet()), []
    took = _ms(lambda: answers.append(house.counter.present(errand.desk, said)))
    basket = answers[0].basket
    assert basket is not None, answers[0].verdict
    looked = _ms(lambda: house.counter.unfinished(errand.desk))
    house.counter.give_up(errand.desk, basket.hand_over_id, GiveUpReason.ABSENT)
    return took, looked


def test_scale_of_a_presentation(country: Country) -> None:
    """A sheet of one of the busiest receivers, beside the bcrypt that it cannot do without."""
    errands = [Errand(n % BUSY + 1, f"K{n % WINDOWS:03d}") for n in range(SHOWINGS)]
    give_passwords(country.large, errands, COST)
    deliver(country.large, errands)
    house, stored = _now_house(country.large), hash_tag(errands[0].tag, COST)
    hashing, shown, looked = [], [], []
    for errand in errands:
        hashing.append(_ms(lambda: check_tag(errands[0].tag, stored)))
        took, basket = _show(house, errand)
        shown.append(took)
        looked.append(basket)
    beyond, median = p95(shown) - p95(hashing), statistics.median(shown)
    rows = [_row("bcrypt alone", hashing), _row("present", shown), _row("basket", looked)]
    print(table(("milliseconds", "median", "p95"), rows))
    print(f"present beyond bcrypt: p95 {beyond:.1f}, median", end=" ")
    print(f"{median - statistics.median(hashing):.1f}; wanted 40; basket p95 wanted 20")
    assert beyond <= 40
    assert p95(looked) <= 20


def _row(what: str, took: list[float]) -> tuple[object, ...]:
    return what, f"{statistics.median(took):.1f}", f"{p95(took):.1f}"


def test_scale_of_growth(country: Country) -> None:
    """The same acts on a registry of one hundredth, in turns; passwords that cost next to nothing,
    so that the registry's own work is what is compared.
    """
    houses = [
        (_now_house(sessions), of_everybody(sessions, sizes, LIGHT_SHOWINGS, 4))
        for sessions, sizes in ((country.small, SIZES.fraction), (country.large, SIZES))
    ]
    took: list[list[tuple[float, float]]] = [[], []]
    for turn in range(LIGHT_SHOWINGS):
        for of, (house, errands) in zip(took, houses, strict=True):
            of.append(_show(house, errands[turn]))
    (small, small_basket), (large, large_basket) = (
        [[each[part] for each in of] for part in (0, 1)] for of in took
    )
    rows = [
        _row(f"present, {SIZES.fraction.filings:,} filings", small),
        _row(f"present, {SIZES.filings:,} filings", large),
        _row(f"basket, {SIZES.fraction.filings:,} filings", small_basket),
        _row(f"basket, {SIZES.filings:,} filings", large_basket),
    ]
    print(table(("milliseconds without bcrypt", "median", "p95"), rows))
    growth = statistics.median(large) / statistics.median(small)
    print(f"growth {growth:.2f} x, p95 {p95(large) / p95(small):.2f} x; wanted 1.5")
    assert growth <= 1.5


def test_scale_of_the_journal(country: Country) -> None:
    """Entries a second, beside a bare loop that inserts the same rows, ready made, in tables with
    the same indices: no turn to take, no look at the newest entry, no number, no hash.
    """
    with _bare_tables(country.large) as bare:
        _append(country.large, 20)
        bare(20)
        rates: dict[str, list[float]] = {"append": [], "bare loop": []}
        for _ in range(ROUNDS):
            rates["bare loop"].append(APPENDS / _ms(lambda: bare(APPENDS)) * 1000)
            took = _ms(lambda: _append(country.large, APPENDS))
            rates["append"].append(APPENDS / took * 1000)
    middle = {what: statistics.median(of) for what, of in rates.items()}
    ratio = statistics.median(
        ours / floor for ours, floor in zip(rates["append"], rates["bare loop"], strict=True)
    )
    print("".join(f"\n{what:10} {rate:7.0f} a second" for what, rate in middle.items()), end="")
    print(f"; {ratio:.2f} of the bare loop, wanted 0.80")
    assert ratio >= 0.8


_BODY = {"hand_over": None, "in_hand": 0, "ms": 300, "note": "x" * 200}


def _append(sessions: Sessions, count: int) -> None:
    for _ in range(count):
        with sessions.begin() as session:
            journal.append(session, Act.PAUSED, Author("K001", "C001"), _BODY, datetime.now(UTC))


class _bare_tables:  # noqa: N801 - used as a function is
    """Copies of the two tables, for as long as the block; gives the loop."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions, self._seq = sessions, 0
        kept = MetaData()
        self._journal = JournalEntry.__table__.to_metadata(kept, name="bare_journal")
        self._lines = LogLine.__table__.to_metadata(kept, name="bare_lines")

    def __enter__(self) -> Callable[[int], None]:
        with self._sessions.begin() as session:
            for name in ("journal", "lines"):
                session.execute(text(f"DROP TABLE IF EXISTS bare_{name}"))
            session.execute(text("CREATE TABLE bare_journal (LIKE journal INCLUDING ALL)"))
            session.execute(text("CREATE TABLE bare_lines (LIKE log_lines INCLUDING ALL)"))
        return self._insert

    def __exit__(self, *_of_error: object) -> None:
        with self._sessions.begin() as session:
            session.execute(text("DROP TABLE bare_journal, bare_lines"))

    def _insert(self, count: int) -> None:
        body, at = journal.canonical(_BODY), datetime.now(UTC)
        who = {"at": at, "act": "paused", "kiosk_code": "K001", "staff_number": "C001"}
        digests = [secrets.token_hex(32) for _ in range(count + 1)]  # they spread over an index
        for turn in range(count):
            self._seq += 1
            chain = {"prev": digests[turn], "hash": digests[turn + 1]}
            entry = who | chain | {"seq": self._seq, "kiosk_seq": self._seq, "body": body}
            with self._sessions.begin() as session:
                session.execute(insert(self._journal), entry)
                session.execute(insert(self._lines), who | {"seq": self._seq, "items": 0})


@pytest.fixture(scope="module")
def crowds(
    country: Country, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Running, Crowds]]:
    folder = tmp_path_factory.mktemp("served")
    give_passwords(country.large, [Errand(n, "K000") for n in range(1, BUSY + 1)], COST)
    at = _now_house(country.large)
    with serving(folder, at, country.url, workers=os.cpu_count() or 2, threads=8) as served:
        crowd = Crowds(served, folder)
        warm = of_the_busy([f"K{n:03d}" for n in range(AT_ONCE)], BUSY)
        deliver(country.large, [each for own in warm.values() for each in own])
        crowd.go(warm, think=0, patience=60, seconds=WARMING_SECONDS)
        yield served, crowd


def test_scale_of_what_goes_through(country: Country, crowds: tuple[Running, Crowds]) -> None:
    """Visitors without a pause, against what bcrypt alone does on the same cores."""
    served, crowd = crowds
    windows = [f"K{n:03d}" for n in range(AT_ONCE)]
    alone, through, shares = [_bcrypts_a_second(5)], [], []
    for _ in range(3):
        errands = of_the_busy(windows, BUSY)
        deliver(country.large, [each for own in errands.values() for each in own])
        before = _processor(served, country)
        happened = crowd.go(errands, think=0, patience=60, seconds=THROUGH_SECONDS)
        spent, shown = _processor(served, country) - before, len(happened.confirm)
        assert not happened.errors
        assert not happened.lost
        through.append(shown / happened.elapsed)
        alone.append(_bcrypts_a_second(5))
        shares.append((spent / shown, happened.processor / shown))
    ratio = statistics.median(through) / statistics.median(alone)
    server, client = (statistics.median(part) * 1000 for part in zip(*shares, strict=True))
    hashing = 1000 * (os.cpu_count() or 1) / statistics.median(alone)
    print(
        f"\nbcrypt alone {statistics.median(alone):.1f} a second on {os.cpu_count()} cores;",
        end=" ",
    )
    print(f"hand-overs {statistics.median(through):.1f} a second: {ratio:.2f}, wanted 0.85")
    print(
        f"processor for each: {server:.0f} ms in the registry and its database, where bcrypt",
        end=" ",
    )
    print(f"alone takes {hashing:.0f}; besides {client:.0f} in the kiosks, on the same cores")
    assert ratio >= 0.85


def _bcrypts_a_second(seconds: float) -> float:
    """On every core at once."""
    errand, done, until = Errand(1, "K000"), [], time.monotonic() + seconds
    stored = hash_tag(errand.tag, COST)

    def check() -> None:
        while time.monotonic() < until:
            check_tag(errand.tag, stored)
            done.append(1)

    began = time.monotonic()
    threads = [threading.Thread(target=check) for _ in range(os.cpu_count() or 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done) / (time.monotonic() - began)


def _processor(served: Running, country: Country) -> float:
    """Seconds that the registry's workers and the database have used."""
    of_all = [*served.workers, *country.server.children()]
    return sum(sum(process.cpu_times()[:2]) for process in of_all)


def test_scale_of_four_hundred_kiosks(country: Country, crowds: tuple[Running, Crowds]) -> None:
    """Every window of the country at once, each with its visitors and pauses for thought, and
    asking for the time and its header strip all along as kiosks do.
    """
    _served, crowd = crowds
    errands = of_the_busy([f"K{n:03d}" for n in range(WINDOWS)], CROWD_SHEETS)
    deliver(country.large, [each for own in errands.values() for each in own])
    rate = min(A_YEAR, HASHING_SHARE * _bcrypts_a_second(5))
    think = WINDOWS / rate
    with _hashing_meanwhile() as hashing:
        happened = crowd.go(errands, think=think, look_every=EVERY)
    print(
        f"\n{WINDOWS} kiosks, {len(happened.confirm)} hand-overs in {happened.elapsed:.0f} s,",
        end=" ",
    )
    print(f"{rate:.2f} visitors a second, {rate / A_YEAR:.0%} of a year's; each", end=" ")
    print(f"{think:.0f} s after the last at its window; errors: {happened.errors or 'none'};")
    print(
        f"the registry was lost, and came back, so often: {happened.lost or 'never'}; wanted never"
    )
    acts = (("bcrypt meanwhile", hashing), ("present", happened.present))
    rest = (("basket", happened.basket), ("confirm", happened.confirm))
    looks = (("looks meanwhile", happened.look),)
    rows = [_row(*act) for act in (*acts, *rest, *looks)]
    print(table(("milliseconds", "median", "p95"), rows))
    assert not happened.errors
    assert not happened.lost
    assert len(happened.confirm) == WINDOWS * CROWD_SHEETS


class _hashing_meanwhile:  # noqa: N801 - used as a function is
    """How long bcrypt takes while others work."""

    def __enter__(self) -> list[float]:
        self._ended, self._took = threading.Event(), list[float]()
        self._thread = threading.Thread(target=self._hash)
        self._thread.start()
        return self._took

    def __exit__(self, *_of_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _hash(self) -> None:
        errand = Errand(1, "K000")
        stored = hash_tag(errand.tag, COST)
        while not self._ended.wait(HASHING_EVERY):
            self._took.append(_ms(lambda: check_tag(errand.tag, stored)))
