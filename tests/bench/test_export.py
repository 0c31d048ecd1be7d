"""What the largest file costs: 200 000 rows in every format, the seconds and the memory.

Run on demand: ``./run bench tests/bench/test_export.py``. Beside each format the floor of the same
run: the csv module writing as many ready rows. The growth of this process' memory over a whole
file is compared with the file's own size: a file that is sent as it is written is never held.
"""

import csv
import io
import os
import re
import time
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from flask.testing import FlaskClient

from shared.db.session import reading
from tests.acting_world import console_app
from tests.bench.filled import on_sqlite
from tests.bench.many_entries import DAYS, FIRST_DAY
from tests.builders import Clock, house_on
from tests.console_world import send, sign_in
from verifier.console.export import COLUMNS, MOST_ROWS
from verifier.console.sheet_files import Format
from verifier.registry import journal

pytestmark = pytest.mark.slow
MORE = 500
"""Entries beyond what one file holds."""
PLENTY = 48 * 1024 * 1024
"""Bytes by which the process may grow: rows in batches, pieces, and the allocator's slack."""


def _memory() -> int:
    return int(psutil.Process(os.getpid()).memory_info().rss)


def _fetched(client: FlaskClient, format_: Format) -> tuple[int, int, bytes]:
    """Size of the file, growth of memory while it was sent, and its end."""
    wanted = {"query": "", "why": "計測", "format": format_.value}
    offered = send(client, "/console/export", wanted).location
    page = client.get(offered).get_data(as_text=True)
    assert "これより古い記録はこのファイルに入っていません" in page
    address = re.search(rf'href="({offered}/[^"]+)"', page)
    assert address
    before, size, most, end = _memory(), 0, 0, b""
    with client.get(address[1], buffered=False) as answer:
        for piece in answer.response:
            size, end = size + len(piece), (end + bytes(piece))[-4096:]
            most = max(most, _memory() - before)
    return size, most, end


def _floor() -> float:
    began = time.process_time()
    writer = csv.writer(io.StringIO(), quoting=csv.QUOTE_ALL)
    for number in range(MOST_ROWS):
        writer.writerow([f"{number}-{column.key}" for column in COLUMNS])
    return time.process_time() - began


def test_the_largest_file_is_sent_as_it_is_written(tmp_path: Path) -> None:
    floor = _floor()
    with on_sqlite(tmp_path, MOST_ROWS + MORE) as registry:
        at = house_on(registry.sessions, Clock(FIRST_DAY.replace(hour=4) + timedelta(days=DAYS)))
        client = console_app(at).test_client()
        sign_in(client)
        with reading(registry.sessions) as session:
            newest = journal.head(session).seq
        print(f"\n{MOST_ROWS:,} rows; the csv module alone: {floor:.1f} s of the processor")
        for format_ in Format:
            began = time.process_time()
            size, most, end = _fetched(client, format_)
            spent = time.process_time() - began
            print(f"{format_.value:10} {size / 1e6:6.1f} MB  {spent:5.1f} s", end="  ")
            print(f"{spent / floor:4.1f} × floor  memory grew by {most / 1e6:.0f} MB")
            assert most < PLENTY
            if format_ is Format.CSV:
                oldest = end.decode("utf-8").splitlines()[-1]
                assert oldest.startswith(f'"{newest - MOST_ROWS + 1}"')
