"""`kiosk doctor` on real stand-ins: a clip, a pty, a FIFO, dpkg databases, key folders."""

import json
import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

from hardware.tabletop import Pose, Table, photograph
from kiosk.cli import main
from kiosk.doctor.devices import examine_camera, examine_inbox, examine_scanner
from kiosk.doctor.finding import Level
from kiosk.doctor.house import examine_disk, examine_keys
from kiosk.doctor.libraries import examine_fonts, examine_zbar
from kiosk.settings import KioskSettings
from shared.key_files import KEY_SET_LIVES
from shared.settings import read_settings
from tests.builders import WINDOW
from tests.house_folder import furnish_folder
from tests.media import a_sheet
from tests.served import served
from verifier.settings import VerifierSettings


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A window that works, without devices."""
    furnish_folder(tmp_path)
    write_settings(tmp_path)
    return tmp_path


def write_settings(house: Path, **values: str) -> KioskSettings:
    lines = {"kiosk": WINDOW, "verifier": "verifier.toml", "var": "var"} | values
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items())
    (house / "kiosk.toml").write_text(text + "port = 9\n")
    return read_settings(KioskSettings, house / "kiosk.toml")


def examined(house: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["doctor", "--config", str(house / "kiosk.toml"), *options])


def found(house: Path) -> dict[str, dict[str, str]]:
    answer = json.loads(examined(house, "--json").stdout)
    return {finding["code"]: finding for finding in answer["findings"]}


def clip(path: Path, pose: Pose, page: bool = True, rate: int = 15) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (1280, 720), False)
    table = Table(1)
    for number in range(15):
        writer.write(photograph(a_sheet(), pose, number) if page else table.empty(pose))
    writer.release()
    return path


def test_a_window_that_works_is_said_to_work(house: Path) -> None:
    result = examined(house)
    assert "×" not in result.output, result.output
    assert result.exit_code in (0, 1)  # 1 where a font is missing
    assert "○ 登録簿（見本第一事務所・窓口1）" in result.output


def test_the_json_names_what_was_looked_at_and_the_worst(house: Path) -> None:
    result = examined(house, "--json")
    answer = json.loads(result.stdout)
    codes = {finding["code"] for finding in answer["findings"]}
    assert codes >= {
        "zbar", "font", "settings", "keys", "registry", "clock", "disk", "camera", "scanner",
        "inbox",
    }  # fmt: skip
    assert {"fine": 0, "warning": 1, "fault": 3}[answer["worst"]] == result.exit_code


def test_each_finding_that_is_not_fine_says_what_to_do(house: Path) -> None:
    write_settings(house, camera="/dev/v4l/by-id/none", scanner="/dev/null")
    result = examined(house, "--json")
    bad = [one for one in json.loads(result.stdout)["findings"] if one["level"] != "fine"]
    assert {one["code"] for one in bad} >= {"camera", "scanner"}
    assert all(one["advice"] for one in bad)
    assert result.exit_code == 3


def test_settings_that_cannot_be_read_are_a_finding_too(house: Path) -> None:
    (house / "kiosk.toml").write_text('kiosk = "W1"\ncamra = "0"\n')
    result = examined(house)
    assert result.exit_code == 3
    assert "× 設定を読めません" in result.output
    assert "camra" in result.output


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ("0.23.92-7+deb12u1", Level.FINE), ("0.23.93-8+b1", Level.FINE),
        ("0.23.92-7", Level.WARNING), ("0.23.90-1+deb11u1", Level.WARNING),
    ],
)  # fmt: skip
def test_the_package_of_zbar_is_compared_as_debian_compares(
    tmp_path: Path, version: str, level: Level
) -> None:
    """A real dpkg database, in a folder of its own."""
    (tmp_path / "updates").mkdir()
    (tmp_path / "status").write_text(
        f"Package: libzbar0\nStatus: install ok installed\nVersion: {version}\n"
        "Architecture: amd64\nMaintainer: A\nDescription: x\n\n"
    )
    finding = examine_zbar(tmp_path)
    assert (finding.level, version in finding.text) == (level, True)
    assert ("CVE-2023-40889" in finding.text) is (level is Level.WARNING)


def test_without_a_package_the_loaded_library_is_asked(tmp_path: Path) -> None:
    (tmp_path / "updates").mkdir()
    (tmp_path / "status").touch()
    assert examine_zbar(tmp_path).text.startswith("libzbar 0.23.")


def test_missing_fonts_are_named_with_their_packages(tmp_path: Path) -> None:
    (tmp_path / "BIZUDPGothic-Regular.ttf").touch()
    one, other = examine_fonts((tmp_path,))
    assert (one.level, other.level) == (Level.FINE, Level.WARNING)
    assert "fonts-noto-cjk" in other.advice


def test_keys_that_others_can_read_are_a_fault(house: Path) -> None:
    (house / "keys/registry/lookup.key").chmod(0o644)
    finding = found(house)["key-mode"]
    assert "lookup.key" in finding["text"]
    assert finding["advice"].startswith("chmod go= ")


def test_keys_that_are_missing_spoilt_or_run_out_are_named(house: Path) -> None:
    verifier = read_settings(VerifierSettings, house / "verifier.toml")
    now = datetime.now(UTC)
    soon = now + KEY_SET_LIVES - timedelta(days=10)
    assert [one.level for one in examine_keys(verifier, now)] == [Level.FINE]
    assert [one.level for one in examine_keys(verifier, soon)] == [Level.WARNING]
    (house / "keys/registry/keyset.json").write_text("{}")
    assert examine_keys(verifier, now)[0].level is Level.FAULT
    away = verifier.model_copy(update={"keys": house / "none"})
    assert "鍵のフォルダーがありません" in examine_keys(away, now)[0].text


def test_a_registry_that_is_away_or_does_not_know_the_window_is_named(house: Path) -> None:
    write_settings(house, kiosk="W8")
    assert "W8" in found(house)["registry"]["text"]
    (house / "registry.db").write_bytes(b"no database " * 100)
    assert found(house)["registry"]["text"].startswith("登録簿に接続できません")


def test_a_disk_without_room_is_named(house: Path) -> None:
    settings = write_settings(house)
    assert {one.level for one in examine_disk(settings, 1)} == {Level.FINE}
    assert {one.level for one in examine_disk(settings, 10**18)} == {Level.FAULT}


def test_a_good_camera_is_measured(house: Path) -> None:
    settings = write_settings(house, camera=str(clip(house / "good.avi", Pose())))
    (finding,) = examine_camera(settings, 3)
    assert finding.level is Level.FINE
    assert "1280×720、毎秒 1" in finding.text


@pytest.mark.parametrize(
    ("pose", "code"),
    [
        (Pose(blur=3.0), "sharpness"), (Pose(light=0.3), "brightness"),
        (Pose(light=1.6, gradient=0.6), "glare"),
    ],
)  # fmt: skip
def test_bad_pictures_are_named(house: Path, pose: Pose, code: str) -> None:
    settings = write_settings(house, camera=str(clip(house / "bad.avi", pose)))
    findings = {one.code: one.level for one in examine_camera(settings, 2)}
    assert findings[code] is Level.WARNING


def test_a_black_camera_is_a_fault(house: Path) -> None:
    black = np.zeros((720, 1280), np.uint8)
    path = house / "black.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (1280, 720), False)
    for _ in range(15):
        writer.write(black)
    writer.release()
    (finding,) = examine_camera(write_settings(house, camera=str(path)), 5)
    assert "ERR-CAM-BLACK" in finding.text


@pytest.fixture
def terminal() -> Iterator[str]:
    ours, theirs = os.openpty()
    yield os.ttyname(theirs)
    os.close(theirs)
    os.close(ours)


def test_a_scanner_is_opened_and_a_missing_or_wrong_one_named(house: Path, terminal: str) -> None:
    assert examine_scanner(write_settings(house, scanner=terminal)).level is Level.FINE
    os.mkfifo(house / "keys-fifo")
    keyboard = examine_scanner(write_settings(house, scanner=f"hid:{house / 'keys-fifo'}"))
    assert (keyboard.level, "キーボード型・us" in keyboard.text) == (Level.FINE, True)
    gone = examine_scanner(write_settings(house, scanner="/dev/input/by-id/none"))
    assert "ERR-SCAN-MISSING" in gone.text


def test_a_keyboard_everybody_may_read_is_named_with_the_rules(house: Path) -> None:
    fifo = house / "keys-fifo"
    os.mkfifo(fifo)
    fifo.chmod(0o644)
    write_settings(house, scanner=f"hid:{fifo}")
    assert "70-uketori.rules" in found(house)["scanner-mode"]["advice"]
    fifo.chmod(0o660)
    assert "scanner-mode" not in found(house)


def test_a_missing_inbox_is_named(house: Path) -> None:
    assert examine_inbox(write_settings(house, inbox="inbox")).level is Level.FAULT
    (house / "inbox").mkdir()
    assert examine_inbox(write_settings(house, inbox="inbox")).level is Level.FINE


def test_a_running_window_is_asked_instead_of_opening_its_devices(house: Path) -> None:
    from flask import Flask, jsonify

    running = Flask("window")
    faults: list[str] = []
    running.add_url_rule("/api/state", view_func=lambda: jsonify(faults=faults))
    write_settings(house, camera="/dev/video97")
    with served(running) as address:
        path = house / "kiosk.toml"
        path.write_text(path.read_text().replace("port = 9", f"port = {address.rsplit(':')[-1]}"))
        assert found(house)["window"]["level"] == "fine"
        faults.append("ERR-CAM-FROZEN")
        asked = found(house)
    assert "ERR-CAM-FROZEN" in asked["window"]["text"]
    assert "camera" not in asked


def test_the_settings_to_begin_with_hold_what_their_comments_show() -> None:
    root = Path(__file__).parents[2] / "config"
    text = (root / "kiosk.toml").read_text("utf-8")
    assert KioskSettings.model_validate(tomllib.loads(text)).camera_settings.width == 1280
    shown = "\n".join(
        line.removeprefix("#") if line.startswith("#[") or "= " in line[:14] else line
        for line in text.splitlines()
    )
    settings = KioskSettings.model_validate(tomllib.loads(shown))
    assert (settings.camera_settings.focus, settings.camera_settings.autofocus) == (120, False)
    assert settings.inbox is not None
    assert settings.registry is not None
    assert settings.registry.url.startswith("https://")


def test_the_udev_rules_are_keys_operators_and_values() -> None:
    import re

    rules = Path(__file__).parents[2] / "config/udev/70-uketori.rules"
    lines = rules.read_text("utf-8").splitlines()
    wanted = [line.lstrip("#") for line in lines if re.match(r"#?(SUBSYSTEM|ACTION)", line)]
    part = r'[A-Z]+(\{[A-Za-z_]+\})?(==|!=|=|\+=)"[^"]*"'
    assert len(wanted) == 3
    assert all(re.fullmatch(rf"{part}(, {part})*", line) for line in wanted)
    assert all('GROUP="uketori", MODE="0660"' in line for line in wanted)
