"""Journal entries as a supervisor reads them: codes turned into words, ids into names.

What happened is read from the entry. Whom an act on a basket concerned stands in its log line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Filing, JournalEntry, Kiosk, LogLine, Procedure, Receiver, Staff
from shared.domain import FilingNumber, InvalidFilingNumber
from verifier.console import words
from verifier.console.said import sentences
from verifier.console.story import UNREADABLE, body_of


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    seq: int
    at: datetime
    act: str
    act_code: str
    kiosk: str
    staff: str
    source: str
    purpose: str
    procedure: str
    subject: str
    """The receiver's registered name, or the filing's number."""
    key_tail: str
    outcome: str
    """accepted, refused, or empty where nothing was judged."""
    said: tuple[str, ...]
    """What the counter answered or what followed, one sentence each."""
    items: int = 0
    """Filings that the act moved."""
    filings: tuple[str, ...] = ()
    """Numbers of the filings it names, in fours."""
    reason: str = ""
    """Code of the refusal that was shown."""


class Names:
    """Looks up names once a page."""

    def __init__(self, session: Session, bodies: Iterable[Mapping[str, Any]]) -> None:
        known = list(bodies)
        self.kiosks = {code: name for code, name in session.execute(select(Kiosk.code, Kiosk.name))}
        self.staff = {n: name for n, name in session.execute(select(Staff.number, Staff.name))}
        self.procedures = {
            code: name for code, name in session.execute(select(Procedure.code, Procedure.name))
        }
        self.receivers = _by_id(session, Receiver.id, Receiver.name, known, "receiver")
        self.filings = _by_id(session, Filing.id, Filing.number, known, "filing")


def rows(session: Session, entries: Sequence[JournalEntry]) -> list[Row]:
    """The lines of a page, in the order given."""
    wanted = select(LogLine).where(LogLine.seq.in_([entry.seq for entry in entries]))
    lines = {line.seq: line for line in session.scalars(wanted)}
    bodies = [_whole(body_of(entry), lines.get(entry.seq)) for entry in entries]
    names = Names(session, bodies)
    return [_told(entry, body, names) for entry, body in zip(entries, bodies, strict=True)]


def lines_of(session: Session, seqs: Sequence[int]) -> list[Row]:
    """The lines of these entries. One that was found but is gone is shown as missing."""
    wanted = select(JournalEntry).where(JournalEntry.seq.in_(seqs))
    entries = {entry.seq: entry for entry in session.scalars(wanted)}
    read = {row.seq: row for row in rows(session, list(entries.values()))}
    return [read.get(seq) or _missing(session, seq) for seq in seqs]


def _missing(session: Session, seq: int) -> Row:
    """The line of an entry that was found and is not there: somebody deleted it."""
    line = session.get_one(LogLine, seq)
    said = ("この番号の記録がありません。消されたおそれがあります",)
    return Row(seq, line.at, words.act(line.act), line.act, "", "", "", "", "", "", "", "", said)


def _whole(body: Mapping[str, Any], line: LogLine | None) -> Mapping[str, Any]:
    """An entry's facts, with whom and what kind its showing concerned."""
    if body is UNREADABLE or line is None:
        return body
    about = {
        "source": line.source,
        "purpose": line.purpose,
        "procedure": line.procedure_code,
        "receiver": line.receiver_id,
        "items": line.items,
    }
    known = {name: value for name, value in about.items() if value is not None}
    return {**known, **body}


def _told(entry: JournalEntry, body: Mapping[str, Any], names: Names) -> Row:
    """The line of an entry; one that somebody garbled leaves no page without its other lines."""
    try:
        return _row(entry, body, names)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return _row(entry, UNREADABLE, names)


def _row(entry: JournalEntry, body: Mapping[str, Any], names: Names) -> Row:
    accepted = body.get("accepted")
    return Row(
        seq=entry.seq,
        at=entry.at,
        act=words.act(entry.act),
        act_code=entry.act,
        kiosk=names.kiosks.get(entry.kiosk_code or "", entry.kiosk_code or ""),
        staff=names.staff.get(entry.staff_number or "", entry.staff_number or ""),
        source=words.source(body.get("source")),
        purpose=words.purpose(body.get("purpose")),
        procedure=names.procedures.get(body.get("procedure") or 0, ""),
        subject=_subject(body, names),
        key_tail=body.get("key_tail") or "",
        outcome="" if accepted is None else "accepted" if accepted else "refused",
        said=tuple(sentences(entry.act, body)),
        items=body.get("items") or 0,
        filings=tuple(_filings(body, names)),
        reason=(body.get("reasons") or [""])[0] if accepted is False else "",
    )


def _filings(body: Mapping[str, Any], names: Names) -> Iterable[str]:
    filing = body.get("filing")
    if filing:
        yield grouped(names.filings.get(filing, "") if isinstance(filing, int) else filing)
    for number in body.get("released") or ():
        yield grouped(number)
    for held in body.get("held") or ():
        yield grouped(held["filing"] if isinstance(held, Mapping) else held)


def _subject(body: Mapping[str, Any], names: Names) -> str:
    receiver = names.receivers.get(body.get("receiver") or 0)
    if receiver:
        return receiver
    filing = body.get("filing")
    number = names.filings.get(filing) if isinstance(filing, int) else filing
    return grouped(number) if number else ""


def grouped(number: object) -> str:
    """A filing's number in fours; what is none as it is."""
    try:
        return FilingNumber(str(number)).grouped()
    except InvalidFilingNumber:
        return str(number)


def _by_id(
    session: Session, key: Any, value: Any, bodies: list[Mapping[str, Any]], field: str
) -> dict[int, str]:
    ids = {body[field] for body in bodies if isinstance(body.get(field), int)}
    if not ids:
        return {}
    return {i: text for i, text in session.execute(select(key, value).where(key.in_(ids)))}
