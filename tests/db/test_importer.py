"""Filings from files: good rows go in, bad ones are told, the counter's word last."""

import csv
import hashlib
import itertools
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import Filing, JournalEntry
from shared.domain import FilingStatus, PickupMethod, Purpose
from shared.passwords import check_secret
from tests.builders import DESK, START, TARO, House, house, receiver_sheet, showing, text_of
from verifier.filings import importing
from verifier.filings.importing import Run, bring_in, resumes_after, try_out
from verifier.filings.records import (
    FIELDS,
    FileRefused,
    FilingsFile,
    Record,
    read_records,
)
from verifier.filings.report import open_report
from verifier.filings.rows import FilingRow, load_known, read_row
from verifier.filings.seen import SeenNumbers
from verifier.filings.staging import Summary, write

FIRST, SECOND = "2600000000000001", "2600000000000002"
ENGLISH = (
    "number,procedure,office,receiver_name,status,plate,chassis,tax_confirmed,password\r\n"
    f"{FIRST},1,S1,{TARO},ready,見本 580 あ 00-01,MH00-000001,yes,mihon-shinsei\r\n"
    f"{SECOND},継続検査,S1,{TARO},examining,,,no,\r\n"
)
JAPANESE = (
    "受付番号,手続種別,事務所,受取者名,状況,車両番号,車台番号,納税確認,申請用パスワード\n"
    f"{FIRST},継続検査,S1,{TARO},交付可,見本 580 あ 00-01,MH00-000001,済,mihon-shinsei\n"
    f"{SECOND},1,S1,{TARO},審査中,,,未,\n"
)


@pytest.fixture
def at(registry: Sessions) -> House:
    return house(registry)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "filings.csv"


def run_of(at: House, path: Path, encoding: str = "utf-8") -> Run:
    return Run(sessions=at.sessions, file=FilingsFile(path, encoding), cost=4, clock=at.clock)


class Bring:
    """Brings texts in from a file, as the command does."""

    def __init__(self, at: House, path: Path) -> None:
        self.at, self.path = at, path
        self.report = path.with_suffix(".report")

    def __call__(self, text: str | bytes, encoding: str = "utf-8", after: int = 0) -> Summary:
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        run = run_of(self.at, self.path, encoding)
        with open_report(self.report, after) as report:
            return bring_in(run, report, run.file.sha256(), after)

    def told(self) -> list[str]:
        if not self.report.exists():
            return []
        with self.report.open(encoding="utf-8-sig", newline="") as lines:
            header, *rows = csv.reader(lines)
        assert header == ["line", "field", "reason"]
        return [f"line {line}, {field}: {reason}" for line, field, reason in rows]


@pytest.fixture
def bring(at: House, file: Path) -> Bring:
    return Bring(at, file)


def filing(at: House, number: str) -> Filing:
    with at.sessions() as session:
        return session.scalars(select(Filing).where(Filing.number == number)).one()


def count(at: House) -> int:
    with at.sessions() as session:
        return session.query(Filing).count()


def row(number: str, status: str, more: str = "") -> str:
    return f"number,procedure,office,receiver_name,status\n{number},1,S1,{TARO},{status}\n{more}"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (ENGLISH.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + ENGLISH.encode(), "utf-8"),
        (JAPANESE.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + JAPANESE.encode(), "utf-8"),
        (JAPANESE.encode("cp932"), "cp932"),
    ],
    ids=["english", "english with BOM", "japanese", "japanese with BOM", "cp932"],
)
def test_every_way_of_writing_the_file_gives_the_same_filings(
    at: House, bring: Bring, content: bytes, encoding: str
) -> None:
    assert bring(content, encoding) == Summary(new=2)
    first, second = filing(at, FIRST), filing(at, SECOND)
    assert (first.procedure_code, first.office_code, first.status) == (1, "S1", FilingStatus.READY)
    assert (first.receiver_name, first.plate) == (TARO, "見本 580 あ 00-01")
    assert (first.chassis, first.tax_confirmed) == ("MH00-000001", True)
    assert first.password_hash is not None
    assert check_secret("mihon-shinsei", first.password_hash)
    assert (second.status, second.tax_confirmed) == (FilingStatus.EXAMINING, False)
    assert (second.plate, second.password_hash) == (None, None)
    assert (first.pickup_method, first.received_at) == (PickupMethod.AUTHENTICATION, START)


def test_json_lines_may_hold_numbers_and_truth_values(at: House, bring: Bring) -> None:
    lines = [
        {"number": FIRST, "procedure": 1, "office": "S1", "status": "ready",
         "receiver_name": TARO, "tax_confirmed": False, "plate": None},
        {"受付番号": int(SECOND), "手続種別": "継続検査", "事務所": "S1", "状況": "交付可"},
    ]  # fmt: skip
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert bring("\ufeff" + text + "\n\n") == Summary(new=2)
    assert not filing(at, FIRST).tax_confirmed
    assert (filing(at, SECOND).receiver_name, filing(at, SECOND).tax_confirmed) == (None, True)


def test_an_imported_filing_is_handed_over_at_the_counter(at: House, bring: Bring) -> None:
    at.receiver()
    bring(row(FIRST, "ready"))
    shown = at.counter.present(DESK, showing(text_of(receiver_sheet(Purpose.AUTHENTICATION))))
    assert shown.basket is not None
    assert [line.number for line in shown.basket.rows] == ["2600 0000 0000 0001"]


def test_the_same_file_again_changes_nothing(at: House, bring: Bring) -> None:
    bring(ENGLISH)
    before = filing(at, FIRST).password_hash
    at.clock.move(days=1)
    assert bring(JAPANESE) == Summary(unchanged=2)
    assert (filing(at, FIRST).password_hash, filing(at, FIRST).updated_at) == (before, START)


def test_a_later_file_updates_what_differs_and_leaves_what_it_does_not_name(
    at: House, bring: Bring
) -> None:
    bring(ENGLISH)
    at.clock.move(days=1)
    assert bring(row(SECOND, "ready", f"{FIRST},1,S1,{TARO},ready\n")) == Summary(
        updated=1, unchanged=1
    )
    second = filing(at, SECOND)
    assert (second.status, second.updated_at) == (FilingStatus.READY, at.clock.now)
    assert not second.tax_confirmed
    assert filing(at, FIRST).plate == "見本 580 あ 00-01"


def test_a_changed_password_is_hashed_anew(at: House, bring: Bring) -> None:
    bring(ENGLISH)
    assert bring(ENGLISH.replace("mihon-shinsei", "mihon-betsu")) == Summary(updated=1, unchanged=1)
    stored = filing(at, FIRST).password_hash
    assert stored is not None
    assert check_secret("mihon-betsu", stored)
    assert not check_secret("mihon-shinsei", stored)


def test_no_file_moves_a_settled_filing(at: House, bring: Bring) -> None:
    settled = [
        (at.filing(status=FilingStatus(status)), status, wanted)
        for status in ("handing", "released", "withdrawn")
        for wanted in ("ready", "accepted", "withdrawn")
    ]
    head = "number,procedure,office,receiver_name,status\n"
    rows = (f"{number},1,S1,{TARO},{wanted}\n" for number, _status, wanted in settled)
    assert bring(head + "".join(rows)) == Summary(kept=9)
    for number, status, _wanted in settled:
        assert filing(at, number).status is FilingStatus(status)
        assert filing(at, number).plate == "見本 580 あ 00-01"


def test_a_filing_taken_in_hand_while_its_file_is_read_stays_in_hand(at: House) -> None:
    at.receiver()
    number = at.filing()
    wanted = {"number": number, "procedure": "1", "office": "S1", "status": "correction"}
    with at.sessions() as session:
        staged = read_row(Record(2, wanted), load_known(session))
    assert isinstance(staged, FilingRow)
    at.counter.present(DESK, showing(text_of(receiver_sheet(Purpose.AUTHENTICATION))))
    with at.sessions.begin() as session:
        assert write(session, [staged], {}, START).summary == Summary(kept=1)
    assert at.status_of(number) is FilingStatus.HANDING


def test_no_file_hands_a_filing_over(at: House, bring: Bring) -> None:
    for place, claimed in enumerate(("handing", "released", "交付済")):
        number, good = at.filing(), f"28{place:014d}"
        text = row(number, claimed, f"{FIRST},1,S1,{TARO},{claimed}\n{good},1,S1,{TARO},ready\n")
        assert bring(text) == Summary(new=1, refused=2)
        told = bring.told()
        assert [line.split(":")[0] for line in told] == ["line 2, status", "line 3, status"]
        assert "only the counter hands over" in told[0]
        assert filing(at, number).status is FilingStatus.READY


def test_a_hand_over_that_the_counter_made_may_come_back_in_a_file(at: House, bring: Bring) -> None:
    number = at.filing(status=FilingStatus.RELEASED)
    assert bring(row(number, "released")) == Summary(kept=1)


def test_the_individual_pick_up_outlives_an_import(at: House, bring: Bring) -> None:
    number = at.filing(pickup_method=PickupMethod.INDIVIDUAL, individual_digest="d" * 64)
    assert bring(row(number, "payment")) == Summary(updated=1)
    stored = filing(at, number)
    assert (stored.pickup_method, stored.individual_digest) == (PickupMethod.INDIVIDUAL, "d" * 64)
    assert stored.status is FilingStatus.PAYMENT


def test_bad_rows_are_told_with_line_and_field_and_the_good_ones_go_in(
    at: House, bring: Bring
) -> None:
    text = (
        f"{','.join(FIELDS)}\n"
        f"{FIRST},1,S1,{TARO},ready,,,yes,\n"
        f"12,9,ZZ,見本\u200b名,gone,{'x' * 41},a\x07b,perhaps,{'p' * 129}\n"
        f'{SECOND},1,S1,"見本　太郎\n二行目",ready,,,yes,\n'
        f"2.6E+15,1,S1,{TARO},ready,,,yes,\n"
    )
    assert bring(text) == Summary(new=1, refused=3)
    told = bring.told()
    assert [line.split(":")[0] for line in told] == [
        "line 3, number", "line 3, procedure", "line 3, office", "line 3, receiver_name",
        "line 3, status", "line 3, plate", "line 3, chassis", "line 3, tax_confirmed",
        "line 3, password", "line 4, receiver_name", "line 6, number",
    ]  # fmt: skip
    assert "spreadsheet" in told[-1]
    assert "ppp" not in "".join(told)
    assert count(at) == 1


@pytest.mark.parametrize("apart", [0, 3], ids=["in one batch", "in two batches"])
def test_of_a_number_that_stands_twice_the_first_row_counts(
    at: House, bring: Bring, apart: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)
    between = "".join(f"27{n:014d},1,S1,,ready\n" for n in range(apart))
    text = row(FIRST, "ready", f"{between}2600-0000-0000-0001,1,S1,{TARO},payment\n")
    assert bring(text) == Summary(new=1 + apart, refused=1)
    assert bring.told() == [f"line {3 + apart}, number: the same number stands on an earlier line"]
    assert filing(at, FIRST).status is FilingStatus.READY


@pytest.mark.parametrize("longest", [2**20, 40, 1])
def test_sixteen_digits_and_seventeen_are_other_numbers(
    longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.filings.seen._LONGEST", longest)
    seen = SeenNumbers()
    assert seen.repeated(["0" + FIRST, FIRST, FIRST]) == [False, False, True]
    for start in range(0, 900, 7):
        fresh = [f"26{n:014d}" for n in range(1000 + start, 1007 + start)]
        assert seen.repeated([*fresh, fresh[0], SECOND])[:7] == [False] * 7
    assert all(seen.repeated([f"26{n:014d}" for n in range(1000, 1903)]))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["line 1, number: is missing", "line 1, office: is missing",
              "line 1, procedure: is missing", "line 1, status: is missing"]),
        ("number,procedure,office,status\n", ["line 1, file: there is no filing in the file"]),
        ("number,procedure,office,status,number,nmae\n", [
            "line 1, nmae: no field of that name", "line 1, number: stands there twice"]),
        ("1" * 99_999, ["line 1, file: a line longer than any filing"]),
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_filings_is_refused(
    at: House, bring: Bring, text: str, told: list[str]
) -> None:
    with pytest.raises(FileRefused) as caught:
        bring(text)
    assert [str(problem) for problem in caught.value.problems] == told
    with at.sessions() as session:
        assert session.query(JournalEntry).count() == 0


GOOD = f"{FIRST},1,S1,ready\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1,2\n", ["line 2, file: 2 cells under 4 headers"]),
        ('"1"2,1,S1,ready\n', ["""line 2, file: not CSV: ',' expected after '"'"""]),
        (f"{SECOND},1,S1,{'x' * 99_999}\n", ["line 2, file: a line longer than any filing"]),
    ],
)
def test_a_row_out_of_form_stays_out_and_the_next_one_goes_in(
    bring: Bring, text: str, told: list[str]
) -> None:
    assert bring(f"number,procedure,office,status\n{text}{GOOD}") == Summary(new=1, refused=1)
    assert bring.told() == told


def test_a_quote_that_is_never_closed_is_told_with_what_it_swallowed(bring: Bring) -> None:
    text = f'number,procedure,office,status\n{GOOD}"2,1,S1,ready\n'
    assert bring(text + "3,1,S1,ready\n") == Summary(new=1, refused=1)
    assert bring.told() == [
        "line 3, file: not CSV: unexpected end of data (read as one row up to line 4)"
    ]


def test_json_out_of_form_stays_out(bring: Bring) -> None:
    lines = (
        "{}", "[]", '{"number": 1.5, "procedure": [], "office": "S1", "status": "ready"}',
        '{"number": "' + FIRST + '"}', "[" * 16_000, "{" + " " * 99_999 + "}",
        '{"number": "' + FIRST + '", "procedure": 1, "office": "S1", "status": "ready"}',
    )  # fmt: skip
    assert bring("\n".join(lines)) == Summary(new=1, refused=6)
    told = bring.told()
    assert told[4:9] == [
        "line 2, file: not a JSON object",
        "line 3, number: neither text nor a whole number",
        "line 3, procedure: neither text nor a whole number",
        "line 4, procedure: is missing",
        "line 4, office: is missing",
    ]
    assert told[10:] == ["line 5, file: not a JSON object", "line 6, file: not a JSON object"]


def test_the_wrong_encoding_is_named_with_the_way_out(at: House, bring: Bring) -> None:
    with pytest.raises(FileRefused, match="1 problems") as caught:
        bring(JAPANESE.encode("cp932"))
    assert "try --encoding cp932" in str(caught.value.problems[0])
    assert bring(ENGLISH.encode("cp932")) == Summary(refused=2)
    assert bring.told()[0] == "line 2, file: not written in utf-8; try --encoding cp932"
    text = row(FIRST, "ready").replace(TARO, "見本　𠮷田").encode()
    assert bring(text, "cp932") == Summary(refused=1)
    assert count(at) == 0


def entries(at: House) -> list[dict[str, object]]:
    with at.sessions() as session:
        found = session.scalars(select(JournalEntry).order_by(JournalEntry.seq))
        return [json.loads(entry.body) for entry in found if entry.act == "imported"]


def test_the_journal_keeps_the_counts_and_the_digest_of_the_file(at: House, bring: Bring) -> None:
    bring(ENGLISH)
    assert entries(at) == [{
        "new": 2, "updated": 0, "unchanged": 0, "kept": 0, "refused": 0,
        "sha256": hashlib.sha256(ENGLISH.encode()).hexdigest(), "through": 3, "ended": True,
    }]  # fmt: skip


def thousand(status: str = "examining") -> str:
    rows = (f"27{n:014d},1,S1,{TARO},{status}" for n in range(1200))
    return "number,procedure,office,receiver_name,status\n" + "\n".join(rows)


def test_a_thousand_filings_come_in_and_are_updated(
    at: House, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 500)
    assert bring(thousand()) == Summary(new=1200)
    assert bring(thousand("ready")) == Summary(updated=1200)
    assert [entry["through"] for entry in entries(at)] == [501, 1001, 1201] * 2
    with at.sessions() as session:
        ready = select(Filing.id).where(Filing.status == FilingStatus.READY)
        assert len(session.scalars(ready).all()) == 1200


class Stopped(Exception):
    pass


def test_an_interrupted_run_goes_on_behind_what_is_there(
    at: House, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 300)
    text = thousand().replace("00000007,1,", "00000007,9,").replace("000999,1,", "000999,9,")
    clock, ticks = at.clock, itertools.count(1)

    def third_time_out() -> object:
        if next(ticks) == 3:
            raise Stopped
        return clock.now

    at.clock = third_time_out  # type: ignore[assignment]
    with pytest.raises(Stopped):
        bring(text)
    at.clock = clock
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    assert (count(at), len(bring.told())) == (599, 1)
    after = resumes_after(at.sessions, sha256)
    assert after == 601
    assert bring(text, after=after) == Summary(new=599, refused=1)
    assert [line.split(",")[0] for line in bring.told()] == ["line 9", "line 1001"]
    assert resumes_after(at.sessions, sha256) == 0
    assert bring(text) == Summary(unchanged=1198, refused=2)


def test_a_batch_that_fails_leaves_nothing_of_itself(
    at: House, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("verifier.filings.report.Report.add", full)
    with pytest.raises(OSError, match="No space"):
        bring(ENGLISH)
    assert (count(at), entries(at)) == (0, [])


def test_a_dry_run_tells_the_same_and_changes_nothing(at: House, bring: Bring) -> None:
    bring(row(FIRST, "examining"))
    at.filing(number=SECOND, status=FilingStatus.HANDING)
    text = row(FIRST, "ready", f"{SECOND},1,S1,,ready\n27{0:014d},1,S1,,ready\n1,1,S1,,ready\n")
    bring.path.write_text(text, "utf-8")
    with open_report(bring.report, 0) as report:
        would = try_out(run_of(at, bring.path), report)
    assert bring.told() == ["line 5, number: a filing number has 16 or 17 digits"]
    assert (count(at), len(entries(at))) == (2, 1)
    assert filing(at, FIRST).status is FilingStatus.EXAMINING
    assert bring(text) == would == Summary(new=1, updated=1, kept=1, refused=1)


def test_records_are_read_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("number,procedure,office,status\n" + GOOD * 20_000)
    with FilingsFile(path).open() as text:
        first = next(read_records(text))
        assert text.buffer.tell() < 100_000 < path.stat().st_size
    assert first == Record(2, {"number": FIRST, "procedure": "1", "office": "S1",
                               "status": "ready"})  # fmt: skip
