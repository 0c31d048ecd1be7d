"""A sheet goes its whole way: form, paper, camera, judgement, hand-over, journal.

Real processes, real Chromium, a filmed sheet before the camera. Only the paper is missing.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from hardware.scan import Grey
from shared.db.tables import Filing, JournalEntry
from shared.domain import FilingStatus
from shared.names import compare_key
from shared.passwords import hash_secret
from tests.builders import (
    CLERK,
    CONSOLE_PASSWORD,
    INSPECTION,
    NEW_CAR,
    OSAKA,
    PIN,
    SHINAGAWA,
    START,
    SUPERVISOR,
)
from tests.e2e.counter_world import CounterWorld, counter_world, page_of, run

pytestmark = pytest.mark.browser
NAME = "見本髙﨑行政書士事務所　試験　𠮷郎（００００００３３）"
OLD, NEW = "mihon-no-himitsu", "mihon-no-atarashii"
FILING_PASSWORD = "shinsei-0001"
OUT_OF_SIGHT = 6.0
"""Seconds: the same sheet counts as shown again after five."""
NOTICED = 1.0
"""Seconds in which an empty table surely stood before the camera."""
SLOWLY = 30_000
"""Milliseconds to wait for a screen on a busy machine."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CounterWorld]:
    with counter_world(tmp_path) as built:
        yield built


@pytest.fixture
def counter(world: CounterWorld, chromium: Browser) -> Iterator[Page]:
    """The clerk's screen, signed in."""
    page = chromium.new_page(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    page.goto(world.counter)
    page.fill("#number", CLERK)
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    scene(page, "idle")
    yield page
    page.close()


def scene(page: Page, state: str) -> None:
    """Wait until the counter shows this state."""
    expect(page.locator("#scene")).to_have_attribute("data-state", state, timeout=SLOWLY)


def add_filing(world: CounterWorld, number: str, procedure: int, office: str) -> None:
    with world.sessions.begin() as session:
        session.add(
            Filing(
                number=number,
                procedure_code=procedure,
                office_code=office,
                receiver_name=NAME,
                receiver_key=compare_key(NAME),
                status=FilingStatus.READY,
                plate="見本 580 あ 00-01",
                password_hash=hash_secret(FILING_PASSWORD, 4),
                received_at=START,
                updated_at=START,
            )
        )


def issue(
    world: CounterWorld, chromium: Browser, purpose: str, password: str, procedure: str = ""
) -> Grey:
    """Fill the public form in a browser; the page of the PDF it gives."""
    page = chromium.new_page(locale="ja-JP")
    page.goto(f"{world.portal}/codes/new")
    page.check(f"input[name=purpose][value={purpose}]")
    if procedure:
        page.select_option("select[name=procedure]", procedure)
    page.fill("input[name=receiver_name]", NAME)
    page.fill("input[name=password]", password)
    page.fill("input[name=password_confirm]", password)
    page.click("button[type=submit]:has-text('二次元コードを発行する')")
    return saved_page(page)


def issue_individual(world: CounterWorld, chromium: Browser, number: str) -> Grey:
    """Sign in with a filing's number, switch it irreversibly, and take its code."""
    page = chromium.new_page(locale="ja-JP")
    page.goto(f"{world.portal}/inquiry/")
    page.fill("input[name=number]", number)
    page.click("button:has-text('次へ')")
    page.fill("input[name=password]", FILING_PASSWORD)
    page.click("button:has-text('ログイン')")
    page.click("main .oss-button:has-text('個別申告用二次元コードの発行')")
    expect(page.locator("h1")).to_contain_text("元に戻すことはできません")
    page.click("button:has-text('変更して発行する')")
    return saved_page(page)


def saved_page(page: Page) -> Grey:
    with page.expect_download() as download:
        page.click("a:has-text('PDF')")
    pdf = Path(download.value.path()).read_bytes()
    page.close()
    return page_of(pdf)


def enrol(counter: Page) -> None:
    """Compare the evidence with the sheet and register."""
    scene(counter, "enrol")
    expect(counter.locator("#scene")).to_contain_text(NAME)
    counter.check("input[name=paper][value=scrivener_card]")
    for box in counter.locator("#enrol input[type=checkbox]").all():
        box.check()
    counter.click("button[form=enrol]")
    scene(counter, "done")


def hand_over(counter: Page, tick: int) -> None:
    """Tick the first rows, hold the next for a missing paper, look twice, confirm."""
    boxes = counter.locator("input[name=released]")
    for number in range(boxes.count()):
        if number < tick:
            boxes.nth(number).check()
        else:
            holds = counter.locator("select[name^=hold-]")
            holds.nth(number).select_option("paper_missing")
    for check in counter.locator("input[name=checked]").all():
        check.check()
    counter.click("button[data-key=Enter]:has-text('件を受け渡した')")
    asked = counter.locator(".k-banner[role=alert]")
    expect(asked.or_(counter.locator("[data-state=confirm]"))).to_be_visible(timeout=SLOWLY)
    if asked.count():
        counter.check("#check-by-eye")
        counter.click("button[data-key=Enter]:has-text('件を受け渡した')")
    scene(counter, "confirm")
    counter.wait_for_timeout(700)
    counter.click("button:has-text('受け渡しを確定する')")
    scene(counter, "done")


BUNDLE = ["2600000000000101", "2600000000000102", "2600000000000103"]


def test_a_sheet_goes_its_whole_way(world: CounterWorld, counter: Page, chromium: Browser) -> None:
    for number in BUNDLE:
        add_filing(world, number, INSPECTION, SHINAGAWA)
    add_filing(world, "2600000000000201", NEW_CAR, SHINAGAWA)
    add_filing(world, "2600000000000301", INSPECTION, OSAKA)
    walk = Walk(world, counter, chromium)
    walk.registration()
    sheet = walk.two_of_three_released_and_one_held()
    walk.the_same_sheet_again(sheet)
    walk.the_second_procedure_with_its_own_sheet()
    walk.the_third_with_its_individual_code()
    walk.a_changed_password_refuses(sheet)
    assert_all_of_it_stands_in_the_journal(world, chromium)
    assert_nothing_secret_was_logged(world)


@dataclass(frozen=True)
class Walk:
    """The steps, each as a clerk sees it."""

    world: CounterWorld
    counter: Page
    chromium: Browser

    def registration(self) -> None:
        self.world.lay(issue(self.world, self.chromium, "registration", OLD))
        enrol(self.counter)
        self.says("登録しました")
        self.clear_table()

    def two_of_three_released_and_one_held(self) -> Grey:
        """This receiver's, this procedure's and this office's vehicles, and no others."""
        sheet = issue(self.world, self.chromium, "authentication", OLD, str(INSPECTION))
        self.world.lay(sheet)
        scene(self.counter, "basket")
        shown = self.counter.locator(".k-rows .k-rows__number").all_text_contents()
        assert [re.sub(r"\s", "", number) for number in shown] == BUNDLE
        assert self.counter.locator("input[name=released]:checked").count() == 0
        hand_over(self.counter, tick=2)
        self.says("2件")
        assert statuses(self.world) == ["released", "released", "ready"]
        self.clear_table(OUT_OF_SIGHT)
        return sheet

    def the_same_sheet_again(self, sheet: Grey) -> None:
        """Already handed over; and what waits under another procedure needs its own sheet."""
        self.world.lay(sheet)
        scene(self.counter, "refused")
        self.says("NG-DONE")
        self.says("すべて受け渡し済みです")
        self.says("その手続種別の用紙が別に必要です")
        self.clear_table()

    def the_second_procedure_with_its_own_sheet(self) -> None:
        self.world.lay(issue(self.world, self.chromium, "authentication", OLD, str(NEW_CAR)))
        scene(self.counter, "basket")
        hand_over(self.counter, tick=1)
        self.clear_table()

    def the_third_with_its_individual_code(self) -> None:
        """It was held, so the clerk takes the hold up."""
        self.world.lay(issue_individual(self.world, self.chromium, BUNDLE[2]))
        scene(self.counter, "refused")
        self.says("NG-HOLD")
        self.counter.click("button:has-text('保留を再開する')")
        scene(self.counter, "basket")
        hand_over(self.counter, tick=1)
        assert statuses(self.world) == ["released"] * 3
        self.clear_table()

    def a_changed_password_refuses(self, sheet: Grey) -> None:
        self.world.lay(issue(self.world, self.chromium, "password_change", NEW))
        enrol(self.counter)
        self.clear_table()
        self.world.lay(sheet)
        scene(self.counter, "refused")
        self.says("NG-PWOLD")
        self.says("パスワード変更より前に印刷された用紙です")
        self.clear_table()

    def says(self, text: str) -> None:
        expect(self.counter.locator("#scene")).to_contain_text(text, timeout=SLOWLY)

    def clear_table(self, seconds: float = NOTICED) -> None:
        """Until the empty table was seen for so long and the counter waits again."""
        self.world.lay(None)
        self.counter.wait_for_timeout(seconds * 1000)
        button = self.counter.locator("button:has-text('次の読み取りへ')")
        if button.count():
            button.first.click()
        scene(self.counter, "idle")


def statuses(world: CounterWorld) -> list[str]:
    with world.sessions() as session:
        rows = session.execute(select(Filing.number, Filing.status))
        found = {number: status.value for number, status in rows}
    return [found[number] for number in BUNDLE]


def assert_all_of_it_stands_in_the_journal(world: CounterWorld, chromium: Browser) -> None:
    with world.sessions() as session:
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.seq)).all()
    said = [
        (entry.act, *json.loads(entry.body).get("reasons", [])[:1])
        for entry in entries
        if entry.act != "busy"
    ]
    told = [once for once, _ in groupby(said)]  # a sheet that lies there may be read once more
    assert told == [
        ("signed_in",),
        ("presented",),
        ("registered",),
        ("presented",),
        ("confirmed",),
        ("presented", "NG-DONE"),
        ("presented",),
        ("confirmed",),
        ("presented", "NG-HOLD"),
        ("presented", "WARN-REPEAT") if told[9][1:] else ("presented",),
        ("confirmed",),
        ("presented",),
        ("password_changed",),
        ("presented", "NG-PWOLD"),
    ]
    assert "The journal holds" in run(world.folder, "verifier", ["journal", "verify"])
    page = chromium.new_page(locale="ja-JP")
    page.goto(f"{world.counter}/console/")
    page.fill("#number", SUPERVISOR)
    page.fill("[name=password]", CONSOLE_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/", timeout=SLOWLY)
    page.goto(f"{world.counter}/console/journal")
    expect(page.locator("table tbody tr")).to_have_count(len(entries) + 1, timeout=SLOWLY)
    expect(page.locator("table")).to_contain_text("NG-PWOLD")
    page.close()


def assert_nothing_secret_was_logged(world: CounterWorld) -> None:
    time.sleep(0.2)
    logged = world.log("issuer") + world.log("kiosk")
    assert logged.count("presentation") >= 7
    for secret in (NAME, OLD, NEW, FILING_PASSWORD, PIN, "9101", *BUNDLE):
        assert secret not in logged
