"""A window whose registry is elsewhere: lines are cut, and no wrong screen is shown."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk import shift
from kiosk.app import create_app
from kiosk.clockwork import RETRY, tick
from kiosk.fault_board import FaultBoard
from kiosk.faults import KEYS
from kiosk.house import FRAGMENT
from kiosk.house import House as KioskHouse
from kiosk.machine import EVERY, Machine
from kiosk.preview import Preview
from kiosk.seat import Seat
from kiosk.state import Done, Idle, InHand, OutOfOrder, SignedOut, Trouble
from kiosk.station import Station
from shared.db.schema import upgrade
from shared.db.session import open_registry
from shared.db.tables import Kiosk, Staff
from shared.domain import FilingStatus, Source
from tests.builders import (
    CLERK,
    INSPECTION,
    PIN,
    SYSTEM,
    WINDOW,
    house,
    keys,
    receiver_sheet,
    showing,
    text_of,
)
from tests.builders import (
    KEYS as HOUSE_KEYS,
)
from tests.cut_line import CutLine
from tests.cut_line import Line as Cut
from tests.elsewhere import Elsewhere
from tests.kiosk_world import SECRET, Clerk, Seconds
from tests.naming import Resolver, by_name, resolving
from tests.served_registry import Slot, give_credential, slot
from verifier.acts import Desk, IdempotencyMismatch, SignInRefused
from verifier.client import Line, Patience, RemoteCounter
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Accepted
from verifier.seals import SealCheck

PATIENT = Patience(act=30, look=30, pause=0.05, rest=0.0)
SOON = Patience(connect=1.0, act=3.0, look=3.0, pause=0.05, rest=0.0)


@pytest.fixture(scope="module")
def server() -> Iterator[Slot]:
    with slot() as made:
        yield made


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    """Windows know their registry by name."""
    with resolving(monkeypatch, "127.0.0.1") as made:
        yield made


@contextmanager
def elsewhere(server: Slot, folder: Path, patience: Patience) -> Iterator[Elsewhere]:
    sessions = open_registry(f"sqlite:///{folder / 'registry.db'}")
    upgrade(sessions)
    at = house(sessions)
    at.receiver()
    seals = SealCheck(HOUSE_KEYS.key_set, SYSTEM, procedures={INSPECTION: "継続検査"})
    seconds = Seconds()
    with (
        server.serving(at),
        CutLine(server.address) as cut,
        Line(by_name(cut.address), patience) as line,
    ):
        counter = RemoteCounter(line, WINDOW, give_credential(at, WINDOW))
        station = Station(
            counter, WINDOW, monotonic=seconds, look=lambda text: seals.look(text, at.clock())
        )
        yield Elsewhere(at, cut, counter, station, seconds)
        station.scene.close()
    sessions.kw["bind"].dispose()


@pytest.fixture
def there(server: Slot, tmp_path: Path) -> Iterator[Elsewhere]:
    with elsewhere(server, tmp_path, PATIENT) as made:
        yield made


@pytest.fixture
def soon(server: Slot, tmp_path: Path) -> Iterator[Elsewhere]:
    """The same, but nobody waits long for a line that is lost."""
    with elsewhere(server, tmp_path, SOON) as made:
        yield made


def test_a_hand_over_goes_over_the_line_as_it_does_in_one_process(there: Elsewhere) -> None:
    number = there.house.filing()
    there.sign_in()
    there.show()
    there.confirm(there.ask())
    done = there.station.scene.state
    assert isinstance(done, Done)
    assert there.house.status_of(number) is FilingStatus.RELEASED
    assert there.acts() == ["signed_in", "presented", "confirmed"]


def test_an_answer_that_is_cut_off_is_asked_for_again_and_nothing_done_twice(
    there: Elsewhere,
) -> None:
    number = there.house.filing()
    there.sign_in()
    there.show()
    asked = there.ask()
    there.line.become(Cut.ANSWER_CUT, answers=1)
    there.confirm(asked)
    assert there.line.state is Cut.WHOLE, "the line was not cut"
    assert isinstance(there.station.scene.state, Done)
    assert there.house.status_of(number) is FilingStatus.RELEASED
    assert there.acts().count("confirmed") == 1


@pytest.mark.parametrize("pin", [PIN, "0000"])
def test_a_sign_in_whose_answer_is_cut_off_counts_and_is_recorded_once(
    there: Elsewhere, pin: str
) -> None:
    there.line.become(Cut.ANSWER_CUT, answers=2)
    seat = shift.sign_in(there.station, CLERK, pin)
    assert there.line.state is Cut.WHOLE, "the line was not cut"
    with there.house.sessions() as session:
        failures = session.get_one(Staff, CLERK).failures
    if pin == PIN:
        assert isinstance(seat, Seat)
        assert there.counter.holds(Desk(WINDOW, CLERK)) == (), "the pass came with the answer"
        assert (failures, there.acts()) == (0, ["signed_in"])
    else:
        assert seat == SignInRefused()
        assert (failures, there.acts()) == (1, ["sign_in_refused"])


def test_a_question_whose_answer_is_cut_off_is_recorded_once(there: Elsewhere) -> None:
    number = there.house.filing()
    there.line.become(Cut.ANSWER_CUT, answers=2)
    shown = showing(text_of(receiver_sheet()))
    presented = there.counter.judge(WINDOW, shown)
    assert there.line.state is Cut.WHOLE, "the line was not cut"
    assert presented.verdict == Accepted(())
    assert presented.facts.ready == 1
    assert there.acts() == ["judged"]
    assert there.house.status_of(number) is FilingStatus.READY
    with pytest.raises(IdempotencyMismatch):
        there.counter.judge(WINDOW, replace(shown, text=text_of(receiver_sheet())))


def test_a_receipt_that_was_lost_with_the_registry_is_shown_when_it_is_back(
    soon: Elsewhere,
) -> None:
    soon.house.filing()
    soon.sign_in()
    soon.show()
    asked = soon.ask()
    soon.line.become(Cut.ANSWER_CUT)
    soon.confirm(asked)
    lost = soon.station.scene.state
    assert isinstance(lost, OutOfOrder)
    assert lost.trouble is Trouble.REGISTRY
    assert soon.acts().count("confirmed") == 1, "the registry did it"
    soon.line.become(Cut.WHOLE)
    soon.wait()
    done = soon.station.scene.state
    assert isinstance(done, Done)
    assert done.handed is not None
    assert done.handed.receipt.released == 1
    assert soon.acts().count("confirmed") == 1


def test_a_confirmation_that_never_arrived_can_be_given_again(soon: Elsewhere) -> None:
    number = soon.house.filing()
    soon.sign_in()
    soon.show()
    asked = soon.ask()
    soon.line.become(Cut.CUT)
    soon.confirm(asked)
    assert isinstance(soon.station.scene.state, OutOfOrder)
    soon.line.become(Cut.WHOLE)
    soon.wait()
    carried = soon.station.scene.state
    assert isinstance(carried, InHand)
    assert carried.choice.released == asked.before.choice.released
    soon.confirm(soon.ask())
    assert soon.house.status_of(number) is FilingStatus.RELEASED
    assert soon.acts().count("confirmed") == 1


@pytest.mark.parametrize("silent", [(), ("line",), ("resolver",), ("line", "resolver")])
def test_a_registry_that_is_lost_stands_on_the_screen_within_eight_seconds(
    server: Slot, tmp_path: Path, resolver: Resolver, silent: tuple[str, ...]
) -> None:
    """With the patience of an installation: the line is cut or dead without a word, and whoever
    knows the registry's name dead or not.
    """
    with elsewhere(server, tmp_path, Patience()) as there:
        there.sign_in()
        machine = Machine(there.station, FaultBoard(there.station.scene), (tmp_path,), 0)
        machine.look()
        assert isinstance(there.station.scene.state, Idle)
        if "resolver" in silent:
            resolver.speaks.clear()
        there.line.become(Cut.SILENT if "line" in silent else Cut.CUT)
        lost_at = time.monotonic()
        time.sleep(EVERY)  # it had just looked: the longest wait
        machine.look()
        assert isinstance(there.station.scene.state, OutOfOrder)
        assert time.monotonic() - lost_at < 8
        there.line.become(Cut.WHOLE)
        time.sleep(Patience().rest)
        there.wait()
        assert isinstance(there.station.scene.state, Idle), "it needs no resolver to be back"


def test_a_resolver_that_falls_silent_does_not_stand_on_the_screen(
    server: Slot, tmp_path: Path, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.client.addresses._FRESH", 0.0)
    with elsewhere(server, tmp_path, Patience()) as there:
        machine = Machine(there.station, FaultBoard(there.station.scene), (tmp_path,), 0)
        machine.look()
        resolver.speaks.clear()
        machine.look()
        assert isinstance(there.station.scene.state, SignedOut)


def test_while_the_circuit_is_open_an_act_is_refused_at_once(soon: Elsewhere) -> None:
    soon.sign_in()
    soon.line.become(Cut.SILENT)
    soon.station.refresh()
    began = time.monotonic()
    soon.station.scene.sit(None)
    shift.sign_in(soon.station, CLERK, PIN)
    assert time.monotonic() - began < SOON.look, "the act did not wait for the line"
    assert isinstance(soon.station.scene.state, OutOfOrder)


def test_without_the_registry_a_window_says_what_a_sheet_claims_and_releases_nothing(
    soon: Elsewhere,
) -> None:
    number = soon.house.filing()
    app = create_app(KioskHouse(soon.station, Preview()), SECRET)
    clerk = Clerk(app.test_client())
    clerk.post("/sign-in", {"number": CLERK, "pin": PIN})
    soon.line.become(Cut.CUT)
    soon.station.refresh()
    soon.show()
    said = clerk.text()
    assert "登録簿に接続できません" in said
    assert "本物の用紙です" in said
    assert "見本行政書士事務所" in said
    assert "継続検査" in said
    forged = text_of(receiver_sheet(by=keys(seed=2)), keys(seed=2))
    soon.station.take(forged, Source.CAMERA)
    state = soon.station.scene.state
    assert isinstance(state, OutOfOrder)
    assert state.seal is not None
    assert (state.seal.reason, state.seal.claim) == (Reason.FORGED, None)
    assert "改変・偽造のおそれ" in clerk.text()
    assert "見本行政書士事務所" not in clerk.text()
    scene = soon.station.scene.snapshot().scene
    live = clerk.client.get(f"/stage?scene={scene}", headers={FRAGMENT: "1"}).text
    assert "改変・偽造のおそれ" in live, "a page that shows this screen already learns of it"
    soon.line.become(Cut.WHOLE)
    soon.wait()
    assert isinstance(soon.station.scene.state, Idle)
    assert soon.house.status_of(number) is FilingStatus.READY
    assert "presented" not in soon.acts()


def test_the_name_on_a_sheet_leaves_the_screen_though_the_registry_stays_away(
    soon: Elsewhere,
) -> None:
    soon.sign_in()
    soon.line.become(Cut.CUT)
    soon.station.refresh()
    soon.show()
    soon.seconds.pass_(soon.station.timings.hide_names + 1)
    soon.station.refresh()  # asked just now: nothing to ask before the name goes
    tick(soon.station)
    state = soon.station.scene.state
    assert isinstance(state, OutOfOrder)
    assert state.seal is None


def test_a_window_that_is_revoked_stops_with_its_own_word(there: Elsewhere) -> None:
    there.sign_in()
    with there.house.sessions.begin() as session:
        kiosk = session.get_one(Kiosk, WINDOW)
        kiosk.revoked_at, kiosk.credential_digest = there.house.clock(), None
    there.station.refresh()
    state = there.station.scene.state
    assert isinstance(state, OutOfOrder)
    assert state.trouble is Trouble.REVOKED
    there.show()
    assert there.station.scene.state == state, "a window out of use says nothing of sheets"


def test_a_window_starts_before_its_registry_does(server: Slot, tmp_path: Path) -> None:
    with elsewhere(server, tmp_path, SOON) as there:
        there.line.become(Cut.CUT)
        station = Station(there.counter, WINDOW, monotonic=there.seconds)
        assert isinstance(station.scene.state, OutOfOrder)
        there.line.become(Cut.WHOLE)
        there.seconds.pass_(RETRY + 0.1)
        tick(station)
        assert isinstance(station.scene.state, SignedOut)
        station.scene.close()


@pytest.mark.parametrize("refused", [True, False])
def test_keys_that_are_refused_are_a_fault_of_the_window(
    there: Elsewhere, tmp_path: Path, *, refused: bool
) -> None:
    board = FaultBoard(there.station.scene)
    machine = Machine(there.station, board, (tmp_path,), 0, there.house.clock, lambda: refused)
    machine.look()
    assert (KEYS.code in board.codes) is refused
