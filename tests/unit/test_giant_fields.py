"""A file with one endless field costs no memory: the importer's and the portal's lists."""

from pathlib import Path

import psutil
import pytest

from issuer.lists import MOST_BYTES, UnusableList, read_rows
from verifier.filings.records import FilingsFile, Refused, read_records

HEAD = b"number,procedure,office,status,plate\n"
GIANT = 150_000_000


def giant(path: Path, before: bytes, after: bytes) -> Path:
    with path.open("wb") as file:
        file.write(before)
        for _ in range(GIANT // 1_000_000):
            file.write(b"a" * 1_000_000)
        file.write(after)
    return path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HEAD + b"1,1,S1,ready,", b"\n1234567890123456,1,S1,ready,x\n"),
        (HEAD + b'1,1,S1,ready,"', b'"\n1234567890123456,1,S1,ready,x\n'),
        (b'{"number":"1"}\n{"number":"', b'"}\n{"number":"1"}\n'),
    ],
    ids=["csv", "quoted", "json"],
)
def test_a_giant_field_is_refused_as_a_row_and_costs_no_memory(
    tmp_path: Path, before: bytes, after: bytes
) -> None:
    file = FilingsFile(giant(tmp_path / "filings", before, after))
    process = psutil.Process()
    resident = process.memory_info().rss
    with file.open() as text:
        records = list(read_records(text))
    assert process.memory_info().rss - resident < 50_000_000
    assert [problem.text for record in records if isinstance(record, Refused)
            for problem in record.problems]  # fmt: skip


def test_a_list_that_is_too_large_is_refused_by_its_size() -> None:
    with pytest.raises(UnusableList, match="more than 20 MB"):
        read_rows(bytes(MOST_BYTES + 1))
