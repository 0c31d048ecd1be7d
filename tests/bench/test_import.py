"""How fast a file of filings comes in: rows a second beside a bare load of the same rows.

Run on demand: ``./run bench -k import`` (FILINGS for another size, PASSES=1 for new filings alone,
ALONE=1 without the peer, when the memory for millions is what is wanted).
The peer writes the same rows, as `filings` wants them, by COPY on PostgreSQL and by executemany on
SQLite, into a table with the same indexes, in transactions of the same size: no reading of a file,
no checks, no look at what is there. The file is written first; the import runs in a process of its
own, whose greatest memory is printed. Nothing is asserted about time, because machines are shared.
"""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from sqlalchemy import MetaData, func, select, text

from shared.db.bulk import fill
from shared.db.schema import upgrade
from shared.db.session import Sessions, expect_many_pages, open_registry
from shared.db.tables import Filing
from shared.names import compare_key
from shared.vehicle_marks import tail
from tests.builders import furniture
from tests.conftest import NOON
from verifier.filings.importing import BATCH, Run, bring_in
from verifier.filings.records import FilingsFile
from verifier.filings.report import open_report

pytestmark = pytest.mark.slow
FILINGS = int(os.environ.get("FILINGS", "1000000"))
PASSES = int(os.environ.get("PASSES", "3"))
ALONE = "ALONE" in os.environ
NAMES = 20_000
MOST_MEMORY = 300_000_000
_HEADER = "受付番号,手続種別,事務所,受取者名,状況,車両番号,車台番号,納税確認\n"


class Ran(NamedTuple):
    """What an import took of the machine (of a server's processor time, nothing)."""

    memory: int
    """The most it had, in bytes."""
    processor: float
    """Seconds."""


@pytest.fixture
def sessions(empty_registry_url: str) -> Iterator[Sessions]:
    """A furnished registry on each database."""
    opened = open_registry(empty_registry_url)
    upgrade(opened)
    with opened.begin() as session:
        session.add_all(furniture())
    yield opened
    opened.kw["bind"].dispose()


def test_how_fast_a_file_of_filings_comes_in(
    sessions: Sessions, empty_registry_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "filings.csv"
    _write(path, "審査中")
    size = path.stat().st_size / 1e6
    print(f"\n{sessions.kw['bind'].dialect.name}: {FILINGS:,} filings, {size:.0f} MB")
    floor = None if ALONE else _timed("bare load", lambda: _bare(sessions))
    _clear(sessions)
    ran: list[Ran] = []
    for what in ("import, all new", "the same file again", "all updated")[:PASSES]:
        if what == "all updated":
            _write(path, "交付可")
        before = _spent_by_server(sessions)
        rate = _timed(what, lambda: ran.append(_apart(empty_registry_url, path)))
        own = ran[-1].processor / FILINGS * 1e6
        server = (_spent_by_server(sessions) - before) / FILINGS * 1e6
        share = f"{rate / floor:.2f} × the bare load, " if floor else ""
        print(f"    {share}{ran[-1].memory / 1e6:.0f} MB at most;")
        print(f"    processor a row: {own:.0f} µs, and {server:.0f} µs in the server;", end=" ")
        alone = 1e6 / max(own, server)
        print(f"with a core for each {alone:,.0f} rows/s; load {os.getloadavg()[0]:.1f}")
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Filing)) == FILINGS
    assert max(one.memory for one in ran) < MOST_MEMORY


def _timed(what: str, work) -> float:
    began = time.perf_counter()
    work()
    rate = FILINGS / (time.perf_counter() - began)
    print(f"  {what:24} {rate:9,.0f} rows/s")
    return rate


def _spent_by_server(sessions: Sessions) -> float:
    """Seconds of processor time that PostgreSQL took so far; SQLite works in our own process."""
    if sessions.kw["bind"].dialect.name == "sqlite":
        return 0.0
    with sessions() as session:
        folder = Path(str(session.scalar(text("SHOW data_directory"))))
    postmaster = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
    ended = postmaster.cpu_times()
    spent = ended.children_user + ended.children_system
    for process in postmaster.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            now = process.cpu_times()
            spent += now.user + now.system
    return float(spent)


def _apart(url: str, path: Path) -> Ran:
    """Import in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.test_import", url, str(path)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    memory, processor = ran.stdout.split()
    return Ran(int(memory), float(processor))


def _plate(n: int) -> str:
    return f"見本 58{n % 10} あ {n // 100 % 100:02d}-{n % 100:02d}"


def _name(n: int) -> str:
    return f"架空行政書士事務所　試験　{n % NAMES}号（{n % NAMES:08d}）"


def _number(n: int) -> str:
    """Rising from day to day, and mixed within one."""
    day, turn = divmod(n, 10_000)
    return f"26{day * 10_000 + turn * 7_919 % 10_000:014d}"


def _write(path: Path, status: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEADER)
        file.writelines(_line(n, status) for n in range(FILINGS))


def _line(n: int, status: str) -> str:
    return f"{_number(n)},継続検査,S1,{_name(n)},{status},{_plate(n)},KAKU-{n:07d},済\n"


def _bare(sessions: Sessions) -> None:
    table = Filing.__table__.to_metadata(MetaData())
    is_sqlite = sessions.kw["bind"].dialect.name == "sqlite"
    now = NOON.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite else NOON.astimezone(UTC)
    for start in range(0, FILINGS, BATCH):
        rows = [_row(n, now) for n in range(start, min(start + BATCH, FILINGS))]
        with sessions.begin() as session:
            expect_many_pages(session)
            fill(session.connection(), table, rows)


def _row(n: int, now: object) -> list[object]:
    name, plate, chassis = _name(n), _plate(n), f"KAKU-{n:07d}"
    values = {
        "id": n + 1, "number": _number(n), "procedure_code": 1,
        "office_code": "S1", "receiver_name": name, "receiver_key": compare_key(name),
        "status": "examining", "pickup_method": "authentication", "plate": plate,
        "chassis": chassis, "plate_tail": tail(plate), "chassis_tail": tail(chassis),
        "tax_confirmed": True, "inquiry_failures": 0, "received_at": now, "updated_at": now,
    }  # fmt: skip
    return [values.get(column.name) for column in Filing.__table__.columns]


def _clear(sessions: Sessions) -> None:
    is_sqlite = sessions.kw["bind"].dialect.name == "sqlite"
    with sessions.begin() as session:
        session.execute(text("DELETE FROM filings" if is_sqlite else "TRUNCATE filings CASCADE"))


def _import(url: str, path: Path) -> None:
    opened = open_registry(url)
    file = FilingsFile(path)
    run = Run(sessions=opened, file=file, cost=12, clock=lambda: NOON)
    began = time.process_time()
    with open_report(path.with_suffix(".refused"), 0) as report:
        bring_in(run, report, file.sha256())
        assert report.rows == 0
    opened.kw["bind"].dispose()
    # Not ru_maxrss: it begins with what the process had that started this one.
    [most] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    sys.stdout.write(f"{int(most) * 1024} {time.process_time() - began}")


if __name__ == "__main__":
    _import(sys.argv[1], Path(sys.argv[2]))
