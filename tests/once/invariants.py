"""What must hold of a registry whatever happened to it, and what must hold at the end."""

import json
from collections import Counter as Tally
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.db.session import Sessions, snapshot
from shared.db.tables import (
    Filing,
    HandOver,
    HandOverItem,
    HandOverState,
    ItemState,
    JournalEntry,
    Presentation,
)
from shared.domain import FilingStatus, PickupMethod, Purpose
from tests.once.acting import Told
from verifier.journal_check import check_session


@dataclass(frozen=True, slots=True)
class End:
    """What a run ended with."""

    released: int
    """Hand-overs of a vehicle, those taken back later among them."""
    undone: int
    entries: int


def always(sessions: Sessions) -> None:
    """At any moment: rows and statuses tell the same story, and the journal told it first."""
    with snapshot(sessions) as session:
        released = _items(session, ItemState.RELEASED)
        in_hand = _items(session, ItemState.HANDING)
        assert len(set(released)) == len(released), "a filing was released twice"
        assert set(released) == _filings(session, FilingStatus.RELEASED)
        assert len(set(in_hand)) == len(in_hand), "a filing is in two hands"
        assert set(in_hand) == _filings(session, FilingStatus.HANDING)
        still_open = _of_open_baskets(session)
        assert set(in_hand) == still_open, "a filing is in hand, but in no open basket"
        assert _numbers(session, released) == _out_by_journal(session)


def at_the_end(sessions: Sessions, told: Iterable[Told]) -> End:
    """Afterwards: everything acknowledged is there, once, and the chain holds."""
    always(sessions)
    acknowledged = list(told)
    with snapshot(sessions) as session:
        assert not _items(session, ItemState.HANDING), "a basket is stuck"
        found = check_session(session)
        assert found.holds, found.breaks
        _require_acknowledged(session, acknowledged)
        _require_switched(session, acknowledged)
        acts = _acts_on_filings(session)
    return End(
        released=sum(act == "confirmed" for act, _ in acts),
        undone=sum(act == "undone" for act, _ in acts),
        entries=found.entries,
    )


def _items(session: Session, state: ItemState) -> list[int]:
    return list(session.scalars(select(HandOverItem.filing_id).where(HandOverItem.state == state)))


def _filings(session: Session, status: FilingStatus) -> set[int]:
    return set(session.scalars(select(Filing.id).where(Filing.status == status)))


def _of_open_baskets(session: Session) -> set[int]:
    items = select(HandOverItem.filing_id).join(HandOver, HandOver.id == HandOverItem.hand_over_id)
    live = HandOverItem.state == ItemState.HANDING
    return set(session.scalars(items.where(HandOver.state == HandOverState.OPEN, live)))


def _numbers(session: Session, ids: list[int]) -> set[str]:
    numbers = dict(session.execute(select(Filing.id, Filing.number)).all())
    return {numbers[id_] for id_ in ids}


def _acts_on_filings(session: Session) -> list[tuple[str, str]]:
    """(act, number) in the order of the journal."""
    acts = []
    for act, body in session.execute(_entries("confirmed", "undone")):
        said = json.loads(body)
        numbers = said["released"] if act == "confirmed" else [said["filing"]]
        acts += [(act, number) for number in numbers]
    return acts


def _entries(*acts: str) -> Select[tuple[str, str]]:
    wanted = select(JournalEntry.act, JournalEntry.body).where(JournalEntry.act.in_(acts))
    return wanted.order_by(JournalEntry.seq)


def _out_by_journal(session: Session) -> set[str]:
    """Whose papers are out by the journal alone: out and back take turns for each filing."""
    out: set[str] = set()
    for act, number in _acts_on_filings(session):
        assert (number in out) == (act == "undone"), f"{number}: {act} out of turn"
        out ^= {number}
    return out


def _require_acknowledged(session: Session, told: list[Told]) -> None:
    """Nothing a window was told was done is missing, and nobody got another's receipt."""
    kept = {}
    rows = session.execute(
        select(JournalEntry.body, JournalEntry.hash).where(JournalEntry.act == "confirmed")
    )
    for body, head in rows:
        said = json.loads(body)
        kept[said["receipt"]] = (sorted(said["released"]), head[:12])
    receipts = [one for one in told if one.act == "released"]
    assert len({one.receipt for one in receipts}) == len(receipts), "one receipt for two acts"
    for one in receipts:
        assert one.receipt in kept, f"an acknowledged release is lost: {one.receipt}"
        numbers, head = kept[one.receipt]
        assert one.head == head
        assert not one.numbers or sorted(one.numbers) == numbers
    undone = Tally(number for act, number in _acts_on_filings(session) if act == "undone")
    said_undone = Tally(number for one in told if one.act == "undone" for number in one.numbers)
    assert said_undone <= undone, "an acknowledged undo is lost"


def _require_switched(session: Session, told: list[Told]) -> None:
    """After the portal's switch was acknowledged no 認証用 sheet took that filing in hand."""
    switched = {number: one.at for one in told if one.act == "switched" for number in one.numbers}
    methods = dict(session.execute(select(Filing.number, Filing.pickup_method)).all())
    assert all(methods[number] is PickupMethod.INDIVIDUAL for number in switched)
    opened = session.execute(
        select(Filing.number, Presentation.at)
        .join(HandOverItem, HandOverItem.filing_id == Filing.id)
        .join(HandOver, HandOver.id == HandOverItem.hand_over_id)
        .join(Presentation, Presentation.id == HandOver.presentation_id)
        .where(Presentation.purpose == Purpose.AUTHENTICATION)
    )
    for number, at in opened:
        assert at.timestamp() <= switched.get(number, float("inf")), f"{number}: released switched"
