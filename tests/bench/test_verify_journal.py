"""How long it takes to verify a journal of a million entries on one core: on demand only.

Beside it the floor of the same run: reading the rows with the driver alone and hashing each, which
any verification in Python must do, and which finds nothing but a changed byte.
"""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import insert

from shared.db.schema import upgrade
from shared.db.session import Sessions, open_registry
from shared.db.tables import JournalEntry, Kiosk
from tests.builders import START, WINDOW, house, own_keys
from verifier import checkpoints
from verifier.journal_check import check_registry
from verifier.registry.journal import GENESIS, Act, Link, canonical, hash_of

pytestmark = pytest.mark.slow
ENTRIES = int(os.environ.get("UKETORI_BENCH_ENTRIES", "1000000"))
AT_MOST = 120.0
"""Seconds for a million entries."""
_BATCH = 5000


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Sessions]:
    """A journal of presentations as long and as wide as a busy registry's, with checkpoints."""
    sessions = open_registry(f"sqlite:///{tmp_path / 'registry.db'}")
    upgrade(sessions)
    house(sessions)
    rows = _entries()
    while batch := list(islice(rows, _BATCH)):
        with sessions.begin() as session:
            session.execute(insert(JournalEntry), batch)
    with sessions.begin() as session:
        session.get_one(Kiosk, WINDOW).entries = ENTRIES
        for size in range(100, ENTRIES + 1, 100):
            checkpoints.sign(session, size, own_keys().checkpoint, START)
    yield sessions
    sessions.kw["bind"].dispose()


def _entries() -> Iterator[dict[str, object]]:
    prev = GENESIS
    for seq in range(1, ENTRIES + 1):
        body = canonical(
            {
                "presentation": f"00000000-0000-4000-8000-{seq:012d}",
                "source": "camera",
                "typed_reason": None,
                "purpose": "authentication",
                "procedure": 1,
                "receiver": seq % 5000,
                "filing": None,
                "key_tail": f"{seq % 10000:04d}",
                "accepted": True,
                "reasons": [],
                "ms": 12,
            }
        )
        at = START + timedelta(seconds=seq)
        link = Link(seq, prev, at, Act.PRESENTED.value, WINDOW, seq, "1001", body)
        prev = hash_of(link)
        yield asdict(link) | {"hash": prev}


def _floor(registry: Path) -> float:
    """Seconds of the processor to read and hash every entry."""
    began = time.process_time()
    connection = sqlite3.connect(registry)
    hashed = 0
    for row in connection.execute("SELECT * FROM journal ORDER BY seq"):
        hashlib.sha256(json.dumps(row, ensure_ascii=False).encode()).hexdigest()
        hashed += 1
    connection.close()
    assert hashed == ENTRIES
    return time.process_time() - began


def test_a_million_entries_verify_in_two_minutes_on_one_core(
    journal: Sessions, tmp_path: Path
) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    told: list[int] = []
    wall, cpu = time.perf_counter(), time.process_time()
    found = check_registry(journal, publics=own_keys().checkpoint_publics, progress=told.append)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert found.holds
    assert (found.entries, found.agreed) == (ENTRIES, ENTRIES // 100)
    assert told == list(range(1000, ENTRIES + 1, 1000)), "progress was told"
    rate = ENTRIES / cpu
    print(
        f"\n{ENTRIES:,} entries and {ENTRIES // 100:,} checkpoints: {cpu:.1f} s of one core, "
        f"{wall:.1f} s by the clock, {rate:,.0f} entries a second"
    )
    floor = _floor(tmp_path / "registry.db")
    print(f"reading and hashing alone: {floor:.1f} s; verifying takes {cpu / floor:.1f} times that")
    assert cpu * 1_000_000 / ENTRIES < AT_MOST
