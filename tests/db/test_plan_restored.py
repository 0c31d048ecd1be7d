"""The database is lost while windows are on their plans, and restored from an earlier backup."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from shared.db import schema
from shared.db.session import Sessions
from shared.db.tables import (
    ConflictKind,
    DayPlan,
    HandOver,
    JournalEntry,
    PlanConflict,
    Presentation,
    Staff,
)
from shared.domain import FilingStatus
from tests.builders import (
    CLERK,
    DESK,
    OTHER_DESK,
    OTHER_WINDOW,
    WINDOW,
    House,
    house,
    own_keys,
    receiver_sheet,
    text_of,
)
from tests.planning import Window, a_window, allow_plans, hand_over
from tests.served_registry import Slot, slot
from verifier.acts import NoSuchPlan, PlanBroken
from verifier.administration.plans import MOST_HOURS
from verifier.backup import restoring, writing
from verifier.client.sealed_files import SealedFiles
from verifier.dayplan.envelope import SEALED, Stamp, key_from
from verifier.dayplan.ledger import PlanReturn, ledger_of
from verifier.dayplan.local import PlanCounter
from verifier.dayplan.returning import take
from verifier.journal_check import check_registry

KEYS = own_keys()


@pytest.fixture
def at(registry: Sessions) -> House:
    return house(registry)


@pytest.fixture(scope="module")
def server() -> Iterator[Slot]:
    with slot() as served:
        yield served


@pytest.fixture
def window(server: Slot, at: House, tmp_path: Path) -> Iterator[Window]:
    at.receiver()
    allow_plans(at)
    with server.serves(at), a_window(server, at, WINDOW, tmp_path / "w1") as window:
        yield window


def backed_up(at: House, folder: Path) -> Path:
    path = folder / "registry.backup"
    writing.back_up(at.sessions, path, KEYS.checkpoint, at.clock.now, lambda _: None)
    return path


def restore(at: House, path: Path) -> None:
    """The database is lost, and what comes back knows nothing after the backup."""
    schema.downgrade(at.sessions, "base")
    publics = KEYS.checkpoint_publics
    at.clock.move(minutes=1)
    restoring.restore(at.sessions, path, publics, at.clock.now, lambda _: None)


def on_a_plan(window: Window, minutes: int = 20) -> PlanCounter:
    """The window is switched to a plan that is newer than the backup."""
    window.house.clock.move(minutes=minutes)
    head = window.plans.fetch()
    assert head is not None
    return window.switch()


def stamp_at(window: Window) -> Stamp:
    """What the window's plan says of itself."""
    files = SealedFiles(window.folder, key_from(window.device.credential, "lies here"))
    stamp = SEALED.validate_json(files.read("plan") or b"").stamp
    assert stamp is not None
    return stamp


def give_back(window: Window) -> None:
    window.plans.close()
    window.plans.give_back()


def conflicts(at: House) -> list[tuple[str, ConflictKind, bool]]:
    with at.sessions() as session:
        found = session.scalars(select(PlanConflict).order_by(PlanConflict.filing_number))
        return [(c.filing_number, c.kind, c.is_recorded) for c in found]


def test_a_plan_newer_than_the_backup_comes_back_to_the_restored_registry(
    window: Window, at: House, tmp_path: Path
) -> None:
    number = at.filing()
    path = backed_up(at, tmp_path)
    late = at.filing()
    receipt = hand_over(on_a_plan(window), DESK)
    restore(at, path)
    give_back(window)
    assert not window.plans.owes
    assert at.status_of(number) is FilingStatus.RELEASED
    assert conflicts(at) == [(late, ConflictKind.UNKNOWN_FILING, False)]
    with at.sessions() as session:
        plan = session.scalars(select(DayPlan)).one()
        assert plan.adopted_at == plan.returned_at == at.clock.now
        assert session.scalars(select(HandOver)).one().receipt_number == receipt.number
        acts = session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)).all()
    assert acts[-3:] == ["restored", "plan_released", "plan_returned"]
    assert check_registry(at.sessions, publics=KEYS.checkpoint_publics).holds


def test_what_the_restored_registry_has_released_itself_is_a_conflict(
    window: Window, at: House, tmp_path: Path
) -> None:
    number = at.filing()
    path = backed_up(at, tmp_path)
    hand_over(on_a_plan(window), DESK)
    restore(at, path)
    hand_over(at.counter, OTHER_DESK)
    give_back(window)
    assert conflicts(at) == [(number, ConflictKind.ALREADY_RELEASED, False)]


def test_nothing_is_dealt_until_every_plan_before_the_restore_is_over(
    window: Window, server: Slot, at: House, tmp_path: Path
) -> None:
    at.filing()
    with a_window(server, at, OTHER_WINDOW, tmp_path / "w2") as other:
        path = backed_up(at, tmp_path)
        at.clock.move(minutes=20)
        before = window.plans.fetch()
        assert before is not None
        restore(at, path)
        for hours in (0, MOST_HOURS):
            at.clock.move(hours=hours)
            assert other.plans.fetch() is None
            assert other.plans.offered() is None
        at.clock.move(minutes=6)
        after = window.plans.fetch()
        assert after is not None, "its number is above those that the window has seen"
        assert after.number > before.number
        at.clock.move(minutes=20)
        following = window.plans.fetch()
        assert following is not None
        assert following.number == after.number + 1


def test_an_id_that_is_somebody_elses_since_the_restore_is_not_written_down(
    window: Window, at: House, tmp_path: Path
) -> None:
    name, other = "見本事務所　架空　一", "見本事務所　架空　二"
    number = at.filing(receiver_name=name)
    path = backed_up(at, tmp_path)
    lost = at.receiver(name, registered_at=at.clock.now)
    hand_over(on_a_plan(window), DESK, text_of(receiver_sheet(name=name)))
    restore(at, path)
    assert at.receiver(other, registered_at=at.clock.now, suspended_at=at.clock.now) == lost
    give_back(window)
    assert at.status_of(number) is FilingStatus.RELEASED
    assert conflicts(at) == []
    with at.sessions() as session:
        assert session.scalars(select(Presentation)).one().receiver_id is None


@pytest.mark.parametrize("how", ["changed", "another window's", "none", "another plan's"])
def test_only_a_plan_that_this_registry_made_for_this_device_is_taken_up(
    window: Window, at: House, tmp_path: Path, how: str
) -> None:
    number = at.filing()
    path = backed_up(at, tmp_path)
    counter = on_a_plan(window)
    hand_over(counter, DESK)
    ledger = ledger_of(counter.sessions, counter.head.id)
    stamp = stamp_at(window)
    restore(at, path)
    by = OTHER_WINDOW if how == "another window's" else WINDOW
    said = {
        "changed": replace(stamp, head=replace(stamp.head, most=5000)),
        "none": None,
        "another plan's": replace(stamp, head=replace(stamp.head, id="another")),
    }.get(how, stamp)
    part = PlanReturn(plan=ledger.plan, entries=ledger.entries, is_last=True, stamp=said)
    with pytest.raises(NoSuchPlan):
        take(at.installation, by, part)
    assert at.status_of(number) is FilingStatus.READY
    take(at.installation, WINDOW, part.model_copy(update={"stamp": stamp}))
    assert at.status_of(number) is FilingStatus.RELEASED


def test_whoever_was_added_after_the_backup_has_to_be_added_again(
    window: Window, at: House, tmp_path: Path
) -> None:
    number = at.filing()
    path = backed_up(at, tmp_path)
    hand_over(on_a_plan(window), DESK)
    restore(at, path)
    with at.sessions.begin() as session:
        clerk = session.get_one(Staff, CLERK)
        session.expunge(clerk)
        session.execute(delete(Staff).where(Staff.number == CLERK))
    window.plans.close()
    with pytest.raises(PlanBroken):
        window.plans.give_back()
    assert window.plans.owes
    with at.sessions.begin() as session:
        session.merge(clerk)
    window.plans.give_back()
    assert at.status_of(number) is FilingStatus.RELEASED
