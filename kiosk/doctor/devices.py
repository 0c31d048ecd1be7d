"""Examines the devices: each is opened as the window would, and asked for something."""

import os
import time
from contextlib import closing
from pathlib import Path

from hardware.hid_scanner import SCHEME
from hardware.scan import Cause, DeviceLost, Frame, FrameSource
from kiosk.devices import is_keyboard, open_camera, open_scanner
from kiosk.doctor.finding import Finding, fault, fine, warning
from kiosk.faults import fault_of
from kiosk.optics import DIM, MOST_GLARE, SHARP, measure
from kiosk.settings import KioskSettings

_CAMERA_SECONDS = 8.0
"""Some cameras need three seconds to start; a frozen picture shows after five."""
_SCANNER_SECONDS = 1.0
_MAY_COME = (Cause.SILENT, Cause.FROZEN, Cause.BLACK)
"""Causes that waiting may mend."""
_RULES = (
    "config/udev/70-uketori.rules を /etc/udev/rules.d に置き、利用者をグループ uketori に入れる"
)


def examine_camera(settings: KioskSettings, seconds: float = _CAMERA_SECONDS) -> list[Finding]:
    """Whether the camera gives living pictures, how many, and how good they are."""
    camera = open_camera(settings)
    if camera is None:
        return [fine("camera", "カメラは使わない設定です")]
    with closing(camera):
        try:
            frames = _frames(camera, seconds)
        except DeviceLost as lost:
            return [_lost("camera", lost)]
    rate = (len(frames) - 1) / max(0.001, frames[-1].at - frames[0].at)
    return [_pictures(frames[-1], rate, settings), *_quality(frames[-1])]


def _frames(camera: FrameSource, seconds: float) -> list[Frame]:
    """What comes within the time. Raises DeviceLost when nothing came, or nothing any more."""
    frames: list[Frame] = []
    lost = DeviceLost("camera: no picture", Cause.SILENT)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            frame = camera.read(0.5)
        except DeviceLost as why:
            if why.cause not in _MAY_COME:
                raise
            lost, frames = why, []
            continue
        if frame is not None:
            frames.append(frame)
    if not frames:
        raise lost
    return frames


def _pictures(frame: Frame, rate: float, settings: KioskSettings) -> Finding:
    rows, columns = frame.grey.shape
    text = f"カメラ（{columns}×{rows}、毎秒 {rate:.0f} 枚）"
    wanted = settings.camera_settings
    if settings.camera.startswith("/dev/video") or settings.camera.isdecimal():
        advice = (
            "kiosk.toml の camera に /dev/v4l/by-id/ で始まる名前を書く（番号は差し直すと変わる）"
        )
        return warning("camera", text, advice)
    if rows < wanted.height:
        text = f"{text}は設定の {wanted.width}×{wanted.height} より小さい映像です"
        return warning(
            "camera", text, "kiosk.toml の [camera_settings] を、カメラが出せる大きさにする"
        )
    return fine("camera", text)


def _quality(frame: Frame) -> list[Finding]:
    optics, findings = measure(frame.grey), []
    if 0 < optics.sharpness < SHARP:
        text = f"映像がぼけています（鮮明さ {optics.sharpness}、{SHARP} 以上がめやす）"
        findings.append(
            warning("sharpness", text, "レンズをふき、用紙までの距離か focus を合わせる")
        )
    if optics.brightness < DIM:
        text = f"映像が暗すぎます（明るさ {optics.brightness:.0f}、{DIM:.0f} 以上がめやす）"
        findings.append(warning("brightness", text, "照明をつける"))
    if optics.worst_glare > MOST_GLARE:
        text = f"光が反射しているところがあります（{optics.worst_glare:.0%} が白飛び）"
        findings.append(warning("glare", text, "照明かカメラの向きを変える"))
    return findings


def examine_scanner(settings: KioskSettings) -> Finding:
    """Whether the scanner can be opened, and a keyboard be had alone."""
    scanner = open_scanner(settings)
    if scanner is None:
        return fine("scanner", "スキャナーは使わない設定です")
    with closing(scanner):
        try:
            scanner.read(_SCANNER_SECONDS)
        except DeviceLost as lost:
            return _lost("scanner", lost)
    kind = (
        f"キーボード型・{settings.scanner_layout.value}"
        if is_keyboard(settings.scanner)
        else "シリアル"
    )
    return fine("scanner", f"スキャナー（{kind}）")


def examine_inbox(settings: KioskSettings) -> Finding:
    """Whether files can be taken from the watched folder and put away."""
    if settings.inbox is None:
        return fine("inbox", "取り込みフォルダーは使わない設定です")
    if not settings.inbox.is_dir():
        advice = f"mkdir -p {settings.inbox} を実行する"
        return fault("inbox", f"取り込みフォルダーがありません：{settings.inbox}", advice)
    if not os.access(settings.inbox, os.R_OK | os.W_OK | os.X_OK):
        text = f"取り込みフォルダーに書き込めません：{settings.inbox}"
        return fault("inbox", text, "このプログラムの利用者に、読み書きを許す")
    return fine("inbox", f"取り込みフォルダー（{settings.inbox}）")


def _lost(device: str, lost: DeviceLost) -> Finding:
    found = fault_of(device, lost)
    advice = _RULES if lost.cause is Cause.DENIED else "、".join(found.steps)
    return fault(device, f"{found.title}（{found.code}）", advice)


def others_may_listen(settings: KioskSettings) -> list[Finding]:
    """A keyboard that everybody may read gives what is scanned to every program."""
    path = Path(settings.scanner.removeprefix(SCHEME))
    if not is_keyboard(settings.scanner) or not path.exists():
        return []
    if path.stat().st_mode & 0o004:
        text = "スキャナーの入力を、ほかの利用者も読めます"
        return [warning("scanner-mode", text, _RULES)]
    return []
