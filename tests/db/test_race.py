"""Two processes race for the same filings: each is released exactly once, on both databases."""

import multiprocessing
import time
import uuid
from collections import Counter as Tally

from sqlalchemy import select

from shared.db.session import Sessions, open_registry
from shared.db.tables import Filing, HandOverItem, ItemState, JournalEntry
from shared.domain import FilingStatus
from tests.builders import (
    DESK,
    OTHER_DESK,
    Clock,
    filing_sheet,
    house,
    house_on,
    seen_to,
    showing,
    text_of,
)
from verifier.acts import Basket, Confirming, Desk
from verifier.counter import Counter
from verifier.registry.journal import GENESIS, hash_of, link_of

FILINGS = 200


def test_two_processes_that_race_for_200_filings_release_each_exactly_once(
    registry: Sessions, registry_url: str
) -> None:
    texts = _individual_sheets(registry)
    registry.kw["bind"].dispose()
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    racers = [
        context.Process(target=_race, args=(registry_url, desk, order, start, answers))
        for desk, order in ((DESK, texts), (OTHER_DESK, texts[::-1]))  # they meet on the way
    ]
    for racer in racers:
        racer.start()
    released = [answers.get(timeout=240) for _ in racers]
    for racer in racers:
        racer.join(30)
        assert racer.exitcode == 0
    times = Tally(number for mine in released for number in mine)
    assert len(times) == FILINGS
    assert set(times.values()) == {1}
    assert min(len(mine) for mine in released) > 0, "one process ran alone: that was no race"
    _assert_each_released_once(registry)


def _individual_sheets(registry: Sessions) -> list[str]:
    """One sheet a filing: no password, so that the race is about the rows and not about bcrypt."""
    at = house(registry)
    texts = []
    for _ in range(FILINGS):
        number = at.filing(receiver_name=None)
        sheet = filing_sheet(number)
        at.individual(number, sheet)
        texts.append(text_of(sheet))
    return texts


def _race(url: str, desk: Desk, texts: list[str], start, answers) -> None:  # type: ignore[no-untyped-def]
    """Show every sheet, confirm whatever a basket gives; runs in a process of its own."""
    sessions = open_registry(url)
    counter = house_on(sessions, Clock()).counter
    start.wait(60)
    released = []
    for text in texts:
        presented = counter.present(desk, showing(text))
        if presented.basket is not None:
            _confirm(counter, desk, presented.basket)
            released.extend(row.number for row in presented.basket.rows)
        time.sleep(0.002)  # SQLite's queue is not fair: who asks again at once keeps it
    answers.put(released)
    sessions.kw["bind"].dispose()


def _confirm(counter: Counter, desk: Desk, basket: Basket) -> None:
    rows = tuple(row.filing_id for row in basket.rows)
    asked = Confirming(basket.hand_over_id, rows, (), None, str(uuid.uuid4()), **seen_to(basket))
    counter.confirm(desk, asked)


def _assert_each_released_once(registry: Sessions) -> None:
    with registry() as session:
        statuses = session.scalars(select(Filing.status)).all()
        items = session.scalars(
            select(HandOverItem.filing_id).where(HandOverItem.state == ItemState.RELEASED)
        ).all()
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.seq)).all()
        before = GENESIS
        for entry in entries:
            assert entry.prev == before
            before = hash_of(link_of(entry))
            assert entry.hash == before
    assert set(statuses) == {FilingStatus.RELEASED}
    assert len(items) == len(set(items)) == FILINGS
