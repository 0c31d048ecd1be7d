"""Filings from files: every problem told at once, nothing half written, the counter's word last."""

import hashlib
import json

import pytest
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import Filing, JournalEntry
from shared.domain import FilingStatus, PickupMethod, Purpose
from shared.passwords import check_secret
from tests.builders import DESK, START, TARO, House, house, receiver_sheet, showing, text_of
from verifier.filing_files import FIELDS, FileRefused
from verifier.importer import (
    FilingsFile,
    Summary,
    hash_passwords,
    read_filings,
    write_filings,
)

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


def bring(at: House, text: str | bytes, encoding: str = "utf-8") -> Summary:
    file = FilingsFile(text if isinstance(text, bytes) else text.encode(), encoding)
    rows = read_filings(at.sessions, file)
    hashes = hash_passwords(at.sessions, rows, 4, lambda: None)
    return write_filings(at.sessions, rows, hashes, file.sha256, at.clock.now)


def refused(at: House, text: str | bytes, encoding: str = "utf-8") -> list[str]:
    with pytest.raises(FileRefused) as caught:
        bring(at, text, encoding)
    return [str(problem) for problem in caught.value.problems]


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
    at: House, content: bytes, encoding: str
) -> None:
    assert bring(at, content, encoding) == Summary(new=2)
    first, second = filing(at, FIRST), filing(at, SECOND)
    assert (first.procedure_code, first.office_code, first.status) == (1, "S1", FilingStatus.READY)
    assert (first.receiver_name, first.plate) == (TARO, "見本 580 あ 00-01")
    assert (first.chassis, first.tax_confirmed) == ("MH00-000001", True)
    assert first.password_hash is not None
    assert check_secret("mihon-shinsei", first.password_hash)
    assert (second.status, second.tax_confirmed) == (FilingStatus.EXAMINING, False)
    assert (second.plate, second.password_hash) == (None, None)
    assert (first.pickup_method, first.received_at) == (PickupMethod.AUTHENTICATION, START)


def test_json_lines_may_hold_numbers_and_truth_values(at: House) -> None:
    lines = [
        {"number": FIRST, "procedure": 1, "office": "S1", "status": "ready",
         "receiver_name": TARO, "tax_confirmed": False, "plate": None},
        {"受付番号": int(SECOND), "手続種別": "継続検査", "事務所": "S1", "状況": "交付可"},
    ]  # fmt: skip
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert bring(at, "\ufeff" + text + "\n\n") == Summary(new=2)
    assert not filing(at, FIRST).tax_confirmed
    assert (filing(at, SECOND).receiver_name, filing(at, SECOND).tax_confirmed) == (None, True)


def test_an_imported_filing_is_handed_over_at_the_counter(at: House) -> None:
    at.receiver()
    bring(at, row(FIRST, "ready"))
    shown = at.counter.present(DESK, showing(text_of(receiver_sheet(Purpose.AUTHENTICATION))))
    assert shown.basket is not None
    assert [line.number for line in shown.basket.rows] == ["2600 0000 0000 0001"]


def test_the_same_file_again_changes_nothing(at: House) -> None:
    bring(at, ENGLISH)
    before = filing(at, FIRST).password_hash
    at.clock.move(days=1)
    assert bring(at, JAPANESE) == Summary(unchanged=2)
    assert (filing(at, FIRST).password_hash, filing(at, FIRST).updated_at) == (before, START)


def test_a_later_file_updates_what_differs_and_leaves_what_it_does_not_name(at: House) -> None:
    bring(at, ENGLISH)
    at.clock.move(days=1)
    assert bring(at, row(SECOND, "ready", f"{FIRST},1,S1,{TARO},ready\n")) == Summary(
        updated=1, unchanged=1
    )
    second = filing(at, SECOND)
    assert (second.status, second.updated_at) == (FilingStatus.READY, at.clock.now)
    assert not second.tax_confirmed
    assert filing(at, FIRST).plate == "見本 580 あ 00-01"


def test_a_changed_password_is_hashed_anew(at: House) -> None:
    bring(at, ENGLISH)
    assert bring(at, ENGLISH.replace("mihon-shinsei", "mihon-betsu")) == Summary(
        updated=1, unchanged=1
    )
    stored = filing(at, FIRST).password_hash
    assert stored is not None
    assert check_secret("mihon-betsu", stored)
    assert not check_secret("mihon-shinsei", stored)


@pytest.mark.parametrize("status", ["handing", "released", "withdrawn"])
@pytest.mark.parametrize("wanted", ["ready", "accepted", "withdrawn"])
def test_no_file_moves_a_settled_filing(at: House, status: str, wanted: str) -> None:
    number = at.filing(status=FilingStatus(status))
    assert bring(at, row(number, wanted)) == Summary(kept=1)
    assert filing(at, number).status is FilingStatus(status)
    assert filing(at, number).plate == "見本 580 あ 00-01"


def test_a_filing_taken_in_hand_while_its_file_is_read_stays_in_hand(at: House) -> None:
    at.receiver()
    number = at.filing()
    file = FilingsFile(row(number, "correction").encode())
    rows = read_filings(at.sessions, file)
    at.counter.present(DESK, showing(text_of(receiver_sheet(Purpose.AUTHENTICATION))))
    assert write_filings(at.sessions, rows, {}, file.sha256, START) == Summary(kept=1)
    assert at.status_of(number) is FilingStatus.HANDING


@pytest.mark.parametrize("claimed", ["handing", "released", "交付済"])
def test_no_file_hands_a_filing_over(at: House, claimed: str) -> None:
    number = at.filing()
    told = refused(at, row(number, claimed, f"{FIRST},1,S1,{TARO},{claimed}\n"))
    assert [line.split(":")[0] for line in told] == ["line 2, status", "line 3, status"]
    assert "only the counter hands over" in told[0]
    assert filing(at, number).status is FilingStatus.READY


def test_a_hand_over_that_the_counter_made_may_come_back_in_a_file(at: House) -> None:
    number = at.filing(status=FilingStatus.RELEASED)
    assert bring(at, row(number, "released")) == Summary(kept=1)


def test_the_individual_pick_up_outlives_an_import(at: House) -> None:
    number = at.filing(pickup_method=PickupMethod.INDIVIDUAL, individual_digest="d" * 64)
    assert bring(at, row(number, "payment")) == Summary(updated=1)
    stored = filing(at, number)
    assert (stored.pickup_method, stored.individual_digest) == (PickupMethod.INDIVIDUAL, "d" * 64)
    assert stored.status is FilingStatus.PAYMENT


def test_every_problem_is_told_with_line_and_field_and_nothing_is_written(at: House) -> None:
    text = (
        f"{','.join(FIELDS)}\n"
        f"{FIRST},1,S1,{TARO},ready,,,yes,\n"
        f"12,9,ZZ,見本\u200b名,gone,{'x' * 41},a\x07b,perhaps,{'p' * 129}\n"
        f'{FIRST},1,S1,"見本　太郎\n二行目",ready,,,yes,\n'
        f"2.6E+15,1,S1,{TARO},ready,,,yes,\n"
    )
    told = refused(at, text)
    assert [line.split(":")[0] for line in told] == [
        "line 3, chassis", "line 3, number", "line 3, office", "line 3, password",
        "line 3, plate", "line 3, procedure", "line 3, receiver_name", "line 3, status",
        "line 3, tax_confirmed", "line 4, receiver_name", "line 6, number",
    ]  # fmt: skip
    assert "spreadsheet" in told[-1]
    assert "ppp" not in "".join(told)
    assert count(at) == 0
    with at.sessions() as session:
        assert session.query(JournalEntry).count() == 0


def test_a_number_that_stands_twice_is_a_problem(at: House) -> None:
    assert refused(at, row(FIRST, "ready", f"2600-0000-0000-0001,1,S1,{TARO},ready\n")) == [
        "line 3, number: the same number stands on line 2"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["line 1, number: is missing", "line 1, procedure: is missing",
              "line 1, office: is missing", "line 1, status: is missing"]),
        ("number,procedure,office,status\n", ["line 1, file: there is no filing in the file"]),
        ("number,procedure,office,status,number,nmae\n", [
            "line 1, nmae: no field of that name", "line 1, number: stands there twice"]),
        ("number,procedure,office,status\n1,2\n", ["line 2, file: 2 cells under 4 headers"]),
        ('number,procedure,office,status\n"1', ["line 2, file: not CSV: unexpected end of data"]),
        ('{"number": 1\n[]', [
            "line 1, file: not a JSON object", "line 2, file: not a JSON object"]),
        ('{"number": 1.5, "procedure": [], "office": "S1", "status": "ready"}', [
            "line 1, number: neither text nor a whole number",
            "line 1, procedure: neither text nor a whole number"]),
        ('{"number": "' + FIRST + '"}', [
            "line 1, office: is missing", "line 1, procedure: is missing",
            "line 1, status: is missing"]),
    ],
)  # fmt: skip
def test_a_file_out_of_form_is_refused(at: House, text: str, told: list[str]) -> None:
    assert refused(at, text) == sorted(told)


def test_the_wrong_encoding_is_named_with_the_way_out(at: House) -> None:
    assert refused(at, JAPANESE.encode("cp932")) == [
        "line 1, file: not written in utf-8; try --encoding cp932"
    ]
    told = refused(at, row(FIRST, "ready").replace(TARO, "見本　𠮷田").encode(), "cp932")
    assert told
    assert count(at) == 0


def test_the_journal_keeps_the_counts_and_the_digest_of_the_file(at: House) -> None:
    bring(at, ENGLISH)
    with at.sessions() as session:
        [entry] = session.scalars(select(JournalEntry))
    assert entry.act == "imported"
    assert json.loads(entry.body) == {
        "new": 2, "updated": 0, "unchanged": 0, "kept": 0,
        "sha256": hashlib.sha256(ENGLISH.encode()).hexdigest(),
    }  # fmt: skip


def test_a_thousand_filings_come_in_and_are_updated_in_one_go(at: House) -> None:
    def lines(status: str) -> str:
        rows = (f"27{n:014d},1,S1,{TARO},{status}" for n in range(1200))
        return "number,procedure,office,receiver_name,status\n" + "\n".join(rows)

    assert bring(at, lines("examining")) == Summary(new=1200)
    assert bring(at, lines("ready")) == Summary(updated=1200)
    with at.sessions() as session:
        ready = select(Filing.id).where(Filing.status == FilingStatus.READY)
        assert len(session.scalars(ready).all()) == 1200
