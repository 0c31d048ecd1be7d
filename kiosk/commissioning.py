"""What is measured when a window is set up, whether it is good enough, and where that is kept."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hardware.camera import OLDEST
from hardware.keymaps import Layout
from kiosk.keymap_test import KeymapResult, compare
from kiosk.optics import DIM, MOST_GLARE, SHARP, Optics, measure
from kiosk.trial import Pace, Trial
from shared.texts import Text

FOLDER = "commissioning"
SLOWEST = round(1000 * OLDEST)
"""Milliseconds; what is read later is never judged."""
LEAST_RATE = 8.0
SOUNDS = {"heard": "聞こえた", "unheard": "聞こえない", "": "試していない"}
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the page."""

    label: str
    value: str
    good: bool | None
    """None: there is nothing to judge."""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that was measured at one moment."""

    devices: tuple[str, ...]
    """What the window has, by name: nothing else is asked for."""
    optics: Optics | None
    pace: Pace | None
    keymap: KeymapResult | None

    @property
    def camera(self) -> tuple[Measure, ...]:
        """The camera, line by line; nothing where there is none."""
        if "camera" not in self.devices:
            return ()
        return (*_optics(self.optics), *_pace(self.pace))

    @property
    def are_good(self) -> bool:
        """Whether each device was measured in every way, and well enough."""
        sees = all(line.good is not False for line in self.camera)
        types = self.keymap is not None and self.keymap.digits
        return sees and (types or "scanner" not in self.devices)


def take(trial: Trial, layout: Layout, devices: tuple[str, ...]) -> Measures:
    """Measure the newest picture, the pace and the code that was caught."""
    picture, heard = trial.picture, trial.heard
    return Measures(
        devices,
        None if picture is None else measure(picture),
        trial.pace,
        None if heard is None else compare(heard, layout),
    )


def _optics(optics: Optics | None) -> tuple[Measure, ...]:
    if optics is None:
        return (Measure("映像", "届いていません", good=False, hint="カメラを接続する"),)
    sharp = _at_least(f"{optics.sharpness:.2f}", f"{SHARP}")
    unknown = optics.sharpness == 0
    light = _at_least(f"{optics.brightness:.0f}", f"{DIM:.0f}")
    glare = Text("白飛び %(share)s", share=f"{optics.worst_glare:.0%}")
    return (
        Measure("大きさ", f"{optics.width}×{optics.height}", good=None),
        Measure("鮮明さ", "まだ測れていません", good=False, hint="印刷した用紙を置く")
        if unknown
        else Measure("鮮明さ", sharp, optics.sharpness >= SHARP, "距離か focus を合わせる"),
        Measure("明るさ", light, optics.brightness >= DIM, "照明をつける"),
        Measure("いちばん反射している所", glare, optics.worst_glare <= MOST_GLARE,
                "照明かカメラの向きを変える"),
    )  # fmt: skip


def _at_least(measured: str, least: str) -> Text:
    return Text("%(measured)s（%(least)s 以上がめやす）", measured=measured, least=least)


def _pace(pace: Pace | None) -> tuple[Measure, ...]:
    if pace is None:
        return (Measure("1秒あたりの枚数", "まだ測れていません", good=False, hint="数秒待つ"),)
    age = Text(
        "中央値 %(median)s ms・遅いとき %(slowest)s ms（%(most)s ms まで）",
        median=pace.age, slowest=pace.slowest, most=SLOWEST,
    )  # fmt: skip
    rate = Text("%(rate)s 枚", rate=f"{pace.rate:.0f}")
    return (
        Measure("1秒あたりの枚数", rate, pace.rate >= LEAST_RATE,
                "カメラの設定（pixels と大きさ）を見直す"),
        Measure("撮影から読み取りまで", age, pace.slowest <= SLOWEST,
                "ほかのプログラムを閉じる"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signature:
    """Which window was set up, by whom."""

    kiosk: str
    staff: str
    at: datetime


def record(measures: Measures, sound: str, faults: frozenset[str], by: Signature) -> dict[str, Any]:
    """What is kept of a commissioning: no picture, no name."""
    return {
        "kiosk": by.kiosk,
        "at": by.at.astimezone(UTC).isoformat(timespec="seconds"),
        "staff": by.staff,
        "passed": measures.are_good and sound == "heard" and not faults,
        "optics": asdict(measures.optics) if measures.optics else None,
        "pace": asdict(measures.pace) if measures.pace else None,
        "keymap": asdict(measures.keymap) if measures.keymap else None,
        "sound": sound,
        "faults": sorted(faults),
    }


def store(var: Path, result: Mapping[str, Any]) -> Path:
    """Write a result into a file of its own. Raises OSError."""
    folder = var / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.fromisoformat(str(result["at"]))
    path = folder / f"{result['kiosk']}-{at:%Y%m%dT%H%M%SZ}.json"
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return part.replace(path)


def earlier(var: Path, kiosk: str) -> list[dict[str, Any]]:
    """The newest results of a window, newest first."""
    files = sorted((var / FOLDER).glob(f"{kiosk}-????????T??????Z.json"), reverse=True)
    results = [json.loads(path.read_text("utf-8")) for path in files[:_SHOWN]]
    return [result | {"at": datetime.fromisoformat(result["at"])} for result in results]
