"""Journal entries as a supervisor reads them: codes turned into words, ids into names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.tables import Filing, JournalEntry, Kiosk, Procedure, Receiver, Staff
from shared.domain import FilingNumber, InvalidFilingNumber
from verifier.console import changes, words
from verifier.console.story import body_of
from verifier.decision.catalogue import explain
from verifier.decision.reasons import Notice, Reason

PAGE = 50


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
    bodies = [body_of(entry) for entry in entries]
    names = Names(session, bodies)
    return [_row(entry, body, names) for entry, body in zip(entries, bodies, strict=True)]


def _row(entry: JournalEntry, body: Mapping[str, Any], names: Names) -> Row:
    accepted = body.get("accepted")
    return Row(
        seq=entry.seq,
        at=entry.at,
        act=words.act(entry.act),
        act_code=entry.act,
        kiosk=names.kiosks.get(entry.kiosk_code or "", entry.kiosk_code or "—"),
        staff=names.staff.get(entry.staff_number or "", entry.staff_number or "—"),
        source=words.source(body.get("source")),
        purpose=words.purpose(body.get("purpose")),
        procedure=names.procedures.get(body.get("procedure") or 0, ""),
        subject=_subject(body, names),
        key_tail=body.get("key_tail") or "",
        outcome="" if accepted is None else "accepted" if accepted else "refused",
        said=(*_said(body), *changes.said(entry.act, body)),
    )


def _subject(body: Mapping[str, Any], names: Names) -> str:
    receiver = names.receivers.get(body.get("receiver") or 0)
    if receiver:
        return receiver
    filing = body.get("filing")
    number = names.filings.get(filing) if isinstance(filing, int) else filing
    try:
        return FilingNumber(str(number)).grouped() if number else ""
    except InvalidFilingNumber:
        return str(number)


def _said(body: Mapping[str, Any]) -> Iterable[str]:
    if not body:
        yield "記録の内容を読めません"
    first, *others = body.get("reasons") or [None]
    if first is not None:
        yield f"{first} {_title(first)}"
    if others:
        yield f"ほかに {'・'.join(others)}"
    if body.get("in_hand"):
        yield f"{body['in_hand']}件を受け渡し中にした"
    if "released" in body:
        held, returned = len(body["held"]), body["returned"]
        yield f"受け渡し {len(body['released'])}件・保留 {held}件・戻し {returned}件"
    if body.get("receipt"):
        yield f"受領書 {body['receipt']}"
    if body.get("reason"):
        yield f"理由：{_worded(body['reason'])}"


def _worded(value: str) -> str:
    return _title(value) if value in set(Reason) else words.reason(value)


def _title(code: str) -> str:
    """The words of a reason or notice; none for a code that is not ours."""
    if code in set(Reason):
        return explain(Reason(code)).title
    return explain(Notice(code)).title if code in set(Notice) else ""


def _by_id(
    session: Session, key: Any, value: Any, bodies: list[Mapping[str, Any]], field: str
) -> dict[int, str]:
    ids = {body[field] for body in bodies if isinstance(body.get(field), int)}
    if not ids:
        return {}
    return {i: text for i, text in session.execute(select(key, value).where(key.in_(ids)))}
