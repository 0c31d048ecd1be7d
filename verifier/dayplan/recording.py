"""A hand-over that was done on a plan, written into the registry as if it had been done here."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from shared.db.tables import (
    Compared,
    Filing,
    HandOver,
    HandOverItem,
    HandOverState,
    ItemState,
    PlanHandOver,
    Presentation,
    Receiver,
)
from shared.domain import Purpose, Source
from verifier.acts import Taken
from verifier.dayplan.done import Done, receiver_of
from verifier.registry import handovers, taking
from verifier.registry.journal import Json


def record(session: Session, done: Done, filings: list[Filing], now: datetime) -> None:
    """The hand-over as if it had been done here, at its own time, with the mark of its plan."""
    entry, body = done.entry, done.body
    ids = {filing.number: filing.id for filing in filings}
    shown = _presentation(done, receiver_of(session, done), set(ids.values()))
    session.add(shown)
    session.flush()
    hand_over = HandOver(
        id=str(body["hand_over"]),
        presentation_id=shown.id,
        kiosk_code=done.plan.kiosk_code,
        staff_number=entry.staff_number or "",
        state=HandOverState.CONFIRMED,
        opened_at=shown.at,
        closed_at=entry.at,
        collector=entry.collector,
        receipt_number=str(body["receipt"]),
        items=[HandOverItem(filing_id=id_, state=ItemState.HANDING) for id_ in ids.values()],
    )
    session.add(hand_over)
    taking.take_in_hand(session, ids.values(), now)
    handovers.release(session, hand_over, ids.values(), ids.values(), now)
    for item in hand_over.items:
        item.settled_at = entry.at
    session.flush()
    session.add(PlanHandOver(hand_over_id=hand_over.id, plan_id=done.plan.id, entry=entry.hash))
    handovers.note_papers(session, hand_over, _taken(body, ids))


def _taken(body: dict[str, Json], ids: dict[str, int]) -> Iterator[Taken]:
    """What was taken in exchange for the vehicles that are recorded."""
    taken = body.get("taken")
    for paper in taken if isinstance(taken, list) else ():
        if isinstance(paper, dict) and paper.get("filing") in ids:
            compared = Compared(str(paper["compared"]))
            yield Taken(ids[str(paper["filing"])], str(paper["paper"]), compared)


def _presentation(done: Done, receiver: Receiver | None, handed: set[int]) -> Presentation:
    """The showing that opened it; its fingerprint is under the plan's own key."""
    said, shown = done.showing, done.shown or done.entry
    purpose, filing = said.get("purpose"), said.get("filing")
    procedure, tail, elapsed = said.get("procedure"), said.get("key_tail"), said.get("ms")
    reasons = said.get("reasons")
    return Presentation(
        id=str(done.body["presentation"]),
        at=shown.at,
        kiosk_code=done.plan.kiosk_code,
        staff_number=shown.staff_number or "",
        source=Source(str(said.get("source", Source.CAMERA.value))),
        purpose=Purpose(str(purpose)) if purpose else None,
        procedure_code=procedure if isinstance(procedure, int) else None,
        receiver_id=receiver.id if receiver else None,
        filing_id=filing if isinstance(filing, int) and filing in handed else None,
        key_tail=str(tail) if tail else None,
        fingerprint=shown.fingerprint or "0" * 64,
        accepted=True,
        reasons=" ".join(map(str, reasons)) if isinstance(reasons, list) else "",
        elapsed_ms=elapsed if isinstance(elapsed, int) else 0,
    )
