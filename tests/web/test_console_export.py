"""Exports: the purpose is asked and noted, and the file is what a spreadsheet takes unharmed."""

import csv
import io
import json
import re

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.db.session import Sessions
from shared.db.tables import JournalEntry, Receiver
from tests.acting_world import console_app
from tests.builders import AUDITOR, DESK, SUPERVISOR, TARO, House, house, showing
from tests.console_day import play
from tests.console_world import send, sign_in
from tests.tamper import tamper
from verifier.console import export

EXPORT = "/console/export"
WHY = "11月分の月次報告"


@pytest.fixture
def at(registry: Sessions) -> House:
    built = house(registry)
    play(built)
    return built


def browser(at: House, number: str = SUPERVISOR) -> FlaskClient:
    client = console_app(at).test_client()
    sign_in(client, number)
    return client


def order(client: FlaskClient, query: str = "period=today", format_: str = "csv") -> str:
    """Ask for a file; gives the address of the page that offers it."""
    form = {"query": query, "why": WHY, "format": format_}
    answer = send(client, EXPORT, form, form_on=f"{EXPORT}?{query}")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def fetch(client: FlaskClient, offered: str):
    page = client.get(offered).get_data(as_text=True)
    return client.get(re.search(rf'href="({offered}/[^"]+)"', page)[1])


def rows_of(content: bytes, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))


def test_the_count_comes_first_and_the_purpose_is_asked(at: House) -> None:
    client = browser(at)
    page = client.get(f"{EXPORT}?act=presented&period=today").get_data(as_text=True)
    assert "<strong>7件</strong>を書き出します" in page
    for why, said in (("　", "目的を入力してください"), ("あ" * 201, "200文字以内")):
        answer = send(client, EXPORT, {"query": "", "why": why, "format": "xlsx"})
        page = answer.get_data(as_text=True)
        assert (answer.status_code, said in page) == (422, True)
        assert 'value="xlsx" checked' in page


def test_a_csv_holds_the_entries_of_the_view_and_of_the_moment(at: House) -> None:
    client = browser(at)
    offered = order(client, "act=presented&period=today")
    at.counter.present(DESK, showing("12345"))  # too late for this file
    answer = fetch(client, offered)
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="scanlog_20261130-20261130_JST.csv"'
    )
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = rows_of(answer.data)
    assert len(rows) == 7
    wrong = next(row for row in rows if row["理由コード"] == "NG-PW")
    assert wrong["日時（JST）"] == "2026-11-30 09:47:00"
    assert (wrong["受取者名・申請"], wrong["結果"], wrong["窓口"]) == (TARO, "不可", "窓口1")


def test_filing_numbers_survive_a_spreadsheet(at: House) -> None:
    client = browser(at)
    (row, *_) = rows_of(fetch(client, order(client, "act=confirmed&period=today&kiosk=W1")).data)
    numbers = row["受付番号"].split("、")
    assert len(numbers) == 3
    assert all(re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", number) for number in numbers)
    book = openpyxl.load_workbook(
        io.BytesIO(fetch(client, order(client, "act=confirmed&kiosk=W1", "xlsx")).data)
    )
    cells = {cell.value: cell.data_type for line in book.active.iter_rows() for cell in line}
    assert cells[row["受付番号"]] == "s"


def test_cp932_counts_what_it_replaces_before_the_download(at: House) -> None:
    with at.sessions.begin() as session:
        session.scalars(select(Receiver).where(Receiver.name == TARO)).one().name = "見本　𠮷𠮷"
    client = browser(at)
    offered = order(client, "reason=NG-PW", "csv-cp932")
    assert "2文字を「〓」にしました" in client.get(offered).get_data(as_text=True)
    answer = fetch(client, offered)
    assert answer.content_type == "text/csv; charset=shift_jis"
    assert rows_of(answer.data, "cp932")[0]["受取者名・申請"] == "見本　〓〓"
    none = order(client, "reason=NG-FORMAT", "csv-cp932")
    assert "<dd>ありません</dd>" in client.get(none).get_data(as_text=True)


def test_a_name_that_is_a_formula_is_disarmed(at: House) -> None:
    with at.sessions.begin() as session:
        receiver = session.scalars(select(Receiver).where(Receiver.name == TARO)).one()
        receiver.name = "＝ＨＹＰＥＲＬＩＮＫ（１）"
    client = browser(at)
    (row,) = rows_of(fetch(client, order(client, "reason=NG-PW")).data)
    assert row["受取者名・申請"] == "'＝ＨＹＰＥＲＬＩＮＫ（１）"


def test_json_lines_are_for_programs(at: House) -> None:
    client = browser(at)
    answer = fetch(client, order(client, "reason=NG-PW&order=oldest", "jsonl"))
    (line,) = answer.data.decode().splitlines()
    assert json.loads(line)["reason"] == "NG-PW"
    assert answer.headers["Content-Disposition"].endswith('_JST.jsonl"')


def test_the_journal_keeps_who_exported_what_and_why(at: House) -> None:
    client = browser(at)
    offered = order(client, "period=today&outcome=refused")
    with at.sessions() as session:
        entry = session.get_one(JournalEntry, int(offered.rsplit("/", 1)[1]))
    body = json.loads(entry.body)
    assert (entry.act, entry.staff_number) == ("exported", SUPERVISOR)
    assert (body["why"], body["rows"], body["format"]) == (WHY, 3, "csv")
    assert body["filters"] == "outcome=refused&since=2026-11-30&until=2026-11-30"
    listed = client.get("/console/journal?act=exported").get_data(as_text=True)
    assert f"目的：{WHY}（3件・csv）" in listed


def test_a_file_is_for_whoever_asked_and_not_for_long(at: House) -> None:
    client = browser(at)
    offered = order(client)
    path = f"{offered}/scanlog_20261130-20261130_JST.csv"
    assert browser(at, AUDITOR).get(path).status_code == 404
    assert client.get(f"{offered}/another.csv").status_code == 404
    assert client.get("/console/exports/1").status_code == 404
    assert client.get("/console/exports/9999").status_code == 404
    at.clock.move(minutes=15)
    assert client.get(path).status_code == 200
    at.clock.move(seconds=1)
    assert client.get(path).status_code == 404


def test_an_auditor_may_export(at: House) -> None:
    client = browser(at, AUDITOR)
    assert fetch(client, order(client)).status_code == 200


@pytest.mark.parametrize(("query", "end"), [("", "古い"), ("order=oldest", "新しい")])
def test_what_is_over_the_limit_is_said_before_and_after(
    at: House, monkeypatch: pytest.MonkeyPatch, query: str, end: str
) -> None:
    """With a limit of five; the real one is tried by tests/bench/test_export.py."""
    monkeypatch.setattr(export, "MOST_ROWS", 5)
    client = browser(at)
    page = client.get(f"{EXPORT}?{query}").get_data(as_text=True)
    assert "一度に書き出せるのは5件まで" in page
    assert "<strong>5件</strong>を書き出します" in page
    offered = order(client, query)
    page = client.get(offered).get_data(as_text=True)
    assert f"5件（上限。これより{end}記録はこのファイルに入っていません）" in page
    rows = rows_of(fetch(client, offered).data)
    assert len(rows) == 5
    with at.sessions() as session:
        newest = select(JournalEntry.body).order_by(JournalEntry.seq.desc()).limit(1)
        body = json.loads(session.scalars(newest).one())
    assert (body["rows"], body["cut"]) == (5, True)
    everything = order(client, "act=presented&reason=NG-PW")
    assert "上限" not in client.get(everything).get_data(as_text=True)


def test_an_entry_that_was_deleted_is_missed_in_the_file(at: House) -> None:
    tamper(at.sessions, "DELETE FROM journal WHERE seq = 5")
    client = browser(at)
    rows = rows_of(fetch(client, order(client, "period=today")).data)
    gone = next(row for row in rows if row["番号"] == "5")
    assert "消されたおそれがあります" in gone["内容"]


def test_a_view_without_entries_is_a_file_with_a_heading(at: House) -> None:
    client = browser(at)
    content = fetch(client, order(client, "reason=NG-STOP")).data
    assert content.decode("utf-8-sig").count("\r\n") == 1
