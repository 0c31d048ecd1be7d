"""A whole window on real stand-ins: what its devices' troubles look like, and that they pass."""

import errno
import logging
import os
import subprocess
import sys
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
from PIL import Image

from hardware.camera import Camera
from hardware.folder import Rests, WatchedFolder
from hardware.scan import Cause, Grey
from hardware.serial_scanner import SerialScanner
from hardware.tabletop import record
from kiosk.fault_board import FaultBoard
from kiosk.faults import CAMERA, FOLDER, FOLDER_CLOSED, SCANNER
from kiosk.inbox import Inbox
from kiosk.judging import Judging, Taken
from kiosk.machine import Machine, free_bytes
from kiosk.preview import Preview
from kiosk.sources import Sources
from kiosk.state import Idle, InHand, OutOfOrder, Refused
from kiosk.trial import Trial
from shared.db.tables import Kiosk
from shared.domain import Purpose, Source
from tests.bench.lens import Shot, take
from tests.bench.papers import papers
from tests.bench.wear import pen_strokes
from tests.builders import START, TARO, WINDOW, receiver_sheet, text_of
from tests.devices.drivers import PATCHED, Stamping, video_driver
from tests.devices.network_camera import streaming
from tests.kiosk_world import Clerk, World, make_world
from tests.media import a_sheet, write, write_pdf

QUICK = Rests(usual=0.2, doubted=2.5, empty=3.0)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path)


@pytest.fixture
def clerk(world: World) -> Clerk:
    return world.clerk()


@pytest.fixture
def sources(world: World) -> Iterator[Sources]:
    sources = Sources(world.station, Preview())
    yield sources
    sources.stop()


@pytest.fixture(scope="module")
def sheet() -> str:
    return text_of(receiver_sheet(Purpose.AUTHENTICATION))


@pytest.fixture(scope="module")
def clip(sheet: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "table.avi"
    for _ in record([a_sheet(sheet)], path, shown_seconds=2.0, empty_seconds=0.3):
        pass
    return path


def wait_for(happened: Callable[[], object], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def faults(world: World) -> list[str]:
    """As a monitor sees them."""
    answer = world.app.test_client().get("/api/state").get_json()
    assert isinstance(answer["faults"], list)
    return answer["faults"]


def state(world: World) -> object:
    return world.station.scene.state


def a_receiver_with_a_car(world: World) -> None:
    world.house.receiver(TARO)
    world.house.filing()


def film(path: Path, frames: Sequence[Grey]) -> Path:
    size = (frames[0].shape[1], frames[0].shape[0])
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, size, isColor=False)
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


@pytest.mark.usefixtures("clerk")
def test_the_key_beside_a_code_that_is_lost_is_offered_and_nothing_is_judged(
    world: World, sources: Sources, tmp_path: Path
) -> None:
    paper = pen_strokes(papers()[2], 30, np.random.default_rng(1))
    held = Shot(module=3.3, shift=(240.0, -20.0), turn=4.0)
    clip = film(tmp_path / "lost.avi", [take(paper, held, seed) for seed in range(15)])
    sources.start(Camera(str(clip)), None, None)
    wait_for(lambda: world.station.offered.text, 40)
    assert world.station.offered.text.replace(" ", "") == paper.search_key
    wait_for(lambda: "検索キーを読み取りました" in world.station.scene.snapshot().guidance)
    assert isinstance(state(world), Idle)


@pytest.mark.usefixtures("clerk")
def test_a_sheet_before_the_camera_is_judged(world: World, sources: Sources, clip: Path) -> None:
    a_receiver_with_a_car(world)
    sources.start(Camera(str(clip)), None, None)
    wait_for(lambda: isinstance(state(world), InHand))


@pytest.mark.usefixtures("clerk")
def test_a_code_that_waited_for_its_turn_is_not_judged_and_passes_again(
    world: World, sources: Sources, clip: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody's act takes long: by then another sheet may lie there."""
    caplog.set_level(logging.INFO)
    a_receiver_with_a_car(world)
    with world.station.acts:
        sources.start(Camera(str(clip)), None, None)
        time.sleep(2.5)
        assert isinstance(state(world), Idle)
    wait_for(lambda: "old and dropped" in caplog.text)
    wait_for(lambda: isinstance(state(world), InHand))
    ages = [int(word) for word in caplog.text.split() if word.isdecimal() and int(word) > 200]
    assert ages, "what was dropped was older than 200 ms"


def test_a_window_that_cannot_keep_up_says_so_and_recovers(
    world: World, sources: Sources, clip: Path, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver gives what it took a quarter of a second ago."""
    a_receiver_with_a_car(world)
    monkeypatch.setattr(PATCHED, Stamping)
    monkeypatch.setattr(Stamping, "late", 0.25)
    sources.start(Camera(str(clip.with_suffix(".device"))), None, None)
    wait_for(lambda: faults(world) == ["ERR-SLOW"])
    assert "追いつかず" in clerk.text()
    assert isinstance(state(world), Idle)
    monkeypatch.setattr(Stamping, "late", 0.0)
    wait_for(lambda: isinstance(state(world), InHand))
    wait_for(lambda: faults(world) == [])


def test_a_missing_camera_is_a_banner_with_what_still_works_and_goes_by_itself(
    world: World, sources: Sources, clip: Path, clerk: Clerk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world.station.devices = ("camera", "scanner")
    link = clip.with_name("by-id")
    sources.start(Camera(str(link)), None, None)
    wait_for(lambda: faults(world) == ["ERR-CAM-MISSING"])
    text = clerk.text()
    assert CAMERA[Cause.MISSING].title in text
    assert "USBケーブルを差し直す" in text
    assert "カメラ：使えません" in text
    assert "スキャナー：使えます" in text
    assert "F2 で続けられます" in text
    clerk.press("検索キー入力")
    assert "検索キー" in clerk.text()
    world.station.next()
    link.symlink_to(clip)
    wait_for(lambda: faults(world) == [])
    link.unlink()
    lines = [line.getMessage() for line in caplog.records if line.name == "kiosk.fault_board"]
    assert lines[0] == "fault ERR-CAM-MISSING began"
    assert lines[1].startswith("fault ERR-CAM-MISSING ended after ")


@pytest.mark.parametrize("cause", [Cause.FROZEN, Cause.BLACK])
def test_a_frozen_and_a_black_picture_are_banners_that_go_by_themselves(
    world: World, sources: Sources, clerk: Clerk, cause: Cause
) -> None:
    with streaming() as stream:
        trouble = stream.frozen if cause is Cause.FROZEN else stream.covered
        sources.start(Camera(stream.address), None, None)
        wait_for(lambda: "camera" in world.station.scene.snapshot().well)
        trouble.set()
        wait_for(lambda: faults(world) == [CAMERA[cause].code], 30)
        assert CAMERA[cause].title in clerk.text()
        assert CAMERA[cause].steps[0] in clerk.text()
        trouble.clear()
        wait_for(lambda: faults(world) == [], 30)
        assert CAMERA[cause].title not in clerk.text()
        sources.stop()


def test_a_camera_that_another_program_holds_is_a_banner_with_its_name_until_it_lets_go(
    world: World, sources: Sources, clip: Path, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = os.openpty()
    link = clip.with_name("held")
    link.symlink_to(os.ttyname(theirs))
    monkeypatch.setattr("hardware.video_device.fcntl.ioctl", video_driver(1, lambda: errno.EBUSY))
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=theirs
    ) as other:
        name = Path(f"/proc/{other.pid}/comm").read_text().strip()
        sources.start(Camera(str(link)), None, None)
        wait_for(lambda: faults(world) == ["ERR-CAM-HELD"])
        wait_for(lambda: f"{CAMERA[Cause.HELD].title}（{name}）" in clerk.text())
        other.kill()
    link.unlink()
    link.symlink_to(clip)
    wait_for(lambda: faults(world) == [])
    link.unlink()
    os.close(theirs)
    os.close(ours)


@pytest.mark.usefixtures("clerk")
def test_an_unplugged_scanner_leaves_the_camera_at_work(
    world: World, sources: Sources, clip: Path, sheet: str
) -> None:
    a_receiver_with_a_car(world)
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    sources.start(None, SerialScanner(os.ttyname(theirs)), None)
    # What came before the port was opened is not read: the scanner is pressed until it beeps.
    wait_for(lambda: os.write(ours, b"910111\r") and isinstance(state(world), Refused))
    world.station.next()
    os.close(theirs)
    os.close(ours)
    wait_for(lambda: faults(world) == [SCANNER[Cause.MISSING].code])
    sources.start(Camera(str(clip)), None, None)
    wait_for(lambda: isinstance(state(world), InHand))


def test_a_stack_of_sheets_is_one_presentation_after_another(
    world: World, sources: Sources, tmp_path: Path, clerk: Clerk, sheet: str
) -> None:
    a_receiver_with_a_car(world)
    other = text_of(receiver_sheet(Purpose.AUTHENTICATION))
    inbox = tmp_path / "inbox"
    sources.start(None, None, WatchedFolder(inbox, QUICK))
    write_pdf(inbox / "stack.pdf", [sheet, sheet, other])
    wait_for(lambda: isinstance(state(world), InHand))
    time.sleep(0.6)
    assert isinstance(state(world), InHand)
    assert (inbox / "stack.pdf").exists(), "a program that ends now begins with it again"
    clerk.press("中止")
    wait_for(lambda: isinstance(state(world), InHand))
    shown = state(world)
    assert isinstance(shown, InHand)
    assert shown.showing is not None
    assert shown.showing.text == other
    wait_for((inbox / "done" / "stack.pdf").exists)


@pytest.mark.parametrize("half", [b"", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7\n1 0 obj\n", b"P"])
@pytest.mark.usefixtures("clerk")
def test_a_sheet_whose_writer_pauses_is_judged_and_not_rejected(
    world: World, sources: Sources, tmp_path: Path, sheet: str, half: bytes
) -> None:
    a_receiver_with_a_car(world)
    inbox = tmp_path / "inbox"
    sources.start(None, None, WatchedFolder(inbox, QUICK))
    suffix = "pdf" if half.startswith(b"%PDF") else "png"
    whole = tmp_path / f"sheet.{suffix}"
    (write_pdf(whole, [sheet]) if suffix == "pdf" else write(whole, a_sheet(sheet)))
    with (inbox / whole.name).open("wb") as file:
        file.write(half)
        file.flush()
        time.sleep(2)
        assert not any((inbox / "rejected").iterdir())
        file.seek(0)
        file.write(whole.read_bytes())
    wait_for(lambda: isinstance(state(world), InHand))
    wait_for((inbox / "done" / whole.name).exists)
    assert not any((inbox / "rejected").iterdir())


def test_a_folder_that_cannot_be_made_is_a_fault_until_it_can(
    world: World, sources: Sources, tmp_path: Path, clerk: Clerk
) -> None:
    (tmp_path / "share").write_text("a file where a folder should be")
    sources.start(None, None, WatchedFolder(tmp_path / "share" / "inbox", QUICK))
    wait_for(lambda: faults(world) == ["ERR-FOLDER"])
    assert FOLDER.title in clerk.text()
    (tmp_path / "share").unlink()
    wait_for(lambda: faults(world) == [])


def test_a_folder_that_takes_no_file_is_a_fault_and_its_sheet_is_judged_once(
    world: World, sources: Sources, tmp_path: Path, clerk: Clerk, sheet: str
) -> None:
    a_receiver_with_a_car(world)
    inbox = tmp_path / "inbox"
    sources.start(None, None, WatchedFolder(inbox, QUICK))
    with world.station.acts:  # the sheet is read and waits for its judgement
        write(inbox / "sheet.png", a_sheet(sheet))
        time.sleep(1.5)
        (inbox / "done").rmdir()
        (inbox / "done").write_text("a file where a folder should be")
    wait_for(lambda: faults(world) == ["ERR-FOLDER-CLOSED"])
    wait_for(lambda: isinstance(state(world), InHand))
    assert FOLDER_CLOSED.title in clerk.text()
    clerk.press("中止")
    time.sleep(1)
    assert isinstance(state(world), Idle), "it is not judged again while it cannot leave"
    (inbox / "done").unlink()
    wait_for((inbox / "done" / "sheet.png").exists)
    wait_for(lambda: faults(world) == [])
    assert isinstance(state(world), Idle)


def test_a_folder_that_vanishes_while_a_basket_is_open_stays_on_the_screen(
    world: World, sources: Sources, tmp_path: Path, clerk: Clerk, sheet: str
) -> None:
    a_receiver_with_a_car(world)
    inbox = tmp_path / "inbox"
    sources.start(None, None, WatchedFolder(inbox, QUICK))
    wait_for(lambda: "folder" in world.station.scene.snapshot().well)
    world.station.take(sheet, Source.SCANNER)
    assert isinstance(state(world), InHand)
    inbox.rename(tmp_path / "away")
    wait_for(lambda: faults(world) == ["ERR-FOLDER"])
    time.sleep(0.6)
    assert FOLDER.title in clerk.text()
    (tmp_path / "away").rename(inbox)
    wait_for(lambda: faults(world) == [])


@pytest.mark.usefixtures("clerk")
def test_a_sheet_in_the_folder_waits_while_the_window_is_set_up(
    world: World, tmp_path: Path, sheet: str
) -> None:
    a_receiver_with_a_car(world)
    inbox, trial = tmp_path / "inbox", Trial()
    sources = Sources(world.station, Preview(), trial)
    trial.begin()
    sources.start(None, None, WatchedFolder(inbox, QUICK))
    try:
        write(inbox / "sheet.png", a_sheet(sheet))
        time.sleep(1.5)
        assert (inbox / "sheet.png").exists()
        trial.end()
        wait_for(lambda: isinstance(state(world), InHand))
        wait_for((inbox / "done" / "sheet.png").exists)
    finally:
        sources.stop()


@pytest.mark.usefixtures("clerk")
def test_a_sheet_that_was_read_before_the_window_is_set_up_is_judged_afterwards(
    world: World, tmp_path: Path, sheet: str
) -> None:
    a_receiver_with_a_car(world)
    inbox, trial = tmp_path / "inbox", Trial()
    sources = Sources(world.station, Preview(), trial)
    sources.start(None, None, WatchedFolder(inbox, QUICK))
    try:
        with world.station.acts:
            write(inbox / "sheet.png", a_sheet(sheet))
            time.sleep(1.5)
            trial.begin()
        time.sleep(0.5)
        assert isinstance(state(world), Idle)
        assert (inbox / "sheet.png").exists()
        trial.end()
        wait_for(lambda: isinstance(state(world), InHand))
    finally:
        sources.stop()


@pytest.mark.usefixtures("clerk")
def test_a_sheet_in_the_folder_is_judged_although_the_registry_was_lost_just_then(
    world: World, sources: Sources, tmp_path: Path, sheet: str
) -> None:
    a_receiver_with_a_car(world)
    inbox = tmp_path / "inbox"
    sources.start(None, None, WatchedFolder(inbox, QUICK))
    world.lose_the_registry()
    write(inbox / "sheet.png", a_sheet(sheet))
    wait_for(lambda: isinstance(state(world), OutOfOrder))
    time.sleep(0.6)
    assert (inbox / "sheet.png").exists()
    world.find_the_registry()
    world.pass_(2.5)
    wait_for(lambda: isinstance(state(world), InHand))
    wait_for((inbox / "done" / "sheet.png").exists)


@pytest.mark.usefixtures("clerk")
def test_a_sheet_in_the_folder_that_finds_the_queue_full_is_offered_again(
    world: World, tmp_path: Path, sheet: str
) -> None:
    a_receiver_with_a_car(world)
    judging = Judging(world.station, Trial(), FaultBoard(world.station.scene))

    def offer(text: str, source: Source = Source.FOLDER) -> Taken:
        taken = Taken(text, source, time.monotonic(), Event())
        judging.offer(taken)
        return taken

    inbox = Inbox(WatchedFolder(tmp_path / "inbox", QUICK), world.station, offer)
    path = write(tmp_path / "inbox" / "sheet.png", a_sheet(sheet))
    for _ in range(8):
        offer("910111", Source.SCANNER)
    inbox.next(2)
    inbox.settle()
    for _ in range(8):
        judging.next(0)
    inbox.settle()
    assert path.exists()
    assert not inbox.can_go_on, "a refusal is on the screen"
    world.station.next()
    assert inbox.can_go_on
    inbox.next(0)
    judging.next(0)
    inbox.settle()
    assert isinstance(state(world), InHand)
    assert not path.exists()


@pytest.mark.usefixtures("clerk")
def test_what_a_stack_still_holds_at_the_end_is_there_at_the_next_start(
    world: World, tmp_path: Path, sheet: str
) -> None:
    a_receiver_with_a_car(world)
    inbox = tmp_path / "inbox"
    other = text_of(receiver_sheet(Purpose.AUTHENTICATION))
    first = Sources(world.station, Preview())
    first.start(None, None, WatchedFolder(inbox, QUICK))
    write_pdf(inbox / "stack.pdf", [sheet, other])
    wait_for(lambda: isinstance(state(world), InHand))
    first.stop()
    assert (inbox / "stack.pdf").exists()
    assert not any((inbox / "done").iterdir())


def test_the_key_on_a_scanned_page_whose_code_is_lost_is_offered(
    world: World, sources: Sources, tmp_path: Path, clerk: Clerk
) -> None:
    paper = pen_strokes(papers()[2], 30, np.random.default_rng(1))
    inbox = tmp_path / "inbox"
    sources.start(None, None, WatchedFolder(inbox, QUICK))
    Image.fromarray(paper.page).save(inbox / "lost.png", dpi=(300, 300))
    wait_for(lambda: world.station.offered.text)
    assert world.station.offered.text.replace(" ", "") == paper.search_key
    note = inbox / "rejected" / "lost.png.理由.txt"
    assert paper.search_key not in note.read_text("utf-8").replace(" ", "")
    wait_for(
        lambda: (
            "「lost.png」の二次元コードを読み取れませんが、検索キーは読み取りました" in clerk.text()
        )
    )
    assert isinstance(state(world), Idle)
    clerk.post("/type/begin")
    assert f'value="{world.station.offered.text}"' in clerk.page()


def test_a_file_that_cannot_be_read_is_put_aside_with_a_reason(
    world: World, sources: Sources, tmp_path: Path, clerk: Clerk
) -> None:
    inbox = tmp_path / "inbox"
    sources.start(None, None, WatchedFolder(inbox, QUICK))
    (inbox / "scan.pdf").write_bytes(b"%PDF-1.7\n" + bytes(500))
    note = inbox / "rejected" / "scan.pdf.理由.txt"
    wait_for(note.exists)
    assert note.read_text("utf-8") == "ファイルが壊れていて開けません\n"
    wait_for(lambda: "「scan.pdf」を取り込めません：ファイルが壊れていて開けません" in clerk.text())


def machine(world: World, sources: Sources, folder: Path, **limits: int) -> Machine:
    return Machine(world.station, sources.board, [folder], clock=world.house.clock, **limits)


def test_a_disk_with_too_little_room_is_a_fault_until_there_is_room(
    world: World, sources: Sources, tmp_path: Path
) -> None:
    machine(world, sources, tmp_path / "not yet", least_free=free_bytes(tmp_path) * 2).look()
    assert faults(world) == ["ERR-DISK"]
    machine(world, sources, tmp_path / "not yet", least_free=1).look()
    assert faults(world) == []


@pytest.mark.parametrize(("seconds", "said"), [(59, []), (90, ["90秒"]), (-90, ["90秒"])])
def test_a_clock_that_differs_from_the_registrys_is_a_fault(
    world: World, sources: Sources, tmp_path: Path, clerk: Clerk, seconds: int, said: list[str]
) -> None:
    offset = timedelta(seconds=seconds)
    looking = Machine(
        world.station, sources.board, [tmp_path], clock=lambda: world.house.clock() + offset
    )
    looking.look()
    assert faults(world) == ["ERR-CLOCK"] * len(said)
    assert all(f"端末の時計が{words}ずれています" in clerk.text() for words in said)


def test_a_clock_set_back_shows_by_the_newest_entry_of_the_journal(
    world: World, sources: Sources, tmp_path: Path
) -> None:
    world.clerk()
    assert world.house.clock() == START
    world.house.clock.move(hours=-1)
    machine(world, sources, tmp_path).look()
    assert faults(world) == ["ERR-CLOCK"]


def test_a_lost_registry_is_named_noticed_by_the_look_at_the_clock_and_comes_back(
    world: World, sources: Sources, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    registry, away = tmp_path / "registry.db", tmp_path / "away.db"
    engine = world.house.sessions.kw["bind"]
    engine.dispose()
    registry.rename(away)
    registry.write_bytes(b"no database " * 100)
    for left in tmp_path.glob("registry.db-*"):
        left.unlink()
    machine(world, sources, tmp_path).look()
    assert faults(world) == ["ERR-REGISTRY"]
    engine.dispose()
    away.replace(registry)
    world.pass_(2.5)
    assert faults(world) == []
    assert "registry does not answer" in caplog.text
    assert "the registry answers again" in caplog.text


def test_a_window_ends_within_two_seconds_while_it_waits_and_while_it_decodes(
    world: World, sources: Sources, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    folder = WatchedFolder(inbox, QUICK)
    write_pdf(inbox / "long.pdf", ["1"] * 50)
    world.clerk()
    sources.start(Camera("/dev/video97"), SerialScanner("socket://127.0.0.1:9"), folder)
    sources.look_after(machine(world, sources, tmp_path))
    time.sleep(1)
    began = time.monotonic()
    sources.stop()
    assert time.monotonic() - began < 2
    sources.stop()
    assert (inbox / "long.pdf").exists(), "it waits for the next start"


def test_what_is_wrong_is_told_to_the_registry_when_it_changes_and_every_half_minute(
    world: World, sources: Sources, tmp_path: Path
) -> None:
    def told() -> tuple[str, str]:
        with world.house.sessions() as session:
            kiosk = session.get_one(Kiosk, WINDOW)
            return kiosk.faults, f"{kiosk.seen_at:%H:%M:%S}"

    looking = machine(world, sources, tmp_path, least_free=1)
    looking.look()
    assert told() == ("", "00:05:00")
    sources.board.tell("camera", CAMERA[Cause.FROZEN])
    world.house.clock.move(seconds=2)
    looking.look()
    assert told() == ("ERR-CAM-FROZEN", "00:05:02")
    world.house.clock.move(seconds=20)
    looking.look()
    assert told()[1] == "00:05:02"
    world.seconds.pass_(30)
    looking.look()
    assert told()[1] == "00:05:22"
