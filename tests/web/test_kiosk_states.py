"""The counter's other screens without a script: exchange, holds, pause, closing, receipts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hardware.scan import Cause
from kiosk.faults import SCANNER
from kiosk.house import EXTENSION, House
from kiosk.preview import Preview
from kiosk.station import Station
from shared.db.tables import Compared, JournalEntry, PaperTaken
from shared.domain import FilingStatus, Source
from tests.builders import NEW_CAR, OSAKA, PIN, receiver_sheet
from tests.kiosk_world import Clerk, World, make_world
from verifier.registry.journal import Act

PLATES = ("見本 580 あ 00-01", "見本 580 い 00-02", "見本 580 う 00-03")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    for made in make_world(tmp_path):
        made.house.receiver()
        yield made


@pytest.fixture
def clerk(world: World) -> Clerk:
    return world.clerk()


def open_basket(world: World, **fields: object) -> list[str]:
    """Three vehicles, each with its own plate and chassis."""
    numbers = [
        world.house.filing(plate=plate, chassis=f"MIHON-{place:06d}", **fields)
        for place, plate in enumerate(PLATES, start=1)
    ]
    world.show_authentication()
    return numbers


def ticked(clerk: Clerk) -> list[str]:
    return re.findall(r'id="row-(\d+)"[^>]*checked', clerk.page())


def hand_over(world: World, clerk: Clerk, **values: object) -> None:
    clerk.press("を受け渡した", {"checked": ["by-eye", "slip"]} | values)
    world.seconds.pass_(1)
    clerk.press("を確定する")


def journalled(world: World, act: Act) -> list[dict[str, object]]:
    with world.house.sessions() as session:
        bodies = session.scalars(select(JournalEntry.body).where(JournalEntry.act == act))
        return [json.loads(body) for body in bodies]


# The exchange check


def test_a_scanned_certificate_ticks_its_row_and_no_other(world: World, clerk: Clerk) -> None:
    open_basket(world)
    world.station.take("2/2400110/MIHON-000002/1", Source.CAMERA)
    assert ticked(clerk) == [clerk.rows()[1]]
    shown = clerk.text()
    assert "2行目 見本 580 い 00-02 の書面です" in shown
    assert "照合 1件" in shown


def test_a_certificate_that_belongs_to_no_row_is_said_and_journalled(
    world: World, clerk: Clerk
) -> None:
    open_basket(world)
    world.station.take("2/2400110/MIHON-000009/1", Source.SCANNER)
    shown = clerk.text()
    assert "この一覧のどの車両の書面でもありません" in shown
    assert "いちばん近いのは" in shown
    assert ticked(clerk) == []
    (body,) = journalled(world, Act.DIFFERED)
    assert body["compared"] == "scanned"
    assert "MIHON" not in json.dumps(body)


def test_a_typed_paper_that_is_not_the_row_in_hand_says_which_it_is(
    world: World, clerk: Clerk
) -> None:
    open_basket(world)
    first = clerk.rows()[0]
    clerk.press("引き換える書面の照合", {"text": "００－０３", "at": first})
    shown = clerk.text()
    assert "3行目 見本 580 う 00-03 の書面です" in shown
    assert "1行目 見本 580 あ 00-01 の書面ではありません" in shown
    assert ticked(clerk) == [clerk.rows()[2]]


def test_digits_of_several_vehicles_decide_nothing(world: World, clerk: Clerk) -> None:
    open_basket(world)
    clerk.press("引き換える書面の照合", {"text": "見本"})
    assert "どの車両の書面でもありません" in clerk.text()
    for _ in range(2):
        world.house.filing()
    clerk.press("引き換える書面の照合", {"text": "0001"})
    assert ticked(clerk) == [clerk.rows()[0]]


def test_a_page_that_did_not_know_of_a_scan_does_not_untick_it(world: World, clerk: Clerk) -> None:
    open_basket(world)
    old = clerk.page()
    rows = clerk.rows()
    world.station.take("MIHON-000002", Source.CAMERA)
    path = re.findall(r'data-choice-url="([^"]+)"', old)[0]
    token = re.findall(r'name="csrf_token" value="([^"]+)"', old)[0]
    form = {"csrf_token": token, "released": [rows[0]], "known": "0"}
    clerk.client.post(path, data=form)
    assert ticked(clerk) == rows[:2]
    clerk.client.post(path, data=form | {"known": "1"})
    assert ticked(clerk) == rows[:1]


def test_nothing_is_released_before_the_program_asked_for_the_papers(
    world: World, clerk: Clerk
) -> None:
    open_basket(world)
    world.station.take("MIHON-000001", Source.CAMERA)
    clerk.press("を受け渡した", {"released": clerk.rows(), "known": "1"})
    assert "目で見比べた（読取・入力で照合していない2台）」に印を付けてください" in clerk.text()
    clerk.press("を受け渡した", {"released": clerk.rows(), "checked": ["by-eye"], "known": "1"})
    shown = clerk.text()
    assert "読取 1件" in shown
    assert "目視 2件" in shown
    world.seconds.pass_(1)
    clerk.press("受け渡しを確定する")
    with world.house.sessions() as session:
        how = session.scalars(select(PaperTaken.compared).order_by(PaperTaken.item_id)).all()
    assert how == [Compared.SCANNED, Compared.SEEN, Compared.SEEN]


def test_all_compared_by_machine_nothing_more_is_asked(world: World, clerk: Clerk) -> None:
    open_basket(world)
    for place in (1, 2, 3):
        world.station.take(f"2/MIHON-{place:06d}/9", Source.CAMERA)
    clerk.press("を受け渡した", {"released": clerk.rows(), "known": "3"})
    assert "3件を受け渡した記録を残します。" in clerk.text()


def test_an_unconfirmed_tax_asks_for_its_paper_a_vehicle(world: World, clerk: Clerk) -> None:
    world.house.filing(tax_confirmed=False)
    world.show_authentication()
    (row,) = clerk.rows()
    clerk.press("を受け渡した", {"released": [row], "checked": ["by-eye"]})
    assert "引き換える書面を受け取ったか、まだ印のない車両が1台あります" in clerk.text()
    hand_over(world, clerk, released=[row], taken=[f"{row}-1"])
    assert world.station.last is not None
    receipt = clerk.text(f"/receipt/{world.station.last.receipt.number}")
    assert "納税証明書（目視）" in receipt


def test_a_basket_says_what_it_cannot_give_and_counts_the_rest_in_one_line(
    world: World, clerk: Clerk
) -> None:
    world.house.filing(status=FilingStatus.CORRECTION, plate="見本 580 え 00-04")
    world.house.filing(procedure_code=NEW_CAR, plate="見本 580 お 00-05")
    world.house.filing(office_code=OSAKA, plate="見本 580 か 00-06")
    open_basket(world)
    shown = clerk.text()
    assert "今回は渡せない車両　1件" in shown
    assert re.search(r"見本 580 え 00-04.*補正待ち", shown)
    assert "別の手続種別 1件" in shown
    assert "別の事務所 1件" in shown
    assert "00-05" not in shown
    assert "見本第二事務所" not in shown


def test_a_sheet_read_before_says_how_long_ago_and_where(world: World, clerk: Clerk) -> None:
    world.house.filing()
    sheet = receiver_sheet()
    world.show(sheet)
    clerk.press("中止")
    world.house.clock.move(minutes=12)
    world.show(sheet)
    assert re.search(r"（12分前）に 窓口1（担当：見本　一郎）で読み取り済み", clerk.text())


# Holds


def keep_back(world: World, clerk: Clerk, memo: str = "") -> str:
    number = world.house.filing(plate="見本 580 ほ 77-77")
    world.show_authentication()
    (row,) = clerk.rows()
    held = {f"hold-{row}": "paper_missing", f"memo-{row}": memo}
    hand_over(world, clerk, **held)
    return number


def test_a_slip_tells_the_visitor_what_to_bring_and_when(world: World, clerk: Clerk) -> None:
    keep_back(world, clerk, "納税証明書の原本")
    slip = re.findall(r'href="(/slip[^"]+)"', clerk.page())
    shown = clerk.text(slip[0])
    for part in ("保留票", "見本 580 ほ 77-77", "足りなかった書面", "納税証明書の原本", "いつ"):
        assert part in shown
    assert "見本第一事務所" in shown


def test_a_hold_is_taken_up_from_the_list_and_asks_who_stands_there(
    world: World, clerk: Clerk
) -> None:
    number = keep_back(world, clerk)
    clerk.post("/holds")
    shown = clerk.text()
    assert "保留一覧　1件" in shown
    assert "書面が足りない" in shown
    filing = re.findall(r'name="filing" value="(\d+)"', clerk.page())[0]
    clerk.press("再開する", {"filing": filing})
    assert "保留票か元の用紙で、受け取る方を確かめた" in clerk.text()
    hand_over(world, clerk, released=clerk.rows())
    assert world.house.status_of(number) is FilingStatus.RELEASED


def test_an_empty_list_of_holds_says_so(clerk: Clerk) -> None:
    clerk.post("/holds")
    assert "この事務所に保留はありません" in clerk.text()


def test_a_slip_of_a_hold_that_is_gone_is_404(clerk: Clerk) -> None:
    answer = clerk.client.get("/slip?filing=999&filing=x")
    assert answer.status_code == 404
    assert "この車両の保留は、もうありません" in answer.get_data(as_text=True)


def test_the_next_clerk_sees_the_holds_first_and_says_so(world: World, clerk: Clerk) -> None:
    keep_back(world, clerk)
    clerk.post("/sign-out")
    assert "担当者サインイン" in clerk.text()
    other = Clerk(world.app.test_client())
    other.post("/sign-in", {"number": "1002", "pin": PIN}, form_on="/")
    shown = other.text()
    assert "引継ぎ：保留 1件" in shown
    other.press("引継ぎを受けた")
    assert "かざしてください" in other.text()
    assert len(journalled(world, Act.TOOK_OVER)) == 1


# Pause, closing, the morning


def test_a_pause_outlives_a_restart(world: World, clerk: Clerk) -> None:
    clerk.post("/pause")
    assert "この窓口は休止中です" in clerk.text()
    world.restart()
    front = world.clerk()
    assert "この窓口は休止中です" in front.text()
    world.show_authentication()
    assert "この窓口は休止中です" in front.text()
    front.press("再開する")
    assert "かざしてください" in front.text()


def test_the_day_is_closed_after_a_look_at_its_numbers(world: World, clerk: Clerk) -> None:
    open_basket(world)
    hand_over(world, clerk, released=clerk.rows())
    clerk.post("/day")
    shown = clerk.text()
    assert "業務を終了しますか" in shown
    assert re.search(r"引渡\s?3件", shown)
    clerk.press("業務を終了する")
    shown = clerk.text()
    assert "本日の業務を終了しました" in shown
    with world.house.sessions() as session:
        head = session.scalars(select(JournalEntry.hash).order_by(JournalEntry.seq.desc())).first()
    assert str(head) in shown
    clerk.press("サインアウトする")
    assert "担当者サインイン" in clerk.text()


def test_nothing_but_an_open_act_hides_the_keys_to_turn_to(world: World, clerk: Clerk) -> None:
    open_basket(world)
    for path in ("/holds", "/type/begin", "/pause", "/day"):
        clerk.post(path)
        assert 'data-state="basket"' in clerk.page()
    assert "先に確定か中止をしてください" in clerk.text()


def test_a_covered_screen_shows_no_name_and_comes_back(world: World, clerk: Clerk) -> None:
    open_basket(world)
    clerk.post("/cover")
    shown = clerk.text()
    assert "画面を隠しています" in shown
    assert "試験" not in shown
    assert PLATES[0] not in shown
    clerk.press("表示する")
    assert PLATES[0] in clerk.text()


def test_the_morning_check_waits_for_what_belongs_to_the_window(world: World) -> None:
    devices = ("camera", "scanner")
    station = Station(world.house.counter, "W1", monotonic=world.seconds, devices=devices)
    world.station, browser = station, Clerk(world.app.test_client())
    world.app.extensions[EXTENSION] = House(station, Preview())
    assert re.search(
        r"起動点検.*登録簿\s?○ 接続しました.*カメラ\s?… 確かめています", browser.text()
    )
    station.scene.device("camera", None)
    station.scene.device("scanner", SCANNER[Cause.MISSING])
    world.pass_(1)
    shown = browser.text()
    assert "カメラ○ 使えます" in shown
    assert "スキャナー× スキャナーが見つかりません" in shown
    assert world.app.test_client().get("/api/state").json["state"] == "checking_up"
    browser.press("このまま始める")
    assert "担当者サインイン" in browser.text()


# Receipts


def test_each_print_of_a_receipt_is_journalled_and_a_second_one_says_so(
    world: World, clerk: Clerk
) -> None:
    open_basket(world)
    hand_over(world, clerk, released=clerk.rows()[:2], collector="試験　次郎")
    world.restart()
    again = world.clerk()
    number = re.findall(r'href="/receipt/([^"]+)"', again.page("/receipts"))[0]
    for layout in ("a4", "80mm"):
        page = again.page(f"/receipt/{number}")
        keys = re.findall(r'name="idempotency_key" value="([^"]+)"', page)
        answer = again.post(
            f"/receipt/{number}/print",
            {"layout": layout, "idempotency_key": keys[0]},
            form_on=f"/receipt/{number}",
        )
        assert f"layout={layout}" in answer.location
    shown = again.text(f"/receipt/{number}?layout=80mm&printed=1")
    assert "再発行（2回目の印刷）" in shown
    assert "受け渡した交付物　2件" in shown
    assert "試験　次郎" in shown
    assert "今回お渡ししていないもの 1件" in shown
    assert [body["layout"] for body in journalled(world, Act.RECEIPT_PRINTED)] == ["a4", "80mm"]


def test_a_receipt_is_found_by_its_number_or_not_at_all(world: World, clerk: Clerk) -> None:
    open_basket(world)
    hand_over(world, clerk, released=clerk.rows())
    assert world.station.last is not None
    number = world.station.last.receipt.number
    found = clerk.client.get(f"/receipts?number={number.lower()}")
    assert found.location == f"/receipt/{number}"
    assert "番号「W1-999999」の受領書はありません" in clerk.text("/receipts?number=W1-999999")
    assert clerk.client.get("/receipt/W1-999999").status_code == 404
