"""The demo's past days: real sheets shown to a real counter whose clock stands in the past.

So hand-overs, receipts, holds and the journal are exactly what a window leaves behind.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from config.demo.filings import Invention, Pile
from config.demo.people import (
    CLERK,
    FORMER_PASSWORD,
    HANAKO,
    LOOKS_LIKE_HIGH,
    MOVER,
    OTHER_CLERK,
    RECEIVERS,
    SUPERVISOR,
    TARO,
)
from config.demo.places import INSPECTION, NEW_CAR, OTHER_WINDOW, PROCEDURES, WINDOW, WINDOWS
from issuer.forms import SheetRequest
from issuer.sheets import Press, issue_individual, issue_public
from shared.db.tables import Compared, PaperRule
from shared.domain import FilingNumber, FilingStatus, Purpose, Source
from shared.names import ReceiverName
from verifier.acts import (
    Basket,
    Check,
    Confirming,
    Desk,
    Holding,
    HoldReason,
    Presenting,
    Taken,
    Undoing,
)
from verifier.counter import Counter
from verifier.installation import Installation


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody came for their papers."""

    ago: timedelta
    receiver: str
    procedure: int
    window: str
    vehicles: int
    clerk: str = CLERK


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody went away without papers."""

    receiver: str
    issued: timedelta
    """How long ago the sheet was issued, and shown."""
    shown: timedelta
    password: str | None = None
    """On the sheet; None: the right one."""


@dataclass(frozen=True, slots=True)
class Past:
    """What it takes to play a day that is over."""

    installation: Installation
    press: Press
    invention: Invention
    password: str


_VISITS = (
    Visit(timedelta(days=21, hours=2), TARO, INSPECTION, WINDOW, 14),
    Visit(timedelta(days=17, hours=5), RECEIVERS[10], NEW_CAR, WINDOW, 9),
    Visit(timedelta(days=13, hours=1), HANAKO, INSPECTION, "W3", 11, OTHER_CLERK),
    Visit(timedelta(days=8, hours=3), RECEIVERS[3], INSPECTION, OTHER_WINDOW, 16, OTHER_CLERK),
    Visit(timedelta(days=5, hours=4), RECEIVERS[11], INSPECTION, "W4", 8, OTHER_CLERK),
    Visit(timedelta(days=1, hours=2), HANAKO, NEW_CAR, WINDOW, 7),
    Visit(timedelta(minutes=52), RECEIVERS[6], INSPECTION, WINDOW, 6),
)
_KEPT_BACK = Visit(timedelta(minutes=95), RECEIVERS[7], INSPECTION, WINDOW, 5)
_TAKEN_BACK = Visit(timedelta(hours=28), RECEIVERS[5], INSPECTION, WINDOW, 3)
_LEFT_IN_HAND = Visit(timedelta(minutes=18), RECEIVERS[4], INSPECTION, OTHER_WINDOW, 4, OTHER_CLERK)
"""A power cut, as it were: whoever signs in at the other window finds this basket open."""


_REFUSALS = (
    Refusal(TARO, timedelta(days=4, hours=2), timedelta(days=4, hours=1), "mihon-chigau"),
    Refusal(MOVER, timedelta(days=31, hours=2), timedelta(days=6, hours=1), FORMER_PASSWORD),
    Refusal(LOOKS_LIKE_HIGH, timedelta(days=2, hours=2), timedelta(days=1, hours=1)),
    Refusal(HANAKO, timedelta(days=40, hours=2), timedelta(days=2, hours=1)),
)
"""A password never right, one printed before the change, a name that looks alike, too old."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """Something that happened at a counter."""

    ago: timedelta
    name: str
    act: Callable[[Past, datetime], object]


def play(past: Past, now: datetime) -> Iterator[str]:
    """Let the past days happen, the oldest act first; says after each what happened."""
    scenes = (
        *(_Scene(v.ago, "hand-over", partial(_hand_over, v)) for v in _VISITS),
        *(_Scene(r.shown, "refusal", partial(_refuse, r)) for r in _REFUSALS),
        _Scene(_KEPT_BACK.ago, "hold", _one_was_kept_back),
        _Scene(_TAKEN_BACK.ago, "undo", _take_one_back),
        _Scene(_LEFT_IN_HAND.ago, "open basket", partial(_present, _LEFT_IN_HAND)),
    )
    for scene in sorted(scenes, key=attrgetter("ago"), reverse=True):
        scene.act(past, now)
        yield scene.name


def switch_some_to_individual(past: Past, numbers: list[str], now: datetime) -> None:
    """Issue individual codes, as applicants do; these filings leave their receiver's pile."""
    for number in numbers:
        issue_individual(past.installation.sessions, past.press, FilingNumber(number), now)


def _hand_over(visit: Visit, past: Past, now: datetime) -> None:
    basket = _present(visit, past, now)
    _confirm(past, visit, basket, now - visit.ago + timedelta(minutes=4))


def _present(visit: Visit, past: Past, now: datetime) -> Basket:
    at = now - visit.ago
    pile = Pile(visit.receiver, visit.procedure, WINDOWS[visit.window][1])
    ready = at - timedelta(hours=5)
    with past.installation.sessions.begin() as session:
        session.add_all(
            past.invention.filing(pile, FilingStatus.READY, ready) for _ in range(visit.vehicles)
        )
    wish = _wish(visit.receiver, past.password, visit.procedure)
    presented = _show(past, wish, at - timedelta(hours=3), _desk(visit), at)
    if presented is None:
        raise RuntimeError("a visit of the demo was refused")
    return presented


def _confirm(past: Past, visit: Visit, basket: Basket, at: datetime, kept_back: int = 0) -> None:
    rows = [row.filing_id for row in basket.rows]
    ticked = rows[kept_back:]
    held = tuple(
        Holding(filing, HoldReason.PAPER_MISSING, "納税証明書") for filing in rows[:kept_back]
    )
    collector = f"見本　使者　{visit.vehicles}"
    _counter(past, at).confirm(
        _desk(visit),
        Confirming(
            basket.hand_over_id,
            tuple(ticked),
            held,
            collector,
            str(uuid.uuid4()),
            taken=tuple(_taken(basket, ticked)),
            checked=(Check.BY_EYE,),
        ),
    )


def _taken(basket: Basket, ticked: list[int]) -> Iterator[Taken]:
    """Every paper that is asked for, compared by eye."""
    for row in basket.rows:
        for paper in row.papers if row.filing_id in ticked else ():
            if paper.rule is not PaperRule.IF_ANY:
                yield Taken(row.filing_id, paper.name, Compared.SEEN)


def _one_was_kept_back(past: Past, now: datetime) -> None:
    basket = _present(_KEPT_BACK, past, now)
    _confirm(past, _KEPT_BACK, basket, now - _KEPT_BACK.ago + timedelta(minutes=3), kept_back=2)


def _take_one_back(past: Past, now: datetime) -> None:
    basket = _present(_TAKEN_BACK, past, now)
    _confirm(past, _TAKEN_BACK, basket, now - _TAKEN_BACK.ago + timedelta(minutes=3))
    wrong = Undoing(basket.rows[0].filing_id, "見本：別の車両の書類を渡した", str(uuid.uuid4()))
    later = now - _TAKEN_BACK.ago + timedelta(hours=1)
    _counter(past, later).undo(Desk(WINDOW, SUPERVISOR), wrong)


def _refuse(refusal: Refusal, past: Past, now: datetime) -> None:
    at = now - refusal.shown
    password = refusal.password or past.password
    wish = _wish(refusal.receiver, password, INSPECTION)
    if _show(past, wish, now - refusal.issued, Desk(WINDOW, CLERK), at) is not None:
        raise RuntimeError("a sheet of the demo was accepted that must not be")


def _show(
    past: Past, wish: SheetRequest, issued: datetime, desk: Desk, at: datetime
) -> Basket | None:
    facts = issue_public(past.installation.sessions, past.press, wish, PROCEDURES, issued)
    presenting = Presenting(str(uuid.uuid4()), facts.payload, Source.CAMERA)
    return _counter(past, at).present(desk, presenting).basket


def _wish(receiver: str, password: str, procedure: int) -> SheetRequest:
    return SheetRequest(Purpose.AUTHENTICATION, ReceiverName.parse(receiver), password, procedure)


def _desk(visit: Visit) -> Desk:
    return Desk(visit.window, visit.clerk)


def _counter(past: Past, at: datetime) -> Counter:
    return Counter(replace(past.installation, clock=lambda: at))
