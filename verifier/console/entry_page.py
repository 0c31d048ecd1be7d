"""One entry of the log: the showing it belongs to as a timeline, from reading to hand-over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import abort, g, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import Hold, JournalEntry
from verifier.console import words
from verifier.console.checks import Check, checks_of
from verifier.console.house import installation
from verifier.console.journal_rows import Row, grouped, rows
from verifier.console.story import Story, body_of, story_of
from verifier.console.supervising import may_supervise
from verifier.console.vehicles import Vehicle, vehicles_of
from verifier.decision.catalogue import explain
from verifier.decision.reasons import Reason
from verifier.journal_check import check_neighbours
from verifier.registry import journal as chain
from verifier.registry.journal import Act, Author


@dataclass(frozen=True, slots=True)
class Step:
    """One entry on the timeline, and how long after the first it came."""

    row: Row
    after: str


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A paper that was taken in exchange for a vehicle's papers."""

    filing: str
    paper: str
    compared: str


def entry(seq: int) -> str:
    """One entry: what came before and after it, and whether it is untouched. Looking is noted."""
    house = installation()
    with reading(house.sessions) as session:
        found = session.get(JournalEntry, seq)
        if found is None:
            abort(404)
        page = _page(session, found, story_of(session, found))
    with house.sessions.begin() as session:
        author = Author(None, g.person.number)
        chain.append(session, Act.LOOKED, author, {"entry": seq}, house.clock())
    return page


def _page(session: Session, found: JournalEntry, story: Story) -> str:
    vehicles = vehicles_of(story.hand_overs)
    return render_template(
        "console/entry.html",
        row=rows(session, [found])[0],
        entry=found,
        steps=_steps(rows(session, story.entries)),
        elsewhere=rows(session, story.elsewhere),
        showing=story.showing,
        checks=_checks(story),
        reason_texts={reason.value: explain(reason).title for reason in Reason},
        typed_reason=words.typed_reason(story.showing.typed_reason if story.showing else None),
        vehicles=vehicles,
        holds=_live_holds(session, vehicles),
        hand_overs=story.hand_overs,
        exchanged=list(_exchanged(story.entries)),
        may_supervise=may_supervise(),
        intact=check_neighbours(session, found.seq).holds,
        person=g.person,
    )


def _steps(told: list[Row]) -> list[Step]:
    return [Step(row, _after(row.at - told[0].at)) for row in told]


def _after(passed: timedelta) -> str:
    seconds = int(passed.total_seconds())
    if seconds <= 0:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24}日後"
    if hours:
        return f"{hours}時間{minutes}分後"
    return f"{minutes}分{rest}秒後" if minutes else f"{rest}秒後"


def _checks(story: Story) -> list[Check]:
    if story.showing is None:
        return []
    refusals = () if story.showing.accepted else story.showing.reasons.split()
    return checks_of(story.showing.purpose, refusals)


def _exchanged(entries: Iterable[JournalEntry]) -> Iterable[Exchanged]:
    for told in entries:
        for taken in _dicts(body_of(told).get("taken")):
            compared = words.compared(taken.get("compared"))
            yield Exchanged(grouped(taken.get("filing")), str(taken.get("paper")), compared)


def _dicts(value: object) -> list[dict[str, Any]]:
    """What is well formed of a list: somebody may have garbled the entry."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _live_holds(session: Session, vehicles: list[Vehicle]) -> dict[int, tuple[int, datetime]]:
    """By filing: the hold that is on it now."""
    ids = [vehicle.filing_id for vehicle in vehicles]
    live = select(Hold).where(Hold.filing_id.in_(ids), Hold.lifted_at.is_(None))
    return {hold.filing_id: (hold.id, hold.placed_at) for hold in session.scalars(live)}
