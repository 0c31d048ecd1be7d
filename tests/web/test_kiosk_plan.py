"""A window on its day plan: switched to by somebody in charge, marked everywhere, left again."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from kiosk import handing, planning, shift
from kiosk.planning import BEGUN, ENDED
from kiosk.state import Idle, InHand, OutOfOrder, SignedOut, Trouble
from shared.db.tables import DayPlan, PlannedFiling
from shared.domain import FilingStatus, Source
from tests.builders import (
    CLERK,
    DESK,
    OTHER_WINDOW,
    PIN,
    SUPERVISOR,
    WINDOW,
    receiver_sheet,
    text_of,
)
from tests.cut_line import Line as Cut
from tests.kiosk_world import Clerk
from tests.plan_world import World, plan_world
from tests.planning import allow_plans, hand_over
from tests.served_registry import Slot
from verifier.acts import SignInRefused


@pytest.fixture
def at(registry_server: Slot, tmp_path: Path) -> Iterator[World]:
    with plan_world(registry_server, tmp_path) as world:
        yield world


def test_six_wrong_pins_of_a_switch_tell_nobody_whether_the_number_is_somebodys(
    at: World,
) -> None:
    at.house.filing()
    planning.fetch(at.station)
    at.lose()
    tried: list[list[str]] = []
    for number in (SUPERVISOR, "7777"):
        browser, form = Clerk(at.app.test_client()), {"number": number, "pin": "0000"}
        answers = [browser.post("/plan/begin", form, form_on="/plan") for _ in range(6)]
        assert {answer.status_code for answer in answers} == {422}
        pages = [answer.get_data(as_text=True).replace(number, "") for answer in answers]
        tried.append([re.sub(r'name="csrf_token" value="[^"]+"', "", page) for page in pages])
    assert tried[0] == tried[1]
    assert len({*tried[0]}) == 1
    assert "ほかの責任者または管理者が切り替えてください" in tried[0][5]


def test_the_whole_road_at_the_window(at: World) -> None:
    number = at.house.filing()
    planning.fetch(at.station)
    clerk = Clerk(at.app.test_client())
    clerk.post("/sign-in", {"number": CLERK, "pin": PIN})
    assert "いま切り替えられる計画はありません" in clerk.text("/plan"), "the registry is there"
    at.lose()
    assert "計画に切り替える（責任者）" in clerk.text()
    wrong = clerk.post("/plan/begin", {"number": CLERK, "pin": PIN}, form_on="/plan")
    assert wrong.status_code == 422
    assert isinstance(at.station.scene.state, OutOfOrder)
    done = clerk.post("/plan/begin", {"number": SUPERVISOR, "pin": PIN}, form_on="/plan")
    assert done.status_code == 303
    assert at.station.scene.state == SignedOut(BEGUN)
    assert "計画で受け渡し中" in clerk.text(), "the sign-in page says so"
    clerk.post("/sign-in", {"number": CLERK, "pin": PIN})
    for path in ("/", "/stage", "/guide", "/receipts"):
        said = clerk.text(path)
        assert "計画で受け渡し中" in said, path
        assert "あと 7件" in said, path
    receipt = hand_over(at.station.counter, DESK)
    paper = clerk.text(f"/receipt/{receipt.number}")
    assert "計画による受け渡し（登録簿とつながらない間）" in paper
    at.wait()
    assert "あと 6件" in clerk.text()
    at.line.become(Cut.WHOLE)
    at.wait()
    assert at.station.scene.state == SignedOut(ENDED)
    assert not planning.is_on_plan(at.station)
    assert "計画で受け渡し中" not in clerk.text()
    assert at.house.status_of(number) is FilingStatus.RELEASED
    at.sign_in()
    copy = at.station.counter.receipt(DESK, receipt.number)
    assert copy.on_plan == "plan"
    assert copy.journal_head == receipt.journal_head


def test_what_is_open_is_ended_before_the_window_goes_back(at: World) -> None:
    at.house.filing()
    planning.fetch(at.station)
    at.switch()
    at.sign_in()
    at.station.take(text_of(receiver_sheet()), Source.CAMERA)
    assert isinstance(at.station.scene.state, InHand)
    at.line.become(Cut.WHOLE)
    at.wait()
    assert isinstance(at.station.scene.state, InHand)
    plan = at.station.scene.snapshot().plan
    assert plan is not None
    assert plan.is_back
    handing.give_up(at.station)
    assert isinstance(at.station.scene.state, Idle)
    at.wait()
    assert at.station.scene.state == SignedOut(ENDED)


@pytest.mark.parametrize("path", ["/pause", "/day", "/queue", "/queue/next", "/holds", "/cover"])
def test_what_waits_for_the_registry_is_put_off_in_words(at: World, path: str) -> None:
    planning.fetch(at.station)
    at.switch()
    clerk = Clerk(at.app.test_client())
    clerk.post("/sign-in", {"number": SUPERVISOR, "pin": PIN})
    assert clerk.post(path).status_code == 303
    if path in ("/holds", "/cover"):
        assert "計画ではできない操作です" not in clerk.text()
    else:
        assert "計画ではできない操作です" in clerk.text()
    assert "計画で受け渡し中" in clerk.text()


def test_a_restart_in_the_middle_of_the_outage_goes_on_with_the_plan(at: World) -> None:
    number = at.house.filing()
    planning.fetch(at.station)
    at.switch()
    hand_over(at.station.counter, DESK)
    at.restart()
    shift.end_check(at.station)
    assert planning.is_on_plan(at.station)
    at.sign_in()
    assert at.station.scene.snapshot().plan is not None
    at.line.become(Cut.WHOLE)
    at.wait()
    assert at.house.status_of(number) is FilingStatus.RELEASED


def test_nothing_is_judged_at_the_registry_before_it_has_the_plans_journal(at: World) -> None:
    number = at.house.filing()
    planning.fetch(at.station)
    at.switch()
    hand_over(at.station.counter, DESK)
    at.window.plans.close()
    at.restart()
    assert isinstance(at.station.scene.state, OutOfOrder)
    assert planning.offered(at.station) is None
    at.wait()
    assert isinstance(at.station.scene.state, OutOfOrder)
    at.line.become(Cut.WHOLE)
    at.wait()
    assert at.station.scene.state == SignedOut(ENDED)
    assert at.house.status_of(number) is FilingStatus.RELEASED


def test_a_plan_that_is_over_stops_the_window_until_the_registry_is_back(at: World) -> None:
    number = at.house.filing()
    planning.fetch(at.station)
    at.switch()
    hand_over(at.station.counter, DESK)
    at.house.clock.move(hours=8)
    at.wait()
    lost = at.station.scene.state
    assert isinstance(lost, OutOfOrder)
    assert lost.trouble is Trouble.REGISTRY
    assert planning.offered(at.station) is None
    assert isinstance(planning.begin(at.station, SUPERVISOR, PIN), SignInRefused)
    at.line.become(Cut.WHOLE)
    at.wait()
    assert at.house.status_of(number) is FilingStatus.RELEASED


def test_a_journal_that_the_registry_refuses_stops_the_window_in_words(at: World) -> None:
    planning.fetch(at.station)
    at.switch()
    with at.house.sessions.begin() as session:
        session.execute(update(DayPlan).values(kiosk_code=OTHER_WINDOW))
    at.line.become(Cut.WHOLE)
    at.wait()
    refused = at.station.scene.state
    assert isinstance(refused, OutOfOrder)
    assert refused.trouble is Trouble.PLAN
    assert at.window.plans.owes, "the journal is kept"
    with at.house.sessions.begin() as session:
        session.execute(update(DayPlan).values(kiosk_code=WINDOW))
    at.wait()
    assert isinstance(at.station.scene.state, SignedOut), "it asks again by itself"


def test_a_window_whose_plan_the_registry_does_not_know_any_more_goes_on(at: World) -> None:
    number = at.house.filing()
    planning.fetch(at.station)
    at.switch()
    hand_over(at.station.counter, DESK)
    with at.house.sessions.begin() as session:
        session.execute(delete(PlannedFiling))
        session.execute(delete(DayPlan))
    at.line.become(Cut.WHOLE)
    at.wait()
    assert isinstance(at.station.scene.state, SignedOut)
    assert at.house.status_of(number) is FilingStatus.RELEASED


def test_a_drill_is_marked_on_every_screen_and_on_paper(at: World) -> None:
    allow_plans(at.house, is_drill=True)
    at.house.filing()
    planning.fetch(at.station)
    clerk = Clerk(at.app.test_client())
    at.lose()
    assert "訓練の計画です" in clerk.text("/plan")
    at.switch()
    clerk.post("/sign-in", {"number": CLERK, "pin": PIN})
    assert "計画の訓練" in clerk.text()
    receipt = hand_over(at.station.counter, DESK)
    paper = clerk.text(f"/receipt/{receipt.number}")
    assert re.search(r"受領書（訓練）.*何も受け渡していません", paper)
