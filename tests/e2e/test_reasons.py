"""A code that must not be believed gets its own reason, on the screen and in the journal."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from shared.db.tables import JournalEntry
from shared.digits import bytes_of, checked, digits_of
from shared.key_files import read_pinned_key_set, read_sealing_keys, read_signing_key
from tests.builders import CLERK, PIN, Keys, keys, receiver_sheet, text_of
from tests.e2e.counter_world import CounterWorld, counter_world
from tests.media import a_sheet

pytestmark = pytest.mark.browser
TITLES = {
    "NG-KEY": "発行元を確認できないコードです",
    "NG-TAMPER": "コードの内容を確認できません（改変・偽造のおそれ）",
    "NG-FORMAT": "このシステムの二次元コードではありません",
    "NG-EXPIRED": "有効期限が過ぎたコードです",
    "NG-TEST": "試験用のコードです",
    "NG-MISREAD": "コードを正しく読み取れませんでした",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CounterWorld]:
    with counter_world(tmp_path) as built:
        yield built


def own_keys(world: CounterWorld) -> Keys:
    """The keys the installation made for itself."""
    key_set = read_pinned_key_set(world.keys / "registry", datetime.now(UTC))
    (sealing,) = read_sealing_keys(world.keys / "registry")
    return Keys(read_signing_key(world.keys / "issuer"), sealing, key_set)


def texts(own: Keys) -> dict[str, str]:
    """One text for each reason."""
    now = datetime.now(UTC)
    good = text_of(receiver_sheet(issued_at=now, by=own), own)
    stranger, practice = keys(2, key_id=2), keys(3, key_id=129)
    forged = receiver_sheet(issued_at=now, by=replace(own, signing=stranger.signing))
    rehearsed = receiver_sheet(issued_at=now, by=replace(own, signing=practice.signing))
    data = bytearray(bytes_of(good[4:-2]))
    data[15] ^= 3  # another procedure, under the signature of the first
    old = receiver_sheet(issued_at=now - timedelta(days=31), by=own)
    return {
        "NG-KEY": text_of(forged, stranger),
        "NG-TAMPER": checked("9101" + digits_of(bytes(data))),
        "NG-FORMAT": "2/2400110/MIHON 0001/123",
        "NG-EXPIRED": text_of(old, own),
        "NG-TEST": text_of(rehearsed, practice),
        "NG-MISREAD": good[:60] + str((int(good[60]) + 1) % 10) + good[61:],
    }


def test_each_code_gets_its_own_reason_on_screen_and_in_the_journal(
    world: CounterWorld, chromium: Browser
) -> None:
    page = chromium.new_page(locale="ja-JP")
    page.goto(world.counter)
    page.fill("#number", CLERK)
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    for code, text in texts(own_keys(world)).items():
        world.drop(code.lower(), a_sheet(text))
        expect(page.locator("#scene")).to_contain_text(code, timeout=30_000)
        expect(page.locator("#scene")).to_contain_text(TITLES[code])
        page.click("button:has-text('次の読み取りへ')")
    page.close()
    with world.sessions() as session:
        bodies = session.scalars(
            select(JournalEntry.body).where(JournalEntry.act == "presented")
        ).all()
    assert [json.loads(body)["reasons"][0] for body in bodies] == list(TITLES)
    inbox = world.folder / "inbox"
    until = time.monotonic() + 5  # a sheet leaves just after it was judged
    while any(inbox.glob("*.png")) and time.monotonic() < until:
        time.sleep(0.05)
    done = {path.stem for path in (inbox / "done").iterdir()}
    assert done == {code.lower() for code in TITLES}
