"""The sheets of a rehearsal: each is a lesson, issued by the portal's own code with a test key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pypdfium2
from sqlalchemy import select

from config.demo.people import HANAKO, LOOKS_LIKE_HIGH, MOVER, NEWCOMERS, SUSPENDED, TARO
from config.demo.places import INSPECTION, PROCEDURES
from config.demo.sign_ins import SignIns
from config.rehearsal.registry import AWAY, BUNDLE
from issuer import a4
from issuer.forms import SheetRequest
from issuer.layout import SheetFacts
from issuer.portal import Portal
from issuer.sheets import issue_individual, issue_public
from shared.db.session import reading
from shared.db.tables import Filing
from shared.domain import FilingNumber, FilingStatus, Purpose
from shared.names import ReceiverName

EXPIRED_AGO = timedelta(days=40)
"""Authentication sheets count for thirty days."""


_SINGLE = (
    ("個別用：1台の受け渡し", ""),
    ("個別用：あとから発行し直された、前の用紙", "NG-NEWER"),
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sheet, and what the counter answers to it."""

    teaches: str
    """For the clerk, in Japanese: what this sheet is."""
    answer: str
    """The code of the refusal; empty when it is accepted."""
    facts: SheetFacts


def issue(portal: Portal, known: SignIns, now: datetime) -> list[Lesson]:
    """Issue every lesson's sheet."""
    return [*_bundles(portal, known, now), *_single(portal, now), *_paperwork(portal, known, now)]


def print_all(lessons: list[Lesson], path: Path) -> None:
    """All sheets as one PDF, a page each, in the order of the lessons. Raises OSError."""
    pages = pypdfium2.PdfDocument.new()
    try:
        for lesson in lessons:
            page = pypdfium2.PdfDocument(a4.as_pdf(lesson.facts))
            pages.import_pages(page)
            page.close()
        out = BytesIO()
        pages.save(out)
    finally:
        pages.close()
    path.write_bytes(out.getvalue())


def _bundles(portal: Portal, known: SignIns, now: datetime) -> Iterator[Lesson]:
    password = known.receiver_password
    for teaches, answer, name, typed, at in (
        ("3台の受け渡し（ほかに1台は補正待ち）", "", TARO, password, now),
        ("30台の束：照合と保留を練習する", "", BUNDLE, password, now),
        ("期限切れの用紙", "NG-EXPIRED", TARO, password, now - EXPIRED_AGO),
        ("似た名前（髙と高）の用紙", "NG-NAME", LOOKS_LIKE_HIGH, password, now),
        ("パスワード違いの用紙", "NG-PW", TARO, f"{password}-x", now),
        ("手続種別違い（新車だけが用意済み）", "WARN-EMPTY", HANAKO, password, now),
        ("申請先の事務所が違う用紙", "NG-OFFICE", AWAY, password, now),
        ("利用を停止している受取者の用紙", "NG-STOP", SUSPENDED, password, now),
    ):
        yield Lesson(teaches, answer, _public(portal, Purpose.AUTHENTICATION, name, typed, at))


def _single(portal: Portal, now: datetime) -> Iterator[Lesson]:
    with reading(portal.sessions) as session:
        alone = select(Filing.number).where(
            Filing.receiver_key.is_(None), Filing.status == FilingStatus.READY
        )
        left = list(session.scalars(alone.order_by(Filing.number)))
    for number, (teaches, answer) in zip(left, _SINGLE, strict=False):
        facts = issue_individual(portal.sessions, portal.press, FilingNumber(number), now)
        yield Lesson(teaches, answer, facts)
        if answer:
            issue_individual(portal.sessions, portal.press, FilingNumber(number), now)


def _paperwork(portal: Portal, known: SignIns, now: datetime) -> Iterator[Lesson]:
    for teaches, purpose, name, typed in (
        ("新規登録の受付", Purpose.REGISTRATION, NEWCOMERS[0], known.receiver_password),
        ("パスワード変更の受付", Purpose.PASSWORD_CHANGE, MOVER, known.next_password),
    ):
        yield Lesson(teaches, "", _public(portal, purpose, name, typed, now))
    answer, name = "NG-TAKEN", TARO
    facts = _public(portal, Purpose.REGISTRATION, name, known.receiver_password, now)
    yield Lesson("登録済みの名前での新規登録", answer, facts)


def _public(portal: Portal, purpose: Purpose, name: str, password: str, at: datetime) -> SheetFacts:
    procedure = INSPECTION if purpose is Purpose.AUTHENTICATION else 0
    wish = SheetRequest(purpose, ReceiverName.parse(name), password, procedure)
    return issue_public(portal.sessions, portal.press, wish, PROCEDURES, at)
