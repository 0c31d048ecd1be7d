"""Faults and the commissioning page in a real browser, on a clip and a keyboard's FIFO."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hardware.camera import Camera
from hardware.hid_scanner import HidScanner
from hardware.tabletop import record
from kiosk.app import create_app
from kiosk.faults import DISK, clock_fault
from kiosk.house import House
from kiosk.keymap_test import TEST_TEXT
from kiosk.preview import Preview
from kiosk.sources import Sources
from tests.accessible import MarkupChecker, assert_reflows, assert_walkable, barriers
from tests.builders import PIN, SUPERVISOR
from tests.devices.test_hid_scanner import ENTER, press, typed
from tests.kiosk_world import SECRET, World, make_world
from tests.media import a_sheet, empty_page
from tests.served import served

pytestmark = pytest.mark.browser


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "table.avi"
    for _ in record([a_sheet()], path, shown_seconds=4, empty_seconds=0.1):
        pass
    return path


@pytest.fixture
def empty_paper(tmp_path: Path) -> Path:
    """A clip in which nothing can be read: the window goes on showing the picture."""
    path = tmp_path / "empty.avi"
    for _ in record([empty_page()], path, shown_seconds=1):
        pass
    return path


@pytest.fixture
def house(world: World, tmp_path: Path) -> House:
    world.station.devices = ("camera", "scanner")
    return House(world.station, Preview(), has_camera=True, var=tmp_path / "var")


@pytest.fixture
def sources(house: House) -> Iterator[Sources]:
    sources = Sources(house.station, house.preview, house.trial)
    yield sources
    sources.stop()


@pytest.fixture
def page(chromium: Browser, world: World, house: House) -> Iterator[Page]:
    """A supervisor, signed in, before the window's screen."""
    with served(create_app(house, SECRET, world.house.installation)) as address:
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
        opened = context.new_page()
        problems: list[str] = []
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.goto(address)
        opened.fill("#number", SUPERVISOR)
        opened.fill("#pin", PIN)
        opened.keyboard.press("Enter")
        expect(opened.locator("#scene")).to_be_visible()
        yield opened
        context.close()
        house.preview.close()
        world.station.scene.close()
        assert problems == []


def test_a_camera_that_goes_and_comes_is_seen_without_a_reload(
    page: Page, sources: Sources, empty_paper: Path
) -> None:
    link = empty_paper.with_name("by-id")
    sources.start(Camera(str(link)), None, None)
    expect(page.locator(".k-fault")).to_contain_text("カメラが見つかりません")
    expect(page.locator("#camera")).to_contain_text("カメラの映像がありません")
    assert barriers(page) == []
    link.symlink_to(empty_paper)
    expect(page.locator(".k-fault")).to_have_count(0, timeout=15_000)
    picture = page.locator("#camera img")
    expect(picture).to_be_visible()
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    link.unlink()


def test_several_faults_leave_the_window_usable_and_readable(page: Page, sources: Sources) -> None:
    sources.board.tell("disk", DISK)
    sources.board.tell("clock", clock_fault(95))
    expect(page.locator(".k-fault")).to_have_count(2)
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert_reflows(page)
    sources.board.tell("disk", None)
    expect(page.locator(".k-fault")).to_have_count(1)


def test_a_supervisor_commissions_a_window(
    page: Page, sources: Sources, clip: Path, tmp_path: Path, markup: MarkupChecker
) -> None:
    os.mkfifo(tmp_path / "keys")
    sources.start(Camera(str(clip)), HidScanner(f"hid:{tmp_path / 'keys'}"), None)
    page.goto(page.url.rstrip("/") + "/guide")
    page.get_by_role("link", name="端末の調整").click()
    expect(page.locator("#measures")).to_contain_text("1280×720")
    there = os.open(tmp_path / "keys", os.O_RDWR)
    os.write(there, typed(TEST_TEXT) + press(ENTER))
    expect(page.locator("#keymap")).to_contain_text("すべての文字が正しく届きました")
    os.close(there)
    assert barriers(page) == []
    assert_walkable(page)
    assert markup.slips(page.request.get(page.url).text()) == []
    page.get_by_label("聞こえた").check()
    page.get_by_role("button", name="いまの測定と結果を保存する").click()
    expect(page.get_by_role("status").first).to_contain_text("保存しました")
    expect(page.locator("main")).to_contain_text(SUPERVISOR)
    page.set_viewport_size({"width": 320, "height": 640})
    assert_reflows(page)
    page.wait_for_load_state()  # the script that hears the key is at work
    page.keyboard.press("Escape")
    expect(page.locator("#scene")).to_be_visible()


def test_each_sound_can_be_played(page: Page) -> None:
    """What is played is heard by an analyser between the tones and the loudspeaker."""
    page.add_init_script("""
      const connect = AudioNode.prototype.connect;
      AudioNode.prototype.connect = function (target, ...rest) {
        if (target instanceof AudioDestinationNode) {
          (window.tones ??= []).push(this.context.currentTime);
        }
        return connect.call(this, target, ...rest);
      };
    """)
    page.goto(page.url.rstrip("/") + "/commission")
    counts = []
    for family in ("ok", "act", "warn", "ng", "stop"):
        before = page.evaluate("(window.tones ?? []).length")
        page.locator(f"[data-play={family}]").click()
        page.wait_for_function("before => (window.tones ?? []).length > before", arg=before)
        page.wait_for_timeout(100)
        counts.append(page.evaluate("window.tones.length") - before)
    assert counts == [2, 1, 2, 3, 1]
