"""読み取り記録: the list with its filters, newest first, and one entry with its story."""

from flask import abort, g, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.db.session import reading
from shared.db.tables import JournalEntry, Kiosk, Staff
from verifier.console import words
from verifier.console.filters import read_filters
from verifier.console.house import installation
from verifier.console.journal_rows import PAGE, rows
from verifier.console.story import story_of
from verifier.console.supervising import may_supervise
from verifier.console.vehicles import vehicles_of
from verifier.decision.catalogue import explain
from verifier.decision.reasons import Reason
from verifier.journal_check import check_neighbours
from verifier.registry import journal as chain
from verifier.registry.journal import Act, Author


def journal() -> str:
    """A page of entries; older ones are reached by the number of the last one shown."""
    filters = read_filters(request.args)
    before = request.args.get("before", type=int)
    wanted = select(JournalEntry).where(*filters.conditions)
    if before is not None:
        wanted = wanted.where(JournalEntry.seq < before)
    with reading(installation().sessions) as session:
        entries = list(session.scalars(wanted.order_by(JournalEntry.seq.desc()).limit(PAGE + 1)))
        total = session.scalar(
            select(func.count()).select_from(JournalEntry).where(*filters.conditions)
        )
        return render_template(
            "console/journal.html",
            rows=rows(session, entries[:PAGE]),
            older=entries[PAGE - 1].seq if len(entries) > PAGE else None,
            is_first=before is None,
            total=total,
            head=chain.head(session),
            filters=filters,
            choices=_choices(session),
            person=g.person,
        )


def newer() -> dict[str, int]:
    """How many entries came after the newest one on the page."""
    filters = read_filters(request.args)
    after = request.args.get("after", default=0, type=int)
    with reading(installation().sessions) as session:
        count = session.scalar(
            select(func.count())
            .select_from(JournalEntry)
            .where(JournalEntry.seq > after, *filters.conditions)
        )
    return {"count": count or 0}


def entry(seq: int) -> str:
    """One entry: what came before and after it, and whether it is untouched. Looking is noted."""
    house = installation()
    with reading(house.sessions) as session:
        found = session.get(JournalEntry, seq)
        if found is None:
            abort(404)
        story = story_of(session, found)
        page = render_template(
            "console/entry.html",
            row=rows(session, [found])[0],
            story=rows(session, story.entries),
            entry=found,
            vehicles=vehicles_of(story.hand_overs),
            may_undo=may_supervise(),
            intact=check_neighbours(session, seq).holds,
            person=g.person,
        )
    with house.sessions.begin() as session:
        author = Author(None, g.person.number)
        chain.append(session, Act.LOOKED, author, {"entry": seq}, house.clock())
    return page


def _choices(session: Session) -> dict[str, list[tuple[str, str]]]:
    kiosks = session.execute(select(Kiosk.code, Kiosk.name).order_by(Kiosk.code))
    people = session.execute(select(Staff.number, Staff.name).order_by(Staff.number))
    return {
        "act": [(act.value, text) for act, text in words.ACTS.items()],
        "kiosk": [(code, name) for code, name in kiosks],
        "staff": [(number, f"{number} {name}") for number, name in people],
        "purpose": [(purpose.value, text) for purpose, text in words.PURPOSES.items()],
        "outcome": [("accepted", "○ 受け付けた"), ("refused", "× 断った")],
        "reason": [(r.value, f"{r.value} {explain(r).title}") for r in Reason],
    }
