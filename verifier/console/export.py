"""書き出し: a view of the log as a file. The purpose is asked, and the journal keeps it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, abort, g, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from shared.db.session import Sessions, reading
from shared.db.tables import JournalEntry, LogLine
from shared.web.times import jst_log
from verifier.console import facets, periods
from verifier.console.access import only
from verifier.console.choices import Choices
from verifier.console.filters import Filters, read_filters
from verifier.console.finding import Search
from verifier.console.house import installation
from verifier.console.journal_rows import Row, lines_of
from verifier.console.sheet_files import Column, Format, in_cp932, write
from verifier.console_sign_in import CONSOLE_ROLES
from verifier.registry import journal as chain
from verifier.registry.journal import Act, Author

MOST_ROWS = 200_000
LONGEST_PURPOSE = 200
FETCHED_FOR = timedelta(minutes=15)
"""How long after its purpose was given a file can be fetched."""
_BATCH = 500
COLUMNS = (
    Column("番号", "seq", 10),
    Column("日時（JST）", "at", 20),
    Column("できごと", "act", 16),
    Column("窓口", "kiosk", 14),
    Column("担当", "staff", 16),
    Column("読み取り方", "source", 10),
    Column("コード種別", "purpose", 16),
    Column("手続種別", "procedure", 24),
    Column("受取者名・申請", "subject", 40),
    Column("検索キー下4けた", "key_tail", 10),
    Column("結果", "outcome", 8),
    Column("理由コード", "reason", 12),
    Column("内容", "said", 50),
    Column("件数", "items", 6),
    Column("受付番号", "filings", 40),
)
_OUTCOMES = {"accepted": "受付", "refused": "不可", "": ""}
FORMATS = {
    Format.CSV: "CSV（UTF-8）",
    Format.CSV_CP932: "CSV（Shift_JIS、古い表計算ソフト向け）",
    Format.XLSX: "Excel（XLSX）",
    Format.JSON_LINES: "JSON Lines（プログラム向け）",
}


@dataclass(frozen=True, slots=True)
class Order:
    """A file that somebody asked for, as the journal keeps it."""

    format: Format
    rows: int
    is_cut: bool
    """There were more than one file may hold."""
    replaced: int
    """Characters that became 〓."""
    filters: Filters
    last: int
    """No entry after this one belongs to it."""
    name: str


def export() -> str:
    """How many rows it would be, and the question what for."""
    filters = read_filters(request.args, _today())
    return _form(filters, "", Format.CSV, None)


@only(CONSOLE_ROLES)
def take_export() -> AnyResponse | tuple[str, int]:
    """Note the purpose in the journal, then offer the file."""
    filters = read_filters(dict(parse_qsl(request.form.get("query", "")[:1000])), _today())
    why = " ".join(request.form.get("why", "").split())
    chosen = request.form.get("format", "")
    format_ = Format(chosen) if chosen in set(Format) else Format.CSV
    if problem := _problem(why):
        return _form(filters, why, format_, problem), 422
    house = installation()
    with reading(house.sessions) as session:
        last = chain.head(session).seq
        count = _count(session, filters, last)
        replaced = _replaced(session, filters, last) if format_ is Format.CSV_CP932 else 0
    with house.sessions.begin() as session:
        body: dict[str, chain.Json] = {
            "why": why,
            "format": format_.value,
            "rows": min(count, MOST_ROWS),
            "cut": count > MOST_ROWS,
            "replaced": replaced,
            "filters": _fixed(filters),
            "last": last,
        }
        author = Author(None, g.person.number)
        head = chain.append(session, Act.EXPORTED, author, body, house.clock())
    return redirect(url_for("console.ordered", seq=head.seq), 303)


def ordered(seq: int) -> str:
    """What the file holds, what was replaced in it, and the link to it."""
    with reading(installation().sessions) as session:
        order = _order(session, seq)
    return render_template("console/ordered.html", order=order, seq=seq, most=MOST_ROWS,
                           formats=FORMATS, person=g.person)  # fmt: skip


def download(seq: int, name: str) -> Response:
    """The file itself, written while it is sent."""
    with reading(installation().sessions) as session:
        order = _order(session, seq)
    if name != order.name:
        abort(404)
    answer = Response(
        write(order.format, COLUMNS, _cells(installation().sessions, order)),
        content_type=order.format.mime_type,
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{order.name}"'
    return answer


def file_name(filters: Filters, format_: Format, today: date) -> str:
    """``scanlog_20261101-20261130_JST.csv``: the days that the file is about."""
    first, last = filters.period.first, filters.period.last or today
    begin = f"{first:%Y%m%d}" if first else "all"
    return f"scanlog_{begin}-{last:%Y%m%d}_JST.{format_.suffix}"


def _form(filters: Filters, why: str, format_: Format, problem: str | None) -> str:
    with reading(installation().sessions) as session:
        return render_template(
            "console/export.html",
            count=_count(session, filters, chain.head(session).seq),
            most=MOST_ROWS,
            chips=facets.chips(session, filters, Choices.of(session)),
            filters=filters,
            formats=FORMATS,
            chosen=format_,
            why=why,
            problem=problem,
            person=g.person,
        )


def _problem(why: str) -> str | None:
    if not why:
        return "目的を入力してください"
    if len(why) > LONGEST_PURPOSE:
        return f"目的は{LONGEST_PURPOSE}文字以内で入力してください"
    return None


def _today() -> date:
    return periods.today_in_tokyo(installation().clock())


def _fixed(filters: Filters) -> str:
    """The view with its days written out: "today" is another day tomorrow."""
    days = {"since": filters.period.first, "until": filters.period.last}
    return filters.query(period=None, **days)


def _order(session: Session, seq: int) -> Order:
    """The order of this person, not long ago; 404 for any other entry."""
    entry = session.get(JournalEntry, seq)
    body: Mapping[str, Any] = json.loads(entry.body) if entry else {}
    if entry is None or entry.act != Act.EXPORTED or "why" not in body:
        abort(404)
    late = installation().clock() - entry.at > FETCHED_FOR
    if late or entry.staff_number != g.person.number:
        abort(404)
    filters = read_filters(dict(parse_qsl(body["filters"])), _today())
    format_ = Format(body["format"])
    name = file_name(filters, format_, periods.today_in_tokyo(entry.at))
    rows, is_cut, replaced = body["rows"], body.get("cut", False), body["replaced"]
    return Order(format_, rows, is_cut, replaced, filters, body["last"], name)


def _count(session: Session, filters: Filters, last: int) -> int:
    """Rows there are, up to one more than go into a file."""
    found = Search(session, filters).all_of(MOST_ROWS + 1).where(LogLine.seq <= last)
    some = found.with_only_columns(LogLine.seq).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _replaced(session: Session, filters: Filters, last: int) -> int:
    lines = _lines(session, filters, last)
    return sum(in_cp932(cell)[1] for row in lines for cell in row)


def _cells(sessions: Sessions, order: Order) -> Iterator[tuple[str, ...]]:
    """Read while the file is sent, when the request is over."""
    with reading(sessions) as session:
        yield from _lines(session, order.filters, order.last)


def _lines(session: Session, filters: Filters, last: int) -> Iterator[tuple[str, ...]]:
    wanted = Search(session, filters).all_of(MOST_ROWS).where(LogLine.seq <= last)
    seqs = session.scalars(wanted.with_only_columns(LogLine.seq)).all()
    for start in range(0, len(seqs), _BATCH):
        for row in lines_of(session, seqs[start : start + _BATCH]):
            yield _cells_of(row)
        session.expunge_all()


def _cells_of(row: Row) -> tuple[str, ...]:
    return (
        str(row.seq), jst_log(row.at), row.act, row.kiosk, row.staff, row.source, row.purpose,
        row.procedure, row.subject, row.key_tail, _OUTCOMES[row.outcome], row.reason,
        "／".join(row.said), str(row.items or ""), "、".join(row.filings),
    )  # fmt: skip
