"""Day plans on a real server: the registry goes away, papers are handed over, and it comes back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from shared.db.base import Base
from shared.db.tables import (
    AlertKind,
    ConflictKind,
    DayPlan,
    Filing,
    HandOver,
    Hold,
    JournalEntry,
    Kiosk,
    PlanConflict,
    PlanEntry,
    PlanHandOver,
    PlannedFiling,
    Receiver,
)
from shared.domain import FilingStatus, PickupMethod, Purpose
from tests.builders import (
    CLERK,
    DESK,
    HANAKO,
    OSAKA,
    OTHER_SUPERVISOR,
    OTHER_WINDOW,
    PIN,
    SUPERVISOR,
    WINDOW,
    House,
    filing_sheet,
    house,
    own_keys,
    receiver_sheet,
    showing,
    text_of,
)
from tests.planning import Window, a_window, allow_plans, hand_over, on_another_machine
from tests.registries import new_sqlite
from tests.served_registry import Slot, slot
from verifier import lookout
from verifier.acts import (
    Confirming,
    Desk,
    GiveUpReason,
    Holding,
    HoldReason,
    NoSuchPlan,
    NotOnPlan,
    NotPermitted,
    PlanBroken,
    PlanFull,
    SignInRefused,
)
from verifier.administration.windows import device_digest
from verifier.client import files
from verifier.dayplan.ledger import PlanReturn, ledger_of
from verifier.dayplan.local import WAITS, PlanCounter, PlanOver
from verifier.dayplan.making import make
from verifier.dayplan.returning import take
from verifier.decision.reasons import Notice, Reason
from verifier.decision.verdict import Accepted, Refused
from verifier.desk_acts import PlanMark
from verifier.registry import alerts
from verifier.state_check import check_everything

HOUR = timedelta(hours=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Slot]:
    with slot() as served:
        yield served


@pytest.fixture
def at(tmp_path: Path) -> Iterator[House]:
    sessions = new_sqlite(tmp_path)
    yield house(sessions)
    sessions.kw["bind"].dispose()


@pytest.fixture
def window(server: Slot, at: House, tmp_path: Path) -> Iterator[Window]:
    at.receiver()
    with server.serves(at), a_window(server, at, WINDOW, tmp_path / "w1") as window:
        yield window


def conflicts(at: House) -> list[tuple[str, ConflictKind, bool]]:
    with at.sessions() as session:
        found = session.scalars(select(PlanConflict).order_by(PlanConflict.id))
        return [(c.filing_number, c.kind, c.is_recorded) for c in found]


def called(at: House) -> dict[AlertKind, int]:
    """Whom the watch calls for, by what it has read since the last time."""
    lookout.read_news(at.installation)
    with at.sessions() as session:
        return alerts.open_by_kind(session)


def test_without_an_administrators_word_there_is_no_plan(window: Window, at: House) -> None:
    at.filing()
    assert window.plans.fetch() is None
    assert window.plans.offered() is None


def test_the_whole_road(window: Window, at: House) -> None:
    allow_plans(at)
    assert called(at) == {}
    number = at.filing()
    head = window.plans.fetch()
    assert head is not None
    assert head.number == 1
    counter = window.switch()
    receipt = hand_over(counter, DESK)
    assert receipt.number.startswith(f"{WINDOW}-P1-")
    assert at.status_of(number) is FilingStatus.READY
    window.plans.close()
    window.plans.give_back()
    assert at.status_of(number) is FilingStatus.RELEASED
    assert conflicts(at) == []
    assert called(at) == {}
    with at.sessions() as session:
        handed = session.scalars(select(HandOver)).one()
        mark = session.scalars(select(PlanHandOver)).one()
        plan = session.scalars(select(DayPlan)).one()
        still_told = session.scalars(select(PlanEntry).where(PlanEntry.collector.is_not(None)))
        assert still_told.all() == [], "who collected stands in the hand-over alone"
    assert handed.receipt_number == receipt.number
    assert handed.collector == "見本　受取人"
    assert mark.entry is not None
    assert mark.entry.startswith(receipt.journal_head)
    assert plan.released == 1
    assert plan.returned_at is not None
    assert not window.plans.owes


def test_a_plan_is_encrypted_on_disk_and_wiped_when_it_is_over(window: Window, at: House) -> None:
    allow_plans(at)
    number = at.filing()
    window.plans.fetch()
    hand_over(window.switch(), DESK)
    kept = {path.name: path.read_bytes() for path in window.folder.iterdir()}
    assert set(kept) == {"plan.sealed", "work.sealed", "standing.sealed"}
    for content in kept.values():
        for secret in (number.encode(), "見本".encode(), b"SQLite format 3"):
            assert secret not in content
    at.clock.move(hours=8)
    assert window.plans.end_if_over()
    assert {path.name for path in window.folder.iterdir()} == {"ledger.sealed", "standing.sealed"}
    window.plans.give_back()
    assert at.status_of(number) is FilingStatus.RELEASED
    assert conflicts(at) == []


def test_an_unused_plan_that_is_over_leaves_nothing_to_return(window: Window, at: House) -> None:
    allow_plans(at)
    window.plans.fetch()
    at.clock.move(hours=8)
    assert window.plans.offered() is None
    assert window.plans.end_if_over()
    assert not window.plans.owes
    assert {path.name for path in window.folder.iterdir()} == {"standing.sealed"}


def test_a_restart_keeps_what_was_done_and_nothing_is_released_twice(
    window: Window, at: House
) -> None:
    allow_plans(at, most=5)
    at.filing()
    window.plans.fetch()
    text = text_of(receiver_sheet())
    hand_over(window.switch(), DESK, text)
    window.restart()
    counter = window.plans.at_work()
    assert counter is not None
    assert counter.left == 4
    again = counter.present(DESK, showing(text))
    assert isinstance(again.verdict, Refused)
    assert again.verdict.reason is Reason.ALREADY_RELEASED


def test_a_basket_that_was_open_is_open_after_a_restart(window: Window, at: House) -> None:
    allow_plans(at)
    at.filing()
    window.plans.fetch()
    opened = window.switch().present(DESK, showing(text_of(receiver_sheet()))).basket
    window.restart()
    counter = window.plans.at_work()
    assert counter is not None
    assert opened is not None
    left = counter.unfinished(DESK)
    assert left is not None
    assert left.hand_over_id == opened.hand_over_id


def test_what_cannot_be_written_down_was_not_done(
    window: Window, at: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_plans(at, most=5)
    at.filing()
    window.plans.fetch()
    counter = window.switch()

    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files, "keep", full)
        with pytest.raises(PlanOver):
            counter.present(DESK, showing(text_of(receiver_sheet())))
    assert counter.unfinished(DESK) is None
    assert hand_over(counter, DESK).released == 1


def test_no_release_beyond_the_limit(window: Window, at: House) -> None:
    allow_plans(at, most=1)
    at.filing()
    at.filing(receiver_name=HANAKO)
    at.receiver(HANAKO)
    window.plans.fetch()
    counter = window.switch()
    hand_over(counter, DESK)
    with pytest.raises(PlanFull):
        hand_over(counter, DESK, text_of(receiver_sheet(name=HANAKO)))
    assert counter.left == 0
    basket = counter.unfinished(DESK)
    assert basket is not None, "nothing changed: it can still be given up"
    counter.give_up(DESK, basket.hand_over_id, GiveUpReason.CLERK)


def test_no_release_after_its_time_or_on_a_clock_that_ran_back(window: Window, at: House) -> None:
    allow_plans(at, hours=2)
    at.filing()
    window.plans.fetch()
    at.clock.move(hours=1)
    counter = window.switch()
    at.clock.move(minutes=-2)
    with pytest.raises(PlanOver):
        hand_over(counter, DESK)
    at.clock.move(hours=1, minutes=2)
    with pytest.raises(PlanOver):
        hand_over(counter, DESK)
    assert at.clock.move(hours=-1)
    assert hand_over(counter, DESK).released == 1


def test_only_somebody_in_charge_switches_and_five_wrong_pins_lock(
    window: Window, at: House
) -> None:
    allow_plans(at)
    window.plans.fetch()
    assert isinstance(window.plans.begin(CLERK, PIN), SignInRefused)
    assert isinstance(window.plans.begin(OTHER_SUPERVISOR, PIN), SignInRefused), "never was here"
    for _ in range(5):
        window.restart()
        refused = window.plans.begin(SUPERVISOR, "0000")
        assert isinstance(refused, SignInRefused)
    assert isinstance(window.plans.begin(SUPERVISOR, PIN), SignInRefused)
    assert window.plans.at_work() is None
    at.clock.move(minutes=16)
    assert isinstance(window.plans.begin(SUPERVISOR, PIN), PlanCounter)


def test_registration_holds_and_supervision_wait_for_the_registry(
    window: Window, at: House
) -> None:
    allow_plans(at)
    at.filing()
    window.plans.fetch()
    counter = window.switch()
    new = counter.present(DESK, showing(text_of(receiver_sheet(Purpose.REGISTRATION))))
    assert isinstance(new.verdict, Refused)
    assert new.verdict.reason is Reason.WRONG_WINDOW
    for name in WAITS:
        with pytest.raises(NotOnPlan):
            getattr(counter, name)(DESK)
    basket = counter.present(DESK, showing(text_of(receiver_sheet()))).basket
    assert basket is not None
    kept = (Holding(basket.rows[0].filing_id, HoldReason.NOT_MADE),)
    with pytest.raises(NotOnPlan):
        counter.confirm(DESK, Confirming(basket.hand_over_id, (), kept, None, "key"))


def test_whom_the_plan_does_not_name_is_not_called_unregistered(window: Window, at: House) -> None:
    allow_plans(at)
    at.filing()
    window.plans.fetch()
    answer = window.switch().present(DESK, showing(text_of(receiver_sheet(name=HANAKO))))
    assert isinstance(answer.verdict, Refused)
    assert answer.verdict.reason is Reason.NOT_ON_PLAN


def test_wrong_passwords_count_on_a_plan_as_they_do_in_the_registry(
    window: Window, at: House
) -> None:
    allow_plans(at)
    at.filing()
    window.plans.fetch()
    counter = window.switch()
    for i in range(5):
        wrong = text_of(receiver_sheet(password=f"chigau-himitsu-{i}"))
        refused = counter.present(DESK, showing(wrong)).verdict
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.WRONG_PASSWORD
    right = counter.present(DESK, showing(text_of(receiver_sheet()))).verdict
    assert isinstance(right, Accepted)
    assert Notice.STEP_UP in right.notices


def test_an_individual_sheet_is_known_under_the_plans_own_key(window: Window, at: House) -> None:
    allow_plans(at)
    number = at.filing(receiver_name=None)
    latest, older = filing_sheet(number), filing_sheet(number)
    for sheet in (older, latest):
        at.issued(sheet)
        at.individual(number, sheet)
    window.plans.fetch()
    counter = window.switch()
    refused = counter.present(DESK, showing(text_of(older))).verdict
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.SUPERSEDED
    opened = counter.present(DESK, showing(text_of(latest))).basket
    assert opened is not None


def test_an_older_or_changed_plan_is_not_taken_and_a_closed_one_not_used_again(
    window: Window, at: House
) -> None:
    allow_plans(at)
    at.filing()
    window.plans.fetch()
    first = (window.folder / "plan.sealed").read_bytes()
    window.plans.fetch()
    (window.folder / "plan.sealed").write_bytes(first)
    window.restart()
    assert window.plans.offered() is None, "rolled back"
    window.plans.fetch()
    hand_over(window.switch(), DESK)
    begun = {p.name: p.read_bytes() for p in window.folder.iterdir()}
    window.plans.close()
    for name in ("plan.sealed", "work.sealed"):
        (window.folder / name).write_bytes(begun[name])
    window.restart()
    assert window.plans.at_work() is None, "it is over"
    window.plans.give_back()
    assert window.plans.at_work() is None, "returned"


@pytest.mark.parametrize("lost", ["removed", "changed"])
def test_a_plan_whose_work_is_gone_is_not_begun_anew(window: Window, at: House, lost: str) -> None:
    allow_plans(at)
    at.filing()
    window.plans.fetch()
    hand_over(window.switch(), DESK)
    work = window.folder / "work.sealed"
    content = work.read_bytes()
    work.unlink()
    if lost == "changed":
        work.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    window.restart()
    assert window.plans.offered() is None
    assert window.plans.at_work() is None


def test_a_part_sent_twice_and_an_answer_lost_change_nothing(window: Window, at: House) -> None:
    allow_plans(at)
    at.filing()
    window.plans.fetch()
    hand_over(window.switch(), DESK)
    window.plans.close()
    ledger = (window.folder / "ledger.sealed").read_bytes()
    window.plans.give_back()
    (window.folder / "ledger.sealed").write_bytes(ledger)
    window.restart()
    window.plans.give_back()
    with at.sessions() as session:
        assert len(session.scalars(select(HandOver)).all()) == 1
        acts = session.scalars(select(JournalEntry.act)).all()
    assert acts.count("plan_released") == acts.count("plan_returned") == 1
    assert check_everything(at.sessions, publics=own_keys().checkpoint_publics).holds


def test_a_window_enrolled_anew_is_not_dealt_what_the_old_machine_may_be_working_on(
    window: Window, at: House, tmp_path: Path
) -> None:
    allow_plans(at)
    dealt = at.filing()
    window.plans.fetch()
    new = on_another_machine(window, tmp_path / "new")
    late = at.filing()
    new.plans.fetch()
    assert dealt_to(new) == {late}
    hand_over(window.switch(), DESK)  # cut off, and by right: its plan holds
    at.clock.move(hours=7)
    new.plans.fetch()
    assert dealt_to(new) == {late}
    at.clock.move(hours=1, minutes=6)
    new.plans.fetch()
    assert dealt_to(new) == {dealt, late}, "the old machine's plan is over"
    new.plans.forget()


def test_what_a_replaced_machine_held_is_free_for_other_windows_too(
    window: Window, server: Slot, at: House, tmp_path: Path
) -> None:
    allow_plans(at)
    dealt = at.filing()
    window.plans.fetch()
    with a_window(server, at, OTHER_WINDOW, tmp_path / "w2") as other:
        on_another_machine(window, tmp_path / "new")
        other.plans.fetch()
        at.clock.move(hours=8, minutes=6)
        with at.sessions.begin() as session:
            session.get_one(Kiosk, WINDOW).seen_at = LONG_AGO  # it gets no share
        assert dealt_to(other) == set()
        other.plans.fetch()
        assert dealt_to(other) == {dealt}


def test_a_request_that_outlives_its_credential_is_dealt_nothing(window: Window, at: House) -> None:
    allow_plans(at)
    at.filing()
    with pytest.raises(NotPermitted):
        make(at.installation, WINDOW, "the credential of a machine that was replaced")


def dealt_to(window: Window) -> set[str]:
    """What a machine holds, by the registry's record."""
    device = device_digest(window.device.credential)
    held = select(Filing.number).join(PlannedFiling).where(PlannedFiling.device == device)
    with window.house.sessions() as session:
        return set(session.scalars(held))


@pytest.mark.parametrize("how", ["edited", "dropped", "reordered", "another plan"])
def test_a_chain_that_does_not_hold_is_not_taken(window: Window, at: House, how: str) -> None:
    allow_plans(at)
    number = at.filing()
    window.plans.fetch()
    counter = window.switch()
    hand_over(counter, DESK)
    ledger = ledger_of(counter.sessions, counter.head.id)
    entries = list(ledger.entries)
    if how == "edited":
        last = entries[-1]
        entries[-1] = replace(last, body=last.body.replace(number, "9" * 16))
    elif how == "dropped":
        del entries[1]
    elif how == "reordered":
        entries[0], entries[1] = entries[1], entries[0]
    plan = "another" if how == "another plan" else ledger.plan
    part = PlanReturn(plan=plan, entries=tuple(entries), is_last=True)
    with pytest.raises(NoSuchPlan if how == "another plan" else PlanBroken):
        take(at.installation, WINDOW, part)
    with pytest.raises(NoSuchPlan):
        take(at.installation, OTHER_WINDOW, part.model_copy(update={"plan": ledger.plan}))
    assert at.status_of(number) is FilingStatus.READY
    with at.sessions() as session:
        assert session.scalars(select(PlanEntry)).all() == []


CHANGES: dict[ConflictKind, tuple[type[Base], dict[str, object], bool]] = {
    ConflictKind.ALREADY_RELEASED: (Filing, {"status": FilingStatus.RELEASED}, False),
    ConflictKind.IN_HAND: (Filing, {"status": FilingStatus.HANDING}, False),
    ConflictKind.STATUS_CHANGED: (Filing, {"status": FilingStatus.CORRECTION}, False),
    ConflictKind.OTHER_OFFICE: (Filing, {"office_code": OSAKA}, False),
    ConflictKind.METHOD_CHANGED: (Filing, {"pickup_method": PickupMethod.INDIVIDUAL}, True),
    ConflictKind.SUSPENDED: (Receiver, {"suspended_at": LONG_AGO}, True),
    ConflictKind.OVER_LIMIT: (DayPlan, {"most": 0}, True),
    ConflictKind.OUT_OF_TIME: (DayPlan, {"expires_at": LONG_AGO}, True),
}
"""What has become of the registry meanwhile, and whether the release is recorded all the same."""


@pytest.mark.parametrize("kind", CHANGES)
def test_what_changed_meanwhile_is_listed_and_nothing_released_twice(
    window: Window, at: House, kind: ConflictKind
) -> None:
    table, change, recorded = CHANGES[kind]
    allow_plans(at)
    assert called(at) == {}
    number = at.filing()
    window.plans.fetch()
    hand_over(window.switch(), DESK)
    with at.sessions.begin() as session:
        session.execute(update(table).values(**change))
    window.plans.close()
    window.plans.give_back()
    assert conflicts(at) == [(number, kind, recorded)]
    assert called(at) == {AlertKind.PLAN_CONFLICT: 1}
    with at.sessions() as session:
        assert len(session.scalars(select(HandOver)).all()) == int(recorded)


def test_what_was_put_on_hold_meanwhile_is_released_listed_and_held_no_longer(
    window: Window, at: House
) -> None:
    allow_plans(at)
    number = at.filing()
    window.plans.fetch()
    hand_over(window.switch(), DESK)
    elsewhere = Desk(OTHER_WINDOW, CLERK)
    basket = at.counter.present(elsewhere, showing(text_of(receiver_sheet()))).basket
    assert basket is not None
    kept = Holding(basket.rows[0].filing_id, HoldReason.NOT_MADE)
    at.counter.hold(elsewhere, basket.hand_over_id, kept)
    window.plans.close()
    window.plans.give_back()
    assert conflicts(at) == [(number, ConflictKind.HELD, True)]
    assert at.status_of(number) is FilingStatus.RELEASED
    with at.sessions() as session:
        assert [hold.lifted_by for hold in session.scalars(select(Hold))] == [CLERK]


def test_a_filing_gone_from_the_registry_and_a_changed_password_are_listed(
    window: Window, at: House
) -> None:
    allow_plans(at)
    gone, kept = at.filing(), at.filing()
    window.plans.fetch()
    hand_over(window.switch(), DESK)
    with at.sessions.begin() as session:
        session.execute(delete(PlannedFiling))
        session.execute(update(Filing).where(Filing.number == gone).values(number="9" * 16))
        session.execute(update(Receiver).values(password_changed_at=at.clock.now + HOUR))
    window.plans.close()
    window.plans.give_back()
    found = conflicts(at)
    assert (gone, ConflictKind.UNKNOWN_FILING, False) in found
    assert (kept, ConflictKind.NOT_PLANNED, False) in found
    assert (kept, ConflictKind.PASSWORD_CHANGED, False) in found


def test_what_was_in_hand_when_the_registry_was_lost_is_released_on_the_plan(
    window: Window, at: House
) -> None:
    allow_plans(at)
    number = at.filing()
    window.plans.fetch()
    assert at.counter.present(DESK, showing(text_of(receiver_sheet()))).basket is not None
    hand_over(window.switch(), DESK)
    window.plans.close()
    window.plans.give_back()
    assert conflicts(at) == []
    assert at.status_of(number) is FilingStatus.RELEASED
    assert at.counter.unfinished(DESK) is None


def test_a_drill_goes_the_same_road_and_releases_nothing(window: Window, at: House) -> None:
    allow_plans(at, is_drill=True)
    number = at.filing()
    window.plans.fetch()
    counter = window.switch()
    receipt = hand_over(counter, DESK)
    assert receipt.number.startswith(f"{WINDOW}-T1-")
    assert counter.receipt(DESK, receipt.number).on_plan is PlanMark.DRILL
    window.plans.close()
    window.plans.give_back()
    assert at.status_of(number) is FilingStatus.READY
    assert at.counter.present(DESK, showing(text_of(receiver_sheet()))).basket is not None
    with at.sessions() as session:
        plan = session.scalars(select(DayPlan)).one()
        assert (plan.released, plan.is_drill) == (0, True)


def test_what_a_drill_finds_is_listed_and_calls_nobody(window: Window, at: House) -> None:
    allow_plans(at, is_drill=True)
    assert called(at) == {}
    number = at.filing()
    window.plans.fetch()
    hand_over(window.switch(), DESK)
    with at.sessions.begin() as session:
        session.execute(update(Filing).values(status=FilingStatus.CORRECTION))
    window.plans.close()
    window.plans.give_back()
    assert conflicts(at) == [(number, ConflictKind.STATUS_CHANGED, False)]
    assert called(at) == {}


def test_two_windows_share_an_office_by_receiver(
    window: Window, at: House, server: Slot, tmp_path: Path
) -> None:
    allow_plans(at)
    names = [f"見本事務所　架空　{i}" for i in range(12)]
    for name in names * 2:
        at.filing(receiver_name=name)
    with a_window(server, at, OTHER_WINDOW, tmp_path / "w2") as other:
        window.plans.fetch()
        other.plans.fetch()
        with at.sessions() as session:
            dealt = session.execute(
                select(Filing.receiver_name, PlannedFiling.kiosk_code).join(
                    PlannedFiling, PlannedFiling.filing_id == Filing.id
                )
            ).all()
    by_receiver: dict[str, set[str]] = {}
    for name, kiosk in dealt:
        by_receiver.setdefault(str(name), set()).add(kiosk)
    assert len(dealt) == 24
    assert all(len(kiosks) == 1 for kiosks in by_receiver.values())
    assert {kiosk for _, kiosk in dealt} == {WINDOW, OTHER_WINDOW}
