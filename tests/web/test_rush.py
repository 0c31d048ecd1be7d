"""混雑時の受付 as clerk and visitor see it: numbers at arrival, the list, calls, the display."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.state import Idle, InHand, Numbered, QueueList, Refused
from shared.db.tables import Receiver, TicketState
from shared.domain import Source
from tests.builders import (
    HANAKO,
    OTHER_DESK,
    SUPERVISOR,
    WINDOW,
    receiver_sheet,
    showing,
    text_of,
)
from tests.kiosk_world import Clerk, World, make_world
from verifier.acts import Desk


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    for made in make_world(tmp_path):
        made.house.receiver()
        made.house.receiver(HANAKO)
        made.house.filing()
        made.house.filing(receiver_name=HANAKO)
        made.house.counter.begin_rush(Desk(WINDOW, SUPERVISOR))
        yield made


@pytest.fixture
def clerk(world: World) -> Clerk:
    return world.clerk()


def visitor(world: World) -> str:
    page = world.app.test_client().get("/visitor").get_data(as_text=True)
    words = page[page.index('id="visitor"') : page.index('id="away"')]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words))


def both_arrive(world: World) -> None:
    world.show_authentication()
    world.show_authentication(name=HANAKO)


def test_a_sheet_gets_a_number_that_clerk_visitor_and_slip_say(world: World, clerk: Clerk) -> None:
    assert "混雑時の受付" in clerk.text()
    world.show_authentication()
    assert isinstance(world.station.scene.state, Numbered)
    assert "次にお呼びする番号です" in clerk.text()
    assert "番号は 1番 です" in visitor(world)
    world.show_authentication(name=HANAKO)
    assert "前に 1組 お待ちです" in clerk.text()
    slip = clerk.text("/queue/2/slip")
    assert "番号票だけでは、お渡しできません" in slip
    assert HANAKO not in slip, "a slip that is lost says nothing about anybody"
    assert clerk.client.get("/queue/3/slip").status_code == 404
    clerk.press("次の読み取りへ")
    assert isinstance(world.station.scene.state, Idle)
    assert "番号でお呼びします" in visitor(world)
    assert "2組お待ちです" in visitor(world)


def test_the_list_shows_who_waits_how_long_and_the_next_is_called(
    world: World, clerk: Clerk
) -> None:
    both_arrive(world)
    world.house.clock.move(minutes=75)
    clerk.press("順番待ち")
    assert isinstance(world.station.scene.state, QueueList)
    assert "1時間15分" in clerk.text()
    assert HANAKO in clerk.text()
    clerk.press("次の番号を呼ぶ")
    now = world.station.scene.state
    assert isinstance(now, InHand)
    assert now.basket.number == 1
    assert "1番の方、窓口1へお越しください" in visitor(world)
    clerk.press("もう一度呼ぶ")
    assert "（2回目）" in clerk.text()


def test_who_was_called_lays_the_same_sheet_down_again(world: World, clerk: Clerk) -> None:
    sheets = [text_of(receiver_sheet()), text_of(receiver_sheet(name=HANAKO))]
    for sheet in sheets:
        world.station.take(sheet, Source.SCANNER)
    clerk.press("次の番号")
    called = world.station.scene.state
    assert isinstance(called, InHand)
    world.station.take(sheets[0], Source.CAMERA)
    assert world.station.scene.state == called, "the counter goes on"
    world.station.take(sheets[1], Source.CAMERA)
    assert "先に確定か中止をしてください" in clerk.text()


def test_a_no_show_is_passed_over_and_comes_back(world: World, clerk: Clerk) -> None:
    both_arrive(world)
    clerk.press("次の番号")
    clerk.press("不在")
    assert "不在として" in str(world.station.scene.state)
    clerk.press("次の番号")
    assert world.station.scene.state.basket.number == 2
    clerk.press("中止")
    clerk.press("順番待ち")
    assert "不在" in clerk.text()
    clerk.press("戻す", {"ticket": world.station.scene.state.queue[0].ticket_id})
    assert [q.state for q in world.station.scene.state.queue] == [TicketState.WAITING] * 2
    clerk.press("取り消す", {"ticket": world.station.scene.state.queue[1].ticket_id})
    assert [q.number for q in world.station.scene.state.queue] == [1]


def test_a_receiver_suspended_in_between_is_told_so_at_the_window(
    world: World, clerk: Clerk
) -> None:
    world.show_authentication()
    with world.house.sessions.begin() as session:
        session.query(Receiver).update({"suspended_at": world.house.clock()})
    clerk.press("次の番号")
    assert isinstance(world.station.scene.state, Refused)
    assert "NG-STOP" in clerk.text()
    assert "1番の方、窓口1へお越しください" in visitor(world)


def test_a_number_taken_by_another_window_is_said(world: World, clerk: Clerk) -> None:
    world.show_authentication()
    clerk.press("順番待ち")
    mine = world.station.scene.state.queue[0].ticket_id
    world.house.counter.strike(OTHER_DESK, mine)
    clerk.post("/queue/call", {"ticket": mine})
    assert "呼べる番号がありません" in str(world.station.scene.state)


def test_the_same_sheet_again_has_the_same_number_and_can_be_served_at_once(
    world: World, clerk: Clerk
) -> None:
    world.show_authentication()
    sheet = text_of(receiver_sheet(name=HANAKO))
    assert world.house.counter.queue_up(OTHER_DESK, showing(sheet)).queued.number == 2
    world.station.take(sheet, Source.SCANNER)
    assert "すでに読み取り済みです" in clerk.text()
    clerk.press("この番号をいま呼ぶ")
    assert world.station.scene.state.basket.number == 2


def test_only_a_supervisor_is_offered_the_switch(world: World, clerk: Clerk) -> None:
    clerk.press("順番待ち")
    assert "混雑時の受付を終える" not in clerk.text()
    clerk.client.post("/rush/end")
    assert world.house.counter.kiosk_facts(WINDOW).rush.is_on
    world.sign_in(SUPERVISOR)
    boss = Clerk(world.app.test_client())
    boss.post("/sign-in", {"number": SUPERVISOR, "pin": "4701"})
    boss.press("順番待ち")
    boss.press("混雑時の受付を終える")
    assert world.house.counter.kiosk_facts(WINDOW).rush is None
    boss.press("混雑時の受付を始める")
    assert "混雑時の受付中です" in boss.text()


def test_the_day_may_end_with_people_waiting_and_says_how_many(world: World, clerk: Clerk) -> None:
    both_arrive(world)
    clerk.press("業務終了")
    assert "待っている方が事務所に 2組 います" in clerk.text()
    clerk.press("業務を終了する")
    assert "番号を持って待っている方 2組" in clerk.text()
