"""What the demo's camera sees: real sheets, issued now, that walk through the picture."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.demo.people import HIGH, LOOKS_LIKE_HIGH, MOVER, NEWCOMERS
from config.demo.places import INSPECTION, PROCEDURES, WINDOW, WINDOWS
from config.demo.sign_ins import SignIns
from hardware.scan import Grey
from hardware.tabletop import RATE, record
from issuer import a4
from issuer.forms import SheetRequest
from issuer.layout import SheetFacts
from issuer.settings import IssuerSettings, open_portal
from issuer.sheets import issue_individual, issue_public
from shared.db.session import reading
from shared.db.tables import Filing, Receiver
from shared.domain import FilingNumber, FilingStatus, PickupMethod, Purpose
from shared.names import ReceiverName
from shared.settings import read_settings

FRESH_SECONDS = 7 * 24 * 3600
"""The sheets in the clip expire after 30 days."""
_SHOWN, _EMPTY, _SLIDES = 4.0, 1.5, 1.6
_OFFICE = WINDOWS[WINDOW][1]


def is_fresh(clip: Path, now: datetime) -> bool:
    """Whether the clip of an earlier start still shows sheets that count."""
    return clip.is_file() and now.timestamp() - clip.stat().st_mtime < FRESH_SECONDS


def issue_sheets(var: Path, sign_ins: SignIns, now: datetime) -> list[SheetFacts]:
    """One sheet of each kind, and one whose name only looks like a registered one."""
    portal = open_portal(read_settings(IssuerSettings, var / "issuer.toml"))
    with reading(portal.sessions) as session:
        collecting, single = _fullest_pile(session), _single(session)
        newcomer = _newcomer(session)
    wishes = (
        _wish(Purpose.AUTHENTICATION, collecting, sign_ins.receiver_password),
        _wish(Purpose.REGISTRATION, newcomer, sign_ins.receiver_password),
        _wish(Purpose.AUTHENTICATION, LOOKS_LIKE_HIGH, sign_ins.receiver_password),
        _wish(Purpose.PASSWORD_CHANGE, MOVER, sign_ins.next_password),
    )
    sheets = [issue_public(portal.sessions, portal.press, wish, PROCEDURES, now) for wish in wishes]
    if single is not None:
        sheets.append(issue_individual(portal.sessions, portal.press, FilingNumber(single), now))
    return sheets


def frames(sheets: list[SheetFacts]) -> int:
    """About how many pictures the clip will have."""
    return int(RATE * (len(sheets) * (_SHOWN + _EMPTY + _SLIDES) + _EMPTY))


def render(sheets: list[SheetFacts], clip: Path) -> Iterator[int]:
    """Write the clip; gives the pictures written after each. Raises OSError."""
    pages = [_page(facts) for facts in sheets]
    return record(pages, clip, shown_seconds=_SHOWN, empty_seconds=_EMPTY)


def _page(facts: SheetFacts) -> Grey:
    """The sheet at 150 dots per inch: still finer than the camera sees it, and filmed faster."""
    pixels = np.frombuffer(a4.as_png(facts), np.uint8)
    printed = np.asarray(cv2.imdecode(pixels, cv2.IMREAD_GRAYSCALE), np.uint8)
    half = cv2.resize(printed, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.uint8)


def _wish(purpose: Purpose, name: str, password: str) -> SheetRequest:
    procedure = INSPECTION if purpose is Purpose.AUTHENTICATION else 0
    return SheetRequest(purpose, ReceiverName.parse(name), password, procedure)


def _fullest_pile(session: Session) -> str:
    """The receiver with most vehicles to collect here; HIGH when there are none left."""
    registered = (
        select(Receiver.name)
        .join(Filing, Filing.receiver_key == Receiver.compare_key)
        .where(
            Filing.status == FilingStatus.READY,
            Filing.pickup_method == PickupMethod.AUTHENTICATION,
            Filing.procedure_code == INSPECTION,
            Filing.office_code == _OFFICE,
            Receiver.suspended_at.is_(None),
            Receiver.compare_key != ReceiverName.parse(MOVER).key,
        )
        .group_by(Receiver.name)
        .order_by(func.count().desc(), Receiver.name)
    )
    return session.scalars(registered).first() or HIGH


def _single(session: Session) -> str | None:
    """A filing that is ready here and that no receiver collects."""
    alone = select(Filing.number).where(
        Filing.status == FilingStatus.READY,
        Filing.office_code == _OFFICE,
        Filing.receiver_key.is_(None),
    )
    return session.scalars(alone.order_by(Filing.number)).first()


def _newcomer(session: Session) -> str:
    keys = set(session.scalars(select(Receiver.compare_key)))
    unknown = (name for name in NEWCOMERS if ReceiverName.parse(name).key not in keys)
    return next(unknown, NEWCOMERS[-1])
