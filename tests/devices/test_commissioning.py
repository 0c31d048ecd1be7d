"""The commissioning page: who may open it, what it measures on real stand-ins, what it keeps."""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hardware.camera import Camera
from hardware.hid_scanner import HidScanner
from hardware.keymaps import Layout, as_read
from hardware.scan import Frame
from hardware.tabletop import Pose, Table, photograph
from hardware.tabletop import record as film
from kiosk.app import create_app
from kiosk.commissioning import Measures, Signature, record
from kiosk.house import House
from kiosk.keymap_test import TEST_TEXT, compare
from kiosk.optics import measure, sharpness
from kiosk.preview import Preview
from kiosk.sources import Sources
from kiosk.state import Idle, Refused
from kiosk.trial import Pace, Trial
from shared.domain import Source
from tests.builders import CLERK, PIN, START, SUPERVISOR
from tests.devices.test_hid_scanner import ENTER, press, typed
from tests.kiosk_world import SECRET, Clerk, World, make_world
from tests.media import a_sheet


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path)


@pytest.fixture
def house(world: World, tmp_path: Path) -> House:
    world.station.devices = ("camera", "scanner")
    return House(world.station, Preview(), has_camera=True, var=tmp_path / "var")


@pytest.fixture
def supervisor(world: World, house: House) -> Clerk:
    app = create_app(house, SECRET, world.house.installation)
    return sign_in(Clerk(app.test_client()), SUPERVISOR)


def sign_in(person: Clerk, number: str) -> Clerk:
    person.post("/sign-in", {"number": number, "pin": PIN}, form_on="/")
    return person


@pytest.fixture
def sources(house: House) -> Iterator[Sources]:
    sources = Sources(house.station, house.preview, house.trial)
    yield sources
    sources.stop()


def wait_for(happened: Callable[[], object], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("path", "method"),
    [("/commission", "GET"), ("/commission/now", "GET"), ("/commission", "POST"),
     ("/commission/end", "POST")],
)  # fmt: skip
def test_only_a_supervisor_who_sits_here_may_commission(
    world: World, house: House, path: str, method: str
) -> None:
    app = create_app(house, SECRET, world.house.installation)
    app.config["WTF_CSRF_ENABLED"] = False
    nobody = app.test_client()
    assert nobody.open(path, method=method).status_code == 303
    clerk = sign_in(Clerk(app.test_client()), CLERK)
    assert clerk.client.open(path, method=method).status_code == 403
    boss = sign_in(Clerk(app.test_client()), SUPERVISOR)
    assert boss.client.open(path, method=method).status_code in (200, 303, 422)


def test_the_way_there_is_in_the_guide_of_a_supervisor(world: World, supervisor: Clerk) -> None:
    assert "端末の調整" in supervisor.text("/guide")
    assert "端末の調整" not in world.clerk().text("/guide")


def test_a_clip_is_measured_and_the_result_kept_with_time_window_and_person(
    supervisor: Clerk, sources: Sources, house: House, tmp_path: Path
) -> None:
    clip = tmp_path / "table.avi"
    for _ in film([a_sheet()], clip, shown_seconds=3, empty_seconds=0.2):
        pass
    sources.start(Camera(str(clip)), None, None)
    wait_for(lambda: house.trial.pace)
    wait_for(lambda: house.trial.picture is not None and sharpness(house.trial.picture) > 0.3)
    assert "1280×720" in supervisor.text("/commission")
    answer = supervisor.post("/commission", {"sound": "heard"}, form_on="/commission")
    assert answer.status_code == 303
    assert "調整の結果を保存しました" in supervisor.text(answer.headers["Location"])
    (path,) = (house.var / "commissioning").iterdir()
    kept = json.loads(path.read_text("utf-8"))
    assert (kept["kiosk"], kept["staff"], kept["sound"]) == ("W1", SUPERVISOR, "heard")
    assert kept["at"].endswith("+00:00")
    assert kept["optics"]["width"] == 1280
    assert np.shape(kept["optics"]["glare"]) == (6, 8)
    assert kept["pace"]["rate"] > 0
    assert "見本" not in path.read_text("utf-8")
    assert SUPERVISOR in supervisor.text("/commission")


CAMERA, SCANNER = ("camera",), ("scanner",)
SHARP = measure(photograph(a_sheet(), Pose(blur=0.6)))
QUICK = Pace(rate=15.0, age=40, slowest=60)
TYPES = compare(TEST_TEXT, Layout.US)


@pytest.mark.parametrize(
    ("measures", "passed"),
    [
        (Measures((*CAMERA, *SCANNER), SHARP, QUICK, TYPES), True),
        (Measures(CAMERA, SHARP, QUICK, None), True),
        (Measures(SCANNER, None, None, TYPES), True),
        (Measures(("folder",), None, None, None), True),
        (Measures(SCANNER, None, None, compare(TEST_TEXT.replace("@", "#"), Layout.US)), True),
        (Measures(CAMERA, replace(SHARP, sharpness=0.0), QUICK, None), False),
        (Measures(CAMERA, replace(SHARP, sharpness=0.2), QUICK, None), False),
        (Measures(CAMERA, SHARP, None, None), False),
        (Measures(CAMERA, SHARP, replace(QUICK, slowest=250), None), False),
        (Measures(CAMERA, None, None, None), False),
        (Measures(SCANNER, None, None, None), False),
        (Measures(SCANNER, None, None, compare("x" + TEST_TEXT, Layout.US)), False),
        (Measures((*CAMERA, *SCANNER), SHARP, QUICK, None), False),
    ],
)  # fmt: skip
def test_a_window_passes_when_everything_it_has_was_measured_and_is_good(
    measures: Measures, passed: bool
) -> None:
    by = Signature("W1", SUPERVISOR, START)
    assert record(measures, "heard", frozenset(), by)["passed"] is passed
    assert record(measures, "unheard", frozenset(), by)["passed"] is False
    assert record(measures, "heard", frozenset({"ERR-DISK"}), by)["passed"] is False


def test_a_window_with_a_scanner_alone_passes(
    world: World, house: House, sources: Sources, tmp_path: Path
) -> None:
    world.station.devices = SCANNER
    alone = replace(house, has_camera=False)
    boss = sign_in(
        Clerk(create_app(alone, SECRET, world.house.installation).test_client()), SUPERVISOR
    )
    fifo = tmp_path / "keys"
    os.mkfifo(fifo)
    sources.start(None, HidScanner(f"hid:{fifo}"), None)

    boss.page("/commission")
    there = os.open(fifo, os.O_RDWR)
    os.write(there, typed(TEST_TEXT) + press(ENTER))
    wait_for(lambda: house.trial.heard)
    boss.post("/commission", {"sound": "heard"}, form_on="/")
    os.close(there)
    (path,) = (house.var / "commissioning").iterdir()
    assert json.loads(path.read_text("utf-8"))["passed"] is True
    assert "○ 合格" in boss.text("/commission")


def test_what_was_not_measured_yet_is_said_on_the_page(supervisor: Clerk) -> None:
    text = supervisor.text("/commission")
    assert "届いていません× カメラを接続する" in text
    assert "まだ測れていません× 数秒待つ" in text


def test_a_result_without_the_sound_is_refused_and_keeps_nothing(
    supervisor: Clerk, house: House
) -> None:
    answer = supervisor.post("/commission", {}, form_on="/commission")
    assert answer.status_code == 422
    assert "音の結果を選んでください" in answer.get_data(as_text=True)
    assert not house.var.exists()


def test_a_result_that_cannot_be_written_is_said(
    supervisor: Clerk, house: House, tmp_path: Path
) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    answer = supervisor.post("/commission", {"sound": "heard"}, form_on="/commission")
    assert answer.status_code == 500
    assert "結果を保存できません" in answer.get_data(as_text=True)


def test_a_code_is_caught_while_the_page_is_open_and_judged_after_it(
    supervisor: Clerk, sources: Sources, house: House, tmp_path: Path
) -> None:
    fifo = tmp_path / "keys"
    os.mkfifo(fifo)
    sources.start(None, HidScanner(f"hid:{fifo}"), None)
    supervisor.page("/commission")
    there = os.open(fifo, os.O_RDWR)
    os.write(there, typed(TEST_TEXT) + press(ENTER))
    wait_for(lambda: house.trial.heard)
    assert "すべての文字が正しく届きました" in supervisor.text("/commission/now")
    assert isinstance(house.station.scene.state, Idle)
    supervisor.post("/commission/end", form_on="/commission")
    os.write(there, typed("2/W1234567") + press(ENTER))
    wait_for(lambda: isinstance(house.station.scene.state, Refused))
    os.close(there)


def test_a_sheet_before_the_camera_is_measured_and_neither_judged_nor_taken_for_the_test_code(
    supervisor: Clerk, sources: Sources, house: House, tmp_path: Path
) -> None:
    clip = tmp_path / "table.avi"
    for _ in film([a_sheet()], clip, shown_seconds=2, empty_seconds=0.2):
        pass
    house.station.take("2/W1234567", Source.SCANNER)
    assert isinstance(house.station.scene.state, Refused)
    supervisor.page("/commission")
    assert isinstance(house.station.scene.state, Idle)
    sources.start(Camera(str(clip)), None, None)
    wait_for(lambda: house.trial.picture is not None and sharpness(house.trial.picture) > 0.3)
    time.sleep(0.5)
    assert isinstance(house.station.scene.state, Idle)
    assert "まだ読み取っていません" in supervisor.text("/commission/now")


def test_a_page_that_was_left_open_lets_codes_through_again_after_half_a_minute() -> None:
    now = [100.0]
    trial = Trial(lambda: now[0])
    trial.begin()
    now[0] += 29
    assert trial.catches("x", Source.SCANNER)
    now[0] += 2
    assert not trial.catches("x", Source.SCANNER)


@pytest.mark.parametrize(("sent", "taken"), [(Layout.JIS, Layout.US), (Layout.US, Layout.JIS)])
def test_a_scanner_of_another_layout_is_recognised(sent: Layout, taken: Layout) -> None:
    result = compare(as_read(TEST_TEXT, sent, taken), taken)
    assert (result.right, result.digits) == (False, True)
    assert f"scanner_layout を {sent.value} に" in result.sentence


@pytest.mark.parametrize(
    ("heard", "digits", "words"),
    [
        (TEST_TEXT, True, "すべての文字"), (TEST_TEXT.swapcase(), True, "Caps Lock"),
        (TEST_TEXT.replace("@", "#"), True, "ほかの文字"), ("x" + TEST_TEXT, False, "数字が"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_keyboard_is_said(heard: str, digits: bool, words: str) -> None:
    result = compare(heard, Layout.US)
    assert (result.digits, result.right) == (digits, heard == TEST_TEXT)
    assert words in result.sentence


def test_sharpness_falls_with_the_blur_whatever_the_light_and_the_noise() -> None:
    page = a_sheet()
    for light, noise in ((0.9, 0.5), (0.9, 8.0), (0.4, 3.0)):
        values = [
            sharpness(photograph(page, Pose(blur=blur, light=light, noise=noise)))
            for blur in (0.6, 1.0, 1.6, 2.4, 3.5)
        ]
        assert values == sorted(values, reverse=True)
        assert values[1] > 0.38
        assert values[3] < 0.3
    assert sharpness(Table(0).empty()) == 0


def test_glare_shows_in_its_field_of_the_map() -> None:
    picture = Table(0).empty()
    picture[360:480, 960:1120] = 255  # fourth row, seventh column of 6 x 8
    glare = np.array(measure(picture).glare)
    assert glare[3, 6] == 1.0
    assert float(np.delete(glare.ravel(), 3 * 8 + 6).max()) < 0.02


def test_the_pace_is_that_of_the_frames() -> None:
    now = [10.0]
    trial = Trial(lambda: now[0])
    for number in range(31):
        taken = 10.0 + number / 15
        now[0] = taken + (0.150 if number % 10 == 0 else 0.040)
        trial.see(Frame(Table(0).empty(), taken, number))
    pace = trial.pace
    assert pace is not None
    assert (pace.rate, pace.age, pace.slowest) == (15.0, 40, 150)
    now[0] += 3
    assert trial.pace is None
    assert trial.picture is None
