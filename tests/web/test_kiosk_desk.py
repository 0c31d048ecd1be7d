"""The counter's pages without a script: sign-in, hand-over, refusals, registration."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from kiosk.house import EXTENSION, House
from kiosk.preview import Preview
from kiosk.state import Confirming
from kiosk.station import Station
from shared.db.tables import Presentation
from shared.domain import FilingStatus, Purpose, Source
from shared.search_key import printed
from tests.builders import (
    CLERK,
    DESK,
    HANAKO,
    NEW_CAR,
    OSAKA,
    PASSWORD,
    PIN,
    TARO,
    filing_sheet,
    receiver_sheet,
    text_of,
)
from tests.kiosk_world import Clerk, World, make_world
from verifier.acts import GiveUpReason

FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in "0123456789K"} | {ord(" "): "　"}
BUSY = "受け渡しの確認中です。先に確定か中止をしてください。"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path)


@pytest.fixture
def clerk(world: World) -> Clerk:
    return world.clerk()


def open_basket(world: World, filings: int = 3) -> list[str]:
    """TARO is registered, has that many vehicles, and shows a sheet."""
    world.house.receiver()
    numbers = [world.house.filing() for _ in range(filings)]
    world.show_authentication()
    return numbers


def ask(clerk: Clerk, values: dict[str, object]) -> str:
    """Go to the second look; the old certificates were compared by eye."""
    clerk.press("を受け渡した", {"checked": ["by-eye"]} | values)
    return clerk.page()


def test_nobody_sees_anything_before_signing_in(world: World) -> None:
    stranger = Clerk(world.app.test_client())
    assert "担当者サインイン" in stranger.page()
    for path in ("/receipts", "/receipt/W1-000001", "/slip", "/guide", "/preview", "/stage"):
        assert stranger.client.get(path).status_code == 303
    fragment = stranger.client.get("/stage", headers={"X-Fragment": "1"})
    assert fragment.status_code == 401


def test_every_act_needs_the_browser_that_signed_in(world: World) -> None:
    open_to_all = {"/sign-in", "/plan/begin", "/text-size", "/check/end", "/language"}
    world.clerk()
    stranger = Clerk(world.app.test_client())
    for rule in world.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith("/console"):
            continue
        if rule.rule in open_to_all:
            continue
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        answer = stranger.post(path)
        assert (answer.status_code, answer.location) == (303, "/"), rule.rule


def test_a_wrong_pin_has_one_answer_for_every_cause(world: World) -> None:
    pages = []
    for number in (CLERK, "7777"):
        browser = Clerk(world.app.test_client())
        answer = browser.post("/sign-in", {"number": number, "pin": "0000"})
        assert answer.status_code == 422
        pages.append(re.findall(r'role="alert"><p>(.*?)</p>', answer.get_data(as_text=True)))
    assert pages[0] == pages[1]
    assert (
        "続けて5回確かめられなかった番号では、正しいPINでも15分間サインインできません"
        in pages[0][0]
    )


def test_six_wrong_pins_tell_nobody_whether_the_number_is_somebodys(world: World) -> None:
    """A lock-out looks like any wrong PIN: the page always says the rule and who can help."""
    tried: list[list[str]] = []
    for number in (CLERK, "7777"):
        browser = Clerk(world.app.test_client())
        form = {"number": number, "pin": "0000"}
        answers = [browser.post("/sign-in", form) for _ in range(6)]
        assert {answer.status_code for answer in answers} == {422}
        pages = [answer.get_data(as_text=True).replace(number, "") for answer in answers]
        tried.append([re.sub(r'name="csrf_token" value="[^"]+"', "", page) for page in pages])
    assert tried[0] == tried[1]
    assert len({*tried[0]}) == 1
    assert "管理者に停止の解除を頼んでください" in tried[0][5]


def test_five_wrong_pins_lock(world: World) -> None:
    browser = Clerk(world.app.test_client())
    for _ in range(5):
        browser.post("/sign-in", {"number": CLERK, "pin": "0000"})
    assert browser.post("/sign-in", {"number": CLERK, "pin": PIN}).status_code == 422
    world.house.clock.move(minutes=15, seconds=1)
    assert browser.post("/sign-in", {"number": CLERK, "pin": PIN}).status_code == 303


def test_a_second_browser_takes_the_seat_over(world: World, clerk: Clerk) -> None:
    assert "かざしてください" in clerk.text()
    other = world.clerk()
    assert "かざしてください" in other.text()
    assert "担当者サインイン" in clerk.text()


def test_the_strip_shows_place_clerk_and_counts(world: World, clerk: Clerk) -> None:
    open_basket(world)
    shown = clerk.text()
    for part in ("窓口1", "見本第一事務所", "見本　一郎", "受付 1 件", "引渡 0 件", "接続"):
        assert part in shown


def test_a_sheet_opens_its_basket_with_nothing_ticked(world: World, clerk: Clerk) -> None:
    numbers = open_basket(world)
    page = clerk.page()
    assert "受け渡しできます" in page
    assert 'data-family="ok"' in page
    assert len(clerk.rows()) == len(numbers)
    assert not re.search(r"data-row[^>]*checked", page)
    assert "旧自動車検査証" in page


def test_ticks_live_on_the_server(world: World, clerk: Clerk) -> None:
    open_basket(world)
    first = clerk.rows()[0]
    path = re.findall(r'data-choice-url="([^"]+)"', clerk.page())[0]
    token = re.findall(r'name="csrf_token" value="([^"]+)"', clerk.page())[0]
    answer = clerk.client.post(
        path, data={"csrf_token": token, "released": [first]}, headers={"X-Fragment": "1"}
    )
    assert "1件を受け渡した" in answer.get_data(as_text=True)
    ticked = re.findall(r'id="row-(\d+)"[^>]*checked', clerk.page())
    assert ticked == [first]


def test_two_of_three_are_released_one_is_held(world: World, clerk: Clerk) -> None:
    numbers = open_basket(world)
    rows = clerk.rows()
    page = ask(
        clerk, {"released": rows[:2], f"hold-{rows[2]}": "paper_missing", "collector": "試験　次郎"}
    )
    assert "2件を受け渡した記録を残します。" in page
    world.seconds.pass_(1)
    clerk.press("受け渡しを確定する")
    shown = clerk.text()
    assert "受け渡しを記録しました　2件" in shown
    assert [world.house.status_of(n) for n in numbers] == [
        FilingStatus.RELEASED, FilingStatus.RELEASED, FilingStatus.READY,
    ]  # fmt: skip
    assert world.station.last is not None
    receipt = clerk.text(f"/receipt/{world.station.last.receipt.number}")
    assert "試験　次郎" in receipt
    assert "旧自動車検査証（目視）" in receipt
    assert world.station.last.receipt.journal_head in receipt
    assert len(re.findall("見本 580 あ 00-01", receipt)) == 2


def test_a_second_press_of_confirm_is_one_act(world: World, clerk: Clerk) -> None:
    open_basket(world, 1)
    ask(clerk, {"released": clerk.rows()})
    page = clerk.page()
    world.seconds.pass_(1)
    form = re.findall(r'<form[^>]*action="([^"]+/confirm)".*?</form>', page, re.S)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page[page.index(form[0]) :]))
    assert clerk.client.post(form[0], data=fields).status_code == 303
    assert clerk.client.post(form[0], data=fields).status_code == 303
    facts = world.house.counter.kiosk_facts("W1")
    assert facts.released == 1


def test_the_hand_that_opened_the_second_look_cannot_confirm_it(world: World, clerk: Clerk) -> None:
    numbers = open_basket(world, 1)
    ask(clerk, {"released": clerk.rows()})
    world.seconds.pass_(0.3)
    clerk.press("受け渡しを確定する")
    assert "記録を残します" in clerk.page()
    assert world.house.status_of(numbers[0]) is FilingStatus.HANDING


def test_nothing_ticked_is_said_and_nothing_happens(world: World, clerk: Clerk) -> None:
    open_basket(world)
    page = ask(clerk, {})
    assert "渡す車両に印を付けるか、保留の理由を選んでください。" in page
    assert 'data-state="basket"' in page


def test_an_older_page_gets_409_and_what_is_there_now(world: World, clerk: Clerk) -> None:
    open_basket(world)
    old = clerk.page()
    path = re.findall(r'action="(/basket/[^"]+/ask)"', old)[0]
    clerk.press("中止")
    answer = clerk.post(path, {"released": ["1"]})
    assert answer.status_code == 409
    assert "かざしてください" in answer.get_data(as_text=True)


def test_confirming_what_somebody_else_ended_gives_409_with_a_fresh_screen(
    world: World, clerk: Clerk
) -> None:
    open_basket(world)
    ask(clerk, {"released": clerk.rows()})
    world.seconds.pass_(1)
    state = world.station.scene.state
    assert isinstance(state, Confirming)
    world.house.counter.give_up(
        DESK,
        state.before.basket.hand_over_id,
        GiveUpReason.CLERK,
    )
    answer = clerk.press("受け渡しを確定する")
    assert answer.status_code == 409
    assert "この受け渡しはすでに終わっています" in answer.get_data(as_text=True)


def test_giving_up_returns_everything(world: World, clerk: Clerk) -> None:
    numbers = open_basket(world)
    clerk.press("中止")
    assert "どの車両も渡していない" in clerk.text()
    assert {world.house.status_of(n) for n in numbers} == {FilingStatus.READY}


def test_another_code_is_refused_while_a_basket_is_open(world: World, clerk: Clerk) -> None:
    open_basket(world)
    world.show(receiver_sheet(name=HANAKO))
    assert BUSY in clerk.text()
    assert 'data-state="basket"' in clerk.page()


def test_the_sheet_in_hand_and_foreign_codes_disturb_nobody(world: World, clerk: Clerk) -> None:
    world.house.receiver()
    world.house.filing()
    shown = world.show_authentication()
    world.station.take(shown, Source.CAMERA)
    world.station.take("https://example.jp/shakensho", Source.CAMERA)
    assert BUSY not in clerk.text()


def test_signing_out_is_refused_while_a_basket_is_open(world: World, clerk: Clerk) -> None:
    open_basket(world)
    clerk.post("/sign-out")
    assert BUSY in clerk.text()


def test_what_was_left_in_hand_is_opened_again_after_a_restart(
    world: World, clerk: Clerk, tmp_path: Path
) -> None:
    open_basket(world)
    restarted = Station(world.house.counter, "W1", monotonic=world.seconds)
    world.app.extensions[EXTENSION] = House(restarted, Preview())
    world.station.scene.close()
    again = world.clerk()
    assert "前回の途中で残った受け渡しです" in again.text()
    assert len(again.rows()) == 3


def test_names_hide_after_three_idle_minutes_and_the_basket_ends_after_ten(
    world: World, clerk: Clerk
) -> None:
    numbers = open_basket(world)
    world.pass_(181)
    shown = clerk.text()
    assert "画面を隠しています" in shown
    assert "試験" not in shown
    clerk.press("表示する")
    assert "試験" in clerk.text()
    world.pass_(601)
    assert "時間切れ" in clerk.text()
    assert {world.house.status_of(n) for n in numbers} == {FilingStatus.READY}


def test_done_leaves_after_five_seconds_and_a_refusal_after_three_minutes(
    world: World, clerk: Clerk
) -> None:
    world.show_authentication()
    assert "理由 NG-NAME" in clerk.text()
    world.pass_(179)
    assert "理由 NG-NAME" in clerk.text()
    world.pass_(2)
    assert "かざしてください" in clerk.text()


def test_a_refusal_can_be_kept(world: World, clerk: Clerk) -> None:
    world.show_authentication()
    clerk.post("/stay")
    world.pass_(800)
    assert "理由 NG-NAME" in clerk.text()
    clerk.press("次の読み取りへ")
    assert "かざしてください" in clerk.text()


def test_a_wrong_password_is_refused_with_words_for_both_sides(world: World, clerk: Clerk) -> None:
    world.house.receiver()
    world.house.filing()
    world.show_authentication(password="chigau-himitsu")
    page = clerk.page()
    assert 'data-family="ng"' in page
    for part in ("NG-PW", "受取者用パスワードが登録と一致しません", "お客様へ"):
        assert part in page
    assert "chigau" not in page


def test_a_near_miss_is_shown_character_by_character(world: World, clerk: Clerk) -> None:
    world.house.receiver()
    world.show_authentication(name=TARO.replace("太郎", "太朗"))
    page = clerk.page()
    assert "<mark>朗</mark>" in page
    assert "<mark>郎</mark>" in page


def test_a_refusal_names_other_procedures_and_offices(world: World, clerk: Clerk) -> None:
    world.house.receiver()
    world.house.filing(procedure_code=NEW_CAR)
    world.house.filing(office_code=OSAKA)
    world.show_authentication()
    shown = clerk.text()
    assert "「新車（新規検査・地方税申告）」なら 1件 渡せます" in shown
    assert "見本第二事務所" in shown


def test_a_sheet_handed_over_before_says_when_where_and_to_whom(world: World, clerk: Clerk) -> None:
    world.house.receiver()
    world.house.filing()
    sheet = receiver_sheet()
    world.show(sheet)
    ask(clerk, {"released": clerk.rows(), "collector": "試験　次郎"})
    world.seconds.pass_(1)
    clerk.press("受け渡しを確定する")
    world.show(sheet)
    shown = clerk.text()
    assert "NG-DONE" in shown
    assert "受領者 試験　次郎" in shown
    assert "2026-11-23 09:05:00" in shown


def test_held_vehicles_are_taken_up_again(world: World, clerk: Clerk) -> None:
    world.house.receiver()
    world.house.filing()
    sheet = receiver_sheet()
    world.show(sheet)
    ask_page = clerk.press("を受け渡した", {f"hold-{clerk.rows()[0]}": "paper_missing"})
    assert ask_page.status_code == 303
    world.seconds.pass_(1)
    clerk.press("保留を確定する")
    assert "保留を記録しました" in clerk.text()
    world.show(sheet)
    assert "NG-HOLD" in clerk.text()
    clerk.press("保留を再開する")
    assert "保留中：書面が足りない" in clerk.text()


def test_an_individual_sheet_asks_for_its_papers(world: World, clerk: Clerk) -> None:
    number = world.house.filing(receiver_name=None, tax_confirmed=False)
    sheet = filing_sheet(number)
    world.house.individual(number, sheet)
    world.show(sheet)
    rows = clerk.rows()
    page = ask(clerk, {"released": rows, "checked": []})
    assert "目で見比べた" in page
    assert "「納税証明書（納税の確認ができないため）を確かめた」に印を付けてください。" in page
    page = ask(clerk, {"released": rows, "checked": ["by-eye", "paper-1"]})
    assert "1件を受け渡した記録を残します。" in page


def test_five_wrong_passwords_ask_for_an_identity_card(world: World, clerk: Clerk) -> None:
    world.house.receiver()
    world.house.filing()
    for number in range(5):
        world.show_authentication(password=f"chigau-himitsu-{number}")
    world.show_authentication()
    page = ask(clerk, {"released": clerk.rows()})
    assert "「受け取る方の身分証を確かめた」に印を付けてください。" in page


def test_a_code_that_is_not_ours_says_so_and_shows_nothing_of_it(
    world: World, clerk: Clerk
) -> None:
    world.station.take("＜script＞<script>alert(1)</script>", Source.CAMERA)
    page = clerk.page()
    assert "NG-FORMAT" in page
    assert "alert(1)" not in page


def test_registration_needs_every_check(world: World, clerk: Clerk) -> None:
    world.show(receiver_sheet(Purpose.REGISTRATION))
    assert "新規登録の受付" in clerk.text()
    clerk.press("書面と見比べる")
    shown = clerk.text()
    for sentence in ("添付書面の種類を選んでください", "受取者名との一致", "登録番号との一致"):
        assert sentence in shown
    checked = {"paper": "scrivener_card", "same_name": "yes", "same_number": "yes"}
    clerk.press("書面と見比べる", checked)
    assert "登録しました" in clerk.text()
    world.house.filing()
    world.show_authentication()
    assert "受け渡しできます" in clerk.text()


def test_a_registration_can_be_declined_only_with_a_reason(world: World, clerk: Clerk) -> None:
    world.show(receiver_sheet(Purpose.REGISTRATION))
    clerk.press("受け付けない理由")
    assert "受け付けない理由を選んでください" in clerk.text()
    clerk.press("受け付けない理由", {"reason": "name_differs"})
    assert "受け付けない記録を残しました" in clerk.text()
    world.show_authentication()
    assert "NG-NAME" in clerk.text()


def test_a_changed_password_makes_the_old_sheet_old(world: World, clerk: Clerk) -> None:
    world.house.receiver()
    world.house.filing()
    world.show(receiver_sheet(Purpose.PASSWORD_CHANGE, password="atarashii-himitsu"))
    page = clerk.page()
    assert "パスワード変更の受付" in page
    assert "2025年 10月 19日" in page
    clerk.press("書面と見比べる", {"paper": "scrivener_card", "same_name": "y", "same_number": "y"})
    assert "以前の用紙では受け渡しできません" in clerk.text()
    world.house.clock.move(minutes=1)
    world.show_authentication(password=PASSWORD)
    assert "NG-PWOLD" in clerk.text()


def type_key(clerk: Clerk, key: str, reason: str = "") -> str:
    """F2, then what was typed."""
    clerk.post("/type/begin")
    clerk.press("照合する", {"key": key, "reason": reason})
    return clerk.page()


def test_a_typed_key_is_checked_before_anybody_is_asked(world: World, clerk: Clerk) -> None:
    page = type_key(clerk, "2123 4567 89")
    assert "検索キーは16けたです（あと6けた）" in page
    assert "手入力の理由を選んでください" in page
    key = printed(receiver_sheet().search_key)
    wrong = key[:-1] + str((int(key[-1]) + 1) % 10)
    page = type_key(clerk, wrong, "other")
    assert "打ち間違い" in page
    assert wrong in page
    assert world.house.counter.kiosk_facts("W1").presented == 0


def test_a_key_read_off_the_paper_is_filled_in_to_be_confirmed(world: World, clerk: Clerk) -> None:
    world.house.receiver()
    world.house.filing()
    sheet = receiver_sheet()
    world.house.issued(sheet)
    world.station.offered.put(sheet.search_key)
    clerk.post("/type/begin")
    page = clerk.page()
    assert f'value="{printed(sheet.search_key)}"' in page
    assert "用紙の印字から読み取った検索キーです" in page
    assert re.search(r'value="read_from_print"[^>]* checked', page)
    assert world.house.counter.kiosk_facts("W1").presented == 0
    clerk.press("照合する", {"key": printed(sheet.search_key), "reason": "read_from_print"})
    assert "受け渡しできます" in clerk.text()
    with world.house.sessions() as session:
        (presentation,) = session.scalars(select(Presentation))
    assert (presentation.source, presentation.typed_reason) == ("typed", "read_from_print")


def test_a_key_that_differs_from_the_one_read_was_typed(world: World, clerk: Clerk) -> None:
    offered, other = receiver_sheet(), receiver_sheet()
    world.station.offered.put(offered.search_key)
    page = type_key(clerk, printed(other.search_key), "read_from_print")
    assert "読み取った検索キーを直したときは、ほかの理由を選んでください" in page
    assert printed(other.search_key) in page
    assert world.house.counter.kiosk_facts("W1").presented == 0


def test_without_an_offer_the_reason_is_not_to_be_had(world: World, clerk: Clerk) -> None:
    clerk.post("/type/begin")
    assert "read_from_print" not in clerk.page()
    page = type_key(clerk, printed(receiver_sheet().search_key), "read_from_print")
    assert "ほかの理由を選んでください" in page


def test_an_offer_ends_with_the_next_verdict(world: World, clerk: Clerk) -> None:
    world.station.offered.put(receiver_sheet().search_key)
    world.show_authentication()
    assert world.station.offered.text == ""


@pytest.mark.parametrize("write", [str, lambda key: key.translate(FULL_WIDTH), str.lower])
def test_a_typed_key_opens_the_same_basket(world: World, clerk: Clerk, write) -> None:
    number = world.house.filing(receiver_name=None)
    sheet = filing_sheet(number)
    world.house.individual(number, sheet)
    world.house.issued(sheet)
    type_key(clerk, write(printed(sheet.search_key)), "dirty_sheet")
    assert "受け渡しできます" in clerk.text()


def test_the_list_of_holds_is_no_reason_to_type_a_key(clerk: Clerk) -> None:
    assert "手入力の理由を選んでください" in type_key(clerk, "2123", "hold_list")


def test_a_registry_that_is_away_stops_the_counter_and_returns_by_itself(
    world: World, clerk: Clerk
) -> None:
    open_basket(world)
    with world.house.sessions.begin() as session:
        session.execute(text("ALTER TABLE staff RENAME TO staff_away"))
    clerk.press("中止")
    assert "登録簿に接続できません" in clerk.text()
    assert clerk.client.get("/api/state").json["state"] == "out_of_order"
    with world.house.sessions.begin() as session:
        session.execute(text("ALTER TABLE staff_away RENAME TO staff"))
    world.pass_(3)
    assert "登録簿との接続が戻りました" in clerk.text()
    assert len(clerk.rows()) == 3


def test_the_health_report_names_nobody(world: World, clerk: Clerk) -> None:
    numbers = open_basket(world)
    answer = world.app.test_client().get("/api/state")
    body = answer.get_data(as_text=True)
    assert answer.json["state"] == "basket"
    assert answer.json["counts"] == {"in_hand": 3, "presented": 1, "released": 0, "held": 0}
    assert answer.json["registry"] == "connected"
    for secret in (*numbers, "試験", "見本", CLERK):
        assert secret not in body
    clerk.press("中止")
    world.show_authentication(password="chigau-himitsu")
    assert world.app.test_client().get("/api/state").json["reason"] == "NG-PW"


def test_a_presentation_leaves_one_line_without_names_or_keys(
    world: World, clerk: Clerk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="kiosk.station"):
        open_basket(world)
    lines = [r.getMessage() for r in caplog.records if r.name == "kiosk.station"]
    assert len(lines) == 1
    assert "source=camera purpose=authentication accepted=yes reason=- ms=" in lines[0]
    assert "試験" not in lines[0]
    assert not re.search(r"\d{12}", lines[0].split("source=")[1])


def test_pages_of_the_counter_are_never_stored(world: World, clerk: Clerk) -> None:
    for path in ("/", "/stage", "/guide", "/receipts", "/api/state"):
        assert clerk.client.get(path).headers["Cache-Control"] == "no-store"


def test_the_seat_cookie_is_kept_from_scripts_and_other_sites(world: World) -> None:
    clerk = Clerk(world.app.test_client())
    cookie = clerk.post("/sign-in", {"number": CLERK, "pin": PIN}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_nobody_at_the_counter_no_code_is_looked_at(world: World) -> None:
    world.station.take(text_of(receiver_sheet()), Source.CAMERA)
    assert world.house.counter.kiosk_facts("W1").presented == 0
