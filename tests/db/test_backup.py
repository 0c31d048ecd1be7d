"""A backup really restored, on both databases and from the one to the other; bad ones refused."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.db import schema
from shared.db.session import Sessions, open_registry
from shared.db.tables import Base, JournalEntry, Office
from tests.builders import DESK, START, House, house, own_keys, receiver_sheet, showing, text_of
from tests.console_day import play
from tests.key_shapes import found_in
from tests.tamper import tamper
from verifier import notary
from verifier.backup import restoring, writing
from verifier.backup.form import DOMAIN, LEFT_OUT, InvalidBackup, line_of, tables
from verifier.journal_check import check_registry

KEYS = own_keys()
PUBLICS = KEYS.checkpoint_publics


@pytest.fixture
def used(registry: Sessions) -> House:
    """A registry after a morning at the counters, its journal signed."""
    built = house(registry)
    play(built)
    notary.sign_due(built.installation)
    return built


def backed_up(built: House, path: Path) -> Path:
    writing.back_up(built.sessions, path, KEYS.checkpoint, START, lambda _: None)
    return path


def content(sessions: Sessions) -> dict[str, list[tuple[object, ...]]]:
    with sessions() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Sessions]:
    """An empty SQLite database beside the one that is backed up."""
    opened = open_registry(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    yield opened
    opened.kw["bind"].dispose()


def restored(sessions: Sessions, path: Path) -> None:
    restoring.restore(sessions, path, PUBLICS, START, lambda _: None)


def test_a_restored_registry_is_the_one_that_was_backed_up(
    used: House, elsewhere: Sessions, tmp_path: Path
) -> None:
    path = backed_up(used, tmp_path / "registry.backup")
    before = content(used.sessions)
    assert sum(len(before[table.name]) > 0 for table in tables()) > 15
    schema.downgrade(used.sessions, "base")
    for sessions in (used.sessions, elsewhere):
        restored(sessions, path)
        after = content(sessions)
        assert set(after["journal"]) > set(before["journal"])
        for name in before.keys() - {"journal", "log_lines"} - LEFT_OUT:
            assert after[name] == before[name], name
        assert check_registry(sessions, publics=PUBLICS).holds
        with sessions() as session:
            acts = session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)).all()
        assert acts[-2:] == ["backed_up", "restored"]


def test_a_restored_counter_goes_on_with_its_work(used: House, tmp_path: Path) -> None:
    path = backed_up(used, tmp_path / "registry.backup")
    schema.downgrade(used.sessions, "base")
    restored(used.sessions, path)
    used.receiver("架空行政書士事務所　試験　次郎")
    number = used.filing(receiver_name="架空行政書士事務所　試験　次郎")
    sheet = receiver_sheet(name="架空行政書士事務所　試験　次郎", issued_at=used.clock.now)
    shown = used.counter.present(DESK, showing(text_of(sheet)))
    assert shown.basket is not None
    assert [row.number.replace(" ", "") for row in shown.basket.rows] == [number]
    assert check_registry(used.sessions, publics=PUBLICS).holds


def test_a_backup_is_one_moment_while_others_write(used: House, tmp_path: Path) -> None:
    def meanwhile(_done: int) -> None:
        used.filing()

    path = tmp_path / "registry.backup"
    made = writing.back_up(used.sessions, path, KEYS.checkpoint, START, meanwhile)
    with gzip.open(path) as packed:
        lines = [json.loads(line) for line in packed]
    starts = {line["table"]: at for at, line in enumerate(lines) if "table" in line}
    filings = [len(lines[at + 1]) for name, at in starts.items() if name == "filings"]
    assert filings
    before = content(used.sessions)["filings"]
    schema.downgrade(used.sessions, "base")
    restored(used.sessions, path)
    after = content(used.sessions)["filings"]
    assert 0 < len(after) < len(before)
    assert made.entries == len(content(used.sessions)["journal"]) - 1


def test_only_its_owner_can_read_it_and_no_key_is_in_it(used: House, tmp_path: Path) -> None:
    path = backed_up(used, tmp_path / "registry.backup")
    assert path.stat().st_mode & 0o777 == 0o600
    plain = gzip.decompress(path.read_bytes())
    keys = {"console": KEYS.console, "checkpoint": KEYS.checkpoint.private.private_bytes_raw()}
    assert found_in(plain, keys) == []
    assert b"PRIVATE KEY" not in plain
    assert b"console_visits" not in plain
    with pytest.raises(FileExistsError):
        backed_up(used, path)


def broken(raw: bytes, how: str) -> bytes:
    plain = gzip.decompress(raw)
    match how:
        case "torn":
            return raw[: len(raw) * 2 // 3]
        case "a byte":
            return raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:]
        case "edited":
            return gzip.compress(plain.replace("見本".encode(), "別人".encode()))
        case "without its end":
            return gzip.compress(plain[: plain.rindex(b'{"end"')])
        case "nothing":
            return b""
        case "something else":
            return b"PK\x03\x04 a picture"
        case "later form":
            return gzip.compress(plain.replace(b'"version":1', b'"version":2'))
    raise ValueError(how)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("torn", "ends in the middle"),
        ("a byte", "is damaged|ends in the middle|changed after|its end is missing"),
        ("edited", "changed after it was written"),
        ("without its end", "its end is missing"),
        ("nothing", "the file is empty"),
        ("something else", "damaged, or no backup"),
        ("later form", "its form is 2"),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(
    elsewhere: Sessions, tmp_path: Path, how: str, told: str
) -> None:
    source = open_registry(f"sqlite:///{tmp_path / 'registry.db'}")
    schema.upgrade(source)
    path = backed_up(house(source), tmp_path / "registry.backup")
    source.kw["bind"].dispose()
    path.write_bytes(broken(path.read_bytes(), how))
    with pytest.raises(InvalidBackup, match=told):
        restored(elsewhere, path)
    assert schema.is_empty(elsewhere)


def test_another_registrys_backup_and_a_broken_journal_are_refused(
    used: House, elsewhere: Sessions, tmp_path: Path
) -> None:
    path = backed_up(used, tmp_path / "registry.backup")
    with pytest.raises(InvalidBackup, match="not ours"):
        restoring.check(path, own_keys(seed=60).checkpoint_publics)
    with pytest.raises(InvalidBackup, match="not empty"):
        restored(used.sessions, path)
    tamper(used.sessions, "UPDATE journal SET body = '{}' WHERE seq = 2")
    later = backed_up(used, tmp_path / "later.backup")
    with pytest.raises(InvalidBackup, match="its journal does not hold: entry 2"):
        restored(elsewhere, later)
    assert schema.is_empty(elsewhere)


def test_a_backup_of_an_earlier_revision_comes_up_to_date(
    elsewhere: Sessions, tmp_path: Path
) -> None:
    source = open_registry(f"sqlite:///{tmp_path / 'registry.db'}")
    schema.upgrade(source)
    path = backed_up(house(source), tmp_path / "registry.backup")
    source.kw["bind"].dispose()
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    heading = json.loads(lines[0])
    revision = heading["uketori backup"]["revision"]
    heading["uketori backup"]["revision"] = "9999"
    _resign(path, [line_of(heading), *lines[1:-1]])
    with pytest.raises(InvalidBackup, match="9999: a newer program made it"):
        restored(elsewhere, path)
    _resign(path, lines[:-1])
    restored(elsewhere, path)
    with elsewhere() as session:
        assert schema.revision_of(session) == revision
        assert session.scalars(select(Office.code)).all()


def _resign(path: Path, lines: list[bytes]) -> None:
    digest = hashlib.sha256(b"".join(lines)).digest()
    signature = base64.b64encode(KEYS.checkpoint.private.sign(DOMAIN + digest)).decode()
    end = line_of({"end": {"key": KEYS.checkpoint.key_id, "signature": signature}})
    path.write_bytes(gzip.compress(b"".join([*lines, end])))
